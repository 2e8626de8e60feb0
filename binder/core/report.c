// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plan in sentences: the reason of each verdict with its remedy, and the lines of the log.
 * Decides nothing and knows nothing of where the lines go.
 */
#include "words.h"

/* In the order of enum remedy. */
static const char remedies[] =
	"turn the IOMMU (VT-d, AMD-Vi, SMMU) on in the firmware setup\0"
	"boot with intel_iommu=on\0"
	"boot with intel_iommu=on, this kernel's default leaves Intel graphics out\0"
	"turn AMD-Vi on in the firmware setup; the kernel's log tells more\0"
	"remove %k from the kernel command line\0"
	"no IOMMU serves it; the kernel's log tells more";

/* In the order of enum reason; bound or kept as a rule says: the rule is the reason. */
static const char reasons[] =
	"\0"
	"%o\0"
	"%o\0"
	"a bridge; VFIO lets bridges stay with their driver\0"
	"%p; add +force to take it all the same\0"
	"a device of its id %p, and is not at %P now; rebuild the image, or add +force\0"
	"not what %t expects\0"
	"the boot display, and the rule matches several slots\0"
	"the last USB controller of the host (keyboards); add +force to take it all the same\0"
	"no IOMMU group, so that vfio-pci cannot take it; \0"
	"not there yet; a function of a device that is";

/* In the order of enum plan_note_code. */
static const char plan_notes[] =
	"group %g cannot be given to a VM: %a stays with %d; to take it too: bind %i@%a\0"
	"group %g also holds %a; to take it too: bind %i@%a\0"
	"%a %i of a target's slot stays with the host; add +slot to take it too\0"
	"%P is not what the image protects (%p): every device of its id is left alone; rebuild "
	"the image\0"
	"more than %n devices: the rest was not looked at";

_Static_assert(REMEDY_UNKNOWN == 5 && REASON_NOT_YET == 10 &&
		       PLAN_NOTE_TOO_MANY_DEVICES == 4,
	       "the sentences above follow the enums");

