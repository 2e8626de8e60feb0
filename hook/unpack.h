/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of kernel modules without their compression. Knows nothing of which modules there
 * are, nor what they do.
 */
#ifndef HOOK_UNPACK_H
#define HOOK_UNPACK_H

#include "file.h"

/* What a module's file may be called behind its name; the first is the one that is plain. */
#define MODULE_SUFFIXES 4
extern const char module_suffixes[MODULE_SUFFIXES][sizeof(".zst")];

/*
 * A module's file, unpacked where it is compressed: a kernel may be unable to do it.
 *
 * @path: absolute, without the suffix of a compression
 * @content: from malloc
 *
 * Return: 0 or negative errno; -ENOEXEC: what is there is no module.
 */
int module_read(const char *path, struct span *content);

/*
 * Put a module in the place of its compressed file, below the tree that an image is made
 * of. The new file has all bytes of the old one, a signature too, and its time. Where it
 * cannot be done, what is there stays.
 *
 * @tree: as realpath has it; what a link leads out of it is left alone
 * @path: as in the image, without the suffix of a compression
 * @room: how many bytes may still be unpacked; what is larger stays compressed
 *
 * Return: 0, also where there was nothing to do, or negative errno.
 */
int module_unpack(const char *tree, const char *path, size_t *room);

#endif
