/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A made-up machine of any size as files below a directory, and rules for it. Knows nothing
 * of what is measured.
 */
#ifndef EARLY_VFIO_BENCH_TREE_H
#define EARLY_VFIO_BENCH_TREE_H

#include <stddef.h>

/* Makes DIR/sys with that many devices. Exits with a message where it cannot. */
void tree_make(const char *dir, size_t devices);
/* Removes DIR and all below it. */
void tree_remove(const char *dir);
/* The directory of a device in that machine, below its root; in static storage. */
const char *tree_device(size_t index);

/* A kind of rule; MIX takes one after the other. */
enum rule_kind {
	KIND_ADDRESS,
	KIND_GUARDED,
	KIND_PATH,
	KIND_ID,
	KIND_ID_SLOT,
	KIND_ADDRESS_GROUP,
	KIND_PATH_SLOT,
	KIND_ID_GROUP,
	KIND_CLASS,
	KIND_MIX,
};

/* A config of that many rules; its length. Exits where it does not fit. */
size_t rules_make(enum rule_kind kind, size_t rules, size_t devices, char *buf,
		  size_t cap);

#endif