/* Where the device that a rule names stands now. */
static void out_elsewhere(struct out *out, const struct rule *rule)
{
	const struct rule_result *result = &rule->result;

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
static void out_choices(struct out *out, const struct report *report,
			const struct rule *rule)
{
	unsigned count = 0;

	for_each_device(dev, report->inv) {
		struct subject subject = subject_device(report, dev);

		if (!dev->is_present || !device_matches_id(dev, &rule->spec.id))
			continue;
		if (count == CHOICES_MAX) {
			out_text(out, ", ...");
			return;
		}
		out_words(out, &subject,
			  count++ ? " or %i@%a+slot" : "; choose with %i@%a+slot");
	}
}

void out_reason(struct out *out, const struct report *report, const struct device *dev)
{
	const struct verdict *verdict = &dev->verdict;
	struct subject subject = subject_device(report, dev);

	if (verdict->step != STEP_NONE) {
		out_words(out, &subject, verdict->is_hung ? "%S hangs" : "%S failed");
		if (verdict->error)
			out_words(out, &subject, ": %E");
		if (verdict->result == RESULT_ISOLATED)
			out_text(out, "; no driver has it, and none will take it");
		return;
	}
	out_words(out, &subject, nth(reasons, verdict->reason));
	if (verdict->reason == REASON_GUARD)
		out_elsewhere(out, subject.rule);
	else if (verdict->reason == REASON_BOOT_DISPLAY)
		out_choices(out, report, subject.rule);
	else if (verdict->reason == REASON_NO_GROUP)
		out_words(out, &subject, nth(remedies, verdict->arg));
}

/* Did the device come out as its rules want it? */
static bool device_is_as_wanted(const struct report *report, const struct device *dev)
{
	const struct verdict *verdict = &dev->verdict;

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
static bool rule_is_missed(const struct rule *rule)
{
	return rule->result.state == RULE_MISSING && !rule->is_optional && !rule->is_keep;
}

struct plan_summary report_summarize(const struct report *report)
{
	struct plan_summary sum = { 0 };

	for_each_device(dev, report->inv) {
		const struct verdict *verdict = &dev->verdict;
		bool is_target = verdict->decision == DECISION_BIND;

		sum.wanted += is_target;
		sum.bound += is_target && verdict->result == RESULT_BOUND;
		sum.failed += verdict->step != STEP_NONE;
		sum.refused += verdict->decision == DECISION_REFUSE ||
			       verdict->decision == DECISION_PROTECT;
		sum.amiss += !device_is_as_wanted(report, dev);
	}
	for (size_t r = 0; r < report->set->rule_count; r++) {
		const struct rule *rule = &report->set->rules[r];

		sum.faulty += rule->result.state == RULE_FAULTY;
		sum.unmet += rule->result.state == RULE_REFUSED;
		sum.left_out += rule->is_refused;
		sum.missing += rule_is_missed(rule);
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

static void say_faulty(struct line *line, const struct rule *rule)
{
	say_at(line, rule->origin, &rule->diag);
	line->level = LEVEL_ERROR;
}

static void say_missing(struct line *line, const struct rule *rule)
{
	struct subject subject = subject_rule(line->report, rule);

	line->level = rule->is_keep ? LEVEL_WARNING : LEVEL_ERROR;
	out_words(line->out, &subject,
		  rule->is_keep ? "%o: %t: keeps nothing" : "%o: %t: no such device");
	if (rule->result.has_elsewhere)
		out_elsewhere(line->out, rule);
	else
		out_text(line->out, "; add `optional` where that is as it should be");
}

static size_t say_rule(struct line *line, size_t r)
{
	const struct ruleset *set = line->report->set;
	const struct rule *rule = &set->rules[r];

	if (r >= set->rule_count)
		return set->rule_count;
	if (rule->is_refused) {
		struct subject subject = subject_rule(line->report, rule);

		line->level = LEVEL_ERROR;
		out_words(line->out, &subject, "%o: %t: left out of the image: ");
		out_escaped(line->out, rule->driver);
	} else if (rule->is_faulty) {
		say_faulty(line, rule);
	} else if (rule_is_missed(rule) ||
		   (rule->is_keep && rule->result.has_elsewhere)) {
		say_missing(line, rule);
	}
	return set->rule_count;
}

static size_t say_device(struct line *line, size_t i)
{
	const struct report *report = line->report;
	const struct device *dev = &report->inv->devices[i];
	const struct verdict *verdict = &dev->verdict;
	struct subject subject;

	if (i >= report->inv->count || verdict->rule == RULE_NONE)
		return report->inv->count;
	subject = subject_device(report, dev);
	if (verdict->reason == REASON_BOOT_DISPLAY || verdict->decision == DECISION_DEFER)
		line->level = LEVEL_WARNING;
	else if (!device_is_as_wanted(report, dev))
		line->level = LEVEL_ERROR;
	out_words(line->out, &subject, dev->is_present ? "%a %i %v" : "%a %v");
	if (verdict->decision == DECISION_BIND &&
	    (report->kind == REPORT_PLAN || verdict->result == RESULT_BOUND))
		out_words(line->out, &subject, " to %w");
	else if (verdict->driver_before && verdict->result != RESULT_RELEASED)
		out_words(line->out, &subject, " with %b");
	out_text(line->out, ": ");
	out_reason(line->out, report, dev);
	return report->inv->count;
}

static size_t say_plan_note(struct line *line, size_t index)
{
	const struct report *report = line->report;

	if (index < report->plan->note_count) {
		const struct plan_note *note = &report->plan->notes[index];
		struct subject subject = { .report = report, .number = note->arg };

		if (note->device != NO_INDEX)
			subject.device = &report->inv->devices[note->device];
		line->level = (enum level)note->level;
		out_words(line->out, &subject, nth(plan_notes, note->code));
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
	const struct inventory *inv = line->report->inv;
	const struct device *dev = &inv->devices[i];

	if (i < inv->count && dev->verdict.decision == DECISION_BIND &&
	    dev->verdict.takes_console) {
		struct subject subject = subject_device(line->report, dev);

		line->level = LEVEL_ERROR;
		out_words(
			line->out, &subject,
			"%a is the boot display: the console ends here; to get it back, boot "
			"with early-vfio.mode=off");
	}
	return inv->count;
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
