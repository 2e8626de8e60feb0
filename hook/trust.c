// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Owners and modes of the config files and of the directories above them. Knows nothing of
 * what is in them, nor of how it is said.
 */
#include <fcntl.h>
#include <stdlib.h>

#include "trust.h"

static bool status_of(const struct trust *trust, const char *path, struct stat *status)
{
	return fstatat(trust->root, *path ? path : ".", status, 0) == 0;
}

static bool is_foreign(const struct trust *trust, uid_t owner)
{
	struct stat root;

	if (owner == 0)
		return false;
	return !trust->is_sysroot || !status_of(trust, "", &root) || root.st_uid != owner;
}

/* In a directory with the sticky bit only owners may replace what is theirs. */
static bool has_writers(mode_t mode)
{
	return (mode & (S_IWGRP | S_IWOTH)) && !(S_ISDIR(mode) && (mode & S_ISVTX));
}

static void look_at(const struct trust *trust, const char *path,
		    void (*see)(void *context, const struct distrust *found),
		    void *context)
{
	struct distrust found = { .path = path };
	struct stat status;

	if (!status_of(trust, path, &status))
		return;
	found.owner = status.st_uid;
	found.mode = status.st_mode;
	found.has_owner = is_foreign(trust, status.st_uid);
	found.has_writers = has_writers(status.st_mode);
	if (found.has_owner || found.has_writers)
		see(context, &found);
}

void trust_look(const struct trust *trust,
		void (*see)(void *context, const struct distrust *found), void *context)
{
	static const char *const paths[] = { "", "etc", "etc/early-vfio.conf",
					     "etc/early-vfio.conf.d" };
	const char *dir = paths[3];
	struct names names;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		look_at(trust, paths[i], see, context);
	names_read(trust->io, dir, &names);
	for (size_t i = 0; i < names.count; i++) {
		char *path = xformat("%s/%s", dir, names.items[i]);

		if (span_ends(span_of(path), ".conf") && names.items[i][0] != '.')
			look_at(trust, path, see, context);
		free(path);
	}
	names_free(&names);
}
