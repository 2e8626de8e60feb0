// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bounded slices of text and the scanners over them.
 * Must not know PCI, files or what the text means.
 */
#include <string.h>

#include <early-vfio/text.h>

struct span span_of(const char *text)
{
	struct span span = { text, 0 };

	while (text[span.len])
		span.len++;
	return span;
}

bool span_equals(struct span a, struct span b)
{
	return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
}

bool span_is(struct span a, const char *text)
{
	return span_equals(a, span_of(text));
}

static char dash(char c)
{
	return c == '_' ? '-' : c;
}

bool span_equals_name(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (dash(a.ptr[i]) != dash(b.ptr[i]))
			return false;
	return true;
}

bool span_is_name(struct span a, const char *name)
{
	return span_equals_name(a, span_of(name));
}

bool span_starts(struct span a, const char *prefix)
{
	struct span start = span_of(prefix);

	return span_equals(span_head(a, start.len), start);
}

bool span_ends(struct span a, const char *suffix)
{
	struct span end = span_of(suffix);

	return a.len >= end.len && span_equals(span_skip(a, a.len - end.len), end);
}

bool span_starts_name(struct span a, const char *prefix)
{
	struct span start = span_of(prefix);

	return span_equals_name(span_head(a, start.len), start);
}

struct span span_skip(struct span a, size_t count)
{
	if (count > a.len)
		count = a.len;
	if (count) { /* ptr may be NULL otherwise */
		a.ptr += count;
		a.len -= count;
	}
	return a;
}

struct span span_head(struct span a, size_t count)
{
	if (count < a.len)
		a.len = count;
	return a;
}

struct span span_trim(struct span a)
{
	while (a.len && is_blank(a.ptr[a.len - 1]))
		a.len--;
	for (; a.len && is_blank(*a.ptr); a.len--)
		a.ptr++;
	return a;
}

size_t span_find(struct span a, char c)
{
	size_t i = 0;

	while (i < a.len && a.ptr[i] != c)
		i++;
	return i;
}

size_t span_find_last(struct span a, char c)
{
	for (size_t i = a.len; i--;)
		if (a.ptr[i] == c)
			return i;
	return a.len;
}

struct span span_basename(struct span a)
{
	size_t slash = span_find_last(a, '/');

	return slash < a.len ? span_skip(a, slash + 1) : a;
}

bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20; /* lower case, of a letter */
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool span_next_line(struct span *rest, struct span *line)
{
	return span_next_field(rest, '\n', line);
}

bool span_next_word(struct span *rest, struct span *word)
{
	struct span left = span_trim(*rest);
	size_t end = 0;

	if (!left.len)
		return false;
	while (end < left.len && !is_blank(left.ptr[end]))
		end++;
	*word = span_head(left, end);
	*rest = span_skip(left, end);
	return true;
}

bool span_next_field(struct span *rest, char separator, struct span *field)
{
	size_t end = span_find(*rest, separator);

	if (!rest->len)
		return false;
	*field = span_head(*rest, end);
	*rest = span_skip(*rest, end + 1);
	return true;
}

size_t hex_read(struct span text, uint64_t *value)
{
	size_t count = 0;
	int digit;

	for (*value = 0; count < text.len; count++) {
		digit = hex_digit(text.ptr[count]);
		if (digit < 0)
			break;
		*value = *value << 4 | (unsigned)digit;
	}
	return count;
}

struct span without_0x(struct span text)
{
	bool has_0x = text.len > 1 && text.ptr[0] == '0' && (text.ptr[1] | 0x20) == 'x';

	return span_skip(text, has_0x ? 2 : 0);
}

bool hex_scan(struct span text, unsigned max_digits, uint32_t *value)
{
	uint64_t wide;

	if (!text.len || text.len > max_digits || hex_read(text, &wide) < text.len ||
	    wide > UINT32_MAX)
		return false;
	*value = (uint32_t)wide;
	return true;
}

bool dec_scan(struct span text, uint32_t max, uint32_t *value)
{
	uint64_t sum = 0;

	if (!text.len)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint32_t digit = (uint32_t)text.ptr[i] - '0';

		if (digit > 9)
			return false;
		sum = sum * 10 + digit;
		if (sum > max)
			return false;
	}
	*value = (uint32_t)sum;
	return true;
}
