// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plan in sentences: the reason of each verdict with its remedy, and the lines of the log.
 * Decides nothing and knows nothing of where the lines go.
 */
#include "words.h"

static const char *const remedies[] = {
	[REMEDY_FIRMWARE] =
		"turn the IOMMU (VT-d, AMD-Vi, SMMU) on in the firmware setup",
	[REMEDY_INTEL_ON] = "boot with intel_iommu=on",
	[REMEDY_INTEL_GRAPHICS] =
		"boot with intel_iommu=on, without it this kernel leaves Intel graphics out",
	[REMEDY_AMD_ON] =
		"turn AMD-Vi on in the firmware setup, and look for AMD-Vi in the "
		"kernel's log",
	[REMEDY_REMOVE_OFF] = "remove %k from the kernel command line",
	[REMEDY_UNKNOWN] = "no IOMMU serves it; look for IOMMU in the kernel's log",
};

/* Bound or kept as a rule says: the rule is the reason. */
static const char *const reasons[] = {
	[REASON_NONE] = "",
	[REASON_BIND] = "%o",
	[REASON_KEEP] = "%o",
	[REASON_BRIDGE] = "a bridge; VFIO lets bridges stay with their driver",
	[REASON_PROTECTED] = "%p; add +force to take it all the same",
	[REASON_PROTECT_MOVED] =
		"a device of its id %p, and is no longer at %P; rebuild the "
		"image, or add +force to take it all the same",
	[REASON_GUARD] = "not what %s expects",
	[REASON_BOOT_DISPLAY] = "the boot display, and the rule matches several slots",
	[REASON_LAST_USB] =
		"the last USB controller of the host (keyboards); add +force to take "
		"it all the same",
	[REASON_NO_GROUP] = "no IOMMU group, so that vfio-pci cannot take it; ",
	[REASON_NOT_YET] = "not there yet; a function of a device that is",
};

/* Where the device that a rule names stands now. */
static void out_elsewhere(struct out *out, const struct report *report, size_t rule)
{
	const struct rule_result *result = &report->plan->rules[rule];

	if (!result->has_elsewhere) {
		out_text(out, "; no such device is present");
		return;
	}
	out_text(out, "; it is at ");
	out_bdf(out, result->elsewhere);
	out_text(out, " now");
	if (result->elsewhere_count == 1)
		return;
	out_text(out, ", among ");
	out_dec(out, result->elsewhere_count);
	out_text(out, " of its id");
}

#define CHOICES_MAX 4

/* The guarded specifications that choose one of the slots that a rule matches. */
static void out_choices(struct out *out, const struct report *report, size_t rule)
{
	const struct inventory *inv = report->inv;
	unsigned count = 0;

	for (size_t i = 0; i < inv->count && count <= CHOICES_MAX; i++) {
		struct subject subject = subject_device(report, i);

		if (!inv->devices[i].is_present ||
		    !device_matches_id(&inv->devices[i],
				       &report->set->rules[rule].spec.id))
			continue;
		if (count++ == CHOICES_MAX)
			out_text(out, ", ...");
		else
			out_words(out, &subject,
				  count == 1 ? "; choose with %i@%a+slot" :
					       " or %i@%a+slot");
	}
}

void out_reason(struct out *out, const struct report *report, size_t device)
{
	const struct verdict *verdict = &report->plan->verdicts[device];
	struct subject subject = subject_device(report, device);

	if (verdict->step != STEP_NONE) {
		out_words(out, &subject,
			  verdict->is_hung ? "%S did not come back" : "%S failed");
		if (verdict->error)
			out_words(out, &subject, ": %E");
		if (verdict->result == RESULT_ISOLATED)
			out_text(out, "; no driver has it, and none will take it");
		return;
	}
	out_words(out, &subject, reasons[verdict->reason]);
	if (verdict->reason == REASON_GUARD)
		out_elsewhere(out, report, verdict->rule);
	else if (verdict->reason == REASON_BOOT_DISPLAY)
		out_choices(out, report, verdict->rule);
	else if (verdict->reason == REASON_NO_GROUP)
		out_words(out, &subject, remedies[verdict->arg]);
}

