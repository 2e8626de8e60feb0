// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The core's word on each directive of the merged config, and taking out what is faulty.
 * Knows nothing of devices, nor of how a directive is written.
 */
#include <stdlib.h>
#include <string.h>

#include "config.h"

/* A file of another kind in place of a config shall not fill the screen. */
#define SAID_MAX 50
/* The binder has one room for rules and for those that were left out. */
#define CONFIG_RULES_MAX (RULES_MAX - REFUSED_LINES_MAX)
/* Of the 256 KiB that the binder has for it. */
#define CONFIG_SIZE_MAX (192u << 10)
#define REASON_MAX 512

/* One directive at a time; too large for the stack. */
static struct ruleset scratch;

/* Behind the directive and the first word of its list, which is no option whatever it is. */
static struct span options_of(const struct directive *item)
{
	struct span rest = item->text, word;

	if (span_next_word(&rest, &word))
		span_next_word(&rest, &word);
	return rest;
}

struct span directive_profile(const struct directive *item)
{
	struct span rest = options_of(item), word;

	while (span_next_word(&rest, &word))
		if (span_starts(word, "profile="))
			return span_skip(word, strlen("profile="));
	return (struct span){ NULL, 0 };
}

static void directive_read(const struct directive *item)
{
	ruleset_init(&scratch);
	scratch.settings.profile = directive_profile(item);
	config_read(item->text, span_of(item->file), &scratch);
}

/* What follows the list: the options of `bind`, the first of which ends it. */
static struct span list_tail(const struct directive *item)
{
	struct span rest = options_of(item), word;

	while (span_next_word(&rest, &word))
		if (keyword_find(span_head(word, span_find(word, '=')),
				 "driver\0optional\0profile\0") >= 0)
			return span_skip(item->text, (size_t)(word.ptr - item->text.ptr));
	return SPAN("");
}

static bool keeps_tail(struct span word)
{
	return span_is(word, "bind");
}

/* The directive again, with a list of its sound specifications but for `what`. */
static void list_rebuild(struct directive *item, struct span what)
{
	struct span rest = item->text, word, tail;
	char *text, *longer;
	bool is_empty = true;

	directive_read(item);
	span_next_word(&rest, &word);
	text = xspan(word);
	for (size_t i = 0; i < scratch.rule_count; i++) {
		const struct rule *rule = &scratch.rules[i];

		if (rule->is_faulty || span_equals(rule->text, what))
			continue;
		longer = xformat("%s%c%.*s", text, is_empty ? ' ' : ',',
				 (int)rule->text.len, rule->text.ptr);
		free(text);
		text = longer;
		is_empty = false;
	}
	tail = keeps_tail(word) ? list_tail(item) : (struct span){ NULL, 0 };
	longer = xformat("%s%s%.*s", text, tail.len ? " " : "", (int)tail.len, tail.ptr);
	free(text);
	free((char *)item->text.ptr);
	item->text = span_of(longer);
	item->is_left_out = is_empty;
}

void config_leave_out(struct config *config, struct directive *item, struct span what,
		      const char *why)
{
	config_refuse(config, item, what, why);
	list_rebuild(item, what);
}

static void say_found(struct say *say, const struct directive *item,
		      const struct diag *diag)
{
	if (say->faults < SAID_MAX)
		say_diag(say, (struct origin){ span_of(item->file), item->line },
			 item->indent, diag);
	else if (say->faults == SAID_MAX)
		say_note(say, "%s:%u: and more of the kind", item->file, item->line);
}

/* Say it, count it, and note what is left out by it. */
static void refuse(struct config *config, const struct directive *item, struct span what,
		   const struct diag *diag, struct say *say)
{
	char words[REASON_MAX] = "";
	struct out out = OUT(words);

	say_found(say, item, diag);
	say->faults++;
	if (!what.len)
		return;
	out_diag(&out, diag);
	out_char(&out, '\0');
	words[sizeof(words) - 1] = '\0';
	config_refuse(config, item, what, words);
}

