/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a specification as somebody gave it to the one to write: guarded, and placed by a path.
 * Knows nothing of files.
 */
#ifndef HOOK_EDIT_CHOICE_H
#define HOOK_EDIT_CHOICE_H

#include "desk.h"

struct choice {
	struct spec spec;
	struct bdf at;	      /* of the device that it is for */
	bool has_device;      /* it is for one device, which is there */
	bool gained_slot;     /* +slot was not asked for */
	struct origin origin; /* what it comes from; no file: from an argument */
};

struct choices {
	struct choice *items;
	size_t count, cap;
};

enum choice_fault {
	CHOICE_SOUND,
	CHOICE_ABSENT,	/* no such device, and nothing to guard it by */
	CHOICE_NOT_YET, /* the same, of a slot that is there */
	CHOICE_SEVERAL, /* an id that devices in several slots have */
};

/*
 * Read operands, lists too, into rules. What is odd or wrong with them is said.
 * Return: false where one is faulty.
 */
bool operands_read(char **operands, struct ruleset *set);

void choice_add(struct choices *choices, const struct choice *choice);
void choices_free(struct choices *choices);

/*
 * Append what to write for one rule: nothing where there is a fault; more than one where
 * functions of one slot share the id that was given.
 *
 * @inv: with all facts
 * @rule: with the results of a plan
 */
enum choice_fault choices_make(const struct inventory *inv, const struct rule *rule,
			       struct choices *choices);

/*
 * For one device: guarded by what was asked for, else by what the device is, and placed by a
 * path; with the flags that were asked for.
 */
struct choice choice_of(const struct inventory *inv, const struct device *dev,
			const struct spec *asked);

bool spec_is_placed(const struct spec *spec);
/* An id and no more: what names one device only as long as there is no second one. */
bool spec_is_bare_id(const struct spec *spec);

/* The device that a rule with the results of a plan has at its place; NULL: none. */
const struct device *rule_device(const struct inventory *inv, const struct rule *rule);

#endif
