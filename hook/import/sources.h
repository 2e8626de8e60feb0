/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where other set-ups may be: the files of this system that are looked at, or those that
 * somebody named. Knows nothing of what they say.
 */
#ifndef HOOK_IMPORT_SOURCES_H
#define HOOK_IMPORT_SOURCES_H

#include "file.h"
#include "import.h"

struct source {
	char *path; /* as on the host, without a system root */
	enum import_format format;
	bool is_boot; /* this boot's command line, whose place is in another file */
	struct span text;
	struct import found;
};

struct sources {
	struct source *items;
	size_t count, cap;
	struct names unread; /* "/boot/loader/entries: Permission denied" */
};

/*
 * Read all places that are known, below the root. What is not there is no source; what is
 * there and cannot be read is noted.
 */
void sources_find(struct sources *sources, struct io *io);

/*
 * Read one file.
 * @path: as somebody wrote it, from the working directory
 * Return: 0 or negative errno.
 */
int source_add_file(struct sources *sources, const char *path);

void sources_free(struct sources *sources);

#endif
