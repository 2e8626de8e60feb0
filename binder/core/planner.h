/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the plan share: the state of one round, and the phases.
 * Nothing outside core/ includes it.
 */
#ifndef EARLY_VFIO_PLANNER_H
#define EARLY_VFIO_PLANNER_H

#include <early-vfio/plan.h>

struct planner {
	const struct ruleset *set;
	struct inventory *inv;
	struct plan *plan;
	bool all;
	bool is_short;	       /* a fact was wanted while claims were weighed */
	bool is_boot_searched; /* has_boot_display holds */
	bool has_boot_display;
};

/* Are the facts known? Else they are wanted from now on. */
bool need(struct device *dev, unsigned facts);
bool need_all(struct inventory *inv);
/* The record at an address, with its identity; NULL where that is wanted first. */
struct device *need_at(struct inventory *inv, struct bdf bdf);

bool is_boot_display(struct planner *p, struct device *dev);
void plan_add_note(struct planner *p, enum plan_note_code code, enum level level,
		   size_t device, uint32_t arg);

/* core/resolve.c: where rules point, and what becomes of them. */
bool rules_resolve(struct planner *p);
bool rules_reach(struct planner *p);
void rules_conclude(struct planner *p);
/* Does the rule take part: valid, not left out, its ids not replaced? */
bool rule_is_live(const struct ruleset *set, const struct rule *rule);
bool rule_is_placed(const struct rule *rule);

/* core/claim.c: what the rules of one source say of each device. False: they say nothing. */
bool claims_collect(struct planner *p, enum rule_source source);
/* What the specification itself names, without +slot and +group. */
bool rule_anchors(struct planner *p, uint16_t rule, size_t device);
/* The end of the run of records that share the slot of `device`. */
size_t slot_end(const struct inventory *inv, size_t device);
size_t slot_start(const struct inventory *inv, size_t device);

/* core/guard.c: decisions 6 and 7, and what spoils a group. */
bool weigh_usb(struct planner *p);
bool weigh_groups(struct planner *p);
bool weigh_members(struct planner *p);

#endif
