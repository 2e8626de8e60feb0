// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report as JSON, version 1. Unknown values are null; the order of keys is fixed.
 * Decides nothing.
 */
#include "words.h"

/* The separator in front of an element: a comma from the second on. */
static void next_element(struct out *out)
{
	bool is_first = out->len && out->buf[out->len - 1] == '[';

	out_text(out, is_first ? "\n  " : ",\n  ");
}

static void json_devices(struct sentence *s)
{
	for_each_device(dev, s->report->inv) {
		char buf[REPORT_LINE_MAX];
		struct out reason = OUT(buf);

		if (!report_shows(s->report, dev))
			continue;
		next_element(s->out);
		about(s, dev);
		say(s,
		    "{\"address\": %\"a, \"id\": %\"i, \"class\": %\"c, \"group\": %#g, "
		    "\"decision\": %\"D, \"reason\": ");
		out_reason(&reason, s->report, dev);
		out_json_or_null(s->out, out_done(&reason));
		say(s,
		    ", \"rule\": %\"o, \"driver_wanted\": %\"w, \"driver_before\": %\"b, "
		    "\"driver_after\": %\"A, \"result\": %\"R, \"step\": %\"S, "
		    "\"error\": %\"E}");
	}
}

/* The diagnosis of a faulty rule, or why the image left it out, or where its device is. */
static void json_rule_note(struct sentence *s)
{
	const struct rule *rule = s->rule;
	char buf[REPORT_LINE_MAX];
	struct out text = OUT(buf);

	if (rule->is_refused)
		out_span(&text, rule->driver);
	else if (rule->diag.code != DIAG_NONE)
		out_diag(&text, &rule->diag);
	else if (rule->result.elsewhere_count)
		say(&(struct sentence){ .out = &text, .rule = rule }, "%e");
	out_json_or_null(s->out, out_done(&text));
}

static void json_rules(struct sentence *s)
{
	const struct ruleset *set = s->report->set;

	for (const struct rule *rule = set->rules; rule < set->rules + set->rule_count;
	     rule++) {
		next_element(s->out);
		s->rule = rule;
		say(s, "{\"rule\": %\"o, \"spec\": %\"t, \"state\": %\"T, \"note\": ");
		json_rule_note(s);
		say(s, "}");
	}
}

/* The addresses that make a group unusable. */
static void json_because(struct sentence *s, int32_t group)
{
	const struct plan *plan = s->report->plan;
	const char *template = "%\"a";

	for (size_t n = 0; n < plan->note_count; n++) {
		if (plan->notes[n].code != PLAN_NOTE_GROUP_UNUSABLE)
			continue;
		s->device = &s->report->inv->devices[plan->notes[n].device];
		if (s->device->group != group)
			continue;
		say(s, template);
		template = ", %\"a";
	}
}

static void json_groups(struct sentence *s)
{
	const struct inventory *inv = s->report->inv;

	for (size_t g = 0; g < inv->group_count; g++) {
		int32_t number = (int32_t)g;

		if (!inv->groups[g].has_target)
			continue;
		next_element(s->out);
		s->number = (uint32_t)number;
		say(s, "{\"group\": %n, \"usable\": ");
		say(s, inv->groups[g].is_spoilt ? "false" : "true");
		say(s, ", \"because\": [");
		json_because(s, number);
		say(s, "]}");
	}
}

/* A line of the log that stands neither for a device nor for the summary. */
static void json_note(void *context, enum level level, struct span text)
{
	static const char *const levels = "error\0warning\0\0info";
	struct out *out = context;

	next_element(out);
	out_text(out, "{\"level\": \"");
	out_text(out, nth(levels, level - LEVEL_ERROR));
	out_text(out, "\", \"text\": ");
	out_json(out, text);
	out_char(out, '}');
}

static void json_summary(struct sentence *s)
{
	struct plan_summary sum = report_summarize(s->report);

	s->number = sum.bound;
	say(s, "\"bound\": %n, \"failed\": ");
	s->number = sum.failed;
	say(s, "%n, \"refused\": ");
	s->number = sum.refused;
	say(s, "%n, \"missing\": ");
	s->number = sum.missing;
	say(s, "%n");
}

void report_json(const struct report *report, struct out *out)
{
	struct sentence s = { .out = out, .report = report };

	say(&s, "{\"version\": 1, \"mode\": \"");
	say(&s, report->kind == REPORT_PLAN ? "plan" : "bind");
	say(&s, "\", \"kernel\": %\"K,\n \"devices\": [");
	json_devices(&s);
	say(&s, "],\n \"rules\": [");
	json_rules(&s);
	say(&s, "],\n \"groups\": [");
	json_groups(&s);
	say(&s, "],\n \"notes\": [");
	report_lines(report, REPORT_NOTES, json_note, out);
	say(&s, "],\n \"summary\": {");
	json_summary(&s);
	say(&s, "}}\n");
}
