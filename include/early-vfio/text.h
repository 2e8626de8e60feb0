/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded slices of text and the scanners over them.
 * Knows nothing of PCI, of files or of what the text means.
 */
#ifndef EARLY_VFIO_TEXT_H
#define EARLY_VFIO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of functions whose copies would be larger than their calls, as was tried. */
#define NOINLINE __attribute__((noinline))

/* A slice of somebody else's buffer; not NUL-terminated. ptr may be NULL when len is 0. */
struct span {
	const char *ptr;
	size_t len;
};

#define SPAN(literal) ((struct span){ (literal), sizeof(literal) - 1 })

/* The span of a NUL-terminated string. */
struct span span_of(const char *text);
bool span_equals(struct span a, struct span b);
bool span_is(struct span a, const char *text);
/* As span_equals, but `-` and `_` are the same character. */
bool span_equals_name(struct span a, struct span b);
/* As span_is, but `-` and `_` are the same character: the kernel's rule for names. */
bool span_is_name(struct span a, const char *name);
bool span_starts(struct span a, const char *prefix);
bool span_ends(struct span a, const char *suffix);
/* As span_starts with `-` and `_` alike. */
bool span_starts_name(struct span a, const char *prefix);
struct span span_skip(struct span a, size_t count);
struct span span_head(struct span a, size_t count);
/* Without blanks (space, tab, CR, VT, FF, LF) at both ends. */
struct span span_trim(struct span a);
/* Offset of the first `c`, or a.len. */
size_t span_find(struct span a, char c);
/* Offset of the last `c`, or a.len. */
size_t span_find_last(struct span a, char c);
/*
 * The place of `word` in a table of keywords, `-` and `_` alike; -1: not there. A table is one
 * literal: words with a NUL behind each, and an empty one that ends it. So "slot\0group\0"
 * holds two.
 */
int keyword_find(struct span word, const char *table);
/* What follows the last `/`. */
struct span span_basename(struct span a);

bool is_blank(char c);
/* The value of a hex digit, or -1. */
int hex_digit(char c);

/* Take the next line (without its LF) off *rest. False at the end of the text. */
bool span_next_line(struct span *rest, struct span *line);
/* Take the next blank-delimited word off *rest. False when only blanks are left. */
bool span_next_word(struct span *rest, struct span *word);
/* Take what stands before the next `separator` (or the end) off *rest; the separator is
 * eaten. False only when *rest is empty. */
bool span_next_field(struct span *rest, char separator, struct span *field);

/*
 * Return: how many hex digits the text starts with. *value is what they say; what does not
 * fit in 64 bits is lost at the top.
 */
size_t hex_read(struct span text, uint64_t *value);
/* Without the 0x or 0X that it may start with. */
struct span without_0x(struct span text);
/* The whole span is 1 to max_digits hex digits (max_digits <= 8). */
bool hex_scan(struct span text, unsigned max_digits, uint32_t *value);
/* The whole span is decimal and at most `max`. */
bool dec_scan(struct span text, uint32_t max, uint32_t *value);

#endif
