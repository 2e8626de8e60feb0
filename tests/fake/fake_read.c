// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the simulated kernel shows: files, links and directories of sysfs and procfs as they
 * follow from its state. Changes nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake.h"

#define BOOT_PARAMS_SIZE 64
#define TEXT_MAX 4096

static struct fake *fake_of(struct io *io)
{
	return (struct fake *)io;
}

/* What follows `prefix` in the path, or NULL. */
static const char *below(const char *path, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(path, prefix, len) == 0 ? path + len : NULL;
}

int fake_split(const struct fake *fake, const char *path, const char **rest)
{
	const char *name = below(path, "sys/bus/pci/devices/");
	struct span address;
	struct bdf bdf;

	if (!name)
		return -1;
	address = span_of(name);
	address = span_head(address, span_find(address, '/'));
	if (!bdf_scan(address, &bdf))
		return -1;
	*rest = name + address.len + (name[address.len] == '/');
	return fake_find(fake, bdf);
}

static void address_of(const struct fake_device *dev, char *buf, size_t size)
{
	struct out out = { .buf = buf, .cap = size };

	out_bdf(&out, dev->bdf);
	out_char(&out, '\0');
}

/* As resource_show() prints it: six BARs, the ROM, and what a bridge has. */
static int show_resource(const struct fake_device *dev, char *buf)
{
	int len = 0;

	for (int i = 0; i < 13; i++) {
		bool is_bar = i == 0 && dev->bar_end > 0;
		bool is_rom = i == 6 && dev->boot_vga == 1;
		unsigned long long start = is_bar ? dev->bar_start : is_rom ? 0xc0000 : 0;
		unsigned long long end = is_bar ? dev->bar_end : is_rom ? 0xdffff : 0;
		unsigned long long flags = is_bar ? 0x140204 : is_rom ? 0x212 : 0;

		len += sprintf(buf + len, "0x%016llx 0x%016llx 0x%016llx\n", start, end,
			       flags);
	}
	return len;
}

static int show_config(const struct fake_device *dev, char *buf)
{
	memset(buf, 0, 64);
	buf[0] = (char)dev->vendor;
	buf[1] = (char)(dev->vendor >> 8);
	buf[2] = (char)dev->device;
	buf[3] = (char)(dev->device >> 8);
	/* The multi-function bit, which is none of the header type. */
	buf[14] = (char)(dev->header | 0x80);
	buf[25] = (char)dev->secondary;
	return 64;
}

static int show_number(char *buf, unsigned value, int digits)
{
	return sprintf(buf, "0x%0*x\n", digits, value);
}

/* One attribute of a device. Its length or -ENOENT. */
static int show_attribute(struct fake *fake, const struct fake_device *dev,
			  const char *name, const char *path, char *buf)
{
	if (strcmp(name, "modalias") == 0 && dev->has_modalias) {
		fake_modalias(dev, buf, TEXT_MAX);
		return (int)strlen(buf);
	}
	if (strcmp(name, "vendor") == 0)
		return show_number(buf, dev->vendor, 4);
	if (strcmp(name, "device") == 0)
		return show_number(buf, dev->device, 4);
	if (strcmp(name, "subsystem_vendor") == 0)
		return show_number(buf, dev->subvendor, 4);
	if (strcmp(name, "subsystem_device") == 0)
		return show_number(buf, dev->subdevice, 4);
	if (strcmp(name, "class") == 0)
		return show_number(buf, dev->class, 6);
	if (strcmp(name, "config") == 0)
		return show_config(dev, buf);
	if (strcmp(name, "resource") == 0)
		return show_resource(dev, buf);
	if (strcmp(name, "boot_vga") == 0 && dev->boot_vga >= 0)
		return sprintf(buf, "%d\n", dev->boot_vga);
	if (strcmp(name, "secondary_bus_number") == 0 && dev->has_secondary)
		return sprintf(buf, "%u\n", dev->secondary);
	if (strcmp(name, "uevent") != 0 && strcmp(name, "driver_override") != 0)
		return -ENOENT;
	if (!fake->allows_locked)
		fake_violate(fake, "reads what takes the device's lock", path);
	if (strcmp(name, "driver_override") == 0)
		return sprintf(buf, "%s\n", dev->override[0] ? dev->override : "(null)");
	return sprintf(buf, "PCI_CLASS=%X\n", dev->class);
}

