/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options and operands of the host program's own commands, from one table a command. Knows
 * nothing of what they mean.
 */
#ifndef HOOK_ARGUMENTS_H
#define HOOK_ARGUMENTS_H

#include <early-vfio/session.h>

#include "file.h"

/* One option. Exactly one of flag, value and list is set. */
struct argument {
	const char *name;   /* without the dashes; NULL ends a table */
	bool *flag;	    /* set where the option is there */
	const char **value; /* gets what follows the option; given twice, the last counts */
	struct names *list; /* gets all that follow it, in order */
};

struct arguments {
	const char *command, *help; /* help: the whole text for --help */
	const struct argument *options;
	size_t operands_max;
	const char *asks; /* for an operand where there is none; NULL: it does without */
	/* Read. */
	char **operands; /* NULL-terminated, in argv's own storage */
	size_t operand_count;
};

/*
 * Read a command's arguments; options may stand anywhere before `--`, and --help in every
 * command. What is wrong is said, with a hint.
 *
 * @argv: the command's own name first
 * @exit_code: set where there is nothing more to do
 *
 * Return: true where the command is to go on.
 */
bool arguments_read(struct arguments *arguments, int argc, char **argv, int *exit_code);

/* Say what is wrong with the usage of a command. Return: EXIT_USAGE. */
int arguments_refuse(const struct arguments *arguments, const char *what,
		     const char *why);

#endif
