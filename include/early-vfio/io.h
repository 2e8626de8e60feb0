/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only doorway to the kernel: a handful of calls below one root. io/kernel.c serves them
 * from the running system, tests/fake/ from a simulated one. Knows nothing of what is done.
 */
#ifndef EARLY_VFIO_IO_H
#define EARLY_VFIO_IO_H

#include <early-vfio/note.h>
#include <sys/types.h>

#define IO_PATH_MAX 256
#define IO_LINE_MAX 4096
#define IO_DEVICES "sys/bus/pci/devices/"
#define IO_DRIVERS_PROBE "sys/bus/pci/drivers_probe"

/* Paths are relative to the root, without a leading slash ("sys/bus/pci/drivers"). */
struct io {
	/*
	 * Up to cap bytes of a file, in one call: all that a regular file or an attribute
	 * has. Bytes read (cap: perhaps more) or negative errno.
	 */
	ssize_t (*read)(struct io *io, const char *path, char *buf, size_t cap);
	/*
	 * Calls `line` for each line of a file of any length, without its LF, until it returns
	 * false: for procfs, which gives a page at a time. Lines over IO_LINE_MAX are left out. 0 or negative errno.
	 */
	int (*lines)(struct io *io, const char *path,
		     bool (*line)(void *context, struct span line), void *context);
	/* The text of a link; bytes (not terminated) or negative errno. */
	ssize_t (*link)(struct io *io, const char *path, char *buf, size_t cap);
	/* Calls `entry` for each name of a directory but . and ..; 0 or negative errno. */
	int (*list)(struct io *io, const char *path,
		    void (*entry)(void *context, struct span name), void *context);
	/* One write of all of text to an existing file; 0 or negative errno. */
	int (*write)(struct io *io, const char *path, struct span text);
	/* 0 where it is there, negative errno. */
	int (*exists)(struct io *io, const char *path);
	/*
	 * Load a module: `path` (absolute, as in early-vfio.image) as it is, then with .xz,
	 * .zst, .gz where the kernel decompresses, then by modprobe. A `path` that does not
	 * start with a slash is a name or an alias for modprobe. 0, -EEXIST where it is loaded
	 * already, or negative errno.
	 */
	int (*load)(struct io *io, const char *path, const char *options);
};

/* Serve from the system below `root` ("/" or --sysroot); the root is opened once. */
struct kernel_io {
	struct io io;
	int root;
	int devices; /* IO_DEVICES; -1: not there */
	int probe; /* IO_DRIVERS_PROBE is written once a device: it stays open; -1: not yet */
	unsigned suffix; /* the one that modules were found with last */
};
int kernel_io_open(struct kernel_io *kernel, const char *root);
/* The `load` of struct kernel_io, in a file of its own. */
int kernel_load(struct io *io, const char *path, const char *options);

/* A path being put together; overflow is seen in path.overflow. */
struct path {
	struct out out;
	char text[IO_PATH_MAX];
};
/* "sys/bus/pci/devices/ADDRESS/ATTRIBUTE" */
const char *device_path(struct path *path, struct bdf bdf, const char *attribute);
/* HEAD ADDRESS in one. */
const char *address_path(struct path *path, const char *head, struct bdf bdf);
/* Up to cap bytes of a file; empty where it cannot be read. */
struct span io_text(struct io *io, const char *path, char *buf, size_t cap);
/*
 * The last component of the link that is an attribute of a device, in a buffer of
 * IO_PATH_MAX; empty where there is none.
 */
struct span link_name(struct io *io, struct bdf bdf, const char *attribute, char *buf);
/* HEAD NAME TAIL in one; terminated even where it does not fit. */
const char *path_of(struct path *path, const char *head, struct span name,
		    const char *tail);
/* Is there HEAD NAME in one? */
bool path_exists(struct io *io, const char *head, struct span name);

#endif