/* Did the device come out as its rules want it? */
static bool device_is_as_wanted(const struct report *report, size_t device)
{
	const struct verdict *verdict = &report->plan->verdicts[device];

	if (verdict->step != STEP_NONE)
		return false;
	switch (verdict->decision) {
	case DECISION_BIND:
		return report->kind == REPORT_PLAN || verdict->result == RESULT_BOUND;
	case DECISION_PROTECT:
	case DECISION_REFUSE:
		return false;
	case DECISION_DEFER:
		return report->set->rules[verdict->rule].is_optional;
	}
	return true;
}

/* Of a rule that names nothing: is that worth an error? */
static bool rule_is_missed(const struct report *report, size_t r)
{
	const struct rule *rule = &report->set->rules[r];

	return report->plan->rules[r].state == RULE_MISSING && !rule->is_optional &&
	       !rule->is_keep;
}

struct plan_summary report_summarize(const struct report *report)
{
	struct plan_summary sum = { 0 };

	for (size_t i = 0; i < report->inv->count; i++) {
		const struct verdict *verdict = &report->plan->verdicts[i];
		bool is_target = verdict->decision == DECISION_BIND;

		sum.wanted += is_target;
		sum.bound += is_target && verdict->result == RESULT_BOUND;
		sum.failed += verdict->step != STEP_NONE;
		sum.refused += verdict->decision == DECISION_REFUSE ||
			       verdict->decision == DECISION_PROTECT;
		sum.amiss += !device_is_as_wanted(report, i);
	}
	for (size_t r = 0; r < report->set->rule_count; r++) {
		unsigned state = report->plan->rules[r].state;

		sum.faulty += state == RULE_FAULTY;
		sum.unmet += state == RULE_REFUSED;
		sum.left_out += report->set->rules[r].is_refused;
		sum.missing += rule_is_missed(report, r);
	}
	return sum;
}

int report_exit_code(const struct report *report)
{
	struct plan_summary sum = report_summarize(report);

	if (sum.faulty)
		return 2;
	return sum.amiss || sum.unmet || sum.missing ? 1 : 0;
}

/* ---- the log: each say_… writes one line, or nothing, and sets its level */

struct line {
	const struct report *report;
	struct out *out;
	enum level level;
};

static void say_at(struct line *line, struct origin origin, const struct diag *diag)
{
	line->level = (enum level)diag->level;
	out_origin(line->out, origin);
	out_char(line->out, ':');
	out_dec(line->out, diag->offset + 1);
	out_text(line->out, ": ");
	out_diag(line->out, diag);
}

static size_t say_note(struct line *line, size_t index)
{
	const struct ruleset *set = line->report->set;

	if (index < set->note_count)
		say_at(line, set->notes[index].origin, &set->notes[index].diag);
	return set->note_count;
}

static size_t say_rule(struct line *line, size_t r)
{
	const struct report *report = line->report;
	struct subject subject = subject_rule(report, r);
	const struct rule *rule;

	if (r >= report->set->rule_count)
		return report->set->rule_count;
	rule = &report->set->rules[r];
	if (rule->is_faulty) {
		say_at(line, rule->origin, &rule->diag);
		line->level = LEVEL_ERROR;
	} else if (rule->is_refused) {
		line->level = LEVEL_ERROR;
		out_words(line->out, &subject, "%o: %t: left out of the image: ");
		out_escaped(line->out, rule->driver);
	} else if (rule_is_missed(report, r)) {
		line->level = LEVEL_ERROR;
		out_words(line->out, &subject, "%o: %t: no such device");
		if (report->plan->rules[r].has_elsewhere)
			out_elsewhere(line->out, report, r);
		else
			out_text(line->out,
				 "; add `optional` where that is as it should be");
	} else if (report->plan->rules[r].has_elsewhere && rule->is_keep) {
		line->level = LEVEL_WARNING;
		out_words(line->out, &subject, "%o: %t: keeps nothing");
		out_elsewhere(line->out, report, r);
	}
	return report->set->rule_count;
}

