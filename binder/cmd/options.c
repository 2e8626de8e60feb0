// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Options of the commands that both programs have. Knows nothing of what they do.
 */
#include <early-vfio/session.h>

struct option {
	const char *name;
	size_t flag; /* offset of a bool in struct options; 0: takes a directory */
};

#define FLAG(member) offsetof(struct options, member)

static const struct option known[] = {
	{ "--sysroot", 0 },
	{ "--json", FLAG(is_json) },
	{ "--prometheus", FLAG(is_prometheus) },
	{ "--all", FLAG(is_all) },
	{ "--help", FLAG(is_help) },
	{ "-h", FLAG(is_help) },
	{ "--version", FLAG(is_version) },
};

/* Return: NULL, or what is wrong. *next is what follows, for an option with an argument. */
static const char *option_read(char ***next, struct options *options)
{
	struct span word = span_of(**next);
	struct span name = span_head(word, span_find(word, '='));

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!span_is(name, known[i].name))
			continue;
		if (known[i].flag) {
			*(bool *)((char *)options + known[i].flag) = true;
			return name.len == word.len ? NULL : "takes no argument";
		}
		if (name.len < word.len)
			options->sysroot = **next + name.len + 1;
		else if ((*next)[1])
			options->sysroot = *++*next;
		else
			return "needs a directory";
		return NULL;
	}
	return "unknown option";
}

const char *options_read(char **argv, struct options *options, const char **offender)
{
	bool is_open = true; /* no `--` yet */

	*options = (struct options){ .sysroot = "/", .operands = argv };
	for (char **next = argv; *next; next++) {
		const char *wrong;

		*offender = *next;
		if (is_open && span_is(span_of(*next), "--")) {
			is_open = false;
			continue;
		}
		if (!is_open || **next != '-') {
			options->operands[options->operand_count++] = *next;
			continue;
		}
		wrong = option_read(&next, options);
		if (wrong)
			return wrong;
	}
	options->operands[options->operand_count] = NULL;
	return NULL;
}
