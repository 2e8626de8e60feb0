// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A cpio archive as the kernel unpacks it, the same bytes for the same content. Knows nothing
 * of what is put into it.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cpio.h"

static la_ssize_t stream_write(struct archive *archive, void *context, const void *bytes,
			       size_t len)
{
	(void)archive;
	return fwrite(bytes, 1, len, context) == len ? (la_ssize_t)len : -1;
}

void cpio_open(struct cpio *cpio)
{
	*cpio = (struct cpio){ .archive = archive_write_new() };
	cpio->stream = open_memstream(&cpio->text, &cpio->len);
	archive_write_set_format_cpio_newc(cpio->archive);
	archive_write_set_bytes_per_block(cpio->archive, 512);
	cpio->is_failed = !cpio->stream ||
			  archive_write_open(cpio->archive, cpio->stream, NULL,
					     stream_write, NULL) != ARCHIVE_OK;
}

/* No time, no owner, numbers in order: nothing of when and where it was made. */
static struct archive_entry *entry_new(struct cpio *cpio, const char *path, unsigned type,
				       unsigned mode)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, type);
	archive_entry_set_perm(entry, mode);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_ino64(entry, ++cpio->serial);
	archive_entry_set_mtime(entry, 0, 0);
	return entry;
}

static void add_entry(struct cpio *cpio, struct archive_entry *entry, struct span content)
{
	archive_entry_set_size(entry, (int64_t)content.len);
	if (archive_write_header(cpio->archive, entry) != ARCHIVE_OK ||
	    (content.len && archive_write_data(cpio->archive, content.ptr, content.len) !=
				    (la_ssize_t)content.len))
		cpio->is_failed = true;
	archive_entry_free(entry);
}

static bool has_directory(const struct cpio *cpio, struct span path)
{
	for (size_t i = 0; i < cpio->directories.count; i++)
		if (span_is(path, cpio->directories.items[i]))
			return true;
	return false;
}

/* The kernel makes no directory that is not in the archive before its files. */
static void add_directories(struct cpio *cpio, const char *path)
{
	for (const char *slash = strchr(path, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		struct span directory = { path, (size_t)(slash - path) };

		if (has_directory(cpio, directory))
			continue;
		names_add(&cpio->directories, directory);
		add_entry(cpio,
			  entry_new(cpio,
				    cpio->directories.items[cpio->directories.count - 1],
				    AE_IFDIR, 0755),
			  SPAN(""));
	}
}

void cpio_add(struct cpio *cpio, const char *path, unsigned mode, struct span content)
{
	if (cpio->is_failed)
		return;
	add_directories(cpio, path);
	add_entry(cpio, entry_new(cpio, path, AE_IFREG, mode), content);
}

void cpio_add_directory(struct cpio *cpio, const char *path)
{
	if (!cpio->is_failed)
		add_directories(cpio, path);
}

void cpio_add_link(struct cpio *cpio, const char *path, const char *target)
{
	struct archive_entry *entry;

	if (cpio->is_failed)
		return;
	add_directories(cpio, path);
	entry = entry_new(cpio, path, AE_IFLNK, 0777);
	archive_entry_set_symlink(entry, target);
	add_entry(cpio, entry, SPAN(""));
}

int cpio_close(struct cpio *cpio, struct span *text)
{
	if (archive_write_close(cpio->archive) != ARCHIVE_OK)
		cpio->is_failed = true;
	archive_write_free(cpio->archive);
	if (cpio->stream && fclose(cpio->stream))
		cpio->is_failed = true;
	names_free(&cpio->directories);
	if (cpio->is_failed) {
		free(cpio->text);
		return -EIO;
	}
	*text = (struct span){ cpio->text, cpio->len };
	return 0;
}
