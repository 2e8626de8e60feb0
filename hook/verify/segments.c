// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An initramfs as the kernel takes it apart: cpio archives behind one another, compressed or
 * not, with zeros between. Knows nothing of what is in them.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "segments.h"

/* Bytes that come in blocks: of the file, or of what a filter makes of it. */
struct stream {
	struct archive *filter; /* NULL: all there is is in `block` */
	struct span block;	/* what was not used of it yet */
	uint64_t given;		/* to the archive that is being read */
	bool is_failed;
};

struct walk {
	void (*see)(void *context, const struct member *member);
	void *context;
	struct segments *segments;
};

static bool fail(struct segments *segments, const char *what)
{
	snprintf(segments->fault, sizeof(segments->fault), "%s",
		 what ? what : "unreadable");
	return false;
}

/* The bytes are sound, but not for a kernel, which boots without what they hold. */
static bool fail_unfit(struct segments *segments, const char *what)
{
	segments->is_unfit = true;
	return fail(segments, what);
}

/* The next block, where the last one is used up. False at the end. */
static bool stream_fill(struct stream *stream)
{
	const void *block = NULL;
	size_t len = 0;
	int64_t offset;
	int status;

	if (stream->block.len)
		return true;
	if (!stream->filter)
		return false;
	do {
		status = archive_read_data_block(stream->filter, &block, &len, &offset);
	} while (status == ARCHIVE_OK && !len);
	stream->is_failed = status != ARCHIVE_OK && status != ARCHIVE_EOF;
	stream->block = (struct span){ block, status == ARCHIVE_OK ? len : 0 };
	return stream->block.len > 0;
}

/* libarchive's read callback: hands a block out whole. */
static ssize_t stream_read(struct archive *reader, void *context, const void **block)
{
	struct stream *stream = context;
	ssize_t len;

	/* The one before is used up, or it would not ask. */
	if (stream->given)
		stream->block.len = 0;
	if (!stream_fill(stream)) {
		if (stream->is_failed)
			archive_set_error(reader, archive_errno(stream->filter), "%s",
					  archive_error_string(stream->filter));
		return stream->is_failed ? -1 : 0;
	}
	*block = stream->block.ptr;
	len = (ssize_t)stream->block.len;
	stream->given += stream->block.len;
	return len;
}

/* Zeros between archives mean nothing. False at the end. */
static bool stream_skip_zeros(struct stream *stream)
{
	while (stream_fill(stream)) {
		while (stream->block.len && !*stream->block.ptr)
			stream->block = span_skip(stream->block, 1);
		if (stream->block.len)
			return true;
	}
	return false;
}

/* Paths as the kernel resolves them from its root. */
static struct span path_trim(const char *path)
{
	struct span rest = span_of(path ? path : "");

	while (span_starts(rest, "./") || span_starts(rest, "/"))
		rest = span_skip(rest, rest.ptr[0] == '/' ? 1 : 2);
	while (rest.len && rest.ptr[rest.len - 1] == '/')
		rest.len--;
	return span_is(rest, ".") ? SPAN("") : rest;
}

static void show(const struct walk *walk, struct archive *reader,
		 struct archive_entry *entry)
{
	const char *link = archive_entry_symlink(entry);
	struct member member = {
		.path = path_trim(archive_entry_pathname(entry)),
		.link = span_of(link ? link : ""),
		.mode = archive_entry_mode(entry),
		.inode = archive_entry_nlink(entry) > 1 ?
				 (uint64_t)archive_entry_ino64(entry) :
				 0,
		.segment = walk->segments->count,
		.size = (uint64_t)archive_entry_size(entry),
		.reader = reader,
	};

	walk->see(walk->context, &member);
}

/* What cpio makes where nobody tells it otherwise is another kind. */
static bool is_newc(struct archive *reader)
{
	int format = archive_format(reader);

	return format == ARCHIVE_FORMAT_CPIO_SVR4_NOCRC ||
	       format == ARCHIVE_FORMAT_CPIO_SVR4_CRC;
}

/* Read one archive, and leave the stream behind it. */
static bool walk_members(const struct walk *walk, struct archive *reader,
			 struct stream *stream)
{
	struct archive_entry *entry;
	int status;
	uint64_t left;

