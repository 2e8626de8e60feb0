/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which PCI functions carry this machine: its file systems, swap, and the way to the
 * network. Knows nothing of rules; what follows from it the plan decides.
 */
#ifndef HOOK_PROTECT_H
#define HOOK_PROTECT_H

#include <early-vfio/device.h>
#include <early-vfio/io.h>
#include <early-vfio/rules.h>

#include "say.h"

#define HOLDINGS_MAX 8
#define HOLDING_TEXT_MAX 48

/* One thing that a function carries, and the last devices on the way to it. */
struct holding {
	const char *what; /* "holds /" */
	char on[HOLDING_TEXT_MAX];
	bool is_more; /* than on has room for */
};

struct carrier {
	struct bdf bdf;
	uint16_t vendor, device;
	size_t holding_count;
	struct holding holdings[HOLDINGS_MAX];
};

struct protection {
	size_t count;
	bool has_overflown;
	char *unprotected; /* why nothing is protected; NULL: what was found is */
	struct carrier items[PROTECTS_MAX];
};

/*
 * Look at the running system below the root.
 *
 * @sysroot: "" or an absolute path, for libraries that take whole paths
 * @say: gets a note for what cannot be traced
 */
void protection_find(struct protection *protection, struct io *io, const char *sysroot,
		     struct say *say);

/* Nothing is protected, and why. */
void protection_none(struct protection *protection, const char *why);

/* Note that the function at `bdf` carries something; `on` is the last device on the way. */
void protection_add(struct protection *protection, const struct device *dev,
		    const char *what, const char *on);

/* The `protect` or `unprotected` lines, by address. */
void protection_write(const struct protection *protection, struct out *out);
void protection_free(struct protection *protection);

#endif