static int show_iomem(const struct fake *fake, char *buf)
{
	const struct fake_framebuffer *fb = &fake->framebuffer;
	bool hides = fake->hides_iomem;
	int len = sprintf(buf, "00000000-00000fff : Reserved\n"
			       "000a0000-000bffff : PCI Bus 0000:00\n");

	for (unsigned i = 0; i < fake->device_count; i++) {
		const struct fake_device *dev = &fake->devices[i];
		char address[BDF_TEXT_MAX];

		if (dev->is_gone || dev->bar_end == 0)
			continue;
		address_of(dev, address, sizeof(address));
		len += sprintf(buf + len, "  %08llx-%08llx : %s\n",
			       hides ? 0ULL : (unsigned long long)dev->bar_start,
			       hides ? 0ULL : (unsigned long long)dev->bar_end, address);
	}
	if (fb->is_there &&
	    (fb->is_bound || strcmp(fb->name, "simple-framebuffer.0") == 0))
		len += sprintf(buf + len, "    %08llx-%08llx : %s\n",
			       hides ? 0ULL : (unsigned long long)fb->start,
			       hides ? 0ULL : (unsigned long long)fb->end,
			       fb->is_bound ? fb->driver : "BOOTFB");
	return len;
}

/* What the boot loader said stands, whatever became of the framebuffer. */
static int show_boot_params(const struct fake *fake, char *buf)
{
	if (fake->lacks_boot_params)
		return -ENOENT;
	memset(buf, 0, BOOT_PARAMS_SIZE);
	for (unsigned i = 0; i < 4; i++) {
		buf[0x18 + i] = (char)(fake->boot_base >> (8 * i));
		buf[0x3a + i] = (char)(fake->boot_base >> (32 + 8 * i));
	}
	return BOOT_PARAMS_SIZE;
}

static int show_cpuinfo(const struct fake *fake, char *buf)
{
	const char *vendor = strcmp(fake->cpu, "intel") == 0 ? "GenuineIntel" :
			     strcmp(fake->cpu, "amd") == 0   ? "AuthenticAMD" :
							       "Unheardof";

	return sprintf(buf, "processor\t: 0\nvendor_id\t: %s\ncpu family\t: 6\n", vendor);
}

static int show_framebuffer(const struct fake *fake, const char *rest, char *buf)
{
	const struct fake_framebuffer *fb = &fake->framebuffer;
	const char *name = fb->is_there ? below(rest, fb->name) : NULL;

	if (!name || strcmp(name, "/driver_override") != 0)
		return -ENOENT;
	return sprintf(buf, "%s\n", fb->override[0] ? fb->override : "(null)");
}

static int show_file(const struct fake *fake, const char *path, char *buf)
{
	for (unsigned i = 0; i < fake->file_count; i++)
		if (strcmp(fake->files[i].path, path) == 0)
			return sprintf(buf, "%s\n", fake->files[i].text);
	return -ENOENT;
}

