// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of the report's values, the same in log, table and JSON.
 * Knows nothing of how they came about.
 */
#include "words.h"

const char *decision_word(unsigned decision)
{
	static const char *const words[] = {
		[DECISION_NONE] = "none",     [DECISION_BIND] = "bind",
		[DECISION_KEEP] = "keep",     [DECISION_PROTECT] = "protect",
		[DECISION_REFUSE] = "refuse", [DECISION_SKIP] = "skip",
		[DECISION_DEFER] = "defer",
	};

	return words[decision];
}

const char *result_word(unsigned result)
{
	static const char *const words[] = {
		[RESULT_NONE] = "",
		[RESULT_BOUND] = "bound",
		[RESULT_FAILED] = "failed",
		[RESULT_RESTORED] = "restored",
		[RESULT_ISOLATED] = "isolated",
		[RESULT_RELEASED] = "released",
	};

	return words[result];
}

const char *step_word(unsigned step)
{
	static const char *const words[] = {
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

	return words[step];
}

const char *rule_state_word(unsigned state)
{
	static const char *const words[] = {
		[RULE_OK] = "ok",
		[RULE_MISSING] = "missing",
		[RULE_DEFERRED] = "deferred",
		[RULE_REFUSED] = "refused",
		[RULE_FAULTY] = "faulty",
	};

	return words[state];
}

static const char *target_word(const struct report *report, const struct verdict *verdict)
{
	if (report->kind == REPORT_PLAN)
		return "would be bound";
	if (report->kind == REPORT_STATUS && verdict->result == RESULT_NONE)
		return "not bound";
	return result_word(verdict->result);
}

const char *device_word(const struct report *report, size_t device)
{
	static const char *const words[] = {
		[DECISION_NONE] = "free",	  [DECISION_BIND] = "",
		[DECISION_KEEP] = "kept",	  [DECISION_PROTECT] = "protected",
		[DECISION_REFUSE] = "left alone", [DECISION_SKIP] = "skipped",
		[DECISION_DEFER] = "deferred",
	};
	const struct verdict *verdict = &report->plan->verdicts[device];

	if (verdict->decision == DECISION_BIND)
		return target_word(report, verdict);
	if (verdict->result != RESULT_NONE)
		return result_word(verdict->result);
	return words[verdict->decision];
}
