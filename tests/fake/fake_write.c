// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What can be written to the simulated kernel, and what a module load is. What it does not
 * know it does not guess: it stops the program.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

#define DRIVERS "sys/bus/pci/drivers/"
#define PLATFORM "sys/bus/platform/devices/"

static int refuse(struct fake *fake, const char *path)
{
	fake_violate(fake, "a write that is not known", path);
	fprintf(stderr, "fake: a write that is not known: %s\n", path);
	abort();
}

/* sysfs_streq(): a newline at the end counts for nothing. */
static struct span chomp(struct span text)
{
	return span_ends(text, "\n") ? span_head(text, text.len - 1) : text;
}

/* driver_set_override(): up to the newline; nothing clears it. */
static int set_override(char *override, size_t size, struct span text)
{
	text = span_head(text, span_find(text, '\n'));
	if (text.len >= size)
		return -EINVAL;
	memcpy(override, text.ptr, text.len);
	override[text.len] = '\0';
	return 0;
}

static int find_text(const struct fake *fake, struct span text)
{
	struct bdf bdf;

	return bdf_scan(chomp(text), &bdf) ? fake_find(fake, bdf) : -1;
}

static int unbind(struct fake *fake, int device, int driver)
{
	if (device < 0 || fake->devices[device].driver != driver)
		return -ENODEV;
	fake_detach(fake, device);
	return 0;
}

static int write_uevent(struct fake *fake, int device, struct span text)
{
	text = chomp(text);
	if (span_is(text, "add"))
		fake_announce(fake, device);
	else if (!span_is(text, "change") && !span_is(text, "remove"))
		return -EINVAL;
	return 0;
}

static int write_device(struct fake *fake, int device, const char *rest, struct span text,
			const char *path)
{
	struct fake_device *dev = &fake->devices[device];

	if (strcmp(rest, "driver_override") == 0)
		return set_override(dev->override, sizeof(dev->override), text);
	if (strcmp(rest, "uevent") == 0)
		return write_uevent(fake, device, text);
	if (strcmp(rest, "driver/unbind") != 0)
		return refuse(fake, path);
	if (dev->driver < 0)
		return -ENOENT;
	return unbind(fake, find_text(fake, text), dev->driver);
}

static int write_probe(struct fake *fake, struct span text)
{
	int device = find_text(fake, text);

	if (device < 0)
		return -ENODEV;
	/* Whether anybody takes it is not said. */
	fake_attach(fake, device);
	return 0;
}

/* sscanf("%x %x %x %x %x %x") of new_id_store() and remove_id_store(). */
static bool read_id(struct span text, struct id_match *id)
{
	uint32_t f[6] = { 0, 0, PCI_ANY, PCI_ANY, 0, 0 };
	struct span word;
	unsigned count = 0;

	while (count < 6 && span_next_word(&text, &word) && hex_scan(word, 8, &f[count]))
		count++;
	*id = (struct id_match){ f[0], f[1], f[2], f[3], f[4], f[5] };
	return count >= 2;
}

static bool is_same_id(const struct id_match *known, const struct id_match *id)
{
	return known->vendor == id->vendor && known->device == id->device &&
	       (id->subvendor == PCI_ANY || known->subvendor == id->subvendor) &&
	       (id->subdevice == PCI_ANY || known->subdevice == id->subdevice) &&
	       ((known->class ^ id->class) & id->class_mask) == 0;
}

/* The first that matches goes, and only that. */
static int remove_id(struct fake_driver *driver, struct span text)
{
	struct fake_id_list *list = &driver->dynids;
	struct id_match id;

	if (!read_id(text, &id))
		return -EINVAL;
	for (unsigned i = 0; i < list->count; i++) {
		if (!is_same_id(&list->ids[i], &id))
			continue;
		memmove(&list->ids[i], &list->ids[i + 1],
			(list->count - i - 1) * sizeof(list->ids[0]));
		list->count--;
		return 0;
	}
	return -ENODEV;
}

static int new_id(struct fake *fake, int driver, struct span text)
{
	struct fake_id_list *list = &fake->drivers[driver].dynids;
	struct id_match id;

	if (!read_id(text, &id))
		return -EINVAL;
	for (unsigned i = 0; i < list->count; i++)
		if (memcmp(&list->ids[i], &id, sizeof(id)) == 0)
			return -EEXIST;
	if (list->count == FAKE_IDS)
		return -ENOMEM;
	list->ids[list->count++] = id;
	fake_register(fake, driver);
	return 0;
}

