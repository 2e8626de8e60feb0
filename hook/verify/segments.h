/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An initramfs as the kernel takes it apart: cpio archives behind one another, compressed or
 * not, with zeros between. Knows nothing of what is in them.
 */
#ifndef HOOK_VERIFY_SEGMENTS_H
#define HOOK_VERIFY_SEGMENTS_H

#include <stdint.h>
#include <sys/types.h>

#include <early-vfio/text.h>

struct archive;

/* One member while it is looked at. */
struct member {
	struct span path; /* without "./" and "/" in front; empty for the root */
	struct span link; /* of a symbolic link */
	mode_t mode;
	uint64_t inode;	  /* of hard links: they have one content together */
	uint64_t segment; /* inodes count within one */
	uint64_t size;
	struct archive *reader;
};

struct segments {
	size_t count;	 /* archives that were read to their end */
	uint64_t offset; /* where in the file the last one starts */
	bool is_unfit;	 /* all is there, but the kernel does not unpack it */
	char fault[256]; /* why it cannot be read on; empty: it was read whole */
};

/*
 * Show every member of an image, in its order.
 *
 * @image: the whole file
 * @see: gets each member, and may read it with member_read
 *
 * Return: true where all of it could be read. Errors: in segments->fault.
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst of the kernel.
 */
bool segments_walk(struct span image, void (*see)(void *context, const struct member *),
		   void *context, struct segments *segments);

/* The content of the member, from malloc; empty where it has none, or more than `max`. */
struct span member_read(const struct member *member, size_t max);

#endif
