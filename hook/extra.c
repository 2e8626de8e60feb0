// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The extra initrd for images of any make: all that the binder needs as process 1, below
 * /early-vfio. Knows nothing of options.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

int extra_finish(struct cpio *cpio, const char *path)
{
	struct pending pending = { 0 };
	struct span text = { NULL, 0 };
	int rc = cpio_close(cpio, &text);

	if (!rc)
		rc = pending_write(&pending, path, text);
	if (!rc)
		rc = pending_commit(&pending);
	pending_drop(&pending);
	free((char *)text.ptr);
	return rc;
}
