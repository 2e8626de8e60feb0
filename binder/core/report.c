// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plan in sentences: the reason of each verdict with its remedy, and the lines of the log.
 * Decides nothing and knows nothing of where the lines go.
 */
#include <early-vfio/report.h>

#include "words.h"

static const char *const remedies[] = {
	[REMEDY_FIRMWARE] =
		"turn the IOMMU (VT-d, AMD-Vi, SMMU) on in the firmware setup",
	[REMEDY_INTEL_ON] = "boot with intel_iommu=on",
	[REMEDY_INTEL_GRAPHICS] =
		"boot with intel_iommu=on, without it this kernel leaves Intel graphics out",
	[REMEDY_AMD_ON] =
		"turn AMD-Vi on in the firmware setup, then look for AMD-Vi in the "
		"kernel's log",
	[REMEDY_UNKNOWN] =
		"the IOMMU does not serve this device; look for its driver in the "
		"kernel's log",
};

void out_id(struct out *out, const struct device *dev)
{
	out_hex(out, dev->vendor, 4);
	out_char(out, ':');
	out_hex(out, dev->device, 4);
}

static void out_driver(struct out *out, const struct report *report, uint16_t driver)
{
	out_escaped(out, span_of(driver_name(report->inv, driver)));
}

void out_rule(struct out *out, const struct report *report, uint16_t rule)
{
	if (rule == RULE_NONE)
		return;
	out_origin(out, report->set->rules[rule].origin);
}

/* " (ADDRESS now)" for where the device that a rule names stands now. */
static void out_elsewhere(struct out *out, const struct report *report, uint16_t r)
{
	const struct rule_result *result = &report->plan->rules[r];

	if (!result->has_elsewhere) {
		out_text(out, "; no such device is present");
		return;
	}
	out_text(out, "; it is at ");
	out_bdf(out, result->elsewhere);
	if (result->elsewhere_count > 1) {
		out_text(out, " now, among ");
		out_dec(out, result->elsewhere_count);
		out_text(out, " of that id");
	} else {
		out_text(out, " now");
	}
}

static void out_guard(struct out *out, const struct report *report, size_t device)
{
	uint16_t rule = report->plan->verdicts[device].rule;

	out_text(out, "this is not what ");
	out_spec(out, &report->set->rules[rule].spec);
	out_text(out, " expects");
	out_elsewhere(out, report, rule);
}

#define CHOICES_MAX 4

/* The guarded specifications that choose one of the slots that a rule matches. */
static void out_choices(struct out *out, const struct report *report, uint16_t rule)
{
	const struct inventory *inv = report->inv;
	unsigned count = 0;

	for (size_t i = 0; i < inv->count; i++) {
		const struct device *dev = &inv->devices[i];

		if (!dev->is_present ||
		    !device_matches_id(dev, &report->set->rules[rule].spec.id))
			continue;
		if (count++ == CHOICES_MAX) {
			out_text(out, ", ...");
			break;
		}
		out_text(out, count == 1 ? "; choose with " : " or ");
		out_id(out, dev);
		out_char(out, '@');
		out_bdf(out, dev->bdf);
		out_text(out, "+slot");
	}
}

static void out_protect(struct out *out, const struct report *report, size_t device)
{
	const struct verdict *verdict = &report->plan->verdicts[device];
	const struct protect *protect = &report->set->protects[verdict->arg];

	if (verdict->reason == REASON_PROTECT_MOVED) {
		out_text(out, "another device of its id ");
		out_escaped(out, protect->reason);
		out_text(out, " and is no longer at ");
		out_bdf(out, protect->bdf);
		out_text(out,
			 "; rebuild the image, or add +force to take it all the same");
		return;
	}
	out_escaped(out, protect->reason);
	out_text(out, "; add +force to take it all the same");
}

static void out_no_group(struct out *out, const struct report *report, size_t device)
{
	uint32_t remedy = report->plan->verdicts[device].arg;

	out_text(out, "no IOMMU group, vfio-pci cannot take it: ");
	if (remedy != REMEDY_REMOVE_OFF) {
		out_text(out, remedies[remedy]);
		return;
	}
	out_text(out, "remove ");
	out_escaped(out, report->inv->machine.iommu_off);
	out_text(out, " from the kernel command line");
}

