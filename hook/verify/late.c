// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an image has for devices that come late, and for a root device that is missing. Knows
 * nothing of what runs the binder at first.
 */
#include <string.h>

#include "verify/verify.h"

#define NAME "late"
#define RULE "udev/rules.d/70-early-vfio.rules"

static bool has(const struct inside *inside, const char *path)
{
	return inside_find(inside, path) != NULL;
}

static bool has_entry(const struct inside *inside, const char *part, const char *end)
{
	size_t next = 0;

	return inside_next(inside, part, end, &next) != NULL;
}

/* Scripts that cannot be executed are left out of the order that those of a stage run in. */
static bool has_script(const struct inside *inside, const char *path)
{
	const struct inside_file *script = inside_find(inside, path);

	return script && script->mode & 0100;
}

/* Whatever calls heal, as the generator's parts of ours put it in. */
static bool has_heal(const struct inside *inside, enum layout layout)
{
	if (layout == LAYOUT_INITRAMFS_TOOLS)
		return has_script(inside, "scripts/local-block/early-vfio");
	if (layout == LAYOUT_MKINITCPIO && has(inside, "hooks"))
		return has(inside, "hooks/early-vfio");
	return has_entry(inside, ".wants/", "/early-vfio-heal.service") ||
	       has_entry(inside, "/hooks/pre-trigger/", "-early-vfio-clock.sh");
}

void judge_late(const struct inside *inside, enum layout layout, const char *remedy,
		struct findings *findings)
{
	bool has_rule = has(inside, "usr/lib/" RULE) || has(inside, "lib/" RULE);
	bool can_heal = has_heal(inside, layout);

	if (layout == LAYOUT_EXTRA || layout == LAYOUT_UNKNOWN)
		return;
	if (!has_rule)
		finding_add(
			findings, FINDING_WARN, NAME, remedy,
			"devices that appear after the binder has run stay with the host: "
			"/usr/lib/" RULE " is missing");
	if (!can_heal)
		finding_add(
			findings, FINDING_WARN, NAME, remedy,
			"a root device that was taken is not given back: nothing looks for it");
	if (has_rule && can_heal)
		finding_add(findings, FINDING_PASS, NAME, NULL,
			    "late devices and a missing root are seen to");
}
