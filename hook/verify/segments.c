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

/* zstd, xz, lz4: magic numbers that are long enough not to be met by chance. */
static bool is_compressed_start(struct span bytes)
{
	return span_starts(bytes, "\x28\xb5\x2f\xfd") ||
	       span_starts(bytes, "\xfd"
				  "7zXZ") ||
	       span_starts(bytes, "\x02\x21\x4c\x18");
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

/* Can a stream end before these bytes: with zeros, another archive, or another stream? */
static bool is_behind_stream(struct span bytes)
{
	bool has_zeros = bytes.len && !*bytes.ptr;

	while (bytes.len && !*bytes.ptr)
		bytes = span_skip(bytes, 1);
	return (has_zeros && !bytes.len) || is_archive_start(bytes) ||
	       is_compressed_start(bytes);
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
	size_t used, at, end, tries = 0;

	if (walk_stream(walk, &source, &used)) {
		*rest = span_skip(*rest, used);
		return true;
	}
	first = *segments;
	end = source.given;
	for (at = end > 2 * BLOCK ? end - 2 * BLOCK : 1; at < end && tries < TRIES_MAX;
	     at++) {
		if (!is_behind_stream(span_skip(*rest, at)))
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
	const struct walk walk = { see, context, segments };
	struct span rest = image;
	bool is_whole = true;

	*segments = (struct segments){ 0 };
	while (is_whole) {
		while (rest.len && !*rest.ptr)
			rest = span_skip(rest, 1);
		if (!rest.len)
			break;
		segments->offset = (uint64_t)(rest.ptr - image.ptr);
		if (span_starts(rest, "0707"))
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
