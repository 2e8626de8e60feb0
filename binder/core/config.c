// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The config: one directive a line, each with its origin. Must not know which file it
 * reads, nor whether it runs at boot or on the host.
 */
#include "parse.h"
#include "words.h"

#define DIRECTIVES "bind\0keep\0set\0ids\0from\0"
#define OPTIONS "driver\0optional\0profile\0"
#define SETTINGS "timeout\0root-wait\0unbound\0log\0"

/* What options and settings take, in the same order. */
#define OPTION_VALUES "a driver's name, or auto\0optional alone\0a name\0"
#define SETTING_VALUES        \
	"1 to 600 seconds\0"  \
	"0 to 3600 seconds\0" \
	"isolate|restore\0"   \
	"info|debug\0"

enum directive { BIND, KEEP, SET, IDS, FROM };
enum option { DRIVER, OPTIONAL, PROFILE };
enum setting { TIMEOUT, ROOT_WAIT, UNBOUND, LOG };

struct config {
	struct place place; /* base: the line's first byte */
	struct span rest;   /* of the line */
	struct span word;   /* read last: what a diagnosis is about */
	const char *hint;   /* what to write instead */
	unsigned seen;	    /* options, a bit each */
	struct rule rule;   /* what the rules of the line have in common */
};

static bool take_word(struct config *c)
{
	return span_next_word(&c->rest, &c->word);
}

/* The place of `word` in the table; where there is none, hint at what was meant. */
static int find_word(struct config *c, struct span word, const char *table)
{
	int place = keyword_find(word, table);

	if (place < 0)
		c->hint = keyword_near(word, table);
	return place;
}

/* The word has a value that cannot be: hint at those that can. */
static enum diag_code bad_value(struct config *c, const char *values, int place)
{
	c->hint = nth(values, (unsigned)place);
	return DIAG_BAD_VALUE;
}

static struct span option_key(struct span word)
{
	return span_head(word, span_find(word, '='));
}

/*
 * Take a list. A blank before or behind a comma does not end it: nothing else could be
 * meant.
 */
static void take_list(struct config *c)
{
	struct span list, next, word;

	take_word(c);
	list = c->word;
	for (next = c->rest; span_next_word(&next, &word); c->rest = next) {
		if (!span_ends(list, ",") && word.ptr[0] != ',')
			break;
		if (keyword_find(option_key(word), OPTIONS) >= 0)
			break;
		list.len = (size_t)(next.ptr - list.ptr);
	}
	c->word = list;
}

