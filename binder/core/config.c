// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The config: one directive a line, each with its origin. Must not know which file it
 * reads, nor whether it runs at boot or on the host.
 */
#include "parse.h"

#define DIRECTIVES "bind\0keep\0set\0ids\0from\0"
#define OPTIONS "driver\0optional\0profile\0"
#define SETTINGS "timeout\0root-wait\0unbound\0log\0"

/* What options and settings take, in the same order. */
#define OPTION_VALUES "the name of a driver, or auto\0optional alone\0a name\0"
#define SETTING_VALUES         \
	"1 to 600 seconds\0"   \
	"0 to 3600 seconds\0"  \
	"isolate or restore\0" \
	"info or debug\0"

enum directive { BIND, KEEP, SET, IDS, FROM };
enum option { DRIVER, OPTIONAL, PROFILE };
enum setting { TIMEOUT, ROOT_WAIT, UNBOUND, LOG };

struct config {
	struct place place; /* base: the line's first byte */
	struct rule rule;   /* what the rules of the line have in common */
	unsigned seen;	    /* options, a bit each */
	bool is_other_profile;
};

/* A line that cannot be read as a whole. */
static void add_faulty(struct config *c, enum diag_code code, struct span text,
		       const char *value)
{
	c->rule.is_faulty = true;
	c->rule.diag = diag_at(code, c->place.base, text);
	c->rule.diag.value = value;
	ruleset_add(c->place.set, &c->rule);
}

static struct span option_key(struct span word)
{
	return span_head(word, span_find(word, '='));
}

/*
 * Take the list off *rest. A blank before or behind a comma does not end it: nothing else
 * could be meant.
 */
static struct span take_list(struct span *rest)
{
	struct span list, next, word;

	span_next_word(rest, &list);
	for (next = *rest; span_next_word(&next, &word); *rest = next) {
		if (!span_ends(list, ",") && word.ptr[0] != ',')
			break;
		if (keyword_find(option_key(word), OPTIONS) >= 0)
			break;
		list.len = (size_t)(word.ptr + word.len - list.ptr);
	}
	return list;
}

static bool is_driver_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '_')
			return false;
	}
	return name.len;
}

/* One option of `bind`. Return: what is wrong with it. */
static enum diag_code read_option(struct config *c, struct span word)
{
	struct span key = option_key(word), value = span_skip(word, key.len + 1);
	int option = keyword_find(key, OPTIONS);

	if (option < 0)
		return DIAG_UNKNOWN_OPTION;
	if (c->seen & 1u << option)
		return DIAG_DUPLICATE_FLAG;
	c->seen |= 1u << option;
	if ((option == OPTIONAL) != (key.len == word.len) ||
	    (option == DRIVER && !is_driver_name(value)) ||
	    (option == PROFILE && !value.len))
		return DIAG_BAD_VALUE;
	if (option == OPTIONAL)
		c->rule.is_optional = true;
	else if (option == PROFILE)
		c->is_other_profile = !span_equals(value, c->place.set->settings.profile);
	else if (span_is(value, "auto"))
		c->rule.is_auto = true;
	else
		c->rule.driver = value;
	return DIAG_NONE;
}

/* What to write instead of a wrong option. */
static const char *option_hint(enum diag_code code, struct span word)
{
	struct span key = option_key(word);

	if (code == DIAG_UNKNOWN_OPTION)
		return keyword_near(key, OPTIONS);
	if (code == DIAG_BAD_VALUE)
		return keyword_at(OPTION_VALUES, keyword_find(key, OPTIONS));
	return NULL;
}

/* Of the rules from `first` on keep the faulty ones: a fault is one in every profile. */
static void drop_sound(struct ruleset *set, size_t first)
{
	size_t count = first;

	for (size_t i = first; i < set->rule_count; i++)
		if (set->rules[i].is_faulty)
			set->rules[count++] = set->rules[i];
	set->rule_count = count;
}

static void add_list(struct config *c, struct span list)
{
	list_read(list, c->place.base, &c->rule, c->place.set);
}

static void read_bind(struct config *c, struct span rest)
{
	size_t first = c->place.set->rule_count;
	struct span word;

	c->rule.text = take_list(&rest);
	while (span_next_word(&rest, &word)) {
		enum diag_code code = read_option(c, word);

		if (code) {
			add_faulty(c, code, word, option_hint(code, word));
			return;
		}
	}
	add_list(c, c->rule.text);
	if (c->is_other_profile)
		drop_sound(c->place.set, first);
}

/* A keep with an odd tail still keeps: leaving it out could cost the host its device. */
static void read_keep(struct config *c, struct span rest)
{
	add_list(c, take_list(&rest));
	rest = span_trim(rest);
	if (rest.len)
		note_at(&c->place, DIAG_TRAILING_TEXT, rest, NULL);
}

static bool has_config_ids(const struct ruleset *set)
{
	for (size_t i = 0; i < set->rule_count; i++)
		if (set->rules[i].is_ids && set->rules[i].source == SOURCE_CONFIG)
			return true;
	return false;
}