static int show(struct fake *fake, const char *path, char *buf)
{
	const char *rest;
	int device = fake_split(fake, path, &rest);

	if (device >= 0)
		return show_attribute(fake, &fake->devices[device], rest, path, buf);
	if (strcmp(path, "proc/iomem") == 0)
		return show_iomem(fake, buf);
	if (strcmp(path, "sys/kernel/boot_params/data") == 0)
		return show_boot_params(fake, buf);
	if (strcmp(path, "proc/cpuinfo") == 0)
		return show_cpuinfo(fake, buf);
	if (strcmp(path, "sys/module/vfio/parameters/enable_unsafe_noiommu_mode") == 0) {
		int module = fake_find_module(fake, SPAN("vfio"));

		if (module >= 0 && !fake->modules[module].is_loaded)
			return -ENOENT;
		return sprintf(buf, "%c\n", fake->allows_noiommu ? 'Y' : 'N');
	}
	rest = below(path, "sys/bus/platform/devices/");
	return rest ? show_framebuffer(fake, rest, buf) : show_file(fake, path, buf);
}

/* What becomes of `len` bytes that are read. */
static int spoil(enum fake_action action, char *buf, int len)
{
	if (action == FAKE_EMPTY)
		return 0;
	return action == FAKE_SHORT ? len / 2 : sprintf(buf, "\x01\xff garbage \"%%s");
}

/* The text of a file after the faults. */
static int read_text(struct fake *fake, const char *path, char *buf)
{
	enum fake_action action = FAKE_ERROR;
	int error = fake_enter(fake, FAKE_READ, path, SPAN(""), &action);
	int len;

	if (error < 0)
		return error;
	len = show(fake, path, buf);
	return error > 0 && len > 0 ? spoil(action, buf, len) : len;
}

ssize_t fake_read(struct io *io, const char *path, char *buf, size_t cap)
{
	char text[TEXT_MAX * 4];
	int len = read_text(fake_of(io), path, text);

	if (len < 0)
		return len;
	if ((size_t)len > cap)
		len = (int)cap;
	memcpy(buf, text, (size_t)len);
	return len;
}

int fake_lines(struct io *io, const char *path,
	       bool (*line)(void *context, struct span line), void *context)
{
	char text[TEXT_MAX * 4];
	int len = read_text(fake_of(io), path, text);
	struct span rest = { text, len < 0 ? 0 : (size_t)len }, one;

	while (span_next_line(&rest, &one))
		if (!line(context, one))
			break;
	return len < 0 ? len : 0;
}

static int link_text(const struct fake *fake, const char *path, char *buf, size_t size)
{
	const char *rest;
	int device = fake_split(fake, path, &rest);
	const struct fake_device *dev;

	if (device < 0)
		return -ENOENT;
	dev = &fake->devices[device];
	if (strcmp(rest, "driver") == 0 && dev->driver >= 0)
		return snprintf(buf, size, "../../../bus/pci/drivers/%s",
				fake->drivers[dev->driver].name);
	if (strcmp(rest, "iommu_group") == 0 && dev->group >= 0)
		return snprintf(buf, size, "../../../kernel/iommu_groups/%d", dev->group);
	return -ENOENT;
}

ssize_t fake_link(struct io *io, const char *path, char *buf, size_t cap)
{
	struct fake *fake = fake_of(io);
	enum fake_action action = FAKE_ERROR;
	char text[128];
	int len = fake_enter(fake, FAKE_LINK, path, SPAN(""), &action);

	if (len < 0)
		return len;
	len = len > 0 ? sprintf(text, "nowhere") :
			link_text(fake, path, text, sizeof(text));
	if (len < 0)
		return len;
	if ((size_t)len > cap)
		len = (int)cap;
	memcpy(buf, text, (size_t)len);
	return len;
}

struct listing {
	const struct fake *fake;
	void (*entry)(void *context, struct span name);
	void *context;
};

static void list_devices(const struct listing *listing, int group, int parent)
{
	for (unsigned i = 0; i < listing->fake->device_count; i++) {
		const struct fake_device *dev = &listing->fake->devices[i];
		char address[BDF_TEXT_MAX];

		if (dev->is_gone || (group >= 0 && dev->group != group) ||
		    (parent >= 0 && dev->parent != parent))
			continue;
		address_of(dev, address, sizeof(address));
		listing->entry(listing->context, span_of(address));
	}
}

