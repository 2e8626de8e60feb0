/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the table-driven tests of the text half share: inputs in boxes that the address
 * sanitizer guards on both sides, names of diagnoses, a rule set as text, and rows that
 * say what they were when they fail. Knows none of the tables.
 */
#ifndef TESTS_UNIT_TABLE_H
#define TESTS_UNIT_TABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <early-vfio/rules.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline const char *diag_name(unsigned code)
{
	switch (code) {
		/* clang-format off */
#define NAME(code) case DIAG_##code: return #code;
		NAME(NONE) NAME(HEX_PREFIX) NAME(TWO_DIGIT_FUNCTION) NAME(ONE_DIGIT_BUS)
		NAME(QUOTES_STRIPPED) NAME(LONE_QUOTE) NAME(TRAILING_COMMA)
		NAME(DUPLICATE) NAME(IDS_TWICE) NAME(IDS_TRAILING) NAME(BYTE_ORDER_MARK)
		NAME(IDS_REPLACED) NAME(STRAY_ID) NAME(NEAR_PARAMETER)
		NAME(UNKNOWN_PARAMETER) NAME(BAD_VALUE) NAME(COMMA_IN_ID)
		NAME(ADDRESS_IN_IDS) NAME(NO_FUNCTION) NAME(COLON_FUNCTION) NAME(UNTERMINATED_QUOTE)
		NAME(EMPTY) NAME(BAD_CHARACTER) NAME(BAD_HEX) NAME(HEX_TOO_LONG)
		NAME(ID_FIELDS) NAME(ANY_ANY) NAME(CLASS_DIGITS) NAME(BAD_DOMAIN)
		NAME(BAD_BUS) NAME(BAD_DEVICE) NAME(BAD_FUNCTION) NAME(TOO_MANY_HOPS)
		NAME(BAD_WHERE) NAME(UNKNOWN_FLAG) NAME(DUPLICATE_FLAG)
		NAME(UNKNOWN_DIRECTIVE) NAME(UNKNOWN_OPTION) NAME(MISSING_ARGUMENT)
		NAME(UNKNOWN_SETTING) NAME(TRAILING_TEXT) NAME(TOO_MANY_RULES)
		NAME(TOO_LARGE) NAME(BAD_IMAGE_LINE)
#undef NAME
		/* clang-format on */
	}
	fail_msg("a diagnosis without a name: %u", code);
	return "";
}

/* A copy of exactly `len` bytes: one byte too far is an error of the sanitizer. */
static inline struct span box(const char *text, size_t len)
{
	char *copy = malloc(len);

	if (len)
		memcpy(copy, text, len);
	return (struct span){ copy, len };
}

static inline struct span box_text(const char *text)
{
	return box(text, strlen(text));
}

static inline void unbox(struct span boxed)
{
	free((char *)boxed.ptr);
}

/* Compare and, where it differs, say the row. Return: 1 where it differs. */
static inline unsigned row_differs(const char *name, struct span input, struct span got,
				   const char *expected)
{
	if (span_is(got, expected))
		return 0;
	print_error("row: %s\n  input:    %.*s\n  expected: %s\n  got:      %.*s\n",
		    name ? name : "", (int)input.len, input.ptr, expected, (int)got.len,
		    got.ptr);
	return 1;
}

/* CODE OFFSET TEXT [-> VALUE] */
static inline void out_diag_fields(struct out *out, const struct diag *diag)
{
	out_text(out, diag_name(diag->code));
	out_char(out, ' ');
	out_dec(out, diag->offset);
	out_char(out, ' ');
	out_escaped(out, diag->text);
	if (diag->value) {
		out_text(out, " -> ");
		out_text(out, diag->value);
	}
}

static inline void out_rule(struct out *out, const struct rule *rule)
{
	if (rule->is_refused)
		out_text(out, "refused ");
	else if (rule->is_faulty)
		out_text(out, "faulty ");
	out_text(out, rule->is_keep ? "keep " : rule->is_ids ? "ids " : "bind ");
	if (rule->is_faulty || rule->is_refused)
		out_escaped(out, rule->text);
	else
		out_spec(out, &rule->spec);
	if (rule->driver.len) {
		out_text(out, " driver=");
		out_span(out, rule->driver);
	}
	out_text(out, rule->is_auto ? " auto" : "");
	out_text(out, rule->is_optional ? " optional" : "");
	out_text(out, " from ");
	out_origin(out, rule->origin);
	if (rule->is_faulty) {
		out_text(out, ": ");
		out_diag_fields(out, &rule->diag);
	}
	out_char(out, '\n');
}

/* Only what differs from the defaults. */
static inline void out_settings(struct out *out, const struct ruleset *set)
{
	const struct settings *s = &set->settings;
	const struct settings defaults = SETTINGS_DEFAULT;

	if (s->mode != defaults.mode)
		out_text(out, s->mode == MODE_OFF  ? "mode off" :
			      s->mode == MODE_PLAN ? "mode plan" :
						     "mode bind");
	if (s->mode != defaults.mode)
		out_text(out, s->mode == MODE_OFF ? " killed\n" : "\n");
	out_text(out, s->ignore_config ? "config off\n" : "");
	out_text(out, s->is_debug ? "debug\n" : "");
	out_text(out, s->shell_on_failure ? "shell\n" : "");
	if (s->profile.len) {
		out_text(out, "profile ");
		out_span(out, s->profile);
		out_char(out, '\n');
	}
	if (s->timeout_s != defaults.timeout_s ||
	    s->root_wait_s != defaults.root_wait_s) {
		out_text(out, "timeout ");
		out_dec(out, s->timeout_s);
		out_text(out, " root-wait ");
		out_dec(out, s->root_wait_s);
		out_char(out, '\n');
	}
	if (s->unbound != defaults.unbound)
		out_text(out, s->unbound == UNBOUND_ISOLATE ? "isolate\n" : "restore\n");
}

/* Settings, rules, notes: a line each. */
static inline void out_ruleset(struct out *out, const struct ruleset *set)
{
	out_settings(out, set);
	for (size_t i = 0; i < set->rule_count; i++)
		out_rule(out, &set->rules[i]);
	for (size_t i = 0; i < set->note_count; i++) {
		const struct rule_note *note = &set->notes[i];

		out_text(out, note->diag.level == LEVEL_ERROR	? "error " :
			      note->diag.level == LEVEL_WARNING ? "warning " :
								  "note ");
		out_diag_fields(out, &note->diag);
		if (note->origin.file.len) {
			out_text(out, " at ");
			out_origin(out, note->origin);
		}
		out_char(out, '\n');
	}
}

#endif
