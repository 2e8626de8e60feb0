/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a look at something found: good or bad, each with its remedy. Knows nothing of what
 * was looked at.
 */
#ifndef HOOK_FINDING_H
#define HOOK_FINDING_H

#include <early-vfio/out.h>

enum finding_level { FINDING_PASS, FINDING_WARN, FINDING_FAIL };

struct finding {
	enum finding_level level;
	const char *name; /* of the check: a literal, lower case, words joined by "-" */
	char *text;	  /* one line */
	char *remedy;	  /* one line: what to do; NULL: nothing */
};

struct findings {
	struct finding *items;
	size_t count, cap;
};

/* Append; text is formatted, remedy copied (NULL: none). */
__attribute__((format(printf, 5, 6))) void
finding_add(struct findings *findings, enum finding_level level, const char *name,
	    const char *remedy, const char *format, ...);
void findings_free(struct findings *findings);

/* The worst level of all; FINDING_PASS where there are none. */
enum finding_level findings_worst(const struct findings *findings);
/* "PASS", "WARN", "FAIL" */
const char *finding_word(enum finding_level level);

/*
 * For people: "FAIL  text", the remedy on lines of its own, wrapped.
 *
 * @from: leave out what is better than this
 */
void findings_print(const struct findings *findings, enum finding_level from,
		    unsigned columns, struct out *out);
/* A JSON array of {"level", "check", "text", "remedy"}, the level in lower case. */
void findings_json(const struct findings *findings, struct out *out);

#endif
