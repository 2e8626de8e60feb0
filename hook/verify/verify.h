/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a built initramfs right and current: binder, config, modules, order. Knows nothing of
 * options, nor of how findings are printed.
 */
#ifndef HOOK_VERIFY_VERIFY_H
#define HOOK_VERIFY_VERIFY_H

#include <early-vfio/session.h>

#include "file.h"
#include "finding.h"
#include "verify/inside.h"

/* What an image is measured by. */
struct expectation {
	const char *kernel; /* its version; NULL: the image's own counts */
	const char *top;    /* before the paths of modules in it: "" or "early-vfio/" */
	struct span binder; /* the host's; empty: unknown */
	struct span config_text, image_text; /* as generate makes them now */
	const struct names *unread; /* of the config's files: what is not in those texts */
	bool has_texts;
	bool is_root;
	bool has_modules;    /* of that kernel, on this system */
	bool has_protection; /* what is protected now can be known: it takes root */
};

enum layout {
	LAYOUT_UNKNOWN,
	LAYOUT_INITRAMFS_TOOLS,
	LAYOUT_DRACUT,
	LAYOUT_MKINITCPIO,
	LAYOUT_EXTRA, /* our own extra initrd, alone or with an image that has none of us */
};

enum layout layout_of(const struct inside *inside);

/* What runs the binder in the image, and when. */
void judge_order(const struct inside *inside, enum layout layout,
		 struct findings *findings);
/* What is there for devices that come late, and for a root that is missing. */
void judge_late(const struct inside *inside, enum layout layout, const char *remedy,
		struct findings *findings);
/* Is the binder there, and the installed one? */
void judge_binder(const struct inside *inside, enum layout layout,
		  const struct expectation *expected, const char *remedy,
		  struct findings *findings);
/*
 * Facts and modules, and whether they are those of now.
 *
 * @config, @facts: where the two texts stand in the image
 */
void judge_content(const struct inside *inside, const char *config, const char *facts,
		   const struct expectation *expected, const char *remedy,
		   struct findings *findings);

/*
 * Look at one image file of a system.
 *
 * @session: opened over the root of the system; its rules and plan are lost
 * @path: of the image, below the current directory, not the root
 * @kernel: what it is for; NULL: as its name says where that kernel is installed, else as
 *	it says itself
 *
 * Return: EXIT_AS_WANTED; EXIT_ENVIRONMENT where the file cannot be read, which is a
 * finding too.
 */
int verify_file(struct session *session, const char *path, const char *kernel,
		struct findings *findings);

/* The initrd in a unified kernel image; `file` itself, where it is none. */
struct span initrd_of(struct span file);

/* The kernel's version in the name of an image file, from malloc; NULL: none is in it. */
char *kernel_of_name(const char *path);

#endif
