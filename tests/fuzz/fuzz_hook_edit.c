// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A config from which what somebody named is taken out, and to which a line is added: all
 * other rules stay as they are. A word, a NUL and the text of the config. Knows nothing of
 * files.
 */
#include <stdlib.h>
#include <string.h>

#include "edit/match.h"
#include "edit/text.h"
#include "fuzz.h"

static struct ruleset before, after;

static void read_config(struct span text, struct ruleset *set)
{
	ruleset_init(set);
	config_read(text, SPAN("/etc/early-vfio.conf"), set);
}

/*
 * The next rule that counts and is not what was named, as it stands there or as it is read.
 * What is faulty takes nothing, and may be faulty in another way without its neighbour.
 */
static const struct rule *next_other(const struct ruleset *set, size_t *at,
				     const struct rule *gone)
{
	while (*at < set->rule_count) {
		const struct rule *rule = &set->rules[(*at)++];

		if (!rule->is_faulty && !span_equals(rule->text, gone->text) &&
		    !spec_equals(&rule->spec, &gone->spec))
			return rule;
	}
	return NULL;
}

/*
 * By what they mean: a lone quote in a rule's text may be one around the whole list once a
 * neighbour is gone.
 */
static void check_cut(const struct rule *gone)
{
	const struct rule *a, *b;
	size_t i = 0, at = 0;

	do {
		a = next_other(&before, &i, gone);
		b = next_other(&after, &at, gone);
		fuzz_assert(!a == !b && (!a || (a->is_keep == b->is_keep &&
						a->is_void == b->is_void &&
						spec_equals(&a->spec, &b->spec))),
			    "only what was named is taken out");
	} while (a);
}

static void take_out(struct span text, const struct rule *asked)
{
	struct found found = { 0 };
	struct span rest;

	if (!match_next(fuzz_bench_inventory(), text, asked, MATCH_ID, &found))
		return;
	rest = text_cut(text, found.rules == 1 ?
				      line_range(text, found.line) :
				      element_range(text, found.line, found.rule.text));
	fuzz_assert(rest.len < text.len, "what is taken out is gone");
	read_config(text, &before);
	read_config(rest, &after);
	if (before.rule_count < RULES_MAX)
		check_cut(&found.rule);
	free((char *)rest.ptr);
}

static void add(struct span text)
{
	static char line[] = "bind 0000:1f:1e.7+slot";
	char *items[] = { line };
	struct span longer =
		text_append(text, &(struct names){ .items = items, .count = 1 });

	fuzz_assert(longer.len > text.len &&
			    (!text.len || memcmp(longer.ptr, text.ptr, text.len) == 0),
		    "what is there stays");
	read_config(text, &before);
	read_config(longer, &after);
	if (before.rule_count < RULES_MAX && !before.notes_dropped)
		fuzz_assert(after.rule_count == before.rule_count + 1 &&
				    span_is(after.rules[before.rule_count].text,
					    "0000:1f:1e.7+slot"),
			    "a line that is added counts");
	free((char *)longer.ptr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct rule asked = { .text = fuzz_text(&text) };
	struct diag diag;

	if (spec_parse(asked.text, &asked.spec, &diag))
		take_out(text, &asked);
	add(text);
	return 0;
}
