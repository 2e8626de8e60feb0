// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was probably meant to name devices for vfio, where nobody reads it as that. Knows nothing
 * of where it is written.
 */
#include <string.h>
#include <strings.h>

#include "meant.h"

/* A hexadecimal digit, or the letter that is typed for one. */
static bool is_digit_like(char c)
{
	return hex_digit(c) >= 0 || (c && strchr("oOlI", c));
}

static size_t digits_before(struct span text, size_t at)
{
	size_t count = 0;

	while (count < at && is_digit_like(text.ptr[at - 1 - count]))
		count++;
	return count;
}

static size_t digits_from(struct span text, size_t at)
{
	size_t count = 0;

	while (at + count < text.len && is_digit_like(text.ptr[at + count]))
		count++;
	return count;
}

static bool is_function(struct span text, size_t at)
{
	return at < text.len && text.ptr[at] == '.' && digits_from(text, at + 1) == 1;
}

bool has_device_like(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		size_t left, right;

		if (text.ptr[i] != ':')
			continue;
		left = digits_before(text, i);
		right = digits_from(text, i + 1);
		if (left >= 2 && right >= 2 &&
		    (left + right >= 6 || is_function(text, i + 1 + right)))
			return true;
	}
	return false;
}

bool has_vfio(struct span text)
{
	static const char name[] = "vfio";
	size_t len = strlen(name);

	for (size_t i = 0; i + len <= text.len; i++)
		if (strncasecmp(text.ptr + i, name, len) == 0)
			return true;
	return false;
}
