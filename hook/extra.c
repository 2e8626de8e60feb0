// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The extra initrd for images of any make: all that the binder needs as process 1, below
 * /early-vfio. Knows nothing of options.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extra.h"
#include "unpack.h"

#define BINDER "usr/lib/early-vfio/binder"

/* The report goes where neither the next root nor what is mounted over /run hides it. */
static void add_mounts(struct cpio *cpio)
{
	cpio_add_directory(cpio, "early-vfio/dev/");
	cpio_add_directory(cpio, "early-vfio/proc/");
	cpio_add_directory(cpio, "early-vfio/sys/");
	cpio_add_link(cpio, "early-vfio/run/early-vfio", "../dev/.early-vfio");
}

int extra_begin(struct cpio *cpio, struct session *session)
{
	struct span binder;
	int rc = file_read(&session->kernel.io, BINDER, &binder);

	if (rc) {
		complain("/" BINDER, strerror(-rc));
		return rc;
	}
	cpio_open(cpio);
	cpio_add(cpio, "early-vfio/binder", 0755, binder);
	free((char *)binder.ptr);
	add_mounts(cpio);
	return 0;
}

static void add_module(struct cpio *cpio, struct generate *generate,
		       const struct module *module)
{
	char *from = xformat("%s%s", generate->sysroot, module->path);
	char *to = xformat("early-vfio%s", module->path);
	struct span content;
	int rc = module_read(from, &content);

	if (rc) {
		say_fault(&generate->say, "%s: %s", from, strerror(-rc));
	} else {
		cpio_add(cpio, to, 0644, content);
		free((char *)content.ptr);
	}
	free(from);
	free(to);
}

void extra_add_kernel(struct cpio *cpio, struct generate *generate)
{
	char *image = xformat("early-vfio/etc/%s.image", generate->kernel);

	if (!generate->is_again)
		cpio_add(cpio, "early-vfio/etc/early-vfio.conf", 0644,
			 generate->config_text);
	cpio_add(cpio, image, 0644, generate->image_text);
	for (size_t i = 0; i < generate->modules.count; i++)
		add_module(cpio, generate, &generate->modules.items[i]);
	free(image);
}

void extra_drop(struct cpio *cpio)
{
	struct span text = { NULL, 0 };

	cpio_close(cpio, &text);
	free((char *)text.ptr);
}

/* A boot loader will read it, perhaps after the power has failed. */
static int replace(const char *path, struct span text)
{
	struct pending pending = { 0 };
	int rc = pending_write(&pending, path, text);

	if (!rc)
		rc = pending_sync(&pending);
	if (!rc)
		rc = pending_commit(&pending);
	pending_drop(&pending);
	return rc;
}

/* What takes a stream, such as a pipe. What else is no file may be a disk. */
static int pour(const char *path, struct span text)
{
	struct stat st;
	int fd, rc;

	if (stat(path, &st) || !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
		return -ENOTSUP;
	fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = write_all(fd, text);
	if (close(fd) && !rc)
		rc = -errno;
	return rc;
}

static int put(const char *path, struct span text)
{
	int rc;

	if (strcmp(path, EXTRA_STDOUT) == 0)
		return isatty(STDOUT_FILENO) ? -ENOTSUP : write_all(STDOUT_FILENO, text);
	rc = replace(path, text);
	return rc == -ENOTSUP ? pour(path, text) : rc;
}

int extra_finish(struct cpio *cpio, const char *path)
{
	struct span text = { NULL, 0 };
	int rc = cpio_close(cpio, &text);

	if (!rc)
		rc = put(path, text);
	free((char *)text.ptr);
	return rc;
}
