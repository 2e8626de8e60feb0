/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole files and lists of names below the root, and files that appear whole or not at all.
 * Knows nothing of what is in them.
 */
#ifndef HOOK_FILE_H
#define HOOK_FILE_H

#include <early-vfio/io.h>

#define FILE_BYTES_MAX (64u << 20)

/*
 * Read a whole file.
 *
 * @io: where from
 * @path: relative to its root
 * @text: the content; text.ptr is to be freed
 *
 * Return: 0 or negative errno; -EFBIG over FILE_BYTES_MAX.
 */
int file_read(struct io *io, const char *path, struct span *text);

/* Nothing is there; a link to nothing is something. */
bool file_is_missing(struct io *io, const char *path);

/* Is it Debian's second name of /etc/modules, a link in /etc/modules-load.d? */
bool file_is_etc_modules(struct io *io, const char *path);

/* As file_read for a small attribute: without blanks around it, NUL-terminated in buf. */
int file_word(struct io *io, const char *path, char *buf, size_t cap);

/*
 * The next line of a text, with those that a backslash at its end appends; to be freed.
 * *number grows by as many lines as there were. NULL: there is none.
 */
char *file_next_joined(struct span *rest, unsigned *number);

struct names {
	char **items;
	size_t count, cap;
};

/* The names in a directory in C-locale order. 0 or negative errno; names_free in any case. */
int names_read(struct io *io, const char *path, struct names *names);
void names_add(struct names *names, struct span name);
/* In order, each once. */
void names_settle(struct names *names);
void names_free(struct names *names);

/* 0 or negative errno. */
int write_all(int fd, struct span text);

/* A file written under a temporary name, for its place at `path`. */
struct pending {
	char *path, *temp;
};

/*
 * 0 or negative errno; on failure nothing is left behind. -ENOTSUP: there is something that is
 * neither a file nor a directory.
 */
int pending_write(struct pending *pending, const char *path, struct span text);
/* Wait until it is on the disk. 0 or negative errno. */
int pending_sync(const struct pending *pending);
int pending_commit(struct pending *pending);
/* Does nothing where it was committed or never written. */
void pending_drop(struct pending *pending);

/* malloc and friends that end the program where there is no memory. */
void *xrealloc(void *old, size_t size);
char *xspan(struct span text);
__attribute__((format(printf, 1, 2))) char *xformat(const char *format, ...);

#endif
