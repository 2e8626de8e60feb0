/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bounded writer into the caller's storage: what does not fit is an error, never a
 * truncation. Knows nothing of where the text goes: `flush`, where set, empties it.
 */
#ifndef EARLY_VFIO_OUT_H
#define EARLY_VFIO_OUT_H

#include <early-vfio/text.h>

struct out {
	char *buf;
	size_t cap;
	size_t len;
	size_t done;   /* bytes that flush has taken away */
	bool overflow; /* sticky: something did not fit, or flush failed */
	/* Takes all `len` bytes away; 0 or a negative errno. May be NULL. */
	int (*flush)(void *context, const char *text, size_t len);
	void *context;
};

/* A writer into an array, which must stay. */
#define OUT(array) out_into(array, sizeof(array))
struct out out_into(char *buf, size_t cap);

void out_char(struct out *out, char c);
void out_text(struct out *out, const char *text);
void out_span(struct out *out, struct span text);
/* As out_span; control characters, bytes over 0x7e and the backslash become \xNN. */
void out_escaped(struct out *out, struct span text);
/* At least `digits` (1 to 8) lower-case hex digits. */
void out_hex(struct out *out, uint32_t value, unsigned digits);
void out_dec(struct out *out, uint32_t value);
/* A JSON string with its quotes; bytes that are not ASCII become \u00NN. */
void out_json(struct out *out, struct span text);
/* Bytes written so far, flushed or not. */
size_t out_at(const struct out *out);
/* Spaces up to `column` columns behind `start`, an earlier out_at(). */
void out_pad(struct out *out, size_t start, unsigned column);
/* Hand what is buffered to flush. */
void out_flush(struct out *out);
struct span out_done(const struct out *out);

#endif
