/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which bind lines of a config speak of what somebody named. Knows nothing of how they are
 * changed.
 */
#ifndef HOOK_EDIT_MATCH_H
#define HOOK_EDIT_MATCH_H

#include <early-vfio/device.h>
#include <early-vfio/rules.h>

enum match {
	MATCH_NONE,
	MATCH_ID,     /* an id was asked for, and the rule is guarded by it */
	MATCH_DEVICE, /* both name the same one device */
	MATCH_EXACT,  /* the same, as written or as read */
};

/* How a rule speaks of what was asked for. */
enum match rule_match(const struct inventory *inv, const struct rule *asked,
		      const struct rule *rule);

/* The one device that a specification itself names; NULL: none, or more. */
const struct device *spec_device(const struct inventory *inv, const struct spec *spec);

/* Where a specification points. False: it has no place, or a bridge on the way is missing. */
bool spec_place(const struct inventory *inv, const struct spec *spec, struct bdf *at);

/* A rule of a bind line in a text. */
struct found {
	enum match match;
	struct span line;
	uint32_t number; /* of the line, from 1 */
	size_t rules;	 /* how many the line has */
	size_t seen;	 /* how many of them were looked at */
	struct rule rule;
};

/*
 * The next rule, from the line at found->line on, that matches at least as well as `least`.
 *
 * @found: line.ptr NULL to start with; else the line to go on with is looked at again
 *
 * Return: false where there is no more.
 */
bool match_next(const struct inventory *inv, struct span text, const struct rule *asked,
		enum match least, struct found *found);

/* The next rule of found->line alone, behind those that were looked at. */
bool match_next_in_line(const struct inventory *inv, const struct rule *asked,
			enum match least, struct found *found);

#endif
