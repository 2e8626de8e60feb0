/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is decided: one verdict a device, one state a rule, one verdict a group. The same in
 * plan, run, check and generate. Pure: facts that are missing are asked for, not fetched.
 */
#ifndef EARLY_VFIO_PLAN_H
#define EARLY_VFIO_PLAN_H

#include <early-vfio/device.h>
#include <early-vfio/rules.h>

enum decision {
	DECISION_NONE, /* not ours */
	DECISION_BIND, /* a target */
	DECISION_KEEP,
	DECISION_PROTECT,
	DECISION_REFUSE,
	DECISION_SKIP,	/* a bridge */
	DECISION_DEFER, /* not there yet */
};

enum reason {
	REASON_NONE,
	REASON_BIND, /* the rule */
	REASON_KEEP, /* a keep rule */
	REASON_BRIDGE,
	REASON_PROTECTED,     /* arg: protect line */
	REASON_PROTECT_MOVED, /* arg: protect line whose address holds something else now */
	REASON_GUARD,	      /* WHAT@WHERE: something else is there; arg: rule */
	REASON_BOOT_DISPLAY, /* the rule matches several slots and this one has the boot display */
	REASON_LAST_USB,
	REASON_BRINGS_KEPT, /* its driver brings a domain with a kept device */
	REASON_NO_GROUP,    /* arg: enum remedy */
	REASON_NOT_YET,	    /* a function of a present slot */
	REASON_NO_ROOT,	    /* given back, as the root device did not appear */
};

enum remedy {
	REMEDY_FIRMWARE, /* off in the firmware setup: no table, or AMD's, which needs no parameter */
	REMEDY_INTEL_ON, /* intel_iommu=on; the default leaves integrated graphics out */
	REMEDY_REMOVE_OFF, /* machine.iommu_off turns it off: remove it */
	REMEDY_UNKNOWN,
	REMEDY_PROBE, /* the group comes with the driver: no reason to refuse */
};

#define NO_INDEX 0xffffffffu

/* What became of a device; filled by io/apply.c, RESULT_NONE in a plan. */
enum result {
	RESULT_NONE,
	RESULT_BOUND,
	RESULT_FAILED,
	RESULT_RESTORED,
	RESULT_ISOLATED,
	RESULT_RELEASED
};

enum step {
	STEP_NONE,
	STEP_REMOVE_ID,
	STEP_OVERRIDE,
	STEP_LOAD,
	STEP_UNBIND,
	STEP_FRAMEBUFFER,
	STEP_REGISTER, /* loading vfio-pci itself */
	STEP_PROBE,
	STEP_READ_BACK,
	STEP_RESTORE,
	STEP_RELEASE,
};

/* What the plan as a whole has to say: rendered by report.c. */
enum plan_note_code {
	PLAN_NOTE_GROUP_UNUSABLE, /* device: which spoils the group of a target */
	PLAN_NOTE_GROUP_SHARED, /* device: the first that nothing drives yet; arg: of so many */
	PLAN_NOTE_SLOT_REST, /* device: function of a target's slot that stays with the host */
	PLAN_NOTE_PROTECT_MOVED, /* arg: protect line whose address holds something else now */
	PLAN_NOTE_TOO_MANY_DEVICES,
};

struct plan_note {
	uint8_t code;
	uint8_t level;
	uint32_t device; /* index, or NO_INDEX */
	uint32_t arg;
};

#define PLAN_NOTES_MAX 256

struct plan {
	bool releases_free; /* set by release: also give back what no driver has */
	bool is_now;	    /* set by bind: of no later boot */
	size_t note_count, notes_dropped;
	struct plan_note notes[PLAN_NOTES_MAX];
};

/*
 * Decide.
 *
 * @set: what was asked for
 * @inv: what is known; where facts are missing, `wanted` is set and records may be added
 * @all: also want the identity of devices that no rule concerns
 * @plan: overwritten
 *
 * Return: true when the plan is complete; false when facts are wanted: fill them in and
 * call again.
 */
bool plan_build(struct ruleset *set, struct inventory *inv, bool all, struct plan *plan);

/*
 * What the child of a watched run shares with its parent: results, and the names of drivers
 * that it meets on the way.
 */
struct memory {
	struct inventory inv;
	struct plan plan;
	struct device devices[DEVICES_MAX];
};

/* vfio-pci holds a device that a rule concerns and the plan does not want: give it back. */
bool plan_releases(const struct inventory *inv, const struct plan *plan,
		   const struct device *dev);

#endif
