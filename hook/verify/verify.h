/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a built initramfs right and current: binder, config, modules, order. Knows nothing of
 * options, nor of how findings are printed.
 */
#ifndef HOOK_VERIFY_VERIFY_H
#define HOOK_VERIFY_VERIFY_H

#include <early-vfio/session.h>

#include "finding.h"
#include "verify/inside.h"

/* What an image is measured by. */
struct expectation {
	const char *kernel; /* its version; NULL: the image's own counts */
	struct span binder; /* the host's; empty: unknown */
	struct span config_text, image_text; /* as generate makes them now */
	bool has_texts;
	bool has_modules;    /* of that kernel, on this system */
	bool has_protection; /* what is protected now can be known: it takes root */
};

enum layout {
	LAYOUT_UNKNOWN,
	LAYOUT_INITRAMFS_TOOLS,
	LAYOUT_DRACUT,
	LAYOUT_MKINITCPIO,
	LAYOUT_EXTRA, /* our own extra initrd, without an image around it */
};

enum layout layout_of(const struct inside *inside);

/* What runs the binder in the image, and when. */
void judge_order(const struct inside *inside, enum layout layout,
		 struct findings *findings);
/* Binder, facts, modules, and whether they are those of now. */
void judge_content(const struct inside *inside, const struct expectation *expected,
		   const char *remedy, struct findings *findings);

/*
 * All of it: of an image that was read, whole or not.
 *
 * @remedy: how it is built anew
 */
void verify_inside(const struct inside *inside, const struct expectation *expected,
		   struct findings *findings);

/*
 * Look at one image file of a system.
 *
 * @session: opened over the root of the system; its rules and plan are lost
 * @path: of the image, below the current directory, not the root
 * @kernel: what it is for; NULL: as its name says, else as it says itself
 *
 * Return: EXIT_AS_WANTED; EXIT_ENVIRONMENT where the file cannot be read, which is a
 * finding too.
 */
int verify_file(struct session *session, const char *path, const char *kernel,
		struct findings *findings);

/* The kernel's version in the name of an image file, from malloc; NULL: none is in it. */
char *kernel_of_name(const char *path);

#endif