static int list_group(const struct listing *listing, const char *rest)
{
	struct span number = span_of(rest);
	uint32_t group;

	if (!span_ends(number, "/devices") ||
	    !dec_scan(span_head(number, number.len - 8), INT32_MAX, &group))
		return -ENOENT;
	list_devices(listing, (int)group, -1);
	return 0;
}

static int list_driver(const struct listing *listing, const char *name)
{
	const struct fake *fake = listing->fake;
	int driver = fake_find_driver(fake, span_of(name));

	if (driver < 0 || !fake->drivers[driver].is_registered)
		return -ENOENT;
	listing->entry(listing->context, SPAN("new_id"));
	for (unsigned i = 0; i < fake->device_count; i++) {
		char address[BDF_TEXT_MAX];

		if (fake->devices[i].is_gone || fake->devices[i].driver != driver)
			continue;
		address_of(&fake->devices[i], address, sizeof(address));
		listing->entry(listing->context, span_of(address));
	}
	return 0;
}

static void list_groups(const struct listing *listing)
{
	for (unsigned i = 0; i < listing->fake->device_count; i++) {
		char number[16];

		if (listing->fake->devices[i].group < 0)
			continue;
		snprintf(number, sizeof(number), "%d", listing->fake->devices[i].group);
		listing->entry(listing->context, span_of(number));
	}
}

static int list_all(const struct listing *listing, const char *path)
{
	const char *rest;
	int device = fake_split(listing->fake, path, &rest);

	if (device >= 0) {
		listing->entry(listing->context, SPAN("power"));
		listing->entry(listing->context, SPAN("0000:00:1c.0:pcie001"));
		list_devices(listing, -1, device);
		return 0;
	}
	if (strcmp(path, "sys/bus/pci/devices/") == 0) {
		list_devices(listing, -1, -1);
		return 0;
	}
	if (strcmp(path, "sys/kernel/iommu_groups/") == 0) {
		list_groups(listing);
		return 0;
	}
	rest = below(path, "sys/bus/pci/drivers/");
	if (rest)
		return list_driver(listing, rest);
	rest = below(path, "sys/kernel/iommu_groups/");
	return rest ? list_group(listing, rest) : -ENOENT;
}

int fake_list(struct io *io, const char *path,
	      void (*entry)(void *context, struct span name), void *context)
{
	struct fake *fake = fake_of(io);
	struct listing listing = { fake, entry, context };
	enum fake_action action = FAKE_ERROR;
	int error = fake_enter(fake, FAKE_LIST, path, SPAN(""), &action);

	if (error < 0)
		return error;
	error = error > 0 ? 0 : list_all(&listing, path);
	return error;
}

static bool is_there(const struct fake *fake, const char *path)
{
	const char *rest;
	int at = fake_split(fake, path, &rest);

	if (at >= 0)
		return *rest == '\0';
	if (strcmp(path, "sys/bus/pci/devices/") == 0)
		return true;
	if (strcmp(path, "run/udev/control") == 0)
		return fake->has_udev;
	rest = below(path, "sys/bus/pci/drivers/");
	if (rest) {
		at = fake_find_driver(fake, span_of(rest));
		return at >= 0 && fake->drivers[at].is_registered;
	}
	rest = below(path, "sys/module/");
	if (rest) {
		at = strchr(rest, '-') ? -1 : fake_find_module(fake, span_of(rest));
		return at >= 0 && fake->modules[at].is_loaded;
	}
	rest = below(path, "sys/firmware/acpi/tables/");
	return rest && fake->table[0] != '\0' && strcmp(rest, fake->table) == 0;
}

int fake_exists(struct io *io, const char *path)
{
	struct fake *fake = fake_of(io);
	enum fake_action action = FAKE_ERROR;
	int error = fake_enter(fake, FAKE_EXISTS, path, SPAN(""), &action);

	if (error == 0)
		error = is_there(fake, path) ? 0 : -ENOENT;
	return error < 0 ? error : 0;
}
