/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host program says on stderr, one line at a time, and the core's writer on top of
 * a stdio stream. Knows nothing of what is said.
 */
#ifndef HOOK_SAY_H
#define HOOK_SAY_H

#include <stdio.h>

#include <early-vfio/note.h>

/* A writer that ends in a stream. */
struct sink {
	struct out out;
	char buf[512];
};

void sink_open(struct sink *sink, FILE *stream);

struct say {
	struct sink sink;
	unsigned faults; /* lines that --strict fails for */
};

/* stream: stderr, or NULL for none. */
void say_open(struct say *say, FILE *stream);
/* Another stream, or NULL for none; faults count on. */
void say_to(struct say *say, FILE *stream);

/* Start a line with the program's name; what is written to the result ends with say_end. */
struct out *say_begin(struct say *say);
void say_end(struct say *say);

/* A whole line: a note, or a fault, which is counted. */
__attribute__((format(printf, 2, 3))) void say_note(struct say *say, const char *format,
						    ...);
__attribute__((format(printf, 2, 3))) void say_fault(struct say *say, const char *format,
						     ...);

/*
 * "FILE:LINE:COLUMN: words" for what the core found in a line.
 *
 * @origin: where the line stands
 * @indent: bytes between the start of that line and what was parsed
 */
void say_diag(struct say *say, struct origin origin, size_t indent,
	      const struct diag *diag);

#endif
