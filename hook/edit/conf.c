// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The host's own config file: read, and replaced as a whole or not at all. Knows nothing of
 * what is in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "conf.h"

#define LINKS_MAX 40

static char *directory_of(const char *path)
{
	struct span all = span_of(path);

	return xspan(span_head(all, span_find_last(all, '/')));
}

/* One link further. 1: there was one; 0: there is none; or negative errno. */
static int follow(char **path, const char *root)
{
	char target[PATH_MAX], *dir, *next;
	ssize_t len = readlink(*path, target, sizeof(target) - 1);

	if (len < 0)
		return errno == EINVAL || errno == ENOENT ? 0 : -errno;
	target[len] = '\0';
	dir = directory_of(*path);
	next = *target == '/' ? xformat("%s%s", root, target) :
				xformat("%s/%s", dir, target);
	free(dir);
	free(*path);
	*path = next;
	return 1;
}

static int follow_all(char **path, const char *root)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		int rc = follow(path, root);

		if (rc <= 0)
			return rc;
	}
	return -ELOOP;
}

static int directory_lock(struct conf *conf)
{
	char *dir = directory_of(conf->path);

	conf->dir = open(*dir ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (conf->dir < 0)
		return -errno;
	while (flock(conf->dir, LOCK_EX))
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* Up to size bytes, or as many as there are by now. */
static int fd_read(int fd, char *buf, size_t size, struct span *text)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
	}
	*text = (struct span){ buf, len };
	return 0;
}

static int fd_read_all(struct conf *conf, int fd)
{
	struct stat st;
	char *buf;
	int rc;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOTSUP;
	if (st.st_size > FILE_BYTES_MAX)
		return -EFBIG;
	buf = xrealloc(NULL, (size_t)st.st_size + 1);
	rc = fd_read(fd, buf, (size_t)st.st_size, &conf->text);
	if (rc)
		free(buf);
	conf->exists = true;
	return rc;
}

static int text_read(struct conf *conf)
{
	/* A pipe in its place shall not be waited for. */
	int fd = open(conf->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	rc = fd_read_all(conf, fd);
	close(fd);
	return rc;
}

int conf_open(struct conf *conf, const char *root, bool to_write)
{
	int rc;

	*conf = (struct conf){ .path = xformat("%s%s", root, CONF_NAME), .dir = -1 };
	rc = follow_all(&conf->path, root);
	if (!rc && to_write)
		rc = directory_lock(conf);
	return rc ? rc : text_read(conf);
}

void conf_close(struct conf *conf)
{
	if (conf->dir >= 0)
		close(conf->dir);
	free((char *)conf->text.ptr);
	free(conf->path);
	*conf = (struct conf){ .dir = -1 };
}

static void attribute_copy(int from, int to, const char *name)
{
	char value[XATTR_SIZE_MAX];
	ssize_t len = fgetxattr(from, name, value, sizeof(value));

	/* Those that may not be set here are of no use to whoever may not. */
	if (len >= 0 && fsetxattr(to, name, value, (size_t)len, 0))
		return;
}

static void attributes_copy(int from, int to)
{
	char names[XATTR_LIST_MAX];
	ssize_t len = flistxattr(from, names, sizeof(names));

	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1)
		attribute_copy(from, to, names + at);
}

/* Changing the owner may take bits off the mode, so that one comes last. */
static int likeness_copy(int from, int to)
{
	struct stat st;

	if (fstat(from, &st))
		return -errno;
	if (fchown(to, st.st_uid, st.st_gid) && fchown(to, (uid_t)-1, st.st_gid))
		st.st_mode &= (mode_t)~S_IRWXG | S_IRGRP;
	attributes_copy(from, to);
	return fchmod(to, st.st_mode & 07777) ? -errno : 0;
}

/* As the old file is, and on the disk. */
static int temp_finish(const struct conf *conf, int fd)
{
	int old, rc = 0;

	if (conf->exists) {
		old = open(conf->path, O_RDONLY | O_CLOEXEC);
		if (old < 0)
			return -errno;
		rc = likeness_copy(old, fd);
		close(old);
	}
	return rc ? rc : fsync(fd) ? -errno : 0;
}

int conf_replace(const struct conf *conf, struct span text)
{
	struct pending pending = { 0 };
	int rc = pending_write(&pending, conf->path, text);
	int fd;

	if (rc)
		return rc;
	fd = open(pending.temp, O_RDONLY | O_CLOEXEC);
	rc = fd < 0 ? -errno : temp_finish(conf, fd);
	if (fd >= 0)
		close(fd);
	if (!rc)
		rc = pending_commit(&pending);
	pending_drop(&pending);
	if (!rc && fsync(conf->dir))
		rc = -errno;
	return rc;
}
