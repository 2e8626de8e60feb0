/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which module files the image needs, in load order with their options, and which vfio
 * variant drivers it may use. Knows nothing of rules.
 */
#ifndef HOOK_MODULES_H
#define HOOK_MODULES_H

#include "modprobe.h"

struct module {
	char *name; /* with `_` */
	char *path; /* as in the image, without a compression suffix */
	char *options;
	bool is_needed; /* not only by softdeps, which may fail */
};

struct variant {
	char *pattern, *driver;
};

struct modules {
	const struct modprobe *modprobe;
	size_t sysroot_len; /* what libkmod's paths have too much in front */
	size_t count, variant_count;
	bool has_overflown;
	const char *overlong; /* the module whose options are left out; NULL: none */
	struct module items[MODULES_MAX];
	struct variant variants[ALIASES_MAX];
};

enum module_state { MODULE_ADDED, MODULE_BUILTIN, MODULE_MISSING };

/* Append a module behind all that must be loaded before it; what is there stays. */
enum module_state modules_add(struct modules *modules, const char *name);

/*
 * Find the drivers behind the vfio_pci: aliases of the kernel that can be loaded without a
 * host driver (a module with pci: aliases) coming along.
 *
 * @aliases: the text of modules.alias
 */
void modules_find_variants(struct modules *modules, struct span aliases);

void modules_free(struct modules *modules);

#endif
