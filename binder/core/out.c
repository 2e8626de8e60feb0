// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bounded writer into the caller's storage, and the few formats that are needed.
 * Must not know where the text goes, nor what it says.
 */
#include <string.h>

#include <early-vfio/out.h>

NOINLINE struct out out_into(char *buf, size_t cap)
{
	return (struct out){ .buf = buf, .cap = cap };
}

void out_flush(struct out *out)
{
	if (!out->flush || !out->len || out->overflow)
		return;
	if (out->flush(out->context, out->buf, out->len))
		out->overflow = true;
	out->done += out->len;
	out->len = 0;
}

void out_char(struct out *out, char c)
{
	if (out->len == out->cap)
		out_flush(out);
	if (out->len == out->cap)
		out->overflow = true;
	if (!out->overflow)
		out->buf[out->len++] = c;
}

void out_text(struct out *out, const char *text)
{
	out_span(out, span_of(text));
}

/* Most of what is said comes through here, and most of that fits. */
void out_span(struct out *out, struct span text)
{
	/* An empty text may have no place at all. */
	if (text.len && text.len <= out->cap - out->len && !out->overflow) {
		memcpy(out->buf + out->len, text.ptr, text.len);
		out->len += text.len;
		return;
	}
	for (size_t i = 0; i < text.len; i++)
		out_char(out, text.ptr[i]);
}

static bool is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '\\';
}

/* What can be said as it is: up to a byte that is not plain, or is `mark`. */
static size_t out_plain(struct out *out, struct span text, char mark)
{
	size_t len = 0;

	while (len < text.len && is_plain(text.ptr[len]) && text.ptr[len] != mark)
		len++;
	out_span(out, span_head(text, len));
	return len;
}

void out_escaped(struct out *out, struct span text)
{
	for (size_t i = 0; i += out_plain(out, span_skip(text, i), 0), i < text.len;
	     i++) {
		out_text(out, "\\x");
		out_hex(out, (unsigned char)text.ptr[i], 2);
	}
}

static void out_number(struct out *out, uint32_t value, unsigned digits, unsigned base)
{
	char text[10];
	size_t at = sizeof(text);

	for (; at > sizeof(text) - digits || value; value /= base)
		text[--at] = "0123456789abcdef"[value % base];
	out_span(out, (struct span){ text + at, sizeof(text) - at });
}

void out_hex(struct out *out, uint32_t value, unsigned digits)
{
	out_number(out, value, digits, 16);
}

void out_dec(struct out *out, uint32_t value)
{
	out_number(out, value, 1, 10);
}

void out_json(struct out *out, struct span text)
{
	out_char(out, '"');
	for (size_t i = 0; i += out_plain(out, span_skip(text, i), '"'), i < text.len;
	     i++) {
		char c = text.ptr[i];

		out_char(out, '\\');
		if (c == '"' || c == '\\') {
			out_char(out, c);
		} else {
			out_char(out, 'u');
			out_hex(out, (unsigned char)c, 4);
		}
	}
	out_char(out, '"');
}

size_t out_at(const struct out *out)
{
	return out->done + out->len;
}

void out_pad(struct out *out, size_t start, unsigned column)
{
	while (!out->overflow && out_at(out) - start < column)
		out_char(out, ' ');
}

struct span out_done(const struct out *out)
{
	return (struct span){ out->buf, out->len };
}
