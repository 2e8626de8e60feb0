// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Gives a fuzz target the files that are named, one after the other: what was found once is
 * tried again with every build. Knows nothing of the target.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#define INPUT_MAX (1u << 20)

/* Storage of just the input's size: one byte beyond it is seen. */
static void replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *buf = malloc(INPUT_MAX), *exact;
	size_t size;

	if (!file || !buf) {
		perror(path);
		exit(1);
	}
	size = fread(buf, 1, INPUT_MAX, file);
	fclose(file);
	exact = realloc(buf, size ? size : 1);
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	return 0;
}
