// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Templates and the items they name: each value of the report has its words here, the same in
 * log, table and JSON. Decides nothing.
 */
#include "words.h"

static const char *const decisions[] = {
	[DECISION_NONE] = "none",     [DECISION_BIND] = "bind",
	[DECISION_KEEP] = "keep",     [DECISION_PROTECT] = "protect",
	[DECISION_REFUSE] = "refuse", [DECISION_SKIP] = "skip",
	[DECISION_DEFER] = "defer",
};

static const char *const outcomes[] = {
	[DECISION_NONE] = "free",	  [DECISION_BIND] = "not bound",
	[DECISION_KEEP] = "kept",	  [DECISION_PROTECT] = "protected",
	[DECISION_REFUSE] = "left alone", [DECISION_SKIP] = "skipped",
	[DECISION_DEFER] = "deferred",
};

static const char *const results[] = {
	[RESULT_NONE] = "",
	[RESULT_BOUND] = "bound",
	[RESULT_FAILED] = "failed",
	[RESULT_RESTORED] = "restored",
	[RESULT_ISOLATED] = "isolated",
	[RESULT_RELEASED] = "released",
};

static const char *const steps[] = {
	[STEP_NONE] = "",
	[STEP_REMOVE_ID] = "remove_id",
	[STEP_OVERRIDE] = "driver_override",
	[STEP_LOAD] = "module load",
	[STEP_UNBIND] = "unbind",
	[STEP_FRAMEBUFFER] = "framebuffer",
	[STEP_REGISTER] = "driver load",
	[STEP_PROBE] = "probe",
	[STEP_READ_BACK] = "read back",
	[STEP_RESTORE] = "restore",
	[STEP_RELEASE] = "release",
};

static const char *const states[] = {
	[RULE_OK] = "ok",
	[RULE_MISSING] = "missing",
	[RULE_DEFERRED] = "deferred",
	[RULE_REFUSED] = "refused",
	[RULE_FAULTY] = "faulty",
};

struct subject subject_device(const struct report *report, size_t device)
{
	return (struct subject){ .report = report,
				 .device = device,
				 .rule = report->plan->verdicts[device].rule };
}

struct subject subject_rule(const struct report *report, size_t rule)
{
	return (struct subject){ .report = report, .device = NO_INDEX, .rule = rule };
}

static void out_foreign(struct out *out, const struct subject *subject, struct span text)
{
	if (subject->is_raw)
		out_span(out, text);
	else
		out_escaped(out, text);
}

static const char *outcome_word(const struct report *report,
				const struct verdict *verdict)
{
	if (report->kind == REPORT_PLAN && verdict->decision == DECISION_BIND)
		return "would be bound";
	if (verdict->result != RESULT_NONE)
		return results[verdict->result];
	return outcomes[verdict->decision];
}

static void out_protect(struct out *out, const struct subject *subject, char letter)
{
	const struct report *report = subject->report;
	const struct protect *protect =
		&report->set
			 ->protects[subject->device == NO_INDEX ?
					    subject->number :
					    report->plan->verdicts[subject->device].arg];

	if (letter == 'P')
		out_bdf(out, protect->bdf);
	else
		out_foreign(out, subject, protect->reason);
}

static uint16_t driver_of(const struct subject *subject, char letter)
{
	const struct verdict *verdict = &subject->report->plan->verdicts[subject->device];
	const struct device *dev = &subject->report->inv->devices[subject->device];

	switch (letter) {
	case 'w':
		return verdict->driver_wanted;
	case 'b':
		return verdict->rule == RULE_NONE ? dev->driver : verdict->driver_before;
	case 'A':
		return verdict->is_after_known ? verdict->driver_after : DRIVER_NONE;
	}
	return verdict->is_after_known ? verdict->driver_after : dev->driver;
}

static void out_identity(struct out *out, const struct device *dev, char letter)
{
	if (!dev->is_present)
		return;
	if (letter == 'c') {
		out_hex(out, dev->class, 6);
	} else if (letter == 'i') {
		out_hex(out, dev->vendor, 4);
		out_char(out, ':');
		out_hex(out, dev->device, 4);
	} else if ((dev->known & FACT_GROUP) && dev->group != GROUP_NONE) {
		out_dec(out, (uint32_t)dev->group);
	}
}

static void out_device_item(struct out *out, const struct subject *subject, char letter)
{
	const struct report *report = subject->report;
	const struct verdict *verdict = &report->plan->verdicts[subject->device];

	switch (letter) {
	case 'a':
		out_bdf(out, report->inv->devices[subject->device].bdf);
		return;
	case 'i':
	case 'c':
	case 'g':
		out_identity(out, &report->inv->devices[subject->device], letter);
		return;
	case 'D':
		out_text(out, decisions[verdict->decision]);
		return;
	case 'v':
		out_text(out, outcome_word(report, verdict));
		return;
	case 'R':
		out_text(out, results[verdict->result]);
		return;
	case 'S':
		out_text(out, steps[verdict->step]);
		return;
	case 'E':
		if (verdict->error)
			out_errno(out, verdict->error);
		return;
	}
	out_foreign(out, subject,
		    span_of(driver_name(report->inv, driver_of(subject, letter))));
}

static void out_rule_item(struct out *out, const struct subject *subject, char letter)
{
	const struct rule *rule;

	if (subject->rule == RULE_NONE)
		return;
	rule = &subject->report->set->rules[subject->rule];
	switch (letter) {
	case 'o':
		out_origin(out, rule->origin);
		return;
	case 's':
		out_spec(out, &rule->spec);
		return;
	case 't':
		out_foreign(out, subject, rule->text);
		return;
	}
	out_text(out, states[subject->report->plan->rules[subject->rule].state]);
}

void out_item(struct out *out, const struct subject *subject, char letter)
{
	switch (letter) {
	case 'o':
	case 's':
	case 't':
	case 'T':
		out_rule_item(out, subject, letter);
		return;
	case 'p':
	case 'P':
		out_protect(out, subject, letter);
		return;
	case 'k':
		out_foreign(out, subject, subject->report->inv->machine.iommu_off);
		return;
	case 'K':
		out_foreign(out, subject, subject->report->kernel);
		return;
	case 'n':
		out_dec(out, subject->number);
		return;
	}
	out_device_item(out, subject, letter);
}

void out_json_or_null(struct out *out, struct span text)
{
	if (text.len)
		out_json(out, text);
	else
		out_text(out, "null");
}

static void out_json_item(struct out *out, const struct subject *subject, char kind,
			  char letter)
{
	struct subject raw = *subject;
	char buf[REPORT_LINE_MAX];
	struct out text = OUT(buf);

	raw.is_raw = true;
	out_item(&text, &raw, letter);
	if (kind == '#' && text.len)
		out_span(out, out_done(&text));
	else
		out_json_or_null(out, out_done(&text));
}

void out_words(struct out *out, const struct subject *subject, const char *template)
{
	for (; *template; template ++) {
		if (*template != '%') {
			out_char(out, *template);
			continue;
		}
		template ++;
		if (*template != '"' && *template != '#') {
			out_item(out, subject, *template);
			continue;
		}
		out_json_item(out, subject, template[0], template[1]);
		template ++;
	}
}
