// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The binder: which command, and where its texts come from. All else is elsewhere.
 */
#include <unistd.h>

#include "binder.h"

static const char usage[] =
	"usage: early-vfio COMMAND [OPTION]... [SPEC]...\n"
	"\n"
	"  run             do what the command line and /etc/early-vfio.conf ask for\n"
	"  plan            what run would do\n"
	"  status          what each device has, and what it should have\n"
	"  bind SPEC...    give devices to vfio-pci now\n"
	"  release SPEC... give devices back to the host's drivers now\n"
	"\n"
	"  --json          the report as JSON\n"
	"  --all           (plan, status) devices without a rule too\n"
	"  --sysroot DIR   (plan, status) read DIR/sys, DIR/proc, DIR/etc\n"
	"  --help, --version\n"
	"\n"
	"SPEC: 0000:01:00.0, 10de:2684@0000:01:00.0+slot, 10de:2684, class=0300@not-boot-vga\n"
	"exit: 0 as wanted, 1 not as wanted, 2 usage or config, 3 environment\n";

enum { NEEDS_OPERANDS = 1, READS_ONLY = 2 };

struct command {
	const char *name;
	int (*run)(struct session *session);
	unsigned flags;
};

static const struct command commands[] = {
	{ "run", command_run, 0 },
	{ "plan", command_plan, READS_ONLY },
	{ "status", command_status, READS_ONLY },
	{ "bind", command_bind, NEEDS_OPERANDS },
	{ "release", command_release, NEEDS_OPERANDS },
};

static int print(const char *text)
{
	struct out out = fd_out(STDOUT_FILENO);

	out_text(&out, text);
	return stdout_close(&out, EXIT_AS_WANTED);
}

static int refuse(const char *what, const char *why)
{
	complain(what, why);
	complain("usage", "see early-vfio --help");
	return EXIT_USAGE;
}

static int run(const struct command *command, char **argv)
{
	static struct session session;
	const char *offender, *wrong = options_read(argv, &session.options, &offender);
	int error;

	if (wrong)
		return refuse(offender, wrong);
	if (session.options.is_help)
		return print(usage);
	if (!(command->flags & NEEDS_OPERANDS) && session.options.operand_count)
		return refuse(session.options.operands[0], "takes no operand");
	if ((command->flags & NEEDS_OPERANDS) && !session.options.operand_count)
		return refuse(command->name, "which device?");
	if (!(command->flags & READS_ONLY) &&
	    !span_is(span_of(session.options.sysroot), "/"))
		return refuse("--sysroot", "only for commands that read");
	error = session_open(&session);
	return error ? error : command->run(&session);
}

int main(int argc, char **argv)
{
	struct span name = span_of(argc > 1 ? argv[1] : "");

	if (span_is(name, "--version"))
		return print("early-vfio " EARLY_VFIO_VERSION "\n");
	if (span_is(name, "--help") || span_is(name, "-h"))
		return print(usage);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (span_is(name, commands[i].name))
			return run(&commands[i], argv + 2);
	if (!name.len)
		return refuse("command", "none was given");
	return refuse(argv[1], "no such command");
}
