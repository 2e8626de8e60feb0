/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text in the columns of a terminal: how many there are, cutting and wrapping. Knows nothing
 * of what is written.
 */
#ifndef HOOK_WIDTH_H
#define HOOK_WIDTH_H

#include <early-vfio/out.h>

#define COLUMNS_MIN 80

/* Columns of the terminal at `fd`, never under COLUMNS_MIN; that where it is none. */
unsigned terminal_columns(int fd);

/* May escape sequences be written there? */
bool terminal_has_styles(int fd);

/* How many columns a UTF-8 text takes, as far as each character takes one. */
size_t text_columns(struct span text);

/* The text; where it takes more columns, its start and "...". */
void out_cut(struct out *out, struct span text, size_t columns);

/*
 * Words of a text, broken where a line would get wider than `columns`.
 *
 * @at: the column that is written already
 * @indent: blanks in front of each further line
 */
void out_wrapped(struct out *out, struct span text, size_t at, unsigned indent,
		 unsigned columns);

#endif
