/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two texts of an image, config and facts, from all that the host knows. Knows nothing
 * of options and output files.
 */
#ifndef HOOK_GENERATE_H
#define HOOK_GENERATE_H

#include <early-vfio/session.h>

#include "modules.h"
#include "protect/protect.h"

struct generate {
	/* Asked for. */
	const char *sysroot; /* "" or an absolute path */
	const char *kernel;
	bool is_hostless; /* the image is for another machine */
	/* For a command here and now: nothing is said or left out, the plan will do that. */
	bool is_for_host;
	bool is_quiet; /* what is left out is only counted and recorded */
	bool is_again; /* all but the kernel's modules was said of another kernel */
	const char
		*module_top; /* before the paths of modules in the image; NULL: nothing */
	/* Found. */
	bool has_module_dir;
	struct session *session; /* opened below the same root */
	struct say say;
	struct config config;
	struct modprobe modprobe;
	struct modules modules;
	struct protection protection;
	/* Made; from malloc. */
	struct span config_text, image_text;
};

/* EXIT_AS_WANTED, or the exit code of what stands in the way. Faults are in say.faults. */
int generate_texts(struct generate *generate);
void generate_free(struct generate *generate);

/* Make both texts of what is known, anew where they were made already. */
void generate_write(struct generate *generate);

/* Protect what brings the devices that the config keeps. */
void generate_protect_kept(struct generate *generate);
/* Leave out, say and count the rules that the plan refuses because of what is protected. */
void generate_refuse_protected(struct generate *generate);

/*
 * The same texts for a command on the running host: rules as the next image will have them,
 * and what it will protect. Set as session.read_texts.
 */
void host_read_texts(struct session *session);

#endif
