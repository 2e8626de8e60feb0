// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * early-vfio unpack: the modules of an image that is being made, without their compression,
 * which the kernel would have to undo at every boot. Knows nothing of how files are unpacked.
 */
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "command.h"
#include "host.h"
#include "unpack.h"

/*
 * Those of vfio have less than 600 KiB together. A driver with more costs more room in the
 * image than its unpacking costs time.
 */
#define UNPACKED_MAX (1u << 20)
#define FACTS "etc/early-vfio.image"

static const char help[] =
	"usage: early-vfio unpack [OPTION]... DIR\n"
	"\n"
	"For what builds images: below DIR, which becomes an image, puts the modules that\n"
	"DIR/etc/early-vfio.image names in the place of their compressed files, so that no boot\n"
	"has to unpack them. What cannot be unpacked stays as it is.\n"
	"\n"
	"  --help          this text\n"
	"\n"
	"Exit: 0 done, 1 a module stays compressed, 2 usage, 3 environment\n";

/* Return: false where the module stays compressed, and it was said. */
static bool unpack_module(const char *tree, struct span path, size_t *room)
{
	char *name = xspan(path);
	int rc = span_starts(path, "/") ? module_unpack(tree, name, room) : 0;

	if (rc)
		complain(name, strerror(-rc));
	free(name);
	return rc == 0;
}

static int unpack_all(const char *tree, struct span facts)
{
	size_t room = UNPACKED_MAX;
	struct span line, word;
	int exit_code = EXIT_AS_WANTED;

	while (span_next_line(&facts, &line))
		if (span_next_word(&line, &word) && span_is(word, "module") &&
		    span_next_word(&line, &word) && !unpack_module(tree, word, &room))
			exit_code = EXIT_NOT_AS_WANTED;
	return exit_code;
}

/* The tree, to be freed. The system itself is none: depmod knows its files by their names. */
static char *find_tree(const char *operand)
{
	char *tree = host_root(operand);

	if (!tree || *tree)
		return tree;
	complain(operand, "is no image, but the system itself");
	free(tree);
	return NULL;
}

int command_unpack(int argc, char **argv)
{
	const struct argument options[] = { { .name = NULL } };
	struct arguments arguments = {
		.command = "unpack",
		.help = help,
		.options = options,
		.operands_max = 1,
		.asks = "which directory?",
	};
	struct kernel_io kernel;
	struct span facts;
	char *tree;
	int rc;

	if (!arguments_read(&arguments, argc, argv, &rc))
		return rc;
	tree = find_tree(arguments.operands[0]);
	if (!tree)
		return EXIT_ENVIRONMENT;
	rc = kernel_io_open(&kernel, tree);
	if (!rc)
		rc = file_read(&kernel.io, FACTS, &facts);
	if (rc) {
		complain(FACTS, strerror(-rc));
		rc = EXIT_ENVIRONMENT;
	} else {
		rc = unpack_all(tree, facts);
		free((char *)facts.ptr);
	}
	free(tree);
	return rc;
}
