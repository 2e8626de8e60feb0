/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which boot loader started this machine, and where it has the kernel's command line from.
 * Knows nothing of what parameters mean.
 */
#ifndef HOOK_CHECK_LOADER_H
#define HOOK_CHECK_LOADER_H

#include <early-vfio/io.h>

enum loader_kind {
	LOADER_UNKNOWN,
	LOADER_GRUB,
	LOADER_GRUBBY,	/* GRUB, with a program that changes its entries */
	LOADER_CMDLINE, /* systemd-boot, from /etc/kernel/cmdline */
	LOADER_PROXMOX, /* the same by proxmox-boot-tool */
	LOADER_ENTRY,	/* systemd-boot, with entries written by hand */
	LOADER_UNIFIED, /* a unified kernel image */
};

struct loader {
	enum loader_kind kind;
	char *file;    /* which has the parameters; NULL: unknown */
	char *command; /* to run behind a change; NULL: none */
};

/*
 * Find out.
 *
 * @cmdline: of this boot
 * @release: of the running kernel
 */
void loader_find(struct loader *loader, struct io *io, struct span cmdline,
		 struct span release);
void loader_free(struct loader *loader);

/* Stands the parameter in the loader's file, whether this boot had it or not? */
bool loader_has(const struct loader *loader, struct io *io, const char *parameter);

/* What to do to add a parameter, or to take it out; from malloc. */
char *loader_add(const struct loader *loader, struct io *io, const char *parameter);
char *loader_remove(const struct loader *loader, struct span parameter);

#endif
