// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The binder: which command, and where its texts come from. All else is elsewhere.
 */
#include <unistd.h>

#include "binder.h"

static const char usage[] =
	"usage: early-vfio COMMAND [OPTION]... [SPEC]...\n"
	"  run             what rules ask for\n"
	"  plan            what run would do\n"
	"  status          what each device has and should have\n"
	"  bind SPEC...    give to vfio-pci now\n"
	"  release SPEC... give back to the host now\n"
	"  --json          the report as JSON\n"
	"  --all           devices without a rule too (plan, status)\n"
	"  --sysroot DIR   read below DIR (plan, status)\n"
	"  --help, --version\n"
	"SPEC: 0000:01:00.0, 10de:2684@0000:01:00.0+slot, 10de:2684, class=0300@not-boot-vga\n";

static const struct command commands[] = {
	{ "run", command_run, 0 },
	{ "plan", command_plan, READS_ONLY },
	{ "status", command_status, READS_ONLY },
	{ "bind", command_bind, NEEDS_OPERANDS },
	{ "release", command_release, NEEDS_OPERANDS },
	{ NULL, NULL, 0 },
};

int main(int argc, char **argv)
{
	static struct session session;
	char *run[] = { NULL, (char *)"run", NULL };

	(void)argc;
	if (getpid() == 1 && span_is(span_of(argv[0]), EXTRA_TOP "/binder")) {
		init_start(argv);
		argv = run;
	}
	return command_dispatch(commands, &session, argv + 1, usage);
}
