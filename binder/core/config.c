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
#define OPTION_VALUES                                   \
	"driver= takes the name of a driver, or auto\0" \
	"optional takes no value\0"                     \
	"profile= takes a name\0"
#define SETTING_VALUES                        \
	"timeout takes 1 to 600 seconds\0"    \
	"root-wait takes 0 to 3600 seconds\0" \
	"unbound takes isolate or restore\0"  \
	"log takes info or debug\0"

enum directive { BIND, KEEP, SET, IDS, FROM };
enum option { DRIVER, OPTIONAL, PROFILE };
enum setting { TIMEOUT, ROOT_WAIT, UNBOUND, LOG };

struct config {
	struct ruleset *set;
	const char *base; /* the line's first byte */
	struct origin origin;
};

static void note(struct config *c, enum diag_code code, struct span text,
		 const char *value)
{
	struct diag diag = diag_at(code, c->base, text);

	diag.value = value;
	if (code == DIAG_BAD_VALUE) /* what was asked for does not happen */
		diag.level = LEVEL_ERROR;
	ruleset_note(c->set, c->origin, diag);
}

/* The rules of a line that cannot be read as a whole. */
static void add_faulty(struct config *c, struct rule model, enum diag_code code,
		       struct span text, const char *value)
{
	model.is_faulty = true;
	model.diag = diag_at(code, c->base, text);
	model.diag.level = LEVEL_ERROR;
	model.diag.value = value;
	ruleset_add(c->set, &model);
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
static enum diag_code read_option(struct config *c, struct span word, struct rule *rule,
				  unsigned *seen, bool *is_other_profile)
{
	struct span key = option_key(word), value = span_skip(word, key.len + 1);
	int option = keyword_find(key, OPTIONS);

	if (option < 0)
		return DIAG_UNKNOWN_OPTION;
	if (*seen & 1u << option)
		return DIAG_DUPLICATE_FLAG;
	*seen |= 1u << option;
	if ((option == OPTIONAL) != (key.len == word.len) ||
	    (option == DRIVER && !is_driver_name(value)) ||
	    (option == PROFILE && !value.len))
		return DIAG_BAD_VALUE;
	if (option == OPTIONAL)
		rule->is_optional = true;
	else if (option == PROFILE)
		*is_other_profile = !span_equals(value, c->set->settings.profile);
	else if (span_is(value, "auto"))
		rule->is_auto = true;
	else
		rule->driver = value;
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

static void read_bind(struct config *c, struct span rest, struct rule model)
{
	size_t first = c->set->rule_count;
	bool is_other_profile = false;
	unsigned seen = 0;
	struct span word;

	model.text = take_list(&rest);
	while (span_next_word(&rest, &word)) {
		enum diag_code code =
			read_option(c, word, &model, &seen, &is_other_profile);

		if (code) {
			add_faulty(c, model, code, word, option_hint(code, word));
			return;
		}
	}
	list_read(model.text, c->base, &model, c->set);
	if (is_other_profile)
		drop_sound(c->set, first);
}

/* A keep with an odd tail still keeps: leaving it out could cost the host its device. */
static void read_keep(struct config *c, struct span rest, struct rule model)
{
	list_read(take_list(&rest), c->base, &model, c->set);
	rest = span_trim(rest);
	if (rest.len)
		note(c, DIAG_TRAILING_TEXT, rest, NULL);
}

static bool has_config_ids(const struct ruleset *set)
{
	for (size_t i = 0; i < set->rule_count; i++)
		if (set->rules[i].is_ids && set->rules[i].source == SOURCE_CONFIG)
			return true;
	return false;
}

static void read_ids(struct config *c, struct span rest, struct rule model)
{
	struct span list, word;
	struct diag diag;

	if (c->set->has_cmdline_ids) {
		if (!ruleset_has_note(c->set, DIAG_IDS_REPLACED))
			note(c, DIAG_IDS_REPLACED, span_trim(rest), NULL);
		return;
	}
	if (has_config_ids(c->set))
		note(c, DIAG_IDS_TWICE, span_trim(rest), NULL);
	model.is_ids = true;
	span_next_word(&rest, &list);
	list_read(list, c->base, &model, c->set);
	if (span_next_word(&rest, &word))
		note(c,
		     spec_parse(word, &model.spec, &diag) ? DIAG_STRAY_ID :
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
		note(c, DIAG_UNKNOWN_SETTING, name, keyword_near(name, SETTINGS));
	else if (!span_next_word(&rest, &value))
		note(c, DIAG_MISSING_ARGUMENT, name, NULL);
	else if (span_next_word(&rest, &word))
		note(c, DIAG_TRAILING_TEXT, word, NULL);
	else if (!store_setting(&c->set->settings, (enum setting)setting, value))
		note(c, DIAG_BAD_VALUE, value, keyword_at(SETTING_VALUES, setting));
}

static void read_from(struct config *c, struct span rest)
{
	struct origin origin;

	if (origin_scan(span_trim(rest), &origin) && origin.line) {
		c->origin = origin;
		c->origin.line--; /* the line of `from` itself is counted after it */
	} else {
		note(c, DIAG_BAD_VALUE, span_trim(rest), "from takes FILE:LINE");
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

static void read_line(struct config *c, struct span line)
{
	struct rule model = { .source = SOURCE_CONFIG,
			      .origin = c->origin,
			      .text = line };
	struct span rest = line, control = find_control(line), word;
	int directive;

	if (!span_next_word(&rest, &word))
		return;
	directive = keyword_find(word, DIRECTIVES);
	model.is_keep = directive == KEEP;
	if (control.len && (directive == BIND || directive == KEEP))
		add_faulty(c, model, DIAG_BAD_CHARACTER, control, NULL);
	else if (control.len)
		note(c, DIAG_BAD_CHARACTER, control, NULL);
	else if (directive < 0)
		note(c, DIAG_UNKNOWN_DIRECTIVE, word, keyword_near(word, DIRECTIVES));
	else if (!rest.len)
		note(c, DIAG_MISSING_ARGUMENT, word, NULL);
	else if (directive == BIND)
		read_bind(c, rest, model);
	else if (directive == KEEP)
		read_keep(c, rest, model);
	else if (directive == SET)
		read_set(c, rest);
	else if (directive == IDS)
		read_ids(c, rest, model);
	else
		read_from(c, rest);
}

void config_read(struct span text, struct span file, struct ruleset *set)
{
	struct config c = { .set = set, .base = text.ptr, .origin = { file, 1 } };
	struct span line;

	if (set->settings.ignore_config)
		return;
	if (span_starts(text, "\xef\xbb\xbf")) {
		note(&c, DIAG_BYTE_ORDER_MARK, span_head(text, 3), NULL);
		text = span_skip(text, 3);
	}
	for (; span_next_line(&text, &line); c.origin.line++) {
		c.base = line.ptr;
		read_line(&c, without_comment(line));
	}
}
