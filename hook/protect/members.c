// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The members of btrfs file systems and ZFS pools. Reads from a disk, by libblkid, only
 * where udev's database leaves the question open.
 */
#include <blkid.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "walk.h"

/* Every device of the file system that `name` is a device of. */
static bool add_btrfs_of(struct walk *walk, const char *uuid, const char *name)
{
	struct io *io = walk->trace->io;
	struct names devices;
	struct name path;

	if (io->exists(io, name_of(&path, "sys/fs/btrfs/%s/devices/%s", uuid, name)))
		return false;
	names_read(io, name_of(&path, "sys/fs/btrfs/%s/devices", uuid), &devices);
	for (size_t i = 0; i < devices.count; i++)
		walk_add(walk, block_by_name(io, devices.items[i]));
	names_free(&devices);
	return true;
}

void walk_add_btrfs(struct walk *walk, const char *member)
{
	struct io *io = walk->trace->io;
	char *node = block_by_path(io, member);
	struct names uuids;
	bool is_found = false;

	names_read(io, "sys/fs/btrfs", &uuids);
	for (size_t i = 0; node && i < uuids.count && !is_found; i++)
		is_found = add_btrfs_of(walk, uuids.items[i], base_of(node));
	names_free(&uuids);
	if (node && !is_found)
		say_note(
			walk->trace->say,
			"%s: sys/fs/btrfs does not know it; were there other devices of that "
			"file system, they are not protected",
			member);
	if (is_found)
		free(node);
	else
		walk_add(walk, node);
}

/* By its superblock. Only what libblkid is sure of. */
static bool probe_is_member(const char *path, const char *pool)
{
	blkid_probe probe = blkid_new_probe_from_filename(path);
	const char *type, *label;
	bool is_member;

	if (!probe)
		return false;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL);
	is_member = blkid_do_safeprobe(probe) == 0 &&
		    blkid_probe_lookup_value(probe, "TYPE", &type, NULL) == 0 &&
		    strcmp(type, "zfs_member") == 0 &&
		    blkid_probe_lookup_value(probe, "LABEL", &label, NULL) == 0 &&
		    strcmp(label, pool) == 0;
	blkid_free_probe(probe);
	return is_member;
}

/* Memory, and what is empty or made by the pool itself, is not asked. */
static bool can_be_member(struct io *io, const char *name)
{
	struct name path;
	char size[32];

	return strncmp(name, "zd", 2) && strncmp(name, "ram", 3) &&
	       strncmp(name, "zram", 4) &&
	       file_word(io, name_of(&path, "sys/class/block/%s/size", name), size,
			 sizeof(size)) == 0 &&
	       strcmp(size, "0") != 0;
}

/*
 * @is_thorough: udev saw no file system there either; it may have seen two
 */
static bool is_zfs_member(struct trace *trace, const char *name, const char *pool,
			  bool is_thorough)
{
	struct name value, path;

	switch (udev_property(trace->io, name, "ID_FS_TYPE", &value)) {
	case UDEV_FOUND:
		return strcmp(value.text, "zfs_member") == 0 &&
		       udev_property(trace->io, name, "ID_FS_LABEL", &value) ==
			       UDEV_FOUND &&
		       strcmp(value.text, pool) == 0;
	case UDEV_UNKNOWN_PROPERTY:
		if (!is_thorough)
			return false;
		break;
	case UDEV_UNKNOWN_DEVICE:
		break;
	}
	return can_be_member(trace->io, name) &&
	       probe_is_member(name_of(&path, "%s/dev/%s", trace->sysroot, name), pool);
}

static size_t add_zfs(struct walk *walk, const char *pool, bool is_thorough)
{
	struct io *io = walk->trace->io;
	struct names blocks;
	size_t found = 0;

	names_read(io, "sys/class/block", &blocks);
	for (size_t i = 0; i < blocks.count; i++) {
		if (!is_zfs_member(walk->trace, blocks.items[i], pool, is_thorough))
			continue;
		walk_add(walk, block_by_name(io, blocks.items[i]));
		found++;
	}
	names_free(&blocks);
	return found;
}

void walk_add_zfs(struct walk *walk, const char *dataset)
{
	struct span name = span_of(dataset);
	char *pool = xspan(span_head(name, span_find(name, '/')));

	if (!add_zfs(walk, pool, false) && !add_zfs(walk, pool, true))
		walk->lost++;
	free(pool);
}
