// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Options of the commands that both programs have. Knows nothing of what they do.
 */
#include <early-vfio/session.h>

/* In the order of enum option_flag, a NUL behind each; --sysroot is told apart by hand. */
static const char *const words = "--json\0--prometheus\0--all\0--help\0--event\0";

/* --sysroot DIR or --sysroot=DIR; *next is the last word of it then. */
static bool sysroot_read(char ***next, struct options *options)
{
	static const char name[] = "--sysroot";
	const char *word = **next + sizeof(name) - 1;

	if (!span_starts(span_of(**next), name))
		return false;
	if (*word == '=')
		options->sysroot = word + 1;
	else if (!*word && (*next)[1])
		options->sysroot = *++*next;
	else
		return false;
	return true;
}

bool options_read(char **argv, struct options *options, const char **offender)
{
	bool is_open = true; /* no `--` yet */

	*options = (struct options){ .sysroot = "/", .operands = argv };
	for (char **next = argv; *next; next++) {
		int flag = keyword_find(span_of(*next), words);

		*offender = *next;
		if (!is_open || **next != '-')
			options->operands[options->operand_count++] = *next;
		else if (span_is(span_of(*next), "--"))
			is_open = false;
		else if (flag >= 0)
			options->flags |= 1u << flag;
		else if (!sysroot_read(&next, options))
			return false;
	}
	options->operands[options->operand_count] = NULL;
	return true;
}
