/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what carries something down to the hardware: block devices and network interfaces
 * that are stacked on others. Knows nothing of why it is asked.
 */
#ifndef HOOK_WALK_H
#define HOOK_WALK_H

#include <libmount.h>

#include "protect.h"
#include "sysfs.h"

/* What tracing works from. */
struct trace {
	struct io *io;
	const char *sysroot; /* "" or an absolute path */
	struct say *say;
	struct protection *protection;
	struct libmnt_table *mounts;
};

/* Return: NULL, or why what we see is not the running machine's own. */
const char *foreign_root(struct trace *trace);

#define WALK_NODES_MAX 512

/* One question: what carries this? */
struct walk {
	struct trace *trace;
	const char *what; /* "holds /": a literal */
	size_t hardware;  /* ends in hardware, of PCI or not */
	size_t lost;	  /* ends in nothing that could be traced */
	size_t count, next;
	char *nodes[WALK_NODES_MAX]; /* paths below the root */
};

/* Add where to start. NULL: it is lost. The path belongs to the walk then. */
void walk_add(struct walk *walk, char *path);

/* A mounted file system, with all devices of it. */
void walk_add_mount(struct walk *walk, struct libmnt_fs *fs);
/* A file, by the file system that it is on. */
void walk_add_file(struct walk *walk, const char *path);
/* The members of a pool or of a file system of several devices. */
void walk_add_zfs(struct walk *walk, const char *pool);
void walk_add_btrfs(struct walk *walk, const char *member);

/* Go down to the hardware and note what carries it. */
void walk_run(struct walk *walk);

/* Network interfaces in place of block devices; ends the same way. */
void walk_interface(struct walk *walk, const char *name);
/*
 * The interface that leads to an address (as in NFS's addr=); NULL: the default route's.
 * Return: false where there is no such route.
 */
bool walk_route(struct walk *walk, const char *address);

void walk_free(struct walk *walk);

#endif
