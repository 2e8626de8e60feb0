/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of an initramfs as they are once the kernel has unpacked it: later ones replace
 * earlier ones, links are followed. Knows nothing of what should be there.
 */
#ifndef HOOK_VERIFY_INSIDE_H
#define HOOK_VERIFY_INSIDE_H

#include "verify/segments.h"

struct inside_file {
	char *path; /* without a leading slash */
	char *link; /* of a symbolic link; NULL: it is none */
	mode_t mode;
	uint64_t inode, segment, serial;
	uint64_t size;	     /* of hard links it may stand with another one */
	struct span content; /* of what is worth a look; else empty */
};

struct inside {
	struct inside_file *files; /* by path, each once */
	size_t count, cap;
	struct segments segments;
};

/*
 * Read an image.
 * Return: true where all of it could be read; else inside->segments says why, and what
 * was read so far is there. inside_free in any case.
 */
bool inside_read(struct inside *inside, struct span image);
void inside_free(struct inside *inside);

/* The file at a path, links followed; NULL: there is none. */
const struct inside_file *inside_find(const struct inside *inside, const char *path);

/*
 * Files by the ends of their paths, in order of their paths.
 *
 * @middle: what else the path has in it; "" for nothing
 * @next: where to go on; 0 at first
 */
const struct inside_file *inside_next(const struct inside *inside, const char *middle,
				      const char *suffix, size_t *next);

#endif
