// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The host program: which command. All else is elsewhere.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"

struct command {
	const char *name;
	const char *help;
	int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
	{ "generate", "write the config and the facts of an image", command_generate },
};

static int print_help(void)
{
	printf("usage: early-vfio COMMAND [OPTION]...\n\n"
	       "Gives chosen PCI devices to vfio-pci at boot, before the host's drivers take "
	       "them.\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	printf("\n  --help     this text; after a command, its own\n"
	       "  --version  the version\n");
	return fflush(stdout) ? EXIT_ENVIRONMENT : EXIT_AS_WANTED;
}

static int print_version(void)
{
	puts("early-vfio " EARLY_VFIO_VERSION);
	return fflush(stdout) ? EXIT_ENVIRONMENT : EXIT_AS_WANTED;
}

static int refuse(const char *what, const char *why)
{
	complain(what, why);
	complain("usage", "see early-vfio --help");
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return refuse("command", "none is given");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return print_help();
	if (strcmp(argv[1], "--version") == 0)
		return print_version();
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return refuse(argv[1], argv[1][0] == '-' ? "unknown option" : "no such command");
}
