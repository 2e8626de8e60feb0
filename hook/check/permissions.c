// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * May others than root write to the config, and so choose what the machine starts without?
 * Knows nothing of what is in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"

static const char name[] = "permissions";

/* Of what a config stands in: its own, and the directories above. Links are followed. */
static bool status_of(const struct check *check, const char *path, struct stat *status)
{
	return fstatat(check->session.kernel.root, *path ? path : ".", status, 0) == 0;
}

/* The owner of a tree below --sysroot stands for root there. */
static bool is_trusted(const struct check *check, uid_t owner)
{
	struct stat root;

	return owner == 0 ||
	       (*check->sysroot && status_of(check, "", &root) && root.st_uid == owner);
}

static void say_owner(struct check *check, const char *path, uid_t owner)
{
	char *remedy = xformat("run chown root:root /%s", path);

	finding_add(&check->findings, FINDING_FAIL, name, remedy,
		    "/%s belongs to user %u, who may change which devices are taken",
		    path, (unsigned)owner);
	free(remedy);
}

static void say_mode(struct check *check, const char *path, mode_t mode)
{
	char *remedy = xformat("run chmod go-w /%s", path);

	finding_add(&check->findings, FINDING_FAIL, name, remedy,
		    "/%s may be written by %s, who may change which devices are taken",
		    path, mode & S_IWOTH ? "everybody" : "its group");
	free(remedy);
}

/* Return: how many findings. */
static unsigned check_path(struct check *check, const char *path)
{
	struct stat status;
	unsigned count = 0;

	if (!status_of(check, path, &status))
		return 0;
	if (!is_trusted(check, status.st_uid)) {
		say_owner(check, path, status.st_uid);
		count++;
	}
	/* In a directory with the sticky bit only owners may replace what is theirs. */
	if ((status.st_mode & (S_IWGRP | S_IWOTH)) &&
	    !(S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX))) {
		say_mode(check, path, status.st_mode);
		count++;
	}
	return count;
}

/* A config that is there and cannot be read does not get into an image. */
static void check_readable(struct check *check, const char *path)
{
	struct span text;
	int rc = file_read(check->io, path, &text);

	if (rc == 0) {
		free((char *)text.ptr);
		return;
	}
	if (rc == -ENOENT)
		return;
	finding_add(&check->findings, rc == -EACCES ? FINDING_WARN : FINDING_FAIL, name,
		    rc == -EACCES ? AS_ROOT : "correct or remove it",
		    "/%s cannot be read: %s", path, strerror(-rc));
}

static unsigned check_directory(struct check *check, const char *dir)
{
	struct names names;
	unsigned count = check_path(check, dir);

	names_read(check->io, dir, &names);
	for (size_t i = 0; i < names.count; i++) {
		char *path = xformat("%s/%s", dir, names.items[i]);

		if (span_ends(span_of(path), ".conf") && names.items[i][0] != '.') {
			count += check_path(check, path);
			check_readable(check, path);
		}
		free(path);
	}
	names_free(&names);
	return count;
}

void check_permissions(struct check *check)
{
	unsigned count = check_path(check, "") + check_path(check, "etc");

	count += check_path(check, "etc/early-vfio.conf");
	check_readable(check, "etc/early-vfio.conf");
	count += check_directory(check, "etc/early-vfio.conf.d");
	if (!count && check->has_rules)
		finding_add(&check->findings, FINDING_PASS, name, NULL,
			    "only root may write to the config");
}
