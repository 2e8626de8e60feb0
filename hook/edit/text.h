/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes to a text of lines that leave all other bytes as they are. Knows nothing of files,
 * nor of what the lines mean.
 */
#ifndef HOOK_EDIT_TEXT_H
#define HOOK_EDIT_TEXT_H

#include "file.h"

/*
 * The text with lines behind it, from malloc. They end as its last line does: in LF, CR LF
 * or, where its last line has no end, the last of them has none.
 */
struct span text_append(struct span text, const struct names *lines);

/* Part of a text. */
struct range {
	size_t start, end;
};

/* The text without that part, from malloc. */
struct span text_cut(struct span text, struct range range);

/*
 * A line with its end; of a last line that has none, the end before it.
 * @line: a slice of text, without its LF
 */
struct range line_range(struct span text, struct span line);

/*
 * An element of a comma-separated list, with one of the commas beside it and the blanks
 * around that, but where a blank may be the end of the list.
 *
 * @text: holds the line
 * @line: a slice of text
 * @element: a slice of line
 */
struct range element_range(struct span text, struct span line, struct span element);

#endif
