/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices as sysfs and udev's database have them: paths, names, properties. Knows nothing of
 * file systems, nor of what is looked for.
 */
#ifndef HOOK_SYSFS_H
#define HOOK_SYSFS_H

#include <early-vfio/device.h>

#include "file.h"

/* A path or a name that is put together. */
struct name {
	char text[4096];
};
__attribute__((format(printf, 2, 3))) const char *name_of(struct name *name,
							  const char *format, ...);

/*
 * Follow a link of sysfs, by its text: no link outside the root is ever followed.
 *
 * Return: "sys/devices/…", to be freed; NULL: no such link.
 */
char *sysfs_resolve(struct io *io, const char *link);

/* The last part of a path. */
const char *base_of(const char *path);

/* Endpoints on one path: VMD, Thunderbolt and the like stack few. */
#define FUNCTIONS_MAX 16

/*
 * The PCI functions on a path of sysfs from the top down, bridges left out; before a virtual
 * function the physical one that it is of, which is not on the path.
 *
 * @count: how many of the functions there is room for; set to how many there are
 *
 * Return: false where the path has no PCI function at all, not even a bridge.
 */
bool sysfs_functions(struct io *io, const char *path, struct device *functions,
		     size_t *count);

/* The path of a block device by its kernel name; to be freed; NULL: there is none. */
char *block_by_name(struct io *io, const char *name);
/* By /dev/NAME, a name below /dev/mapper or a link below /dev. */
char *block_by_path(struct io *io, const char *path);
/* By UUID=, LABEL=, PARTUUID=, PARTLABEL=, or as block_by_path. */
char *block_by_spec(struct io *io, struct span spec);

/* What udev's database knows of a block device. */
enum udev_answer { UDEV_FOUND, UDEV_UNKNOWN_PROPERTY, UDEV_UNKNOWN_DEVICE };
enum udev_answer udev_property(struct io *io, const char *name, const char *key,
			       struct name *value);

#endif
