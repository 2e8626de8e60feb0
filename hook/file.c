// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole files and lists of names below the root, and files that appear whole or not at all.
 * Knows nothing of what is in them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

void *xrealloc(void *old, size_t size)
{
	void *new = realloc(old, size);

	if (!new) {
		fputs("early-vfio: out of memory\n", stderr);
		_exit(3);
	}
	return new;
}

char *xspan(struct span text)
{
	char *copy = xrealloc(NULL, text.len + 1);

	if (text.len)
		memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return copy;
}

char *xformat(const char *format, ...)
{
	char *text;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return len < 0 ? xrealloc(NULL, SIZE_MAX / 2) : text;
}

int file_read(struct io *io, const char *path, struct span *text)
{
	char *buf = NULL;
	ssize_t len;

	/* A full buffer may mean that there is more. */
	for (size_t cap = 1u << 16; cap <= 2 * FILE_BYTES_MAX; cap *= 2) {
		buf = xrealloc(buf, cap);
		len = io->read(io, path, buf, cap);
		if (len < 0) {
			free(buf);
			return (int)len;
		}
		if ((size_t)len < cap) {
			*text = (struct span){ buf, (size_t)len };
			return 0;
		}
	}
	free(buf);
	return -EFBIG;
}

bool file_is_missing(struct io *io, const char *path)
{
	return io->exists(io, path) == -ENOENT &&
	       io->link(io, path, (char[1]){ 0 }, 1) < 0;
}

bool file_is_etc_modules(struct io *io, const char *path)
{
	char target[IO_PATH_MAX];
	ssize_t len = io->link(io, path, target, sizeof(target));

	return len > 0 && span_is((struct span){ target, (size_t)len }, "../modules");
}

int file_word(struct io *io, const char *path, char *buf, size_t cap)
{
	ssize_t len = io->read(io, path, buf, cap - 1);
	struct span word;

	if (len < 0)
		return (int)len;
	word = span_trim((struct span){ buf, (size_t)len });
	memmove(buf, word.ptr, word.len);
	buf[word.len] = '\0';
	return 0;
}

char *file_next_joined(struct span *rest, unsigned *number)
{
	char *whole = NULL;
	struct span line;

	while (span_next_line(rest, &line)) {
		bool goes_on = span_ends(line, "\\");
		char *longer = xformat("%s%.*s", whole ? whole : "",
				       (int)(line.len - goes_on), line.ptr);

		free(whole);
		whole = longer;
		++*number;
		if (!goes_on)
			break;
	}
	return whole;
}

void names_add(struct names *names, struct span name)
{
	if (names->count == names->cap) {
		names->cap = names->cap ? 2 * names->cap : 16;
		names->items = xrealloc(names->items, names->cap * sizeof(*names->items));
	}
	names->items[names->count++] = xspan(name);
}

static void name_entry(void *context, struct span name)
{
	names_add(context, name);
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int names_read(struct io *io, const char *path, struct names *names)
{
	int rc;

	*names = (struct names){ 0 };
	rc = io->list(io, path, name_entry, names);
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), name_compare);
	return rc;
}

void names_settle(struct names *names)
{
	size_t count = 0;

	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), name_compare);
	for (size_t i = 0; i < names->count; i++)
		if (count && strcmp(names->items[count - 1], names->items[i]) == 0)
			free(names->items[i]);
		else
			names->items[count++] = names->items[i];
	names->count = count;
}

void names_free(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct names){ 0 };
}

int write_all(int fd, struct span text)
{
	while (text.len) {
		ssize_t done = write(fd, text.ptr, text.len);

		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0)
			text = span_skip(text, (size_t)done);
	}
	return 0;
}

/*
 * Where a file that is to have this path has to be renamed to: links stay, and lead to it.
 * From malloc, or NULL and *rc says why. What is no file is never replaced.
 */
static char *place_of(const char *path, int *rc)
{
	struct stat st;
	char *place;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		*rc = S_ISDIR(st.st_mode) ? -EISDIR : -ENOTSUP;
		return NULL;
	}
	if (lstat(path, &st) || !S_ISLNK(st.st_mode))
		return xspan(span_of(path));
	place = realpath(path, NULL);
	*rc = place ? 0 : -errno;
	return place;
}

int pending_write(struct pending *pending, const char *path, struct span text)
{
	int fd, rc = 0;

	pending->path = place_of(path, &rc);
	if (!pending->path)
		return rc;
	pending->temp = xformat("%s.XXXXXX", pending->path);
	fd = mkostemp(pending->temp, O_CLOEXEC);
	if (fd < 0) {
		rc = -errno;
		free(pending->temp);
		pending->temp = NULL;
	} else {
		rc = write_all(fd, text);
		if (fchmod(fd, 0644) && !rc)
			rc = -errno;
		if (close(fd) && !rc)
			rc = -errno;
	}
	if (rc)
		pending_drop(pending);
	return rc;
}

int pending_sync(const struct pending *pending)
{
	int fd = open(pending->temp, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

int pending_commit(struct pending *pending)
{
	int rc = rename(pending->temp, pending->path) ? -errno : 0;

	if (!rc) {
		free(pending->temp);
		pending->temp = NULL;
	}
	pending_drop(pending);
	return rc;
}

void pending_drop(struct pending *pending)
{
	if (pending->temp)
		unlink(pending->temp);
	free(pending->temp);
	free(pending->path);
	*pending = (struct pending){ 0 };
}