static void out_failure(struct out *out, const struct report *report, size_t device)
{
	const struct verdict *verdict = &report->plan->verdicts[device];

	out_text(out, step_word(verdict->step));
	out_text(out, verdict->is_hung ? " did not come back" : " failed");
	if (verdict->error) {
		out_text(out, ": ");
		out_errno(out, verdict->error);
	}
	if (verdict->result == RESULT_ISOLATED)
		out_text(out, "; no driver has it, and none will take it");
}

void out_reason(struct out *out, const struct report *report, size_t device)
{
	const struct verdict *verdict = &report->plan->verdicts[device];

	if (verdict->step != STEP_NONE) {
		out_failure(out, report, device);
		return;
	}
	switch (verdict->reason) {
	case REASON_NONE:
		return;
	case REASON_BRIDGE:
		out_text(out, "a bridge; VFIO lets bridges stay with their driver");
		return;
	case REASON_PROTECTED:
	case REASON_PROTECT_MOVED:
		out_protect(out, report, device);
		return;
	case REASON_GUARD:
		out_guard(out, report, device);
		return;
	case REASON_BOOT_DISPLAY:
		out_text(out, "the boot display, and the rule matches several slots");
		out_choices(out, report, verdict->rule);
		return;
	case REASON_LAST_USB:
		out_text(out,
			 "the last USB controller of the host (keyboards); add +force to "
			 "take it all the same");
		return;
	case REASON_NO_GROUP:
		out_no_group(out, report, device);
		return;
	case REASON_NOT_YET:
		out_text(out, "not there yet; a function of a device that is");
		return;
	}
	/* bound or kept as a rule says: the rule is the reason */
	out_rule(out, report, verdict->rule);
}

static bool rule_is_quiet(const struct report *report, const struct rule *rule)
{
	(void)report;
	return rule->is_optional || rule->is_keep;
}

/* Did the device come out as its rules want it? */
static bool device_is_as_wanted(const struct report *report, size_t i)
{
	const struct verdict *verdict = &report->plan->verdicts[i];

	switch (verdict->decision) {
	case DECISION_BIND:
		if (report->kind == REPORT_PLAN)
			return true;
		return verdict->result == RESULT_BOUND;
	case DECISION_KEEP:
		return verdict->step == STEP_NONE;
	case DECISION_PROTECT:
	case DECISION_REFUSE:
	case DECISION_DEFER:
		return rule_is_quiet(report, &report->set->rules[verdict->rule]) &&
		       verdict->decision == DECISION_DEFER;
	}
	return true;
}

struct plan_summary report_summarize(const struct report *report)
{
	struct plan_summary sum = { 0 };