static void add_list(struct config *c)
{
	list_read(c->word, c->place.base, &c->rule, c->place.set);
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

/* What stands where it cannot: the rest of a list, or anything else. */
static enum diag_code trailing(struct config *c, enum diag_code code)
{
	return looks_like_list(c->word) ? DIAG_STRAY_ID : code;
}

/* One option of `bind`. */
static enum diag_code read_option(struct config *c)
{
	struct span key = option_key(c->word), value = span_skip(c->word, key.len + 1);
	int option = find_word(c, key, OPTIONS);

	if (option < 0)
		return trailing(c, DIAG_UNKNOWN_OPTION);
	if (c->seen & 1u << option)
		return DIAG_DUPLICATE_FLAG;
	c->seen |= 1u << option;
	if ((option == OPTIONAL) != (key.len == c->word.len) ||
	    (option == DRIVER && !is_driver_name(value)) ||
	    (option == PROFILE && !value.len))
		return bad_value(c, OPTION_VALUES, option);
	if (option == OPTIONAL)
		c->rule.is_optional = true;
	else if (option == PROFILE)
		c->rule.is_void = !span_equals(value, c->place.set->settings.profile);
	/* The driver's own name, however it is written, as an override is compared with it. */
	else if ((option = choice_find(value, "vfio-pci|auto")) < 0)
		c->rule.driver = value;
	else
		c->rule.is_auto = option;
	return DIAG_NONE;
}

static enum diag_code read_bind(struct config *c)
{
	take_list(c);
	c->rule.text = c->word;
	while (take_word(c)) {
		enum diag_code code = read_option(c);

		c->rule.is_faulty = code;
		if (code)
			return code;
	}
	c->word = c->rule.text;
	add_list(c);
	return DIAG_NONE;
}

/* The list that was taken, and nothing behind it. */
static enum diag_code read_last_list(struct config *c)
{
	add_list(c);
	return take_word(c) ? trailing(c, DIAG_TRAILING_TEXT) : DIAG_NONE;
}

/* A keep with an odd tail still keeps: leaving it out could cost the host its device. */
static enum diag_code read_keep(struct config *c)
{
	take_list(c);
	return read_last_list(c);
}

static enum diag_code read_ids(struct config *c)
{
	struct ruleset *set = c->place.set;

	take_word(c);
	if (set->has_cmdline_ids)
		return ruleset_has_note(set, DIAG_IDS_REPLACED) ? DIAG_NONE :
								  DIAG_IDS_REPLACED;
	if (set->has_config_ids)
		note_at(&c->place, DIAG_IDS_TWICE, c->word, NULL);
	set->has_config_ids = true;
	c->rule.is_ids = true;
	return read_last_list(c);
}

static bool store_setting(struct settings *settings, enum setting setting,
			  struct span value)
{
	uint32_t number;
	int choice = choice_find(value, nth(SETTING_VALUES, setting));

	switch (setting) {
	case TIMEOUT:
		if (!dec_scan(value, 600, &number) || !number)
			return false;
		settings->timeout_s = number;
		return true;
	case ROOT_WAIT:
		return dec_scan(value, 3600, &settings->root_wait_s);
	case UNBOUND:
		if (choice >= 0)
			settings->unbound = (enum unbound)(UNBOUND_ISOLATE + choice);
		break;
	case LOG:
		if (choice >= 0 && !settings->has_cmdline_log)
			settings->is_debug = choice;
	}
	return choice >= 0;
}

static enum diag_code read_set(struct config *c)
{
	struct span value;
	int setting;

	take_word(c);
	setting = find_word(c, c->word, SETTINGS);
	if (setting < 0)
		return DIAG_UNKNOWN_SETTING;
	if (!take_word(c))
		return DIAG_MISSING_ARGUMENT;
	value = c->word;
	if (take_word(c))
		return DIAG_TRAILING_TEXT;
	if (!store_setting(&c->place.set->settings, (enum setting)setting, value))
		return bad_value(c, SETTING_VALUES, setting);
	return DIAG_NONE;
}

static enum diag_code read_from(struct config *c)
{
	c->word = span_trim(c->rest);
	if (!origin_scan(c->word, &c->place.origin))
		return bad_value(c, "FILE:LINE", 0);
	c->place.origin.line--; /* the line of `from` itself is counted after it */
	return DIAG_NONE;
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

static enum diag_code (*const readers[])(struct config *) = {
	[BIND] = read_bind, [KEEP] = read_keep, [SET] = read_set,
	[IDS] = read_ids,   [FROM] = read_from,
};

/* Return: what there is to say of c->word. */
static enum diag_code read_directive(struct config *c)
{
	struct span control = find_control(c->rest);
	int directive;

	if (!take_word(c))
		return DIAG_NONE;
	directive = find_word(c, c->word, DIRECTIVES);
	c->rule.is_keep = directive == KEEP;
	if (control.len) {
		c->word = control;
		c->hint = NULL;
		c->rule.is_faulty = directive == BIND || directive == KEEP;
		return DIAG_BAD_CHARACTER;
	}
	if (directive < 0)
		return DIAG_UNKNOWN_DIRECTIVE;
	return c->rest.len ? readers[directive](c) : DIAG_MISSING_ARGUMENT;
}

/* A fault of the whole line is one of its rule, where it has one. */
static void read_line(struct config *c)
{
	enum diag_code code = read_directive(c);

	if (c->rule.is_faulty) {
		c->rule.diag = diag_at(code, c->place.base, c->word);
		c->rule.diag.value = c->hint;
		c->rule.diag.level = LEVEL_ERROR;
		ruleset_add(c->place.set, &c->rule);
	} else if (code) {
		note_at(&c->place, code, c->word, c->hint);
	}
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
		c.rest = without_comment(line);
		c.hint = NULL;
		c.seen = 0;
		c.rule = (struct rule){ .source = SOURCE_CONFIG,
					.origin = c.place.origin,
					.text = c.rest };
		read_line(&c);
	}
}
