/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What modprobe.d says, by libkmod: options of modules, and vfio-pci's own ids= with the
 * file and line that it stands in. Knows nothing of which modules are loaded.
 */
#ifndef HOOK_MODPROBE_H
#define HOOK_MODPROBE_H

#include <libkmod.h>

#include <early-vfio/io.h>

#include "config.h"

struct modprobe {
	struct kmod_ctx *ctx;
	size_t option_count; /* of modprobe.d; libkmod appends this boot's command line */
};

/*
 * Read modprobe.d and the module index.
 *
 * @sysroot: "" or an absolute path
 * @module_dir: absolute, of the kernel that is asked about
 *
 * Return: 0 or negative errno. modprobe_close in any case.
 */
int modprobe_open(struct modprobe *modprobe, const char *sysroot, const char *module_dir);
void modprobe_close(struct modprobe *modprobe);

/* The options of a module, blank-separated, without vfio-pci's ids. To be freed. */
char *modprobe_options(const struct modprobe *modprobe, const char *module);

/*
 * The next option of a line for a module. It ends at what was meant for a comment, which
 * modprobe.d has only at the start of a line.
 */
bool modprobe_option_next(struct span *rest, struct param *param);

/* How a line has to be for its devices to count. */
#define IDS_AS_THEY_COUNT "write \"options vfio-pci ids=\", or a bind line"

/*
 * Does the line look as if it were to give devices to vfio-pci, and does not, for modprobe
 * and us? *what: the part that does not count.
 */
bool modprobe_misses_ids(struct span line, struct span *what);

/* Append an `ids` line to the config for each ids= of vfio-pci, and say what was to be one. */
void modprobe_ids(const struct modprobe *modprobe, struct io *io, struct config *config,
		  struct say *say);

#endif
