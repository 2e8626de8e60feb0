// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A made-up machine: bridges on bus 0, two slots of eight functions behind each, as cards
 * with several functions and adapters with virtual ones have them. Knows nothing of what is
 * measured.
 */
#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"

#define BEHIND 16 /* functions behind a bridge */
#define BUSES 240 /* behind bridges, in one domain */
#define DOMAIN (BUSES * (BEHIND + 1))
#define MODELS 512 /* different cards in a large machine */

struct place {
	unsigned domain, bus, dev, fn;
	unsigned bridge; /* number of the bridge itself, or of the one above */
	int is_bridge;
};

/* Devices come as a bridge and all that is behind it, then the next bridge. */
static struct place place_of(size_t index)
{
	size_t port = index % DOMAIN / (BEHIND + 1), at = index % (BEHIND + 1);
	struct place place = { .domain = (unsigned)(index / DOMAIN),
			       .bridge = (unsigned)port };

	place.is_bridge = !at;
	if (place.is_bridge) {
		place.dev = (unsigned)(port / 8 + 1);
		place.fn = (unsigned)(port % 8);
		return place;
	}
	place.bus = (unsigned)port + 1;
	place.dev = (unsigned)(at - 1) / 8;
	place.fn = (unsigned)(at - 1) % 8;
	return place;
}

/* What the functions of a slot are: a card with sound and USB, then functions of adapters. */
static unsigned class_of(const struct place *place)
{
	static const unsigned classes[] = { 0x030000, 0x040300, 0x0c0330, 0x0c8000,
					    0x010802, 0x020000, 0x020000, 0x120000 };

	return place->is_bridge ? 0x060400 : classes[place->fn];
}

static unsigned vendor_of(const struct place *place)
{
	return place->is_bridge ? 0x8086 : 0x10de;
}

/* Cards of the same model have the same ids. */
static unsigned device_of(const struct place *place)
{
	unsigned card = place->domain * BUSES * 2 + place->bridge * 2 + place->dev;

	return place->is_bridge ? 0x2000 : 0x1000 + card * 8 % MODELS + place->fn;
}

static void format(char *buf, size_t cap, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void format(char *buf, size_t cap, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (vsnprintf(buf, cap, format, arguments) >= (int)cap)
		errx(1, "a text does not fit");
	va_end(arguments);
}

const char *tree_device(size_t index)
{
	static char path[64];
	struct place place = place_of(index);

	format(path, sizeof(path), "sys/bus/pci/devices/%04x:%02x:%02x.%u", place.domain,
	       place.bus, place.dev, place.fn);
	return path;
}

static void write_file(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0444);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err(1, "%s", name);
	close(fd);
}

static void make_device(int dir, size_t index)
{
	struct place place = place_of(index);
	char text[96], group[64];

	format(text, sizeof(text),
	       "pci:v%08Xd%08Xsv00001AF4sd00001100bc%02Xsc%02Xi%02X\n", vendor_of(&place),
	       device_of(&place), class_of(&place) >> 16, class_of(&place) >> 8 & 0xff,
	       class_of(&place) & 0xff);
	write_file(dir, "modalias", text);
	/* The functions of a display's slot cannot be told apart, others can. */
	format(group, sizeof(group), "../../../../kernel/iommu_groups/%zu",
	       place.dev == 0 && !place.is_bridge ? index - place.fn : index);
	if (symlinkat(group, dir, "iommu_group"))
		err(1, "iommu_group");
	if (class_of(&place) == 0x030000)
		write_file(dir, "boot_vga", "0\n");
	format(text, sizeof(text), "%u\n", place.bridge + 1);
	if (place.is_bridge)
		write_file(dir, "secondary_bus_number", text);
	if (place.is_bridge && symlinkat("../../drivers/pcieport", dir, "driver"))
		err(1, "driver");
}

static void make_dirs(char *path)
{
	for (char *end = path; (end = strchr(end + 1, '/'));) {
		*end = '\0';
		mkdir(path, 0755);
		*end = '/';
	}
	if (mkdir(path, 0755))
		err(1, "%s", path);
}

/* The group's directory with the names of its members. */
static void make_group(const char *root, size_t index)
{
	struct place place = place_of(index);
	size_t count = 1, behind = index % (BEHIND + 1);
	char path[4096];

	if (!place.is_bridge && place.dev == 0 && place.fn)
		return;
	if (behind == 1)
		count = 8;
	for (size_t i = 0; i < count; i++) {
		format(path, sizeof(path), "%s/sys/kernel/iommu_groups/%zu/devices/%s",
		       root, index, strrchr(tree_device(index + i), '/') + 1);
		make_dirs(path);
	}
}

void tree_make(const char *root, size_t devices)
{
	char path[4096];

	for (size_t i = 0; i < devices; i++) {
		int dir;

		format(path, sizeof(path), "%s/%s", root, tree_device(i));
		make_dirs(path);
		dir = open(path, O_DIRECTORY | O_RDONLY);
		if (dir < 0)
			err(1, "%s", path);
		make_device(dir, i);
		close(dir);
		make_group(root, i);
	}
}

static int remove_one(const char *path, const struct stat *stat, int type,
		      struct FTW *walk)
{
	(void)stat, (void)type, (void)walk;
	return remove(path);
}

void tree_remove(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* What to write for a device, by each kind of rule. */
static void format_rule(enum rule_kind kind, const struct place *at, char *buf,
			size_t cap)
{
	unsigned vendor = vendor_of(at), device = device_of(at);
	char address[32], path[32];

	format(address, sizeof(address), "%04x:%02x:%02x.%u", at->domain, at->bus,
	       at->dev, at->fn);
	format(path, sizeof(path), "%04x:00:%02x.%u/%02x.%u", at->domain,
	       at->bridge / 8 + 1, at->bridge % 8, at->dev, at->fn);
	switch (kind) {
	case KIND_ADDRESS:
		format(buf, cap, "bind %s\n", address);
		break;
	case KIND_GUARDED:
		format(buf, cap, "bind %04x:%04x@%s\n", vendor, device, address);
		break;
	case KIND_PATH:
		format(buf, cap, "bind %s\n", path);
		break;
	case KIND_ID:
		format(buf, cap, "bind %04x:%04x\n", vendor, device);
		break;
	case KIND_ID_SLOT:
		format(buf, cap, "bind %04x:%04x+slot\n", vendor, device);
		break;
	case KIND_ADDRESS_GROUP:
		format(buf, cap, "bind %s+group\n", address);
		break;
	case KIND_PATH_SLOT:
		format(buf, cap, "bind %s+slot\n", path);
		break;
	case KIND_ID_GROUP:
		format(buf, cap, "bind %04x:%04x+group\n", vendor, device);
		break;
	default:
		format(buf, cap, "bind class=%06x\n", class_of(at));
	}
}

size_t rules_make(enum rule_kind kind, size_t rules, size_t devices, char *buf,
		  size_t cap)
{
	size_t len = 0;

	for (size_t r = 0; r < rules; r++) {
		size_t index = r * devices / rules;
		struct place place;

		/* Bridges are skipped: the device behind them. */
		index += index % (BEHIND + 1) == 0;
		place = place_of(index < devices ? index : devices - 1);
		format_rule(kind == KIND_MIX ? (enum rule_kind)(r % KIND_MIX) : kind,
			    &place, buf + len, cap - len);
		len += strlen(buf + len);
	}
	return len;
}
