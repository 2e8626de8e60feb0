// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is left of choices beside the rules that are there: what is new, and what the plan
 * refuses. Writes nothing.
 */
#include "settle.h"

static void out_about(struct out *out, const struct choice *choice, const char *what,
		      const struct rule *rule)
{
	out_spec(out, &choice->spec);
	out_text(out, what);
	out_origin(out, rule->origin);
	out_text(out, ": ");
	out_escaped(out, rule->text);
	out_char(out, '\n');
}

/* Is there anything to write for it? */
static bool is_new(const struct desk *desk, const struct choice *choice, struct out *out)
{
	const struct rule *rule = desk_same(desk, &choice->spec);

	if (rule) {
		out_about(out, choice, ": it is there already: ", rule);
		return false;
	}
	rule = desk_cover(desk, &choice->spec);
	if (rule && rule_is_own(rule)) {
		out_about(out, choice, ": taken already, by ", rule);
		return false;
	}
	/* That which it was made from is no news. */
	if (rule && !choice->origin.file.len)
		out_about(out, choice, ": also taken by ", rule);
	return true;
}

bool choices_settle(const struct desk *desk, struct choices *choices, struct out *out)
{
	size_t count = choices->count;

	choices->count = 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_new(desk, &choices->items[i], out))
			continue;
		if (!desk_take(desk, &choices->items[i].spec))
			return false;
		choices->items[choices->count++] = choices->items[i];
	}
	return true;
}

bool choice_refuse(const struct desk *desk, const struct choice *choice, struct say *say)
{
	const struct device *dev = desk_refusal(desk, &choice->spec,
						choice->has_device ? &choice->at : NULL);
	struct report report;
	struct out *out;

	if (!dev)
		return false;
	report = session_report(desk->session, REPORT_PLAN);
	out = say_begin(say);
	out_spec(out, &choice->spec);
	out_text(out, ": refused: ");
	out_bdf(out, dev->bdf);
	out_text(out, dev->verdict.decision == DECISION_KEEP ? " is kept by " : " ");
	out_reason(out, &report, dev);
	say_end(say);
	return true;
}
