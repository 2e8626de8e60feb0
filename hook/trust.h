/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * May others than root change the config, and so choose what the machine starts without?
 * Knows nothing of what is in it, nor of how that is said.
 */
#ifndef HOOK_TRUST_H
#define HOOK_TRUST_H

#include <sys/stat.h>

#include "file.h"

/* Where the config lies. */
struct trust {
	struct io *io;
	int root;	 /* the system's root directory */
	bool is_sysroot; /* given by --sysroot: its owner stands for root there */
};

/* What is amiss with one path. */
struct distrust {
	const char *path; /* without a leading slash; empty for the root itself */
	bool has_owner;	  /* it belongs to another than root */
	bool has_writers; /* its group or everybody may write to it */
	uid_t owner;
	mode_t mode;
};

/*
 * Look at the config files, and at the directories that they stand in. Links are followed,
 * and all directories on their way looked at.
 *
 * @see: called for each path with which something is amiss
 */
void trust_look(const struct trust *trust,
		void (*see)(void *context, const struct distrust *found), void *context);

#endif
