// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel's command line says against taking devices at all. Knows nothing of
 * single devices.
 */
#include <stdlib.h>

#include "check.h"

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

void check_command_line(struct check *check)
{
	const struct settings *settings = &check->session.set->settings;

	if (settings->mode == MODE_OFF)
		say_mode(check, "early-vfio.mode=off", "no device is taken");
	else if (settings->mode == MODE_PLAN)
		say_mode(check, "early-vfio.mode=plan",
			 "no device is taken, only said what would be");
	if (settings->ignore_config)
		say_mode(check, "early-vfio.config=off", "the config does not count");
}
