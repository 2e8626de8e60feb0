/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What commands that change the config start from: the machine, the rules that the next boot
 * will have, and what one rule more would mean. Decides nothing: the plan does.
 */
#ifndef HOOK_EDIT_DESK_H
#define HOOK_EDIT_DESK_H

#include "host.h"

/* The longest canonical text of a specification, and more. */
#define SPEC_TEXT_MAX 160

struct desk {
	struct session *session;
	char *root;	       /* as host_root has it */
	struct ruleset *rules; /* those of the next boot, and what desk_take added */
	bool has_bus;	       /* the machine's devices are known */
};

/*
 * Read machine and rules.
 *
 * @session: zeroed, with static storage
 * @needs_bus: fail where there is no PCI bus
 *
 * Return: EXIT_AS_WANTED, or the exit code, and it was said. desk_close in any case.
 */
int desk_open(struct desk *desk, struct session *session, const char *sysroot,
	      bool needs_bus);
void desk_close(struct desk *desk);

/* Plan with these rules; what came of it is in the rules' results and the verdicts. */
void desk_plan(const struct desk *desk, struct ruleset *set);

/* Plan with this rule alone: what desk_reaches answers is of this plan. */
void desk_try(const struct desk *desk, const struct spec *spec);
/* Does the rule of the last desk_try reach the device, whatever would come of it? */
bool desk_reaches(const struct device *dev);

/* The rule of our own files that is the same; NULL: there is none. */
const struct rule *desk_same(const struct desk *desk, const struct spec *spec);
/* A rule that binds all that this one reaches, with that which it reaches; NULL: none. */
const struct rule *desk_cover(const struct desk *desk, const struct spec *spec);
bool rule_is_own(const struct rule *rule);

/* Add a rule as if it were in the config. False: there is no room. */
bool desk_take(const struct desk *desk, const struct spec *spec);

/*
 * What stands against a rule that was taken: the device that it is for, or all that it
 * reaches, stays with the host. That no IOMMU group is there now does not.
 *
 * @at: of the device that it is for; NULL: it is for no single one
 *
 * Return: such a device, with the verdict of all rules; NULL: nothing stands against it.
 */
const struct device *desk_refusal(const struct desk *desk, const struct spec *spec,
				  const struct bdf *at);

/* Canonical text of a specification, terminated. */
const char *spec_text(const struct spec *spec, char text[SPEC_TEXT_MAX]);

/*
 * Print the plan with all that was taken: the devices that those rules reach, and what there
 * is to say of them. The last that is asked of a desk: rules and verdicts are narrowed to it.
 */
void desk_print(const struct desk *desk, struct out *out);

/* "update-initramfs -u": what builds images here. */
void out_rebuild(const struct desk *desk, struct out *out);

#endif
