// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What --help prints behind each of the commands that both programs have. Knows nothing of
 * what they do.
 */
#include <stddef.h>
#include <string.h>

#include "help.h"

static const char plan_help[] =
	"usage: early-vfio plan [OPTION]...\n"
	"\n"
	"Shows what the next boot would do with each device that a rule concerns, and why.\n"
	"Changes nothing.\n"
	"\n"
	"  --json          for programs; see early-vfio-report(5)\n"
	"  --all           devices without a rule too\n"
	"  --sysroot DIR   read DIR/sys, DIR/proc, DIR/etc in place of /\n"
	"  --help          this text\n"
	"\n"
	"Exit: 0 as wanted, 1 not as wanted, 2 a rule is faulty, 3 environment\n";

static const char status_help[] =
	"usage: early-vfio status [OPTION]...\n"
	"\n"
	"Shows each device that a rule concerns as it is now: its driver, the one it should\n"
	"have, and what came of it.\n"
	"\n"
	"  --json          for programs; see early-vfio-report(5)\n"
	"  --prometheus    metrics\n"
	"  --all           devices without a rule too\n"
	"  --sysroot DIR   read DIR/sys, DIR/proc, DIR/etc in place of /\n"
	"  --help          this text\n"
	"\n"
	"Exit: 0 as wanted, 1 not as wanted, 2 a rule is faulty, 3 environment\n";

static const char bind_help[] =
	"usage: early-vfio bind [OPTION]... SPEC...\n"
	"\n"
	"Gives the devices that SPEC names to vfio-pci now, with the guards and steps of a\n"
	"boot. What carries the running system, the boot display where several are alike, and\n"
	"the last USB controller stay with the host unless SPEC ends in +force.\n"
	"\n"
	"  --event         SPEC is the address of a device that udev saw: as at boot, or quiet\n"
	"  --json          the report; see early-vfio-report(5)\n"
	"  --help          this text\n"
	"\n"
	"Exit: 0 bound, 1 some device was not, 2 usage, 3 environment\n";

static const char release_help[] =
	"usage: early-vfio release [OPTION]... SPEC...\n"
	"\n"
	"Gives the devices that SPEC names back to the host's drivers now. Modules that were\n"
	"loaded stay loaded.\n"
	"\n"
	"  --json          the report; see early-vfio-report(5)\n"
	"  --help          this text\n"
	"\n"
	"Exit: 0 given back, 1 some device was not, 2 usage, 3 environment\n";

static const struct {
	const char *command, *text;
} helps[] = {
	{ "plan", plan_help },
	{ "status", status_help },
	{ "bind", bind_help },
	{ "release", release_help },
};

const char *shared_help(const char *command)
{
	for (size_t i = 0; i < sizeof(helps) / sizeof(helps[0]); i++)
		if (strcmp(command, helps[i].command) == 0)
			return helps[i].text;
	return NULL;
}
