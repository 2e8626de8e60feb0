// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text in the columns of a terminal: how many there are, cutting and wrapping. Knows nothing
 * of what is written.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "width.h"

unsigned terminal_columns(int fd)
{
	struct winsize size = { 0 };

	if (ioctl(fd, TIOCGWINSZ, &size) || size.ws_col < COLUMNS_MIN)
		return COLUMNS_MIN;
	return size.ws_col;
}

bool terminal_has_styles(int fd)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	return isatty(fd) && term && *term && strcmp(term, "dumb") != 0 &&
	       (!no_color || !*no_color);
}

/* Bytes behind the first of a character do not start a column. */
static bool is_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

size_t text_columns(struct span text)
{
	size_t columns = 0;

	for (size_t i = 0; i < text.len; i++)
		columns += is_start(text.ptr[i]);
	return columns;
}

/* The longest start of a text that takes at most so many columns. */
static struct span head_of(struct span text, size_t columns)
{
	size_t len = 0;

	for (size_t used = 0; len < text.len; len++) {
		used += is_start(text.ptr[len]);
		if (used > columns)
			break;
	}
	return span_head(text, len);
}

void out_cut(struct out *out, struct span text, size_t columns)
{
	if (text_columns(text) <= columns) {
		out_span(out, text);
		return;
	}
	out_span(out, head_of(text, columns > 3 ? columns - 3 : 0));
	out_text(out, "...");
}

/* What it speaks of may have been escaped before: a backslash stays what it is. */
static void out_word(struct out *out, struct span word)
{
	size_t plain = span_find(word, '\\');

	for (; plain < word.len; plain = span_find(word, '\\')) {
		out_escaped(out, span_head(word, plain));
		out_char(out, '\\');
		word = span_skip(word, plain + 1);
	}
	out_escaped(out, word);
}

void out_wrapped(struct out *out, struct span text, size_t at, unsigned indent,
		 unsigned columns)
{
	struct span word;

	for (bool is_first = true; span_next_word(&text, &word); is_first = false) {
		if (!is_first && at + 1 + text_columns(word) > columns) {
			out_char(out, '\n');
			out_pad(out, out_at(out), indent);
			at = indent;
		} else if (!is_first) {
			out_char(out, ' ');
			at++;
		}
		out_word(out, word);
		at += text_columns(word);
	}
	out_char(out, '\n');
}
