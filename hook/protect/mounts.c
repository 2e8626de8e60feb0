// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The block devices of a mounted file system, and of a file on one. Knows nothing of what
 * the devices stand on.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "walk.h"

static bool is_one_of(const char *type, const char *const *types, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static bool is_network(const char *type)
{
	static const char *const types[] = { "nfs",  "nfs4", "cifs", "smb3",
					     "ceph", "afs",  "9p",   "fuse.glusterfs" };

	return is_one_of(type, types, sizeof(types) / sizeof(types[0]));
}

/* Devices besides the one that is mounted: external logs, real-time parts. */
static void add_option_devices(struct walk *walk, struct libmnt_fs *fs)
{
	static const char *const options[] = { "logdev", "rtdev", "journal_path" };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		char *value = NULL;
		size_t len = 0;

		if (mnt_fs_get_option(fs, options[i], &value, &len) == 0 && len)
			walk_add(walk, block_by_spec(walk->trace->io,
						     (struct span){ value, len }));
	}
}

static void add_network(struct walk *walk, struct libmnt_fs *fs)
{
	char *value = NULL, *address = NULL;
	size_t len = 0;

	if (mnt_fs_get_option(fs, "addr", &value, &len) == 0 && len)
		address = xspan((struct span){ value, len });
	if (!walk_route(walk, address))
		walk->lost++;
	free(address);
}

/* "/dev/sda2:/dev/sdb2" */
static void add_list(struct walk *walk, const char *source)
{
	struct span rest = span_of(source), member;

	while (span_next_field(&rest, ':', &member))
		walk_add(walk, block_by_spec(walk->trace->io, member));
}

static void add_device(struct walk *walk, struct libmnt_fs *fs, const char *source)
{
	dev_t devno = mnt_fs_get_devno(fs);
	struct name path;

	/* A number of the file system's own says nothing of where it is. */
	if (major(devno) != 0)
		walk_add(walk, sysfs_resolve(walk->trace->io,
					     name_of(&path, "sys/dev/block/%u:%u",
						     major(devno), minor(devno))));
	else
		walk_add(walk, block_by_path(walk->trace->io, source));
	add_option_devices(walk, fs);
}

void walk_add_mount(struct walk *walk, struct libmnt_fs *fs)
{
	const char *type = fs ? mnt_fs_get_fstype(fs) : NULL;
	const char *source = fs ? mnt_fs_get_source(fs) : NULL;

	if (!type || !source)
		walk->lost++;
	else if (strcmp(type, "zfs") == 0)
		walk_add_zfs(walk, source);
	else if (strcmp(type, "btrfs") == 0)
		walk_add_btrfs(walk, source);
	else if (strcmp(type, "bcachefs") == 0)
		add_list(walk, source);
	else if (is_network(type))
		add_network(walk, fs);
	else
		add_device(walk, fs, source);
}

void walk_add_file(struct walk *walk, const char *path)
{
	char *dir = xspan(span_of(path));
	struct libmnt_fs *fs = NULL;

	while (!fs && *dir == '/') {
		*strrchr(dir, '/') = '\0';
		fs = mnt_table_find_target(walk->trace->mounts, *dir ? dir : "/",
					   MNT_ITER_BACKWARD);
	}
	walk_add_mount(walk, fs);
	free(dir);
}
