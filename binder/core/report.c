// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plan in sentences: the reason of each verdict with its remedy, and the lines of the log.
 * Decides nothing and knows nothing of where the lines go.
 */
#include "words.h"

/* In the order of enum remedy. */
static const char *const remedies =
	"turn the IOMMU (VT-d, AMD-Vi, SMMU) on in the firmware setup\0"
	"boot with intel_iommu=on\0"
	"remove %k from the kernel command line\0"
	"no IOMMU serves it";

/* In the order of enum reason; bound or kept as a rule says: the rule is the reason. */
static const char *const reasons =
	"\0"
	"%o\0"
	"%o\0"
	"bridges stay with their driver\0"
	"%p%f\0"
	"its id %p, not at %P now; rebuild the image, or add +force\0"
	"not what %t expects; %e\0"
	"the boot display; the rule matches several slots\0"
	"the last USB controller (keyboards)%f\0"
	"brings what is kept\0"
	"no IOMMU group, which vfio-pci needs; \0"
	"not there yet\0"
	"the root device did not appear; correct the rule";

/* In the order of enum plan_note_code. */
static const char *const plan_notes =
	"group %g cannot be given to a VM: %a stays with %d; to take it: bind %i@%a\0"
	"group %g also holds %a (1 of %n); a driver would spoil it; +group takes all\0"
	"%a %i of a target's slot stays with the host; +slot takes it\0"
	"%P is not what it was (%p): all of that id are left alone; rebuild the "
	"image\0"
	"only %n devices were looked at";

_Static_assert(REMEDY_UNKNOWN == 3 && REASON_NO_ROOT == 12 &&
		       PLAN_NOTE_TOO_MANY_DEVICES == 4,
	       "the sentences above follow the enums");

#define CHOICES_MAX 4

/* The guarded specifications that choose one of the slots that the rule matches. */
static void say_choices(const struct sentence *whole)
{
	struct sentence s = *whole;
	unsigned count = 0;

	for_each_device(dev, s.report->inv) {
		if (!dev->is_present || !device_matches_id(dev, &whole->rule->spec.id))
			continue;
		s.device = dev;
		if (count == CHOICES_MAX) {
			say(&s, ", ...");
			return;
		}
		say(&s, count++ ? " or %i@%a+slot" : "; choose with %i@%a+slot");
	}
}

/* That which could not be loaded, where one was being loaded. */
static void say_module(struct sentence *s)
{
	uint32_t number = s->report->inv->module;

	if (!number)
		return;
	say(s, ": ");
	out_escaped(s->out, module_name(s->report->set->modules[number - 1].path));
}

static void say_failure(struct sentence *s, const struct verdict *verdict)
{
	say(s, verdict->is_hung ? "%S hangs" : "%S failed");
	if (verdict->step == STEP_LOAD)
		say_module(s);
	if (verdict->error)
		say(s, ": %E");
	if (verdict->result == RESULT_ISOLATED)
		say(s, "; no driver will take it");
}

void say_reason(struct sentence *s)
{
	const struct verdict *verdict = &s->device->verdict;

	if (verdict->step != STEP_NONE) {
		say_failure(s, verdict);
		return;
	}
	say(s, nth(reasons, verdict->reason));
	if (verdict->reason == REASON_BOOT_DISPLAY)
		say_choices(s);
	else if (verdict->reason == REASON_NO_GROUP)
		say(s, nth(remedies, verdict->arg));
	else if (verdict->reason == REASON_NOT_YET && s->rule->result.elsewhere_count)
		say(s, "; %e");
}

