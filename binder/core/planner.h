/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the plan share: the state of one round, and the phases.
 * Nothing outside core/ includes it.
 */
#ifndef EARLY_VFIO_PLANNER_H
#define EARLY_VFIO_PLANNER_H

#include <early-vfio/plan.h>

struct planner {
	struct ruleset *set;
	struct inventory *inv;
	struct plan *plan;
	bool all;
	bool is_short;	       /* a fact was wanted while claims were weighed */
	bool is_boot_searched; /* has_boot_display holds */
	bool has_boot_display;
};

/* Every rule that takes part: valid, not left out, its ids not replaced. */
#define for_each_rule(rule, set) for_all_rules(rule, set) if (rule_is_live(set, rule))

bool rule_is_live(const struct ruleset *set, const struct rule *rule);
bool rule_is_placed(const struct rule *rule);

/* Are the facts known? Else they are wanted from now on. */
bool need(struct device *dev, unsigned facts);
/* The same for the identity of all. */
bool need_all(struct planner *p);
/* The record at an address, with its identity; NULL where that is wanted first. */
struct device *need_at(struct inventory *inv, struct bdf bdf);
/* The record where a rule's WHERE points; NULL where that leads nowhere. */
struct device *device_at_rule(struct inventory *inv, const struct rule *rule);

bool is_vfio_driver(const struct inventory *inv, uint16_t driver);
bool is_boot_display(struct planner *p, struct device *dev);
void plan_add_note(struct planner *p, enum plan_note_code code, enum level level,
		   const struct device *dev, uint32_t arg);

/* core/resolve.c: where rules point, and what becomes of them. */
bool rules_resolve(struct planner *p);
bool rules_reach(struct planner *p);
void rules_conclude(struct planner *p);

/* core/claim.c: what the rules of one source say of each device. */
void claims_collect(struct planner *p, enum rule_source source);
/*
 * The next device behind `dev` (NULL: the first) that the specification itself names, without
 * +slot and +group.
 */
struct device *anchor_next(struct planner *p, const struct rule *rule,
			   struct device *dev);

/* The run of records that share the slot of a device. */
struct slot {
	struct device *first, *end;
};
struct slot slot_of(struct inventory *inv, struct device *dev);

/* core/guard.c: decisions 6 and 7, and what spoils a group. */
bool weigh_usb(struct planner *p);
bool weigh_groups(struct planner *p);
bool weigh_members(struct planner *p);

#endif
