// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes to a text of lines that leave all other bytes as they are. Knows nothing of files,
 * nor of what the lines mean.
 */
#include <string.h>

#include "text.h"

/* What the last line that has an end ends in. */
static struct span line_end(struct span text)
{
	size_t at = span_find_last(text, '\n');

	return at < text.len && at > 0 && text.ptr[at - 1] == '\r' ? SPAN("\r\n") :
								     SPAN("\n");
}

static char *put(char *at, struct span text)
{
	if (text.len)
		memcpy(at, text.ptr, text.len);
	return at + text.len;
}

struct span text_append(struct span text, const struct names *lines)
{
	struct span end = line_end(text);
	bool is_open = text.len && text.ptr[text.len - 1] != '\n';
	size_t size = text.len + 1;
	char *buf, *at;

	for (size_t i = 0; i < lines->count; i++)
		size += strlen(lines->items[i]) + end.len;
	buf = xrealloc(NULL, size);
	at = put(buf, text);
	for (size_t i = 0; i < lines->count; i++) {
		if (is_open)
			at = put(at, end);
		at = put(at, span_of(lines->items[i]));
		if (!is_open)
			at = put(at, end);
	}
	return (struct span){ buf, (size_t)(at - buf) };
}

struct span text_cut(struct span text, struct range range)
{
	char *buf = xrealloc(NULL, text.len + 1);
	char *at = put(buf, span_head(text, range.start));

	at = put(at, span_skip(text, range.end));
	return (struct span){ buf, (size_t)(at - buf) };
}

static struct range range_of(struct span text, struct span part)
{
	size_t start = (size_t)(part.ptr - text.ptr);

	return (struct range){ start, start + part.len };
}

struct range line_range(struct span text, struct span line)
{
	struct range range = range_of(text, line);

	if (range.end < text.len) {
		range.end++; /* its LF */
	} else if (range.start && text.ptr[range.start - 1] == '\n') {
		range.start--;
		if (range.start && text.ptr[range.start - 1] == '\r')
			range.start--;
	}
	return range;
}

static size_t behind_blanks(struct span text, size_t at, size_t end)
{
	while (at < end && is_blank(text.ptr[at]))
		at++;
	return at;
}

struct range element_range(struct span text, struct span line, struct span element)
{
	struct range outer = range_of(text, line), range = range_of(text, element);
	size_t end = range.end, start = range.start;
	/* Then a blank may end the list, and what is behind it is not to join it. */
	bool is_tight = start > outer.start && text.ptr[start - 1] == ',';

	if (!is_tight)
		end = behind_blanks(text, end, outer.end);
	if (end < outer.end && text.ptr[end] == ',') {
		end++;
		/* Behind a blank it would be a comment, and hide the rest. */
		if (end < outer.end && text.ptr[end] == '#')
			return range;
		if (!is_tight)
			end = behind_blanks(text, end, outer.end);
		return (struct range){ start, end };
	}
	while (start > outer.start && is_blank(text.ptr[start - 1]))
		start--;
	if (start > outer.start && text.ptr[start - 1] == ',') {
		for (start--; start > outer.start && is_blank(text.ptr[start - 1]);
		     start--)
			;
		range.start = start;
	}
	return range;
}
