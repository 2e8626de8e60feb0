// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files of kernel modules without their compression. Knows nothing of which modules there
 * are, nor what they do.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unpack.h"

#define MODULE_BYTES_MAX (64u << 20)

const char module_suffixes[MODULE_SUFFIXES][sizeof(".zst")] = { "", ".xz", ".zst",
								".gz" };

/* All that a filter gives, or the file itself where it is not compressed. */
static int unpack(struct archive *archive, struct span *content)
{
	size_t cap = 1u << 16, len = 0;
	char *buf = NULL;
	la_ssize_t done;

	do {
		cap *= 2;
		buf = xrealloc(buf, cap);
		done = archive_read_data(archive, buf + len, cap - len);
		len += done > 0 ? (size_t)done : 0;
	} while (done > 0 && cap < MODULE_BYTES_MAX);
	if (done) {
		free(buf);
		return done < 0 ? -EIO : -EFBIG;
	}
	*content = (struct span){ buf, len };
	return 0;
}

static int file_unpack(const char *path, struct span *content)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	int rc = -EIO;

	archive_read_support_filter_all(archive);
	archive_read_support_format_raw(archive);
	if (archive_read_open_filename(archive, path, 1u << 16) == ARCHIVE_OK &&
	    archive_read_next_header(archive, &entry) == ARCHIVE_OK)
		rc = unpack(archive, content);
	archive_read_free(archive);
	return rc;
}

/* What no filter recognised comes out as it went in, and is no module. */
static bool is_object(struct span content)
{
	return span_starts(content, "\177ELF");
}

int module_read(const char *path, struct span *content)
{
	int rc = -ENOENT;

	for (size_t i = 0; i < MODULE_SUFFIXES && rc == -ENOENT; i++) {
		char *file = xformat("%s%s", path, module_suffixes[i]);

		if (access(file, F_OK) == 0)
			rc = file_unpack(file, content);
		free(file);
	}
	if (!rc && !is_object(*content)) {
		free((char *)content->ptr);
		rc = -ENOEXEC;
	}
	return rc;
}

/* A link is not for us to replace: what it leads to may have other names. */
static bool is_file(const char *path, struct stat *st)
{
	return lstat(path, st) == 0 && S_ISREG(st->st_mode);
}

/* As realpath has it, the directory of a file is below the tree, not merely by name. */
static bool is_inside(const char *tree, const char *file)
{
	char *directory = strndup(file, (size_t)(strrchr(file, '/') - file));
	char *real = directory ? realpath(directory, NULL) : NULL;
	struct span rest = span_of(real ? real : "");
	bool is_below = span_starts(rest, tree);

	rest = span_skip(rest, strlen(tree));
	is_below = is_below && (!rest.len || *rest.ptr == '/');
	free(directory);
	free(real);
	return is_below;
}

/* Write the module with the time of the file that it replaces, which goes then. */
static int replace(const char *from, const struct stat *st, const char *to,
		   struct span content)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	struct pending pending = { 0 };
	int rc = pending_write(&pending, to, content);

	if (!rc && utimensat(AT_FDCWD, pending.temp, times, 0))
		rc = -errno;
	if (!rc)
		rc = pending_commit(&pending);
	pending_drop(&pending);
	if (!rc && unlink(from))
		rc = -errno;
	return rc;
}

static int unpack_one(const char *from, const char *to, size_t *room)
{
	struct span content;
	struct stat st, other;
	int rc;

	if (!is_file(from, &st))
		return 0;
	/* A generator has put it in again; but a link may lead to nothing in the image. */
	if (lstat(to, &other) == 0)
		return S_ISREG(other.st_mode) && unlink(from) ? -errno : 0;
	rc = file_unpack(from, &content);
	if (rc)
		return rc;
	if (!is_object(content)) {
		rc = -ENOEXEC;
	} else if (content.len <= *room) {
		rc = replace(from, &st, to, content);
		*room -= rc ? 0 : content.len;
	}
	free((char *)content.ptr);
	return rc;
}

int module_unpack(const char *tree, const char *path, size_t *room)
{
	char *to = xformat("%s%s", tree, path);
	int rc = 0;

	for (size_t i = 1; i < MODULE_SUFFIXES && !rc && is_inside(tree, to); i++) {
		char *from = xformat("%s%s", to, module_suffixes[i]);

		rc = unpack_one(from, to, room);
		free(from);
	}
	free(to);
	return rc;
}