	while ((status = archive_read_next_header(reader, &entry)) == ARCHIVE_OK ||
	       status == ARCHIVE_WARN)
		show(walk, reader, entry);
	if (status != ARCHIVE_EOF)
		return fail(walk->segments, archive_error_string(reader));
	if (!is_newc(reader))
		return fail_unfit(walk->segments,
				  "cpio's format is another one than newc; make it with "
				  "cpio -H newc");
	left = stream->given - (uint64_t)archive_filter_bytes(reader, 0);
	if (left > stream->block.len)
		return fail(walk->segments, "the end of an archive was not found");
	stream->block = span_skip(stream->block, stream->block.len - left);
	walk->segments->count++;
	return true;
}

static bool walk_archive(const struct walk *walk, struct stream *stream)
{
	struct archive *reader = archive_read_new();
	bool is_whole;

	stream->given = 0;
	archive_read_support_format_cpio(reader);
	if (archive_read_open(reader, stream, NULL, stream_read, NULL) == ARCHIVE_OK)
		is_whole = walk_members(walk, reader, stream);
	else
		is_whole = fail(walk->segments, archive_error_string(reader));
	archive_read_free(reader);
	return is_whole;
}

static bool walk_archives(const struct walk *walk, struct stream *stream)
{
	bool is_whole = true;

	while (is_whole && stream_skip_zeros(stream))
		is_whole = walk_archive(walk, stream);
	if (stream->is_failed)
		return fail(walk->segments, archive_error_string(stream->filter));
	return is_whole;
}

/* Small blocks: where a compressed stream ends is known to within one of them. */
#define BLOCK 4096

/* What is compressed, and how much of it was asked for. */
struct source {
	struct span bytes;
	size_t given;
};

static ssize_t source_read(struct archive *filter, void *context, const void **block)
{
	struct source *source = context;
	struct span rest = span_skip(source->bytes, source->given);

	(void)filter;
	*block = rest.ptr;
	rest = span_head(rest, BLOCK);
	source->given += rest.len;
	return (ssize_t)rest.len;
}

static bool is_archive_start(struct span bytes)
{
	size_t digits = 0;

	if (!span_starts(bytes, "07070") || bytes.len < 110)
		return false;
	while (digits < 110 && hex_digit(bytes.ptr[digits]) >= 0)
		digits++;
	return digits == 110;
}

