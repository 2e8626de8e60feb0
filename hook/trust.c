// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Owners and modes of the config files, of the directories above them and of those that their
 * links lead through. Knows nothing of
 * what is in them, nor of how it is said.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trust.h"

/* More the kernel does not follow. */
#define LINKS_MAX 40

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

static bool is_seen(const struct look *look, const char *path)
{
	for (size_t i = 0; i < look->seen.count; i++)
		if (strcmp(look->seen.items[i], path) == 0)
			return true;
	return false;
}

static void look_at(struct look *look, const char *path)
{
	struct distrust found = { .path = path + (*path == '/') };
	struct stat status;

	if (is_seen(look, path) || !status_of(look->trust, path, &status))
		return;
	names_add(&look->seen, span_of(path));
	found.owner = status.st_uid;
	found.mode = status.st_mode;
	found.has_owner = is_foreign(look->trust, status.st_uid);
	found.has_writers = has_writers(status.st_mode);
	if (found.has_owner || found.has_writers)
		look->see(look->context, &found);
}

/* The directories on the way to a file. */
static void look_above(struct look *look, const char *path)
{
	for (const char *slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		char *dir = xformat("%.*s", (int)(slash - path), path);

		look_at(look, dir);
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

static void look(struct look *look, const char *path)
{
	char *at;

	look_at(look, path);
	at = link_target(look->trust, path);
	for (unsigned i = 0; at && i < LINKS_MAX; i++) {
		char *next = link_target(look->trust, at);

		look_above(look, at);
		free(at);
		at = next;
	}
	free(at);
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
