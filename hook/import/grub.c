// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /etc/default/grub, a script in shell: the parts of the variables that go to the command line.
 * Knows nothing of shell but quotes, comments and assignments.
 */
#include <ctype.h>
#include <string.h>

#include "items.h"

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

static bool ends_word(char c)
{
	return is_blank(c) || c == ';';
}

/* The length of NAME= or NAME+= of such a variable; 0: it is none. */
static size_t assignment_length(struct span text)
{
	static const char name[] = "GRUB_CMDLINE_";
	size_t end = strlen(name);

	if (!span_starts(text, name))
		return 0;
	while (end < text.len &&
	       (isalnum((unsigned char)text.ptr[end]) || text.ptr[end] == '_'))
		end++;
	if (end < text.len && text.ptr[end] == '+')
		end++;
	return end < text.len && text.ptr[end] == '=' ? end + 1 : 0;
}

/* Up to such an assignment, a comment or the end; *rest: the value. */
static struct span upto_value(struct span *rest)
{
	struct span text = *rest;

	for (size_t i = 0; i < text.len; i++) {
		size_t length = assignment_length(span_skip(text, i));

		if (i && !ends_word(text.ptr[i - 1]))
			continue;
		if (!length && text.ptr[i] != '#')
			continue;
		*rest = span_skip(text, length ? i + length : text.len);
		return span_head(text, i);
	}
	*rest = span_skip(text, text.len);
	return text;
}

/* Up to the quote that ends it; *rest: what follows that. *quote is NUL then. */
static struct span upto_quote(struct span *rest, char *quote)
{
	struct span text = *rest;
	size_t end = 0;

	while (end < text.len && text.ptr[end] != *quote)
		end += *quote == '"' && text.ptr[end] == '\\' ? 2 : 1;
	if (end < text.len)
		*quote = '\0';
	*rest = span_skip(text, end + 1);
	return span_head(text, end);
}

static struct span upto_word(struct span *rest)
{
	struct span text = *rest;
	size_t end = 0;

	while (end < text.len && !ends_word(text.ptr[end]) && !is_quote(text.ptr[end]))
		end++;
	*rest = span_skip(text, end);
	return span_head(text, end);
}

static void read_part(struct import *import, struct span part)
{
	size_t count = import->count;

	if (span_ends(part, "\\"))
		part.len--;
	import_parameters(import, part);
	if (import->count == count)
		import_no_ids(import, part);
}

/* Another variable may bring it to the command line, or nothing at all. */
static void see_outside(struct import *import, struct span text)
{
	while (text.len) {
		struct span word = upto_word(&text);

		if (span_has(word, "pci.ids="))
			import_unread(import, word, "grub",
				      "only what stands in quotes right behind "
				      "GRUB_CMDLINE_LINUX= or its like is read");
		text = span_skip(text, 1);
	}
}

/* @quote: the one that a line before has opened, or NUL; so for the next */
static void read_line(struct import *import, struct span rest, char *quote)
{
	bool is_value = *quote;

	while (rest.len) {
		if (*quote) {
			read_part(import, upto_quote(&rest, quote));
		} else if (is_value && is_quote(rest.ptr[0])) {
			*quote = rest.ptr[0];
			rest = span_skip(rest, 1);
		} else if (is_value && !ends_word(rest.ptr[0])) {
			read_part(import, upto_word(&rest));
		} else {
			see_outside(import, upto_value(&rest));
			is_value = true;
		}
	}
}

void import_grub(struct span text, struct import *import)
{
	struct span line;
	char quote = '\0';

	while (import_next_line(import, &text, &line))
		read_line(import, line, &quote);
}
