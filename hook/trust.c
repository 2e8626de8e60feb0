// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Owners and modes of the config files, of the directories above them and of those that their
 * links lead through. Knows nothing of what is in them, nor of how it is said.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trust.h"

/* Links that lead in a circle end here. */
#define PLACES_MAX 400

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

/* One look at all of it. */
struct look {
	const struct trust *trust;
	void (*see)(void *context, const struct distrust *found);
	void *context;
	struct names seen;
};

static void note(struct look *look, const char *path)
{
	for (size_t i = 0; i < look->seen.count; i++)
		if (strcmp(look->seen.items[i], path) == 0)
			return;
	names_add(&look->seen, span_of(path));
}

static void look_at(const struct look *look, const char *path)
{
	struct distrust found = { .path = path + (*path == '/') };
	struct stat status;

	if (!status_of(look->trust, path, &status))
		return;
	found.owner = status.st_uid;
	found.mode = status.st_mode;
	found.has_owner = is_foreign(look->trust, status.st_uid);
	found.has_writers = has_writers(status.st_mode);
	if (found.has_owner || found.has_writers)
		look->see(look->context, &found);
}

/* The directories on the way to a file. */
static void note_above(struct look *look, const char *path)
{
	const char *slash = *path ? strchr(path + 1, '/') : NULL;

	for (; slash; slash = strchr(slash + 1, '/')) {
		char *dir = xformat("%.*s", (int)(slash - path), path);

		note(look, dir);
		free(dir);
	}
}

/* Where a link leads: who may write to a directory on the way may lay another file there. */
static char *link_target(const struct trust *trust, const char *path)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(trust->root, path, target, sizeof(target));
	const char *name = strrchr(path, '/');

	if (len <= 0 || len == sizeof(target))
		return NULL;
	if (target[0] == '/' || !name)
		return xformat("%.*s", (int)len, target);
	return xformat("%.*s/%.*s", (int)(name - path), path, (int)len, target);
}

/* A path and all that it leads through: a directory on the way may be a link as well. */
static void look(struct look *look, const char *path)
{
	size_t first = look->seen.count;

	note(look, path);
	for (size_t i = first; i < look->seen.count && i < first + PLACES_MAX; i++) {
		const char *place = look->seen.items[i];
		char *target = link_target(look->trust, place);

		look_at(look, place);
		note_above(look, place);
		if (target)
			note(look, target);
		free(target);
	}
}

void trust_look(const struct trust *trust,
		void (*see)(void *context, const struct distrust *found), void *context)
{
	static const char *const paths[] = { "", "etc", "etc/early-vfio.conf",
					     "etc/early-vfio.conf.d" };
	struct look it = { .trust = trust, .see = see, .context = context };
	const char *dir = paths[3];
	struct names names;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		look(&it, paths[i]);
	names_read(trust->io, dir, &names);
	for (size_t i = 0; i < names.count; i++) {
		char *path = xformat("%s/%s", dir, names.items[i]);

		if (span_ends(span_of(path), ".conf") && names.items[i][0] != '.')
			look(&it, path);
		free(path);
	}
	names_free(&names);
	names_free(&it.seen);
}