/* Behind the codes of what was accepted come those of what was not. */
static bool is_fault(const struct diag *diag)
{
	return diag->code >= DIAG_STRAY_ID;
}

static size_t count_sound(void)
{
	size_t count = 0;

	for (size_t i = 0; i < scratch.rule_count; i++)
		count += !scratch.rules[i].is_faulty;
	return count;
}

/* What does not count because of a note: the rest of a list, or the directive. */
static struct span lost_by(const struct directive *item, const struct diag *diag)
{
	if (diag->code == DIAG_STRAY_ID)
		return diag->text;
	return scratch.rule_count ? (struct span){ NULL, 0 } : item->text;
}

static bool weigh_notes(struct config *config, const struct directive *item,
			struct say *say)
{
	bool is_faulty = false;

	for (size_t i = 0; i < scratch.note_count; i++) {
		const struct diag *diag = &scratch.notes[i].diag;

		if (is_fault(diag)) {
			refuse(config, item, lost_by(item, diag), diag, say);
			is_faulty = true;
		} else {
			say_found(say, item, diag);
		}
	}
	return is_faulty;
}

static bool weigh_rules(struct config *config, const struct directive *item,
			struct say *say)
{
	bool is_faulty = false;

	for (size_t i = 0; i < scratch.rule_count; i++) {
		const struct rule *rule = &scratch.rules[i];

		if (!rule->is_faulty)
			continue;
		refuse(config, item, rule->text, &rule->diag, say);
		is_faulty = true;
	}
	return is_faulty;
}

/* A directive that is sound in itself, and yet may not be in the image. */
static bool is_out_of_place(const struct config *config, const struct directive *item,
			    struct diag *diag)
{
	struct span rest = item->text;
	enum diag_code code = DIAG_NONE;

	*diag = (struct diag){ .level = LEVEL_ERROR };
	span_next_word(&rest, &diag->text);
	/* In a file of the host it would only misname lines. */
	if (span_is(diag->text, "from"))
		code = DIAG_UNKNOWN_DIRECTIVE;
	else if (config->rule_count + count_sound() > CONFIG_RULES_MAX)
		code = DIAG_TOO_MANY_RULES;
	else if (config->size + config_size(item) > CONFIG_SIZE_MAX)
		code = DIAG_TOO_LARGE;
	diag->code = (uint16_t)code;
	return code;
}

/* vfio-pci is wanted anyway, and comes last. */
static void want_driver(struct config *config, struct span driver)
{
	if (!driver.len || span_is_name(driver, "vfio-pci"))
		return;
	for (size_t i = 0; i < config->drivers.count; i++)
		if (span_is(driver, config->drivers.items[i]))
			return;
	names_add(&config->drivers, driver);
}

/* What is in the image takes room there, and needs its drivers. */
static void count_in(struct config *config, const struct directive *item)
{
	for (size_t i = 0; i < scratch.rule_count; i++) {
		config->has_auto |= scratch.rules[i].is_auto;
		want_driver(config, scratch.rules[i].driver);
	}
	config->rule_count += scratch.rule_count;
	config->size += config_size(item);
}

static void directive_check(struct config *config, struct directive *item,
			    struct say *say)
{
	bool is_faulty;
	struct diag diag;

	directive_read(item);
	if (is_out_of_place(config, item, &diag)) {
		refuse(config, item, item->text, &diag, say);
		item->is_left_out = true;
		return;
	}
	is_faulty = weigh_notes(config, item, say);
	is_faulty |= weigh_rules(config, item, say);
	if (is_faulty && count_sound()) {
		list_rebuild(item, (struct span){ NULL, 0 });
		directive_read(item);
	} else {
		item->is_left_out = is_faulty;
	}
	if (!item->is_left_out)
		count_in(config, item);
}

void config_check(struct config *config, struct say *say)
{
	for (size_t i = 0; i < config->count; i++)
		directive_check(config, &config->items[i], say);
}
