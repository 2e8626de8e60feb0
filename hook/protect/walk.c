// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Block devices down to the hardware: partitions, device-mapper, md, bcache, loop devices,
 * NVMe with several paths. Knows nothing of file systems.
 */
#include <stdlib.h>
#include <string.h>

#include "walk.h"

void walk_add(struct walk *walk, char *path)
{
	if (!path || walk->count == WALK_NODES_MAX) {
		walk->lost++;
		free(path);
		return;
	}
	for (size_t i = 0; i < walk->count; i++)
		if (strcmp(walk->nodes[i], path) == 0) {
			free(path);
			return;
		}
	walk->nodes[walk->count++] = path;
}

void walk_free(struct walk *walk)
{
	for (size_t i = 0; i < walk->count; i++)
		free(walk->nodes[i]);
	walk->count = walk->next = 0;
}

/* The disk of a partition, or the disk itself. */
static char *disk_of(struct io *io, const char *node)
{
	struct name path;
	struct span disk = span_of(node);

	if (io->exists(io, name_of(&path, "%s/partition", node)) == 0)
		disk.len = (size_t)(base_of(node) - node) - 1;
	return xspan(disk);
}

/* What device-mapper, md and bcache devices are made of. */
static bool add_slaves(struct walk *walk, const char *disk)
{
	struct io *io = walk->trace->io;
	struct names slaves;
	struct name path;
	bool has_any;

	names_read(io, name_of(&path, "%s/slaves", disk), &slaves);
	has_any = slaves.count > 0;
	for (size_t i = 0; i < slaves.count; i++)
		walk_add(walk, sysfs_resolve(io, name_of(&path, "%s/slaves/%s", disk,
							 slaves.items[i])));
	names_free(&slaves);
	return has_any;
}

static bool add_loop(struct walk *walk, const char *disk)
{
	struct io *io = walk->trace->io;
	struct name path;
	char file[4096];

	if (file_word(io, name_of(&path, "%s/loop/backing_file", disk), file,
		      sizeof(file)))
		return false;
	walk_add_file(walk, file);
	return true;
}

/* "nvme3" but not "nvme3n1" */
static bool is_controller(const char *name)
{
	return strncmp(name, "nvme", 4) == 0 && name[4] &&
	       strspn(name + 4, "0123456789") == strlen(name + 4);
}

/* Does the controller have a path to the namespace? nvme0c1n2 is nvme0n2 by nvme1. */
static bool has_path(struct io *io, const char *controller, const char *disk)
{
	const char *namespace = base_of(disk);
	size_t subsystem = 4 + strspn(namespace + 4, "0123456789");
	struct name path;

	return io->exists(io, name_of(&path, "%s/%.*sc%s%s", controller, (int)subsystem,
				      namespace, base_of(controller) + 4,
				      namespace + subsystem)) == 0;
}

static void add_controllers(struct walk *walk, const char *disk, const char *subsystem,
			    const struct names *names, bool only_with_path)
{
	struct io *io = walk->trace->io;
	struct name path;

	for (size_t i = 0; i < names->count; i++) {
		char *controller;

		if (!is_controller(names->items[i]))
			continue;
		controller = sysfs_resolve(io, name_of(&path, "%s/%s", subsystem,
						       names->items[i]));
		if (controller && only_with_path && !has_path(io, controller, disk))
			free(controller);
		else
			walk_add(walk, controller);
	}
}

/* A namespace with several paths hangs below its subsystem, next to its controllers. */
static bool add_nvme_paths(struct walk *walk, const char *disk)
{
	size_t before = walk->count;
	struct names names;
	char *subsystem;

	if (!strstr(disk, "/nvme-subsystem/"))
		return false;
	subsystem = xspan(span_head(span_of(disk), (size_t)(base_of(disk) - disk) - 1));
	names_read(walk->trace->io, subsystem, &names);
	add_controllers(walk, disk, subsystem, &names, true);
	if (walk->count == before)
		add_controllers(walk, disk, subsystem, &names, false);
	if (walk->count == before)
		walk->lost++;
	names_free(&names);
	free(subsystem);
	return true;
}

/* A ZFS volume: udev's links to it have the pool's name. */
static bool add_zvol(struct walk *walk, const char *disk)
{
	struct io *io = walk->trace->io;
	struct name links;
	const char *pool;

	if (!span_starts(span_of(base_of(disk)), "zd"))
		return false;
	if (udev_property(io, base_of(disk), "DEVLINKS", &links) != UDEV_FOUND ||
	    !(pool = strstr(links.text, "/dev/zvol/"))) {
		walk->lost++;
		return true;
	}
	pool += strlen("/dev/zvol/");
	links.text[(size_t)(pool - links.text) + strcspn(pool, "/")] = '\0';
	walk_add_zfs(walk, pool);
	return true;
}

/* Disks at the other end of a network. */
static bool is_remote(const char *disk)
{
	return strstr(disk, "/nvme-fabrics/") || strstr(disk, "/session") ||
	       strstr(disk, "/devices/rbd/") || strncmp(base_of(disk), "nbd", 3) == 0;
}

static bool is_memory(const char *disk)
{
	return strncmp(base_of(disk), "zram", 4) == 0 ||
	       strncmp(base_of(disk), "ram", 3) == 0;
}

static void end_at(struct walk *walk, const char *node, const char *disk)
{
	struct device functions[FUNCTIONS_MAX];
	size_t count = FUNCTIONS_MAX;

	if (sysfs_functions(walk->trace->io, disk, functions, &count)) {
		for (size_t i = 0; i < count; i++)
			protection_add(walk->trace->protection, &functions[i], walk->what,
				       base_of(node));
		walk->hardware++;
	} else if (is_remote(disk)) {
		if (!walk_route(walk, NULL))
			walk->lost++;
	} else if (is_memory(disk) || !strstr(disk, "/devices/virtual/")) {
		walk->hardware++;
	} else {
		walk->lost++;
	}
}

static void descend(struct walk *walk, const char *node)
{
	char *disk = disk_of(walk->trace->io, node);

	if (!add_slaves(walk, disk) && !add_loop(walk, disk) &&
	    !add_nvme_paths(walk, disk) && !add_zvol(walk, disk))
		end_at(walk, node, disk);
	free(disk);
}

void walk_run(struct walk *walk)
{
	while (walk->next < walk->count)
		descend(walk, walk->nodes[walk->next++]);
}
