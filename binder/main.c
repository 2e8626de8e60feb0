// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The binder: which command, and where its texts come from. All else is elsewhere.
 */
#include <unistd.h>

#include "binder.h"

static const char *const usage = "usage: early-vfio COMMAND [OPTION|SPEC]...\n"
				 "run\tas rules say\n"
				 "heal\ta missing root\n"
				 "plan\twhat run would do\n"
				 "status\twhat is and should be\n"
				 "bind\tgive to vfio-pci\n"
				 "release\tgive back to the host\n"
				 "--json\tas JSON\n"
				 "--all\tall devices\n"
				 "--sysroot DIR, --help, --version\n"
				 "SPEC: 01:00.0, 10de:2684@01:00.0+slot\n";

#define NAMES "run\0heal\0plan\0status\0bind\0release\0"

static const struct command commands[] = {
	{ command_run, 0 },
	{ command_heal, 0 },
	{ command_plan, READS_ONLY },
	{ command_status, READS_ONLY },
	{ command_bind, NEEDS_OPERANDS },
	{ command_release, NEEDS_OPERANDS },
};

int main(int argc, char **argv)
{
	static struct session session;
	char *run[] = { NULL, (char *)"run", NULL };

	(void)argc;
	if (span_is(span_of(argv[0]), EXTRA_TOP "/binder") && getpid() == 1) {
		init_start(argv);
		argv = run;
	}
	return command_dispatch(NAMES, commands, &session, argv + 1, usage);
}
