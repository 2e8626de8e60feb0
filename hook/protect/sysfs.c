// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paths of sysfs: following links by their text, and the PCI functions that stand on a path.
 * Knows nothing of what the devices are for.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sysfs.h"

const char *name_of(struct name *name, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(name->text, sizeof(name->text), format, args);
	va_end(args);
	/* No such file, rather than another one. */
	if (len < 0 || (size_t)len >= sizeof(name->text))
		name->text[0] = '\0';
	return name->text;
}

const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "a/b" and "../c" make "a/c". */
static char *path_join(struct span dir, struct span target)
{
	struct span rest = target, part;
	char *path = xspan(dir), *longer;

	while (span_next_field(&rest, '/', &part)) {
		if (!part.len || span_is(part, "."))
			continue;
		if (span_is(part, "..")) {
			char *slash = strrchr(path, '/');

			*(slash ? slash : path) = '\0';
			continue;
		}
		longer = xformat("%s%s%.*s", path, *path ? "/" : "", (int)part.len,
				 part.ptr);
		free(path);
		path = longer;
	}
	return path;
}

char *sysfs_resolve(struct io *io, const char *link)
{
	struct span dir = span_head(span_of(link), (size_t)(base_of(link) - link));
	char target[4096];
	ssize_t len = *link ? io->link(io, link, target, sizeof(target)) : -1;

	if (len <= 0 || target[0] == '/')
		return NULL;
	if (dir.len)
		dir.len--;
	return path_join(dir, (struct span){ target, (size_t)len });
}

static bool function_read(struct io *io, struct device *dev)
{
	struct path path;
	char modalias[256];

	return file_word(io, device_path(&path, dev->bdf, "modalias"), modalias,
			 sizeof(modalias)) == 0 &&
	       device_read_modalias(span_of(modalias), dev);
}

/* A virtual function goes with the physical one that it is of. */
static bool physical_read(struct io *io, struct bdf bdf, struct device *dev)
{
	char buf[IO_PATH_MAX];

	*dev = (struct device){ 0 };
	return bdf_scan(link_name(io, bdf, "physfn", buf), &dev->bdf) &&
	       function_read(io, dev);
}

bool sysfs_functions(struct io *io, const char *path, struct device *functions,
		     size_t *count)
{
	struct span rest = span_of(path), part;
	size_t room = *count;
	bool is_pci = false;

	*count = 0;
	while (span_next_field(&rest, '/', &part)) {
		struct device dev = { 0 }, physical;

		if (!bdf_scan(part, &dev.bdf))
			continue;
		is_pci = true;
		if (!function_read(io, &dev) || device_is_bridge(&dev))
			continue;
		if (*count < room && physical_read(io, dev.bdf, &physical))
			functions[(*count)++] = physical;
		if (*count < room)
			functions[(*count)++] = dev;
	}
	return is_pci;
}
