/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parsers of the core share: keywords, quotes, places of diagnoses, lists of
 * specifications. Knows nothing of the files and lines that the text comes from.
 */
#ifndef BINDER_CORE_PARSE_H
#define BINDER_CORE_PARSE_H

#include <early-vfio/rules.h>

/* As keyword_find, of choices as messages show them, "info|debug", in capitals too. */
int choice_find(struct span word, const char *choices);
/* The word of the table that `word` was probably meant to be, or NULL. */
const char *keyword_near(struct span word, const char *table);

/* Take a pair of quotes, or a lone one, off the ends. DIAG_NONE: there was none. */
enum diag_code quotes_strip(struct span *text);

/* A diagnosis of `text` with its offset from `base` and the level that the code has. */
struct diag diag_at(enum diag_code code, const char *base, struct span text);

/* Where a parser is: notes go to the set, with offsets from base. */
struct place {
	struct ruleset *set;
	const char *base;
	struct origin origin;
};

void note_at(const struct place *place, enum diag_code code, struct span text,
	     const char *value);

/* FILE:LINE, with a line from 1 */
bool origin_scan(struct span text, struct origin *origin);

/* A vendor or a device alone. */
bool is_half_id(struct span text);

#endif
