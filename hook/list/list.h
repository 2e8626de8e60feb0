/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices of a machine for people and programs, and what the rules say of them. Nothing
 * here decides or changes anything.
 */
#ifndef HOOK_LIST_H
#define HOOK_LIST_H

#include <early-vfio/session.h>

#include "names.h"

struct listing {
	struct session *session; /* scanned and planned */
	struct report report;	 /* of that plan */
	struct pci_access *names;
	unsigned columns;
	bool has_styles;	    /* escape sequences may be written */
	const char *kept_from_user; /* what only root sees; NULL: this is root */
	/* Why devices have no IOMMU group, by enum remedy; NULL: none for that reason. */
	char *groupless[REMEDY_UNKNOWN + 1];
	unsigned groupless_count[REMEDY_UNKNOWN + 1];
};

/* ---- facts.c: what one device is to the others and to the rules */

/* The slots with the same vendor:device, its own left out. */
struct twins {
	size_t count;		    /* slots */
	const struct device *first; /* a function of the first one; NULL: there is none */
};
struct twins twins_of(const struct inventory *inv, const struct device *dev);

/* What its protect line says; empty: it has none. */
struct span protect_reason(const struct ruleset *set, const struct device *dev);

/* What protection and rules say of it, in one line; nothing where none concerns it. */
void out_standing(struct out *out, const struct listing *listing,
		  const struct device *dev);

/*
 * Ask the plan why devices have no IOMMU group, and what would give them one.
 * Before the session's own plan: it shares the inventory.
 */
void groupless_ask(struct listing *listing);
void groupless_free(struct listing *listing);

/* ---- notes.c: what is to be said of the machine as a whole */

/* Call `say` for each; text is one line. */
void notes_each(const struct listing *listing,
		void (*say)(void *context, enum level level, struct span text),
		void *context);
/* "warning: …", wrapped. */
void notes_print(const struct listing *listing, struct out *out);

/* ---- the forms of the list */

void list_tree(const struct listing *listing, struct out *out);
void list_flat(const struct listing *listing, struct out *out);
void list_json(const struct listing *listing, struct out *out);

/*
 * The machine in the format of recorded machines: facts only.
 *
 * @inv: with all facts
 * @cmdline: of which the parameters that bear on this job are printed
 */
void list_capture(const struct inventory *inv, struct span cmdline, struct out *out);

#endif
