// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report as JSON, version 1. Unknown values are null; the order of keys is fixed.
 * Decides nothing.
 */
#include "words.h"

/* What one JSON text has written so far: a comma before every value but the first. */
struct json {
	struct out *out;
	const struct report *report;
	bool has_value;
};

static void json_next(struct json *json)
{
	if (json->has_value)
		out_text(json->out, ", ");
	json->has_value = true;
}

static void json_key(struct json *json, const char *key)
{
	json_next(json);
	out_char(json->out, '"');
	out_text(json->out, key);
	out_text(json->out, "\": ");
}

static void json_open(struct json *json, const char *text)
{
	out_text(json->out, text);
	json->has_value = false;
}

static void json_close(struct json *json, const char *text)
{
	out_text(json->out, text);
	json->has_value = true;
}

/* A string, or null where it is empty. */
static void json_text(struct json *json, const char *key, struct span text)
{
	json_key(json, key);
	if (text.len)
		out_json(json->out, text);
	else
		out_text(json->out, "null");
}

static void json_count(struct json *json, const char *key, uint32_t value)
{
	json_key(json, key);
	out_dec(json->out, value);
}

/* Words that are written into a small buffer first, since they may need escapes. */
#define SMALL_MAX REPORT_LINE_MAX

static void json_driver(struct json *json, const char *key, uint16_t driver)
{
	json_text(json, key, span_of(driver_name(json->report->inv, driver)));
}

static void json_rule(struct json *json, uint16_t rule)
{
	char buf[SMALL_MAX];
	struct out text = OUT(buf);

	out_rule(&text, json->report, rule);
	json_text(json, "rule", out_done(&text));
}

static void json_identity(struct json *json, const struct device *dev)
{
	struct out *out = json->out;

	json_key(json, "id");
	if (!dev->is_present) {
		out_text(out, "null, \"class\": null, \"group\": null");
		return;
	}
	out_char(out, '"');
	out_id(out, dev);
	out_text(out, "\", \"class\": \"");
	out_hex(out, dev->class, 6);
	out_text(out, "\", \"group\": ");
	if ((dev->known & FACT_GROUP) && dev->group != GROUP_NONE)
		out_dec(out, (uint32_t)dev->group);
	else
		out_text(out, "null");
}

static void json_result(struct json *json, const struct verdict *verdict)
{
	char buf[16];
	struct out text = OUT(buf);

	json_text(json, "result", span_of(result_word(verdict->result)));
	json_text(json, "step", span_of(step_word(verdict->step)));
	if (verdict->error)
		out_errno(&text, verdict->error);
	json_text(json, "error", out_done(&text));
}

static void json_device(struct json *json, size_t i)
{
	const struct report *report = json->report;
	const struct device *dev = &report->inv->devices[i];
	const struct verdict *verdict = &report->plan->verdicts[i];
	char buf[SMALL_MAX];
	struct out text = OUT(buf);

	json_next(json);
	json_open(json, "\n  {");
	json_key(json, "address");
	out_char(json->out, '"');
	out_bdf(json->out, dev->bdf);
	out_char(json->out, '"');
	json_identity(json, dev);
	json_text(json, "decision", span_of(decision_word(verdict->decision)));
	out_reason(&text, report, i);
	json_text(json, "reason", out_done(&text));
	json_rule(json, verdict->rule);
	json_driver(json, "driver_wanted", verdict->driver_wanted);
	json_driver(json, "driver_before",
		    verdict->rule == RULE_NONE ? dev->driver : verdict->driver_before);
	json_driver(json, "driver_after",
		    verdict->is_after_known ? verdict->driver_after : DRIVER_NONE);
	json_result(json, verdict);
	json_close(json, "}");
}

static void json_devices(struct json *json)
{
	const struct report *report = json->report;

	json_key(json, "devices");
	json_open(json, "[");
	for (size_t i = 0; i < report->inv->count; i++)
		if (report->plan->verdicts[i].rule != RULE_NONE ||
		    (report->all && report->inv->devices[i].is_present))
			json_device(json, i);
	json_close(json, "]");
}

