// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report as JSON, version 1. Unknown values are null; the order of keys is fixed.
 * Decides nothing.
 */
#include "words.h"

/* The separator in front of an element: a comma from the second on. */
static void next_element(struct out *out, bool *has_element)
{
	out_text(out, *has_element ? ",\n  " : "\n  ");
	*has_element = true;
}

static void json_device(const struct report *report, struct out *out,
			const struct device *dev)
{
	struct subject subject = subject_device(report, dev);
	char buf[REPORT_LINE_MAX];
	struct out reason = OUT(buf);

	out_words(out, &subject,
		  "{\"address\": %\"a, \"id\": %\"i, \"class\": %\"c, \"group\": %#g, "
		  "\"decision\": %\"D, \"reason\": ");
	out_reason(&reason, report, dev);
	out_json_or_null(out, out_done(&reason));
	out_words(
		out, &subject,
		", \"rule\": %\"o, \"driver_wanted\": %\"w, \"driver_before\": %\"b, "
		"\"driver_after\": %\"A, \"result\": %\"R, \"step\": %\"S, \"error\": %\"E}");
}

static void json_devices(const struct report *report, struct out *out)
{
	bool has_element = false;

	for_each_device(dev, report->inv) {
		if (!report_shows(report, dev))
			continue;
		next_element(out, &has_element);
		json_device(report, out, dev);
	}
}

/* The diagnosis of a faulty rule, or why the image left it out, or where its device is. */
static void json_rule_note(struct out *out, const struct rule *rule)
{
	char buf[REPORT_LINE_MAX];
	struct out text = OUT(buf);

	if (rule->is_refused) {
		out_span(&text, rule->driver);
	} else if (rule->diag.code != DIAG_NONE) {
		out_diag(&text, &rule->diag);
	} else if (rule->result.has_elsewhere) {
		out_text(&text, "now at ");
		out_bdf(&text, rule->result.elsewhere);
	}
	out_json_or_null(out, out_done(&text));
}

static void json_rules(const struct report *report, struct out *out)
{
	bool has_element = false;

	for (size_t r = 0; r < report->set->rule_count; r++) {
		const struct rule *rule = &report->set->rules[r];
		struct subject subject = subject_rule(report, rule);

		next_element(out, &has_element);
		out_words(out, &subject,
			  "{\"rule\": %\"o, \"spec\": %\"t, \"state\": %\"T, \"note\": ");
		json_rule_note(out, rule);
		out_char(out, '}');
	}
}

/* The addresses that make a group unusable, as a list. Return: how many. */
static unsigned json_because(const struct report *report, struct out *out, int32_t group)
{
	const struct plan *plan = report->plan;
	unsigned count = 0;

	for (size_t n = 0; n < plan->note_count; n++) {
		const struct device *dev = &report->inv->devices[plan->notes[n].device];
		struct subject subject = { .report = report, .device = dev };

		if (plan->notes[n].code != PLAN_NOTE_GROUP_UNUSABLE ||
		    dev->group != group)
			continue;
		out_words(out, &subject, count++ ? ", %\"a" : "%\"a");
	}
	return count;
}

static void json_groups(const struct report *report, struct out *out)
{
	bool has_element = false;

	for (size_t g = 0; g < report->inv->group_count; g++) {
		struct subject subject = {
			.number = (uint32_t)report->inv->groups[g].number
		};
		char buf[REPORT_LINE_MAX];
		struct out because = OUT(buf);

		if (!report->inv->groups[g].has_target)
			continue;
		next_element(out, &has_element);
		out_words(out, &subject, "{\"group\": %n, \"usable\": ");
		out_text(out,
			 json_because(report, &because, report->inv->groups[g].number) ?
				 "false" :
				 "true");
		out_text(out, ", \"because\": [");
		out_span(out, out_done(&because));
		out_text(out, "]}");
	}
}

/* The lines of the log that stand neither for a device nor for the summary. */
static void json_notes(const struct report *report, struct out *out)
{
	static const char *const levels[] = {
		[LEVEL_ERROR] = "{\"level\": \"error\", \"text\": ",
		[LEVEL_WARNING] = "{\"level\": \"warning\", \"text\": ",
		[LEVEL_INFO] = "{\"level\": \"info\", \"text\": ",
		[LEVEL_DEBUG] = "{\"level\": \"debug\", \"text\": ",
	};
	struct report_cursor cursor = { .skips_devices = true };
	bool has_element = false;

	for (;;) {
		char buf[REPORT_LINE_MAX];
		struct out text = OUT(buf);
		enum level level;

		if (!report_next(report, &cursor, &text, &level))
			return;
		next_element(out, &has_element);
		out_text(out, levels[level]);
		out_json(out, out_done(&text));
		out_char(out, '}');
	}
}

void report_json(const struct report *report, struct out *out)
{
	static const struct {
		const char *title;
		void (*write)(const struct report *report, struct out *out);
	} lists[] = {
		{ "\"devices\": [", json_devices },
		{ "],\n \"rules\": [", json_rules },
		{ "],\n \"groups\": [", json_groups },
		{ "],\n \"notes\": [", json_notes },
	};
	struct plan_summary sum = report_summarize(report);
	struct subject subject = subject_rule(report, NULL);

	out_words(out, &subject,
		  report->kind == REPORT_PLAN ?
			  "{\"version\": 1, \"mode\": \"plan\", \"kernel\": %\"K,\n " :
			  "{\"version\": 1, \"mode\": \"bind\", \"kernel\": %\"K,\n ");
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		out_text(out, lists[i].title);
		lists[i].write(report, out);
	}
	out_text(out, "],\n \"summary\": {\"bound\": ");
	out_dec(out, sum.bound);
	out_text(out, ", \"failed\": ");
	out_dec(out, sum.failed);
	out_text(out, ", \"refused\": ");
	out_dec(out, sum.refused);
	out_text(out, ", \"missing\": ");
	out_dec(out, sum.missing);
	out_text(out, "}}\n");
}
