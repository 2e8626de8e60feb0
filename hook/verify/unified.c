// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The initrd in a unified kernel image, which is a PE file with a section for it. Knows
 * nothing of what an initrd is.
 */
#include <string.h>

#include "verify/verify.h"

/* Offsets of the PE format. */
#define PE_POINTER 0x3c	 /* in the file: where the PE header is */
#define SECTION_COUNT 6	 /* in the PE header */
#define OPTIONAL_SIZE 20 /* in the PE header */
#define HEADER_SIZE 24	 /* of the PE header, before the optional one */
#define SECTION_SIZE 40
#define SECTION_VIRTUAL 8   /* in a section: how much of it counts */
#define SECTION_RAW_SIZE 16 /* how much of it is in the file */
#define SECTION_RAW 20	    /* and where */

/* A little-endian number of 2 or 4 bytes; 0 where the file is too short for it. */
static uint32_t number_at(struct span file, uint64_t at, unsigned bytes)
{
	uint32_t value = 0;

	if (at + bytes > file.len)
		return 0;
	while (bytes--)
		value = value << 8 | (unsigned char)file.ptr[at + bytes];
	return value;
}

static struct span section_at(struct span file, uint64_t at)
{
	uint64_t start = number_at(file, at + SECTION_RAW, 4);
	uint64_t size = number_at(file, at + SECTION_RAW_SIZE, 4);
	uint64_t counts = number_at(file, at + SECTION_VIRTUAL, 4);

	if (counts && counts < size)
		size = counts;
	return span_head(span_skip(file, start < file.len ? (size_t)start : file.len),
			 (size_t)size);
}

struct span initrd_of(struct span file)
{
	static const char name[8] = ".initrd";
	uint64_t pe = number_at(file, PE_POINTER, 4);
	uint64_t at = pe + HEADER_SIZE + number_at(file, pe + OPTIONAL_SIZE, 2);

	if (!span_starts(file, "MZ"))
		return file;
	for (uint32_t left = number_at(file, pe + SECTION_COUNT, 2);
	     left && at + SECTION_SIZE <= file.len; left--, at += SECTION_SIZE)
		if (memcmp(file.ptr + at, name, sizeof(name)) == 0)
			return section_at(file, at);
	return span_skip(file, file.len);
}