static size_t say_device(struct line *line, size_t i)
{
	const struct report *report = line->report;
	const struct verdict *verdict;
	struct subject subject;

	if (i >= report->inv->count || report->plan->verdicts[i].rule == RULE_NONE)
		return report->inv->count;
	verdict = &report->plan->verdicts[i];
	subject = subject_device(report, i);
	if (verdict->reason == REASON_BOOT_DISPLAY || verdict->decision == DECISION_DEFER)
		line->level = LEVEL_WARNING;
	else if (!device_is_as_wanted(report, i))
		line->level = LEVEL_ERROR;
	out_words(line->out, &subject, "%a %i %v");
	if (verdict->decision == DECISION_BIND &&
	    (report->kind == REPORT_PLAN || verdict->result == RESULT_BOUND))
		out_words(line->out, &subject, " to %w");
	else if (verdict->driver_before && verdict->result != RESULT_RELEASED)
		out_words(line->out, &subject, " with %b");
	out_text(line->out, ": ");
	out_reason(line->out, report, i);
	return report->inv->count;
}

static const char *const plan_notes[] = {
	[PLAN_NOTE_GROUP_UNUSABLE] =
		"group %g cannot be given to a VM: %a stays with %d; to "
		"take it too: bind %i@%a",
	[PLAN_NOTE_GROUP_SHARED] = "group %g also holds %a; to take it too: bind %i@%a",
	[PLAN_NOTE_SLOT_REST] =
		"%a %i of a target's slot stays with the host; add +slot to take "
		"it too",
	[PLAN_NOTE_PROTECT_MOVED] =
		"%P no longer is what the image protects (%p): every device "
		"of its id is left alone; rebuild the image",
	[PLAN_NOTE_TOO_MANY_DEVICES] = "more than %n devices: the rest was not looked at",
};

static size_t say_plan_note(struct line *line, size_t index)
{
	const struct report *report = line->report;

	if (index < report->plan->note_count) {
		const struct plan_note *note = &report->plan->notes[index];
		struct subject subject = { .report = report,
					   .device = note->device,
					   .rule = RULE_NONE,
					   .number = note->arg };

		line->level = (enum level)note->level;
		out_words(line->out, &subject, plan_notes[note->code]);
	}
	return report->plan->note_count;
}

static void say_count(struct out *out, uint32_t count, const char *what)
{
	struct subject subject = { .number = count };

	if (count)
		out_words(out, &subject, what);
}

static size_t say_summary(struct line *line, size_t index)
{
	struct plan_summary sum = report_summarize(line->report);
	struct out *out = line->out;

	(void)index;
	if (report_exit_code(line->report))
		line->level = LEVEL_ERROR;
	if (line->report->kind != REPORT_PLAN) {
		out_dec(out, sum.bound);
		out_text(out, " of ");
	}
	out_dec(out, sum.wanted);
	out_text(out, line->report->kind == REPORT_PLAN ? " to bind" : " bound");
	say_count(out, sum.failed, ", %n failed");
	say_count(out, sum.refused, ", %n refused");
	say_count(out, sum.missing, ", %n missing");
	say_count(out, sum.faulty + sum.left_out, ", %n faulty");
	if (line->level == LEVEL_ERROR && line->report->kind == REPORT_RUN)
		out_text(out, "; see early-vfio status");
	return 1;
}

/* The last line that the console shows before it goes. */
static size_t say_console(struct line *line, size_t i)
{
	const struct plan *plan = line->report->plan;

	if (i < line->report->inv->count && plan->verdicts[i].decision == DECISION_BIND &&
	    plan->verdicts[i].takes_console) {
		struct subject subject = subject_device(line->report, i);

		line->level = LEVEL_ERROR;
		out_words(
			line->out, &subject,
			"%a is the boot display: the console ends here; to get it back, boot "
			"with early-vfio.mode=off");
	}
	return line->report->inv->count;
}

/* In this order; each says item `index`, and returns how many there are. */
static size_t (*const stages[])(struct line *line, size_t index) = {
	say_note, say_rule, say_plan_note, say_device, say_summary, say_console,
};

#define STAGES (sizeof(stages) / sizeof(stages[0]))

bool report_next(const struct report *report, struct report_cursor *cursor,
		 struct out *out, enum level *level)
{
	size_t start = out_at(out);

	while (cursor->stage < STAGES) {
		struct line line = { report, out, LEVEL_INFO };
		size_t count = 0;

		if (!cursor->skips_devices || (stages[cursor->stage] != say_device &&
					       stages[cursor->stage] != say_summary))
			count = stages[cursor->stage](&line, cursor->index);
		if (++cursor->index >= count) {
			cursor->stage++;
			cursor->index = 0;
		}
		if (out_at(out) != start) {
			*level = line.level;
			return true;
		}
	}
	return false;
}
