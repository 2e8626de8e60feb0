/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cpio archive as the kernel unpacks it, the same bytes for the same content. Knows nothing
 * of what is put into it.
 */
#ifndef HOOK_CPIO_H
#define HOOK_CPIO_H

#include <stdio.h>

#include "file.h"

struct archive;

struct cpio {
	struct archive *archive;
	FILE *stream; /* into text */
	char *text;
	size_t len;
	struct names directories; /* those that are in it */
	int64_t serial;
	bool is_failed;
};

void cpio_open(struct cpio *cpio);
/* Add a file, and the directories on its path that are not there yet. */
void cpio_add(struct cpio *cpio, const char *path, unsigned mode, struct span content);
/* Add the directories on a path that ends in a slash. */
void cpio_add_directory(struct cpio *cpio, const char *path);
void cpio_add_link(struct cpio *cpio, const char *path, const char *target);
/*
 * Finish the archive.
 *
 * @text: gets all of it, from malloc
 *
 * Return: 0, or -EIO where something could not be added.
 */
int cpio_close(struct cpio *cpio, struct span *text);

#endif
