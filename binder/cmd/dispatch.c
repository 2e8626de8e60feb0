// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From argv to a command: what is typed wrongly ends here, with a hint. Knows nothing of what
 * commands do.
 */
#include <unistd.h>

#include <early-vfio/session.h>

int print_text(const char *text)
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

static int run(const struct command *command, struct session *session, char **argv,
	       const char *usage)
{
	const char *name = *argv++;
	struct options *options = &session->options;
	const char *offender;
	int error;

	if (!options_read(argv, options, &offender))
		return refuse(offender, "no option, or no directory");
	if (options->flags & OPTION_HELP)
		return print_text(usage);
	if (!(command->flags & NEEDS_OPERANDS) && options->operand_count)
		return refuse(options->operands[0], "takes no operand");
	if ((command->flags & NEEDS_OPERANDS) && !options->operand_count)
		return refuse(name, "which device?");
	if (!(command->flags & READS_ONLY) && !span_is(span_of(options->sysroot), "/"))
		return refuse("--sysroot", "only for commands that read");
	error = session_open(session);
	return error ? error : command->run(session);
}

int command_dispatch(const char *names, const struct command *commands,
		     struct session *session, char **argv, const char *usage)
{
	struct span name = span_of(*argv ? *argv : "");
	int place = keyword_find(name, names);

	if (span_is(name, "--version"))
		return print_text("early-vfio " EARLY_VFIO_VERSION "\n");
	if (span_is(name, "--help") || span_is(name, "-h"))
		return print_text(usage);
	if (place >= 0)
		return run(&commands[place], session, argv, usage);
	if (!name.len)
		return refuse("command", "none was given");
	return refuse(*argv, "no such command");
}