/* The diagnosis of a faulty rule, or why the image left it out, or where its device is. */
static void json_rule_note(struct json *json, size_t r)
{
	const struct rule *rule = &json->report->set->rules[r];
	const struct rule_result *result = &json->report->plan->rules[r];
	char buf[SMALL_MAX];
	struct out text = OUT(buf);

	if (rule->is_refused) {
		out_span(&text, rule->driver);
	} else if (rule->diag.code != DIAG_NONE) {
		out_diag(&text, &rule->diag);
	} else if (result->has_elsewhere) {
		out_text(&text, "now at ");
		out_bdf(&text, result->elsewhere);
	}
	json_text(json, "note", out_done(&text));
}

static void json_rules(struct json *json)
{
	const struct report *report = json->report;

	json_key(json, "rules");
	json_open(json, "[");
	for (size_t r = 0; r < report->set->rule_count; r++) {
		json_next(json);
		json_open(json, "\n  {");
		json_rule(json, (uint16_t)r);
		json_text(json, "spec", report->set->rules[r].text);
		json_text(json, "state",
			  span_of(rule_state_word(report->plan->rules[r].state)));
		json_rule_note(json, r);
		json_close(json, "}");
	}
	json_close(json, "]");
}

static bool spoils(const struct report *report, const struct plan_note *note,
		   int32_t group)
{
	return note->code == PLAN_NOTE_GROUP_UNUSABLE &&
	       report->inv->devices[note->device].group == group;
}

static void json_group(struct json *json, int32_t group)
{
	const struct plan *plan = json->report->plan;
	bool is_usable = true;

	for (size_t n = 0; n < plan->note_count; n++)
		is_usable &= !spoils(json->report, &plan->notes[n], group);
	json_next(json);
	json_open(json, "\n  {");
	json_count(json, "group", (uint32_t)group);
	json_key(json, "usable");
	out_text(json->out, is_usable ? "true" : "false");
	json_key(json, "because");
	json_open(json, "[");
	for (size_t n = 0; n < plan->note_count; n++) {
		if (!spoils(json->report, &plan->notes[n], group))
			continue;
		json_next(json);
		out_char(json->out, '"');
		out_bdf(json->out, json->report->inv->devices[plan->notes[n].device].bdf);
		out_char(json->out, '"');
	}
	json_close(json, "]");
	json_close(json, "}");
}

static void json_groups(struct json *json)
{
	const struct inventory *inv = json->report->inv;

	json_key(json, "groups");
	json_open(json, "[");
	for (size_t g = 0; g < inv->group_count; g++)
		if (inv->groups[g].has_target)
			json_group(json, inv->groups[g].number);
	json_close(json, "]");
}

static const char *level_word(enum level level)
{
	switch (level) {
	case LEVEL_ERROR:
		return "error";
	case LEVEL_WARNING:
		return "warning";
	case LEVEL_INFO:
		return "info";
	case LEVEL_DEBUG:
		break;
	}
	return "debug";
}

/* The lines of the log that stand neither for a device nor for a rule. */
static void json_notes(struct json *json)
{
	struct report_cursor cursor = { 0 };
	enum level level;

	json_key(json, "notes");
	json_open(json, "[");
	for (;;) {
		char buf[REPORT_LINE_MAX];
		struct out text = OUT(buf);

		if (!report_next_note(json->report, &cursor, &text, &level))
			break;
		json_next(json);
		json_open(json, "\n  {");
		json_text(json, "level", span_of(level_word(level)));
		json_text(json, "text", out_done(&text));
		json_close(json, "}");
	}
	json_close(json, "]");
}

static void json_summary(struct json *json)
{
	struct plan_summary sum = report_summarize(json->report);

	json_key(json, "summary");
	json_open(json, "{");
	json_count(json, "bound", sum.bound);
	json_count(json, "failed", sum.failed);
	json_count(json, "refused", sum.refused);
	json_count(json, "missing", sum.missing);
	json_close(json, "}");
}

void report_json(const struct report *report, struct out *out)
{
	struct json json = { .out = out, .report = report };

	json_open(&json, "{");
	json_count(&json, "version", 1);
	json_text(&json, "mode", span_of(report->kind == REPORT_PLAN ? "plan" : "bind"));
	json_text(&json, "kernel", report->kernel);
	out_text(out, ",\n ");
	json.has_value = false;
	json_devices(&json);
	out_text(out, ",\n ");
	json.has_value = false;
	json_rules(&json);
	out_text(out, ",\n ");
	json.has_value = false;
	json_groups(&json);
	out_text(out, ",\n ");
	json.has_value = false;
	json_notes(&json);
	out_text(out, ",\n ");
	json.has_value = false;
	json_summary(&json);
	out_text(out, "}\n");
}