	for (size_t i = 0; i < report->inv->count; i++) {
		const struct verdict *verdict = &report->plan->verdicts[i];

		sum.wanted += verdict->decision == DECISION_BIND;
		sum.bound += verdict->decision == DECISION_BIND &&
			     verdict->result == RESULT_BOUND;
		sum.failed += verdict->step != STEP_NONE;
		sum.refused += verdict->decision == DECISION_REFUSE ||
			       verdict->decision == DECISION_PROTECT;
		sum.amiss += !device_is_as_wanted(report, i);
	}
	for (size_t r = 0; r < report->set->rule_count; r++) {
		const struct rule *rule = &report->set->rules[r];
		unsigned state = report->plan->rules[r].state;

		sum.faulty += state == RULE_FAULTY;
		sum.left_out += rule->is_refused;
		sum.unmet += state == RULE_REFUSED;
		sum.missing += state == RULE_MISSING && !rule_is_quiet(report, rule);
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

/* ---- the log */

struct line {
	const struct report *report;
	struct out *out;
	enum level level;
};

static void say_device(struct line *line, size_t i)
{
	const struct report *report = line->report;
	const struct device *dev = &report->inv->devices[i];
	const struct verdict *verdict = &report->plan->verdicts[i];
	struct out *out = line->out;

	line->level = device_is_as_wanted(report, i) ? LEVEL_INFO : LEVEL_ERROR;
	if (verdict->reason == REASON_BOOT_DISPLAY || verdict->decision == DECISION_DEFER)
		line->level = LEVEL_WARNING;
	out_bdf(out, dev->bdf);
	out_char(out, ' ');
	if (dev->is_present) {
		out_id(out, dev);
		out_char(out, ' ');
	}
	out_text(out, device_word(report, i));
	if (verdict->decision == DECISION_BIND &&
	    (report->kind == REPORT_PLAN || verdict->result == RESULT_BOUND)) {
		out_text(out, " to ");
		out_driver(out, report, verdict->driver_wanted);
	} else if (verdict->driver_before && verdict->result != RESULT_RELEASED) {
		out_text(out, " with ");
		out_driver(out, report, verdict->driver_before);
	}
	out_text(out, ": ");
	out_reason(out, report, i);
}

static void say_rule(struct line *line, size_t r)
{
	const struct report *report = line->report;
	const struct rule *rule = &report->set->rules[r];
	struct out *out = line->out;

	line->level = LEVEL_ERROR;
	out_origin(out, rule->origin);
	if (rule->is_faulty) {
		out_char(out, ':');
		out_dec(out, rule->diag.offset + 1);
		out_text(out, ": ");
		out_diag(out, &rule->diag);
		return;
	}
	out_text(out, ": ");
	out_escaped(out, rule->text);
	if (rule->is_refused) {
		out_text(out, ": left out of the image: ");
		out_escaped(out, rule->driver);
		return;
	}
	out_text(out, ": no such device");
	if (rule->spec.where != WHERE_ANY && rule->spec.has_id)
		out_elsewhere(out, report, (uint16_t)r);
	if (rule->is_keep)
		line->level = LEVEL_WARNING;
	else
		out_text(out, "; add `optional` where that is as it should be");
}

static bool rule_has_line(const struct report *report, size_t r)
{
	const struct rule *rule = &report->set->rules[r];

	if (rule->is_faulty || rule->is_refused)
		return true;
	if (report->plan->rules[r].state != RULE_MISSING || rule->is_optional)
		return false;
	/* A keep rule that names nothing matters only where its device has moved. */
	return !rule->is_keep || report->plan->rules[r].has_elsewhere;
}

static void say_group(struct line *line, size_t device, bool is_unusable)
{
	const struct report *report = line->report;
	const struct device *dev = &report->inv->devices[device];
	struct out *out = line->out;

	out_text(out, "group ");
	out_dec(out, (uint32_t)dev->group);
	out_text(out, is_unusable ? " cannot be given to a VM: " : " also holds ");
	out_bdf(out, dev->bdf);
	if (is_unusable) {
		out_text(out, " stays with ");
		out_driver(out, report, dev->driver);
	}
	out_text(out, "; to take it too: bind ");
	out_id(out, dev);
	out_char(out, '@');
	out_bdf(out, dev->bdf);
}

static void say_slot_rest(struct line *line, size_t device)
{
	const struct device *dev = &line->report->inv->devices[device];
	struct out *out = line->out;

	out_bdf(out, dev->bdf);
	out_char(out, ' ');
	out_id(out, dev);
	out_text(out, " of a target's slot stays with the host");
	if (dev->driver) {
		out_text(out, " (");
		out_driver(out, line->report, dev->driver);
		out_char(out, ')');
	}
	out_text(out, "; add +slot to take it too");
}

static void say_plan_note(struct line *line, const struct plan_note *note)
{
	struct out *out = line->out;

	line->level = (enum level)note->level;
	switch (note->code) {
	case PLAN_NOTE_GROUP_UNUSABLE:
	case PLAN_NOTE_GROUP_SHARED:
		say_group(line, note->device, note->code == PLAN_NOTE_GROUP_UNUSABLE);
		return;
	case PLAN_NOTE_SLOT_REST:
		say_slot_rest(line, note->device);
		return;
	case PLAN_NOTE_PROTECT_MOVED:
		out_bdf(out, line->report->set->protects[note->arg].bdf);
		out_text(out, " no longer is what the image protects (");
		out_escaped(out, line->report->set->protects[note->arg].reason);
		out_text(out,
			 "): every device of its id is left alone; rebuild the image");
		return;
	case PLAN_NOTE_TOO_MANY_DEVICES:
		out_text(out, "more devices than ");
		out_dec(out, note->arg);
		out_text(out, ": the rest was not looked at");
		return;
	}
}

static void say_rule_note(struct line *line, const struct rule_note *note)
{
	line->level = (enum level)note->diag.level;
	out_origin(line->out, note->origin);
	out_char(line->out, ':');
	out_dec(line->out, note->diag.offset + 1);
	out_text(line->out, ": ");
	out_diag(line->out, &note->diag);
}

static void say_count(struct out *out, const char *separator, uint32_t count,
		      const char *what)
{
	out_text(out, separator);
	out_dec(out, count);
	out_text(out, what);
}

static void say_summary(struct line *line)
{
	struct plan_summary sum = report_summarize(line->report);
	struct out *out = line->out;

	line->level = report_exit_code(line->report) ? LEVEL_ERROR : LEVEL_INFO;
	if (line->report->kind == REPORT_PLAN) {
		say_count(out, "", sum.wanted, " to bind");
	} else {
		say_count(out, "", sum.bound, " of ");
		say_count(out, "", sum.wanted, " bound");
	}
	if (sum.failed)
		say_count(out, ", ", sum.failed, " failed");
	if (sum.refused)
		say_count(out, ", ", sum.refused, " refused");
	if (sum.missing)
		say_count(out, ", ", sum.missing, " missing");
	if (sum.faulty + sum.left_out)
		say_count(out, ", ", sum.faulty + sum.left_out, " faulty");
	if (line->level == LEVEL_ERROR && line->report->kind == REPORT_RUN)
		out_text(out, "; see early-vfio status");
}

/* The last line that the console shows before it goes. */
static void say_console(struct line *line, size_t i)
{
	line->level = LEVEL_ERROR;
	out_bdf(line->out, line->report->inv->devices[i].bdf);
	out_text(line->out,
		 " is the boot display: the console ends here; to get it back, boot "
		 "with early-vfio.mode=off");
}

enum stage {
	STAGE_NOTES,
	STAGE_RULES,
	STAGE_DEVICES,
	STAGE_PLAN_NOTES,
	STAGE_SUMMARY,
	STAGE_CONSOLE,
	STAGE_END,
};

/* Say item `index` of a stage. False: it has nothing to say. *is_last: the stage ends here. */
static bool say(struct line *line, uint32_t stage, uint32_t index, bool *is_last)
{
	const struct report *report = line->report;
	const struct plan *plan = report->plan;
	size_t start = line->out->len, count;

	switch (stage) {
	case STAGE_NOTES:
		count = report->set->note_count;
		if (index < count)
			say_rule_note(line, &report->set->notes[index]);
		break;
	case STAGE_RULES:
		count = report->set->rule_count;
		if (index < count && rule_has_line(report, index))
			say_rule(line, index);
		break;
	case STAGE_DEVICES:
		count = report->inv->count;
		if (index < count && plan->verdicts[index].rule != RULE_NONE)
			say_device(line, index);
		break;
	case STAGE_PLAN_NOTES:
		count = plan->note_count;
		if (index < count)
			say_plan_note(line, &plan->notes[index]);
		break;
	case STAGE_CONSOLE:
		count = report->inv->count;
		if (index < count && plan->verdicts[index].decision == DECISION_BIND &&
		    plan->verdicts[index].takes_console)
			say_console(line, index);
		break;
	default:
		count = 1;
		say_summary(line);
	}
	*is_last = index + 1 >= count;
	return line->out->len > start;
}

static bool next_line(const struct report *report, struct report_cursor *cursor,
		      struct out *out, enum level *level, bool with_devices)
{
	struct line line = { .report = report, .out = out, .level = LEVEL_INFO };
	bool is_last, has_line;

	while (cursor->stage < STAGE_END) {
		if (!with_devices &&
		    (cursor->stage == STAGE_DEVICES || cursor->stage == STAGE_SUMMARY)) {
			cursor->stage++;
			continue;
		}
		has_line = say(&line, cursor->stage, cursor->index, &is_last);
		cursor->index++;
		if (is_last) {
			cursor->stage++;
			cursor->index = 0;
		}
		if (has_line) {
			*level = line.level;
			return true;
		}
	}
	return false;
}

bool report_next(const struct report *report, struct report_cursor *cursor,
		 struct out *out, enum level *level)
{
	return next_line(report, cursor, out, level, true);
}

bool report_next_note(const struct report *report, struct report_cursor *cursor,
		      struct out *out, enum level *level)
{
	return next_line(report, cursor, out, level, false);
}
