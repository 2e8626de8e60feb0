// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A finished initramfs, taken apart as the kernel does. Knows nothing of what should be in it.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "verify/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inside inside = { 0 };
	const struct inside_file *file;
	size_t next = 0, seen = 0;

	inside_read(&inside, (struct span){ (const char *)data, size });
	while ((file = inside_next(&inside, "", "", &next)))
		fuzz_assert(file->path && ++seen <= inside.count,
			    "the files have an end");
	inside_find(&inside, "etc/early-vfio.conf");
	inside_find(&inside, "sbin/early-vfio");
	inside_free(&inside);
	return 0;
}