void out_reason(struct out *out, const struct report *report, const struct device *dev)
{
	struct sentence s = { .out = out, .report = report };

	about(&s, dev);
	say_reason(&s);
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
static bool rule_is_missed(const struct report *report, const struct rule *rule)
{
	return rule->result.state == RULE_MISSING && !rule->is_optional &&
	       (!rule->is_keep || report->plan->releases_free);
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
	for_all_rules(rule, (struct ruleset *)report->set)
	{
		sum.faulty += rule->result.state == RULE_FAULTY;
		sum.unmet += rule->result.state == RULE_REFUSED;
		sum.left_out += rule->is_refused;
		sum.missing += rule_is_missed(report, rule);
	}
	/* A line that means nothing is as bad as a rule that does. */
	for (size_t i = 0; i < report->set->note_count; i++)
		sum.faulty += report->set->notes[i].diag.level == LEVEL_ERROR;
	return sum;
}

int report_exit_code(const struct report *report)
{
	struct plan_summary sum = report_summarize(report);

	if (sum.faulty)
		return 2;
	return sum.amiss || sum.unmet || sum.missing ? 1 : 0;
}

/* ---- the log: each says item `index` or nothing, sets the level, and returns how many */

static void say_at(struct sentence *s, struct origin origin, const struct diag *diag)
{
	s->level = (enum level)diag->level;
	s->number = diag->offset + 1;
	out_origin(s->out, origin);
	say(s, ":%n: ");
	out_diag(s->out, diag);
}

static size_t say_note(struct sentence *s, size_t index)
{
	const struct ruleset *set = s->report->set;

	if (index < set->note_count)
		say_at(s, set->notes[index].origin, &set->notes[index].diag);
	return set->note_count;
}

static size_t say_rule(struct sentence *s, size_t r)
{
	const struct ruleset *set = s->report->set;
	const struct rule *rule = &set->rules[r];

	if (r >= set->rule_count)
		return set->rule_count;
	s->rule = rule;
	s->level = LEVEL_ERROR;
	if (rule->is_refused) {
		say(s, "%o: %t: left out of the image: ");
		out_escaped(s->out, rule->driver);
	} else if (rule->is_faulty) {
		say_at(s, rule->origin, &rule->diag);
	} else if (rule_is_missed(s->report, rule)) {
		say(s, rule->result.elsewhere_count ?
			       "%o: %t: no such device there; %e" :
			       "%o: %t: no such device; a bind line may add `optional`");
	} else if (rule->is_keep && rule->result.elsewhere_count) {
		s->level = LEVEL_WARNING;
		say(s, "%o: %t: keeps nothing; %e");
	}
	return set->rule_count;
}

static size_t say_device(struct sentence *s, size_t i)
{
	const struct inventory *inv = s->report->inv;
	const struct device *dev = &inv->devices[i];
	const struct verdict *verdict = &dev->verdict;

	if (i >= inv->count || verdict->rule == RULE_NONE)
		return inv->count;
	about(s, dev);
	if (verdict->reason == REASON_BOOT_DISPLAY || verdict->decision == DECISION_DEFER)
		s->level = LEVEL_WARNING;
	else if (!device_is_as_wanted(s->report, dev))
		s->level = LEVEL_ERROR;
	say(s, dev->is_present ? "%a %i %v" : "%a %v");
	if (verdict->decision == DECISION_BIND &&
	    (s->report->kind == REPORT_PLAN || verdict->result == RESULT_BOUND))
		say(s, " to %w");
	else if (verdict->driver_before && verdict->result != RESULT_RELEASED)
		say(s, " with %b");
	say(s, ": ");
	say_reason(s);
	return inv->count;
}

static size_t say_plan_note(struct sentence *s, size_t index)
{
	const struct plan *plan = s->report->plan;
	const struct plan_note *note = &plan->notes[index];

	if (index >= plan->note_count)
		return plan->note_count;
	if (note->device != NO_INDEX)
		s->device = &s->report->inv->devices[note->device];
	s->number = note->arg;
	s->level = (enum level)note->level;
	say(s, nth(plan_notes, note->code));
	return plan->note_count;
}

static void say_count(struct sentence *s, uint32_t count, const char *what)
{
	s->number = count;
	if (count)
		say(s, what);
}

static size_t say_summary(struct sentence *s, size_t index)
{
	struct plan_summary sum = report_summarize(s->report);

	(void)index;
	if (report_exit_code(s->report))
		s->level = LEVEL_ERROR;
	s->number = sum.bound;
	if (s->report->kind != REPORT_PLAN)
		say(s, "%n of ");
	s->number = sum.wanted;
	say(s, s->report->kind == REPORT_PLAN ? "%n to bind" : "%n bound");
	say_count(s, sum.failed, ", %n failed");
	say_count(s, sum.refused, ", %n refused");
	say_count(s, sum.missing, ", %n missing");
	say_count(s, sum.faulty + sum.left_out, ", %n faulty");
	if (s->level == LEVEL_ERROR && s->report->kind == REPORT_RUN)
		say(s, "; see early-vfio status");
	return 1;
}

/* The last line that the console shows before it goes. */
static size_t say_console(struct sentence *s, size_t i)
{
	const struct inventory *inv = s->report->inv;
	const struct device *dev = &inv->devices[i];

	if (i >= inv->count || dev->verdict.decision != DECISION_BIND ||
	    !dev->verdict.takes_console)
		return inv->count;
	s->device = dev;
	s->level = LEVEL_ERROR;
	say(s, "%a is the boot display: the console ends here; to get it back, boot with "
	       "early-vfio.mode=off");
	return inv->count;
}

/* REPORT_NOTES and its like know their places. */
static size_t (*const stages[])(struct sentence *s, size_t index) = {
	say_note, say_rule, say_plan_note, say_device, say_summary, say_console,
};

#define STAGES (sizeof(stages) / sizeof(stages[0]))

void report_lines(const struct report *report, unsigned skips, report_line *line,
		  void *context)
{
	size_t index = 0, count;

	for (size_t stage = 0; stage < STAGES;) {
		char buf[REPORT_LINE_MAX];
		struct out out = OUT(buf);
		struct sentence s = { .out = &out,
				      .report = report,
				      .level = LEVEL_INFO };

		count = skips & 1u << stage ? 0 : stages[stage](&s, index);
		if (out.len)
			line(context, s.level, out_done(&out));
		if (++index < count)
			continue;
		stage++;
		index = 0;
	}
}