/* zstd, xz, lz4, gzip, bzip2, lzma, lzop: long enough not to be met often by chance. */
static bool is_compressed_start(struct span bytes)
{
	static const struct span starts[] = {
		{ "\x28\xb5\x2f\xfd", 4 },
		{ "\xfd\x37\x7a\x58\x5a", 5 },
		{ "\x02\x21\x4c\x18", 4 },
		{ "\x1f\x8b\x08", 3 },
		{ "BZh", 3 },
		{ "\x5d\0\0", 3 },
		{ "\x89LZO", 4 },
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (span_equals(span_head(bytes, starts[i].len), starts[i]))
			return true;
	return false;
}

/* Decompress `bytes`, all of them one stream; *used is how many it took. */
static bool walk_stream(const struct walk *walk, struct source *source, size_t *used)
{
	struct stream stream = { .filter = archive_read_new() };
	struct archive_entry *entry;
	bool is_whole = false;

	archive_read_support_filter_all(stream.filter);
	archive_read_support_format_raw(stream.filter);
	if (archive_read_open(stream.filter, source, NULL, source_read, NULL) !=
		    ARCHIVE_OK ||
	    archive_read_next_header(stream.filter, &entry) != ARCHIVE_OK)
		fail(walk->segments, archive_error_string(stream.filter));
	else if (archive_filter_code(stream.filter, 0) == ARCHIVE_FILTER_NONE)
		fail(walk->segments, "neither an archive nor compressed");
	else
		is_whole = walk_archives(walk, &stream);
	*used = (size_t)archive_filter_bytes(stream.filter, 1);
	archive_read_free(stream.filter);
	return is_whole;
}

/*
 * Can a stream end at `at`: with zeros, another archive, or another stream?
 *
 * @next: where the zeros that were seen so far end; each is looked at once, as a damaged file
 *	may have very many
 */
static bool is_stream_end(struct span bytes, size_t at, size_t *next)
{
	bool has_zeros;

	if (*next < at)
		*next = at;
	while (*next < bytes.len && !bytes.ptr[*next])
		++*next;
	has_zeros = *next > at;
	bytes = span_skip(bytes, *next);
	return (has_zeros && !bytes.len) || is_archive_start(bytes) ||
	       is_compressed_start(bytes);
}

/* As the kernel tells them. Source: compressed_formats in lib/decompress.c of the kernel. */
static bool is_known(struct span bytes)
{
	static const char magics[][3] = { "\x1f\x8b", "\x1f\x9e", "BZ",	      "\x5d",
					  "\xfd\x37", "\x89\x4c", "\x02\x21", "\x28\xb5" };

	for (size_t i = 0; bytes.len > 2 && i < sizeof(magics) / sizeof(magics[0]); i++)
		if (memcmp(bytes.ptr, magics[i], 2) == 0)
			return true;
	return false;
}

/* Why the kernel cannot decompress what others can; NULL: it can. */
static const char *misfit_of(struct span bytes)
{
	if (span_starts(bytes, "\x04\x22\x4d\x18"))
		return "of lz4 it knows the legacy format alone; compress it with lz4 -l";
	/* The eighth byte says how blocks are checked: from 2 on by more than CRC32. */
	if (span_starts(bytes, "\xfd"
			       "7zXZ") &&
	    bytes.len > 7 && (unsigned char)bytes.ptr[7] > 1)
		return "of xz it knows CRC32 alone; compress it with xz --check=crc32";
	return NULL;
}

/*
 * A stream may end with zeros of its own, a few of those that follow it. More tries would take
 * minutes where an image is damaged, and zeros stand in place of its end.
 */
#define TRIES_MAX 16

/*
 * Decompress what starts here; *rest is left behind it. Some filters stumble over what
 * follows their stream, from where the kernel would read on, and give back nothing of their
 * last block then: try again with what the stream can be without it. It ends in one of the
 * last two blocks that were asked for.
 */
static bool walk_compressed(const struct walk *walk, struct span *rest)
{
	struct segments *segments = walk->segments, first;
	const struct segments before = *segments;
	struct source source = { .bytes = *rest };
	const char *misfit = misfit_of(*rest);
	size_t used, at, end, next = 0, tries = 0;

	if (misfit)
		return fail_unfit(segments, misfit);
	if (!is_known(*rest))
		return fail(segments,
			    "neither an archive nor compressed as a kernel knows it");
	if (walk_stream(walk, &source, &used)) {
		*rest = span_skip(*rest, used);
		return true;
	}
	if (segments->is_unfit)
		return false;
	first = *segments;
	end = source.given;
	for (at = end > 2 * BLOCK ? end - 2 * BLOCK : 1; at < end && tries < TRIES_MAX;
	     at++) {
		if (!is_stream_end(*rest, at, &next))
			continue;
		tries++;
		*segments = before;
		source = (struct source){ .bytes = span_head(*rest, at) };
		if (!walk_stream(walk, &source, &used))
			continue;
		*rest = span_skip(*rest, at);
		return true;
	}
	*segments = first;
	return false;
}

static bool walk_plain(const struct walk *walk, struct span *rest)
{
	struct stream stream = { .block = *rest };
	bool is_whole = walk_archive(walk, &stream);

	*rest = stream.block;
	return is_whole;
}

bool segments_walk(struct span image, void (*see)(void *context, const struct member *),
		   void *context, struct segments *segments)
{
	static const char misplaced[] =
		"that is no multiple of 4; fill up with zeros what is before it";
	const struct walk walk = { see, context, segments };
	struct span rest = image;
	bool is_whole = true, is_plain = false, was_plain;

	*segments = (struct segments){ 0 };
	while (is_whole) {
		while (rest.len && !*rest.ptr)
			rest = span_skip(rest, 1);
		if (!rest.len)
			break;
		segments->offset = (uint64_t)(rest.ptr - image.ptr);
		was_plain = is_plain;
		is_plain = span_starts(rest, "0707");
		if ((was_plain || is_plain) && segments->offset % 4)
			is_whole = fail_unfit(segments, misplaced);
		else if (is_plain)
			is_whole = walk_plain(&walk, &rest);
		else
			is_whole = walk_compressed(&walk, &rest);
	}
	if (is_whole && !segments->count)
		return fail(segments, "empty");
	return is_whole;
}

struct span member_read(const struct member *member, size_t max)
{
	struct span content = { NULL, 0 };
	char *buf;
	la_ssize_t len;

	if (!member->size || member->size > max)
		return content;
	buf = xrealloc(NULL, member->size);
	len = archive_read_data(member->reader, buf, member->size);
	if (len <= 0) {
		free(buf);
		return content;
	}
	return (struct span){ buf, (size_t)len };
}
