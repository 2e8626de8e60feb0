// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words of a command line, with NUL bytes between them, as the options and operands of both
 * programs. Knows nothing of commands.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "arguments.h"
#include "edit/choice.h"
#include "fuzz.h"

#define WORDS_MAX 32

/* What is said goes nowhere; *kept is where it went before. */
static void hush(int *kept)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	*kept = dup(STDERR_FILENO);
	dup2(nowhere, STDERR_FILENO);
	close(nowhere);
}

static void unhush(int kept)
{
	dup2(kept, STDERR_FILENO);
	close(kept);
}

static void check_options(char **words)
{
	char *copy[WORDS_MAX + 1];
	struct options options;
	const char *offender = NULL;
	size_t count = 0;

	while ((copy[count] = words[count]))
		count++;
	if (!options_read(copy, &options, &offender)) {
		fuzz_assert(offender && *offender == '-', "an offender is an option");
		return;
	}
	fuzz_assert(options.operand_count <= count && options.sysroot,
		    "operands are words of the line");
	fuzz_assert(!options.operands[options.operand_count], "operands have an end");
}

static void check_operands(char **words)
{
	struct ruleset *set = fuzz_rules();
	bool is_sound = operands_read(words, set);

	for (size_t i = 0; is_sound && i < set->rule_count; i++)
		fuzz_assert(!set->rules[i].is_faulty,
			    "sound operands have no faulty rule");
	fuzz_plan(set);
}

static void check_arguments(int argc, char **argv)
{
	bool flag = false;
	const char *value = NULL;
	struct names list = { 0 };
	const struct argument options[] = {
		{ .name = "write", .flag = &flag },
		{ .name = "sysroot", .value = &value },
		{ .name = "kernel", .list = &list },
		{ .name = NULL },
	};
	struct arguments arguments = {
		.command = "fuzz", .help = "", .options = options, .operands_max = 2
	};
	int exit_code = -1;

	if (arguments_read(&arguments, argc, argv, &exit_code))
		fuzz_assert(arguments.operand_count <= 2, "there are as many as allowed");
	else
		fuzz_assert(exit_code == EXIT_USAGE || exit_code == EXIT_AS_WANTED,
			    "a refusal has its exit code");
	names_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { (const char *)data, size };
	char *words[WORDS_MAX + 2] = { (char *)"early-vfio" }, *freed[WORDS_MAX];
	int count = 0, kept;

	while (rest.len && count < WORDS_MAX) {
		freed[count] = fuzz_string(&rest);
		words[count + 1] = freed[count];
		count++;
	}
	hush(&kept);
	check_options(words + 1);
	check_operands(words + 1);
	check_arguments(count + 1, words);
	unhush(kept);
	while (count)
		free(freed[--count]);
	return 0;
}
