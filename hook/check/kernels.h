/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernels that are installed, and where each one's image is. Knows nothing of what an
 * image must hold.
 */
#ifndef HOOK_CHECK_KERNELS_H
#define HOOK_CHECK_KERNELS_H

#include <early-vfio/io.h>

struct installed_kernel {
	char *version;
	char *modules;	 /* absolute: /lib/modules/VERSION */
	char *file;	 /* of the kernel itself; NULL: it is not there */
	char *image;	 /* NULL: there is none */
	bool is_unified; /* the image is part of a unified kernel image */
	bool has_index;	 /* modules.dep */
};

struct kernels {
	struct installed_kernel *items;
	size_t count;
};

/* Find them below the root. */
void kernels_find(struct kernels *kernels, struct io *io);
void kernels_free(struct kernels *kernels);

/* Can this one be booted, as far as can be seen? */
bool kernel_is_bootable(const struct installed_kernel *kernel);

/* What makes its image anew: "update-initramfs -u -k VERSION"; from malloc. */
char *kernel_rebuild(const struct installed_kernel *kernel, struct io *io);

#endif
