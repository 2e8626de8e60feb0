// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Options and operands of the host program's own commands, from one table a command. Knows
 * nothing of what they mean.
 */
#include <getopt.h>
#include <stdlib.h>

#include "arguments.h"

#define OPTIONS_MAX 16
enum { HELP = 1, FIRST };

int arguments_refuse(const struct arguments *arguments, const char *what, const char *why)
{
	char *hint = xformat("see early-vfio %s --help", arguments->command);

	complain(what, why);
	complain("usage", hint);
	free(hint);
	return EXIT_USAGE;
}

/* getopt's table of ours; the value of an option is its index behind FIRST. */
static void table_make(const struct arguments *arguments, struct option *table)
{
	const struct argument *option = arguments->options;

	*table++ = (struct option){ "help", no_argument, NULL, HELP };
	for (size_t i = 0; i < OPTIONS_MAX && option[i].name; i++)
		*table++ = (struct option){
			.name = option[i].name,
			.has_arg = option[i].flag ? no_argument : required_argument,
			.val = FIRST + (int)i,
		};
	*table = (struct option){ NULL, 0, NULL, 0 };
}

static void option_take(const struct argument *option)
{
	if (option->flag)
		*option->flag = true;
	else if (option->list)
		names_add(option->list, span_of(optarg));
	else
		*option->value = optarg;
}

bool arguments_read(struct arguments *arguments, int argc, char **argv, int *exit_code)
{
	struct option table[OPTIONS_MAX + 2];
	int option;

	table_make(arguments, table);
	opterr = 0;
	optind = 0; /* glibc's: start anew, order from argv */
	while ((option = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
		if (option == HELP || option == 'h') {
			*exit_code = print_text(arguments->help);
			return false;
		}
		if (option < FIRST || option >= FIRST + OPTIONS_MAX) {
			*exit_code = arguments_refuse(
				arguments, argv[optind - 1],
				option == ':' ? "needs an argument" : "unknown option");
			return false;
		}
		option_take(&arguments->options[option - FIRST]);
	}
	arguments->operands = argv + optind;
	arguments->operand_count = (size_t)(argc - optind);
	if (!arguments->operand_count && arguments->asks) {
		*exit_code =
			arguments_refuse(arguments, arguments->command, arguments->asks);
		return false;
	}
	if (arguments->operand_count <= arguments->operands_max)
		return true;
	*exit_code = arguments_refuse(arguments,
				      arguments->operands[arguments->operands_max],
				      "unexpected argument");
	return false;
}
