// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel's command line says against taking devices at all, and what it names that
 * nobody takes. Knows nothing of single devices.
 */
#include <stdlib.h>

#include "check.h"
#include "meant.h"

static const char name[] = "command-line";

/* For one boot, or for good: then it stands in the boot loader's file. */
static void say_mode(struct check *check, const char *parameter, const char *what)
{
	bool is_lasting = loader_has(&check->loader, check->io, parameter);
	char *remedy = loader_remove(&check->loader, span_of(parameter));

	finding_add(&check->findings, is_lasting ? FINDING_FAIL : FINDING_WARN, name,
		    is_lasting ? remedy : "reboot without it, where it is not wanted",
		    "%s: %s", parameter, what);
	free(remedy);
}

static bool is_within(struct span part, struct span whole)
{
	return part.ptr >= whole.ptr && part.ptr <= whole.ptr + whole.len;
}

/* A rule came of it, or a word on what is wrong. */
static bool is_read(const struct ruleset *set, struct span whole)
{
	for (size_t r = 0; r < set->rule_count; r++)
		if (is_within(set->rules[r].text, whole))
			return true;
	for (size_t n = 0; n < set->note_count; n++)
		if (is_within(set->notes[n].diag.text, whole))
			return true;
	return false;
}

/* Kernel and modules have few parameters with devices in them; those are none of a list. */
static bool is_meant(const struct param *param)
{
	if (!has_device_like(param->whole))
		return span_is_name(param->name, "early-vfio.bind");
	return has_vfio(param->name) || !param->has_value ||
	       looks_like_list(param->value);
}

/* A name that a blank has cut, or another slip that the core does not know. */
static void see_unread(struct check *check, const struct param *param)
{
	struct text text;

	if (is_read(check->session.set, param->whole) || !is_meant(param))
		return;
	out_escaped(text_open(&text), param->whole);
	finding_add(
		&check->findings, FINDING_WARN, name,
		"write early-vfio.bind= with all devices right behind it, or take it out",
		"%s on the kernel's command line names no device that is taken",
		text_close(&text));
}

void check_command_line(struct check *check)
{
	const struct settings *settings = &check->session.set->settings;
	struct span rest = check->session.cmdline;
	struct param param;

	while (cmdline_next(&rest, &param))
		see_unread(check, &param);

	if (settings->mode == MODE_OFF)
		say_mode(check, "early-vfio.mode=off", "no device is taken");
	else if (settings->mode == MODE_PLAN)
		say_mode(check, "early-vfio.mode=plan",
			 "no device is taken, only said what would be");
	if (settings->ignore_config)
		say_mode(check, "early-vfio.config=off", "the config does not count");
}
