// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where other set-ups may be: the files of this system that are looked at, or those that
 * somebody named. Knows nothing of what they say.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "items.h"
#include "sources.h"

/* A file, or the files of a directory whose names end and start as they should. */
static const struct place {
	const char *path;
	enum import_format format;
	bool is_directory;
	const char *start, *end;
} places[] = {
	{ "/etc/default/grub", FORMAT_GRUB, false, "", "" },
	{ "/etc/default/grub.d", FORMAT_GRUB, true, "", ".cfg" },
	{ "/etc/kernel/cmdline", FORMAT_CMDLINE, false, "", "" },
	{ "/etc/cmdline.d", FORMAT_CMDLINE, true, "", ".conf" },
	{ "/boot/loader/entries", FORMAT_ENTRY, true, "", ".conf" },
	{ "/efi/loader/entries", FORMAT_ENTRY, true, "", ".conf" },
	{ "/boot/efi/loader/entries", FORMAT_ENTRY, true, "", ".conf" },
	{ "/boot/syslinux/syslinux.cfg", FORMAT_ENTRY, false, "", "" },
	{ "/etc/modprobe.d", FORMAT_MODPROBE, true, "", ".conf" },
	{ "/run/modprobe.d", FORMAT_MODPROBE, true, "", ".conf" },
	{ "/usr/local/lib/modprobe.d", FORMAT_MODPROBE, true, "", ".conf" },
	{ "/usr/lib/modprobe.d", FORMAT_MODPROBE, true, "", ".conf" },
	{ "/etc/initramfs-tools/modules", FORMAT_MODULES, false, "", "" },
	{ "/etc/modules", FORMAT_MODULES, false, "", "" },
	{ "/etc/modules-load.d", FORMAT_MODULES, true, "", ".conf" },
	{ "/etc/driverctl.d", FORMAT_DRIVERCTL, true, "", "" },
	{ "/boot/config/vfio-pci.cfg", FORMAT_UNRAID, false, "", "" },
	{ "/etc/initramfs-tools/scripts/init-top", FORMAT_SCRIPT, true, "", "" },
	{ "/etc/initramfs-tools/scripts/init-premount", FORMAT_SCRIPT, true, "", "" },
	{ "/etc/initramfs-tools/scripts/local-top", FORMAT_SCRIPT, true, "", "" },
	{ "/etc/initcpio/hooks", FORMAT_SCRIPT, true, "", "" },
	{ "/usr/sbin", FORMAT_SCRIPT, true, "vfio", "" },
	{ "/usr/bin", FORMAT_SCRIPT, true, "vfio", "" },
	{ "/usr/local/sbin", FORMAT_SCRIPT, true, "vfio", "" },
	{ "/usr/local/bin", FORMAT_SCRIPT, true, "vfio", "" },
};

static struct source *source_new(struct sources *sources)
{
	if (sources->count == sources->cap) {
		sources->cap = sources->cap ? 2 * sources->cap : 16;
		sources->items =
			xrealloc(sources->items, sources->cap * sizeof(*sources->items));
	}
	sources->items[sources->count] = (struct source){ 0 };
	return &sources->items[sources->count++];
}

static void source_free(struct source *source)
{
	import_free(&source->found);
	free((char *)source->text.ptr);
	free(source->path);
}

void sources_free(struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		source_free(&sources->items[i]);
	free(sources->items);
	names_free(&sources->unread);
	*sources = (struct sources){ 0 };
}

/* A script or program that has nothing to do with it is not looked at. */
static bool is_foreign(const struct source *source)
{
	return source->format == FORMAT_SCRIPT &&
	       (span_starts(source->text, "\x7f"
					  "ELF") ||
		!(span_has(source->text, "driver_override") ||
		  span_has(source->text, "vfio-pci") ||
		  span_has(source->text, "vfio_pci") ||
		  span_has(source->text, "pci-stub") ||
		  span_has(source->text, "pci_stub") ||
		  span_has(source->text, "new_id")));
}

static void source_read(struct source *source)
{
	import_text(source->format, span_basename(span_of(source->path)), source->text,
		    &source->found);
}

/* A place that is not there is none that could be read. */
static void note_unread(struct sources *sources, const char *path, int error)
{
	char *words;

	if (error == -ENOENT || error == -ENOTDIR || error == -EISDIR)
		return;
	words = xformat("%s: %s", path, strerror(-error));
	names_add(&sources->unread, span_of(words));
	free(words);
}

static void find_file(struct sources *sources, struct io *io, const char *path,
		      enum import_format format)
{
	struct source source = { .format = format };

	int rc = file_read(io, path + 1, &source.text);

	if (rc) {
		note_unread(sources, path, rc);
		return;
	}
	if (is_foreign(&source)) {
		source_free(&source);
		return;
	}
	source.path = xspan(span_of(path));
	source_read(&source);
	if (source.found.count)
		*source_new(sources) = source;
	else
		source_free(&source);
}

static void find_directory(struct sources *sources, struct io *io,
			   const struct place *place)
{
	struct names names;
	int rc;

	rc = names_read(io, place->path + 1, &names);
	if (rc)
		note_unread(sources, place->path, rc);
	for (size_t i = 0; i < names.count; i++) {
		struct span name = span_of(names.items[i]);
		char *path = xformat("%s/%s", place->path, names.items[i]);

		if (name.ptr[0] != '.' && span_starts(name, place->start) &&
		    span_ends(name, place->end) && !file_is_etc_modules(io, path + 1))
			find_file(sources, io, path, place->format);
		free(path);
	}
	names_free(&names);
}

void sources_find(struct sources *sources, struct io *io)
{
	for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++)
		if (places[p].is_directory)
			find_directory(sources, io, &places[p]);
		else
			find_file(sources, io, places[p].path, places[p].format);
	/* Last: what it names stands in a file, which is the one to name. */
	find_file(sources, io, "/proc/cmdline", FORMAT_CMDLINE);
	if (sources->count &&
	    strcmp(sources->items[sources->count - 1].path, "/proc/cmdline") == 0)
		sources->items[sources->count - 1].is_boot = true;
}

/* To its end, which a pipe has too. */
static int fd_read(int fd, struct span *text)
{
	char *buf = NULL;
	size_t len = 0;

	for (size_t cap = 1u << 16; len <= FILE_BYTES_MAX;
	     cap = len < cap ? cap : 2 * cap) {
		ssize_t n;

		buf = xrealloc(buf, cap);
		n = read(fd, buf + len, cap - len);
		if (n == 0) {
			*text = (struct span){ buf, len };
			return 0;
		}
		if (n < 0 && errno != EINTR) {
			int rc = -errno;

			free(buf);
			return rc;
		}
		len += n > 0 ? (size_t)n : 0;
	}
	free(buf);
	return -EFBIG;
}

int source_add_file(struct sources *sources, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct source *source;
	struct span text;
	int rc;

	if (fd < 0)
		return -errno;
	rc = fd_read(fd, &text);
	close(fd);
	if (rc)
		return rc;
	source = source_new(sources);
	source->path = xspan(span_of(path));
	source->text = text;
	source->format = import_guess(span_basename(span_of(path)), text);
	source_read(source);
	return 0;
}