static int write_driver(struct fake *fake, const char *rest, struct span text,
			const char *path)
{
	struct span name = span_of(rest);
	const char *file;
	int driver;

	name = span_head(name, span_find(name, '/'));
	file = rest + name.len;
	driver = fake_find_driver(fake, name);
	if (driver < 0 || !fake->drivers[driver].is_registered)
		return -ENOENT;
	if (strcmp(file, "/remove_id") == 0)
		return remove_id(&fake->drivers[driver], text);
	if (strcmp(file, "/new_id") == 0)
		return new_id(fake, driver, text);
	if (strcmp(file, "/unbind") == 0)
		return unbind(fake, find_text(fake, text), driver);
	return refuse(fake, path);
}

static int write_framebuffer(struct fake *fake, const char *rest, struct span text,
			     const char *path)
{
	struct fake_framebuffer *fb = &fake->framebuffer;
	size_t len = strlen(fb->name);

	if (!fb->is_there || strncmp(rest, fb->name, len) != 0)
		return -ENOENT;
	rest += len;
	if (strcmp(rest, "/driver_override") == 0)
		return set_override(fb->override, sizeof(fb->override), text);
	if (strcmp(rest, "/driver/unbind") != 0)
		return refuse(fake, path);
	if (!fb->is_bound)
		return -ENOENT;
	if (!span_is(chomp(text), fb->name))
		return -ENODEV;
	fb->is_bound = false;
	return 0;
}

static int probe_framebuffer(struct fake *fake, struct span text)
{
	struct fake_framebuffer *fb = &fake->framebuffer;

	if (!fb->is_there || !span_is(chomp(text), fb->name))
		return -ENODEV;
	fb->is_bound = fb->override[0] == '\0' || strcmp(fb->override, fb->driver) == 0;
	return 0;
}

static int write_any(struct fake *fake, const char *path, struct span text)
{
	const char *rest;
	int device = fake_split(fake, path, &rest);

	if (device >= 0)
		return write_device(fake, device, rest, text, path);
	if (strncmp(path, "sys/bus/pci/devices/", 20) == 0)
		return -ENOENT;
	if (strcmp(path, IO_DRIVERS_PROBE) == 0)
		return write_probe(fake, text);
	if (strncmp(path, DRIVERS, strlen(DRIVERS)) == 0)
		return write_driver(fake, path + strlen(DRIVERS), text, path);
	if (strncmp(path, PLATFORM, strlen(PLATFORM)) == 0)
		return write_framebuffer(fake, path + strlen(PLATFORM), text, path);
	if (strcmp(path, "sys/bus/platform/drivers_probe") == 0)
		return probe_framebuffer(fake, text);
	return refuse(fake, path);
}

int fake_write(struct io *io, const char *path, struct span text)
{
	struct fake *fake = (struct fake *)io;
	enum fake_action action = FAKE_ERROR;
	int error = fake_enter(fake, FAKE_WRITE, path, text, &action);

	if (error != 0)
		return error < 0 ? error : 0;
	error = write_any(fake, path, text);
	return error;
}

/* modprobe with an alias: the modules of all drivers that match, and what those need. */
static int load_alias(struct fake *fake, const char *alias)
{
	for (unsigned i = 0; i < fake->device_count; i++) {
		char modalias[96];

		fake_modalias(&fake->devices[i], modalias, sizeof(modalias));
		if (!span_is(chomp(span_of(modalias)), alias))
			continue;
		fake_coldplug(fake, (int)i);
		return 0;
	}
	return -ENOEXEC;
}

int fake_load(struct io *io, const char *path, const char *options)
{
	struct fake *fake = (struct fake *)io;
	enum fake_action action = FAKE_ERROR;
	struct span name = span_basename(span_of(path));
	int error = fake_enter(fake, FAKE_LOAD, path, span_of(options), &action);
	int module;

	if (error != 0)
		return error < 0 ? error : 0;
	if (path[0] != '/')
		return load_alias(fake, path);
	module = span_ends(name, ".ko") ?
			 fake_find_module(fake, span_head(name, name.len - 3)) :
			 -1;
	error = module < 0 ? -ENOENT : fake_module_load(fake, module, options);
	return error;
}