static void read_ids(struct config *c, struct span rest)
{
	struct span list, word;

	span_next_word(&rest, &list);
	if (c->place.set->has_cmdline_ids) {
		if (!ruleset_has_note(c->place.set, DIAG_IDS_REPLACED))
			note_at(&c->place, DIAG_IDS_REPLACED, list, NULL);
		return;
	}
	if (has_config_ids(c->place.set))
		note_at(&c->place, DIAG_IDS_TWICE, list, NULL);
	c->rule.is_ids = true;
	add_list(c, list);
	if (span_next_word(&rest, &word))
		note_at(&c->place,
			spec_parse(word, &c->rule.spec, &c->rule.diag) ?
				DIAG_STRAY_ID :
				DIAG_TRAILING_TEXT,
			word, NULL);
}

static bool store_setting(struct settings *settings, enum setting setting,
			  struct span value)
{
	uint32_t number;
	int word;

	switch (setting) {
	case TIMEOUT:
		if (!dec_scan(value, 600, &number) || !number)
			return false;
		settings->timeout_s = number;
		return true;
	case ROOT_WAIT:
		return dec_scan(value, 3600, &settings->root_wait_s);
	case UNBOUND:
		word = keyword_find(value, "isolate\0restore\0");
		if (word >= 0)
			settings->unbound = (enum unbound)(UNBOUND_ISOLATE + word);
		return word >= 0;
	case LOG:
		word = keyword_find(value, "info\0debug\0");
		if (word >= 0 && !settings->has_cmdline_log)
			settings->is_debug = word;
		return word >= 0;
	}
	return false;
}

static void read_set(struct config *c, struct span rest)
{
	struct span name, value, word;
	int setting;

	span_next_word(&rest, &name);
	setting = keyword_find(name, SETTINGS);
	if (setting < 0)
		note_at(&c->place, DIAG_UNKNOWN_SETTING, name,
			keyword_near(name, SETTINGS));
	else if (!span_next_word(&rest, &value))
		note_at(&c->place, DIAG_MISSING_ARGUMENT, name, NULL);
	else if (span_next_word(&rest, &word))
		note_at(&c->place, DIAG_TRAILING_TEXT, word, NULL);
	else if (!store_setting(&c->place.set->settings, (enum setting)setting, value))
		note_at(&c->place, DIAG_BAD_VALUE, value,
			keyword_at(SETTING_VALUES, setting));
}

static void read_from(struct config *c, struct span rest)
{
	struct origin origin;

	rest = span_trim(rest);
	if (origin_scan(rest, &origin) && origin.line) {
		c->place.origin = origin;
		c->place.origin.line--; /* the line of `from` itself is counted after it */
	} else {
		note_at(&c->place, DIAG_BAD_VALUE, rest, "FILE:LINE");
	}
}

/* `#` starts a comment at the start of the line or behind a blank. */
static struct span without_comment(struct span line)
{
	size_t end = 0;

	while (end < line.len &&
	       !(line.ptr[end] == '#' && (!end || is_blank(line.ptr[end - 1]))))
		end++;
	return span_trim(span_head(line, end));
}

/* The first control character, NUL among them; empty: there is none. */
static struct span find_control(struct span line)
{
	while (line.len) {
		char c = line.ptr[0];

		if ((unsigned char)c < ' ' && c != '\t' && c != '\r')
			return span_head(line, 1);
		line = span_skip(line, 1);
	}
	return line;
}

static void (*const readers[])(struct config *, struct span) = {
	[BIND] = read_bind, [KEEP] = read_keep, [SET] = read_set,
	[IDS] = read_ids,   [FROM] = read_from,
};

static void read_line(struct config *c, struct span line)
{
	struct span rest = line, control = find_control(line), word;
	int directive;

	if (!span_next_word(&rest, &word))
		return;
	directive = keyword_find(word, DIRECTIVES);
	c->rule = (struct rule){ .source = SOURCE_CONFIG,
				 .origin = c->place.origin,
				 .text = line,
				 .is_keep = directive == KEEP };
	c->seen = c->is_other_profile = 0;
	if (control.len && (directive == BIND || directive == KEEP))
		add_faulty(c, DIAG_BAD_CHARACTER, control, NULL);
	else if (control.len)
		note_at(&c->place, DIAG_BAD_CHARACTER, control, NULL);
	else if (directive < 0)
		note_at(&c->place, DIAG_UNKNOWN_DIRECTIVE, word,
			keyword_near(word, DIRECTIVES));
	else if (!rest.len)
		note_at(&c->place, DIAG_MISSING_ARGUMENT, word, NULL);
	else
		readers[directive](c, rest);
}

void config_read(struct span text, struct span file, struct ruleset *set)
{
	struct config c = { .place = { set, text.ptr, { file, 1 } } };
	struct span line;

	if (set->settings.ignore_config)
		return;
	if (span_starts(text, "\xef\xbb\xbf")) {
		note_at(&c.place, DIAG_BYTE_ORDER_MARK, span_head(text, 3), NULL);
		text = span_skip(text, 3);
	}
	for (; span_next_line(&text, &line); c.place.origin.line++) {
		c.place.base = line.ptr;
		read_line(&c, without_comment(line));
	}
}
