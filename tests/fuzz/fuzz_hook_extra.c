// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module's file on its way into the extra initrd: unpacked, whatever it is compressed with,
 * added, and found again by what verifies images. A path in the image, a NUL, the suffix of
 * the file as a digit, and its bytes. Knows nothing of modules.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpio.h"
#include "fuzz.h"
#include "unpack.h"
#include "verify/inside.h"

/* More than that is not looked at in an image. */
#define CONTENT_MAX (1u << 20)

static char dir[64];

static void remove_dir(void)
{
	rmdir(dir);
}

/* As generate gives them: below its directory, and nothing odd in it. */
static bool is_path(struct span path)
{
	for (size_t i = 0; i < path.len; i++)
		if (!isprint((unsigned char)path.ptr[i]))
			return false;
	return span_starts(path, "early-vfio/lib/") && path.len < 200 &&
	       !span_ends(path, "/") && !memmem(path.ptr, path.len, "/.", 2) &&
	       !memmem(path.ptr, path.len, "//", 2);
}

static void write_module(const char *path, struct span bytes)
{
	FILE *file = fopen(path, "we");

	if (!file)
		abort();
	fwrite(bytes.ptr, 1, bytes.len, file);
	fclose(file);
}

/* What the file is unpacked to; from malloc. */
static bool read_module(struct span bytes, struct span *content)
{
	unsigned suffix = bytes.len ? (unsigned char)*bytes.ptr % MODULE_SUFFIXES : 0;
	char *path = xformat("%s/module.ko%s", dir, module_suffixes[suffix]);
	char *plain = xformat("%s/module.ko", dir);
	int rc;

	write_module(path, span_skip(bytes, bytes.len > 0));
	rc = module_read(plain, content);
	unlink(path);
	free(path);
	free(plain);
	return rc == 0;
}

static void check_image(const char *path, struct span content)
{
	struct inside inside = { 0 };
	const struct inside_file *file;
	struct cpio cpio;
	struct span image;

	cpio_open(&cpio);
	cpio_add_directory(&cpio, "early-vfio/dev/");
	cpio_add(&cpio, path, 0644, content);
	cpio_add_link(&cpio, "early-vfio/run/early-vfio", "../dev/.early-vfio");
	fuzz_assert(cpio_close(&cpio, &image) == 0, "an image can be made");
	fuzz_assert(inside_read(&inside, image), "and read");
	file = inside_find(&inside, path);
	fuzz_assert(file && S_ISREG(file->mode), "the module is in it");
	if (content.len <= CONTENT_MAX)
		fuzz_assert(span_equals(file->content, content), "and is what it was");
	inside_free(&inside);
	free((char *)image.ptr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { (const char *)data, size }, content;
	char *path = fuzz_string(&rest);

	if (!dir[0]) {
		fuzz_directory(dir, sizeof(dir));
		atexit(remove_dir);
	}
	if (is_path(span_of(path)) && read_module(rest, &content)) {
		check_image(path, content);
		free((char *)content.ptr);
	}
	free(path);
	return 0;
}
