// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filling the inventory from sysfs: what is wanted and nothing else, at most three system
 * calls a fact. Knows nothing of rules, and never opens `uevent` or `driver_override`.
 */
#include <errno.h>

#include <early-vfio/scan.h>

struct scan {
	struct inventory *inv;
	struct io *io;
	int32_t group;	    /* the one that is listed */
	int error;	    /* -ENOENT: there is no PCI bus */
	bool is_bus_seen;   /* something on the bus, or the bus itself, was found */
	bool has_apertures; /* the firmware's framebuffers were looked for */
	struct apertures apertures;
};

static ssize_t read_attribute(struct scan *scan, const struct device *dev,
			      const char *attribute, char *buf, size_t cap)
{
	struct path path;

	return scan->io->read(scan->io, device_path(&path, dev->bdf, attribute), buf,
			      cap);
}

/* A number as sysfs prints it: 0x and hex digits. False where there is none. */
static bool read_hex(struct scan *scan, const struct device *dev, const char *attribute,
		     uint32_t *value)
{
	char buf[16];
	ssize_t len = read_attribute(scan, dev, attribute, buf, sizeof(buf));
	struct span text;

	if (len < 0)
		return false;
	text = span_trim((struct span){ buf, (size_t)len });
	if (span_starts(text, "0x"))
		text = span_skip(text, 2);
	return hex_scan(text, 8, value);
}

/* Where `modalias` does not serve: the files that it is made of. */
static void ident_by_parts(struct scan *scan, struct device *dev)
{
	uint32_t vendor, device, class, subvendor = 0, subdevice = 0;

	if (!read_hex(scan, dev, "vendor", &vendor) ||
	    !read_hex(scan, dev, "device", &device) ||
	    !read_hex(scan, dev, "class", &class))
		return;
	read_hex(scan, dev, "subsystem_vendor", &subvendor);
	read_hex(scan, dev, "subsystem_device", &subdevice);
	dev->vendor = (uint16_t)vendor;
	dev->device = (uint16_t)device;
	dev->subvendor = (uint16_t)subvendor;
	dev->subdevice = (uint16_t)subdevice;
	dev->class = class & 0xffffff;
	dev->is_present = true;
}

static void fill_ident(struct scan *scan, struct device *dev)
{
	char buf[128];
	ssize_t len = read_attribute(scan, dev, "modalias", buf, sizeof(buf));

	dev->is_present = false;
	if (len < 0 || !device_read_modalias((struct span){ buf, (size_t)len }, dev))
		ident_by_parts(scan, dev);
	scan->is_bus_seen |= dev->is_present;
	if (scan->is_bus_seen || scan->error)
		return;
	/* Nothing at an address that a rule names: is it the device that is missing? */
	scan->error = scan->io->exists(scan->io, "sys/bus/pci/devices");
	scan->is_bus_seen = !scan->error;
}

/* The last component of a link; empty where there is none. */
static struct span read_link(struct scan *scan, const struct device *dev,
			     const char *attribute, char *buf, size_t cap)
{
	struct path path;
	ssize_t len = scan->io->link(scan->io, device_path(&path, dev->bdf, attribute),
				     buf, cap);

	if (len < 0 || (size_t)len == cap)
		return SPAN("");
	return span_basename((struct span){ buf, (size_t)len });
}

static void fill_group(struct scan *scan, struct device *dev)
{
	char buf[IO_PATH_MAX];
	uint32_t number;

	dev->group = GROUP_NONE;
	if (dec_scan(read_link(scan, dev, "iommu_group", buf, sizeof(buf)), INT32_MAX,
		     &number))
		dev->group = (int32_t)number;
}

static void fill_driver(struct scan *scan, struct device *dev)
{
	char buf[IO_PATH_MAX];

	dev->driver = inventory_driver(scan->inv,
				       read_link(scan, dev, "driver", buf, sizeof(buf)));
}

static void fill_boot_vga(struct scan *scan, struct device *dev)
{
	char value;

	dev->has_boot_vga = read_attribute(scan, dev, "boot_vga", &value, 1) == 1;
	dev->is_boot_vga = dev->has_boot_vga && value == '1';
}

#define CONFIG_HEADER_TYPE 0x0e
#define CONFIG_SECONDARY 0x19
#define HEADER_TYPE_MASK 0x7f
#define HEADER_TYPE_BRIDGE 1

/* The header type, and the bus behind where it is a bridge's. */
static bool read_config(struct scan *scan, const struct device *dev, uint8_t *header_type,
			uint8_t *secondary)
{
	unsigned char config[CONFIG_SECONDARY + 1];
	ssize_t len = read_attribute(scan, dev, "config", (char *)config, sizeof(config));

	if (len != (ssize_t)sizeof(config))
		return false;
	*header_type = config[CONFIG_HEADER_TYPE] & HEADER_TYPE_MASK;
	*secondary = *header_type == HEADER_TYPE_BRIDGE ? config[CONFIG_SECONDARY] : 0;
	return true;
}

static void fill_header(struct scan *scan, struct device *dev)
{
	uint8_t header_type, secondary;

	dev->header_type = 0;
	if (read_config(scan, dev, &header_type, &secondary))
		dev->header_type = header_type;
}

struct children {
	struct bdf parent;
	uint8_t bus; /* 0: none found */
};

static void see_child(void *context, struct span name)
{
	struct children *children = context;
	struct bdf bdf;

	if (!children->bus && bdf_scan(name, &bdf) &&
	    bdf.domain == children->parent.domain)
		children->bus = bdf.bus;
}

static void fill_secondary(struct scan *scan, struct device *dev)
{
	struct children children = { .parent = dev->bdf };
	uint8_t header_type;
	struct path path;
	uint32_t bus;
	char buf[16];
	ssize_t len = read_attribute(scan, dev, "secondary_bus_number", buf, sizeof(buf));

	dev->secondary = 0;
	if (len > 0 &&
	    dec_scan(span_trim((struct span){ buf, (size_t)len }), 0xff, &bus)) {
		dev->secondary = (uint8_t)bus;
		return;
	}
	scan->io->list(scan->io, device_path(&path, dev->bdf, ""), see_child, &children);
	if (children.bus)
		dev->secondary = children.bus;
	else
		read_config(scan, dev, &header_type, &dev->secondary);
}

static bool see_iomem(void *context, struct span line)
{
	struct apertures *apertures = context;

	return apertures_add(apertures, line);
}

/* The kernel's list of them, once, however many displays there are. */
static const struct apertures *apertures_of(struct scan *scan)
{
	if (!scan->has_apertures)
		scan->io->lines(scan->io, "proc/iomem", see_iomem, &scan->apertures);
	scan->has_apertures = true;
	return &scan->apertures;
}

static void fill_framebuffer(struct scan *scan, struct device *dev)
{
	const struct apertures *apertures = apertures_of(scan);
	char buf[1024];
	ssize_t len;

	dev->has_framebuffer = false;
	if (!apertures->count)
		return;
	len = read_attribute(scan, dev, "resource", buf, sizeof(buf));
	if (len > 0)
		dev->has_framebuffer =
			apertures_touch(apertures, (struct span){ buf, (size_t)len });
}

static void fill_device(struct scan *scan, struct device *dev)
{
	static const struct {
		uint8_t fact;
		void (*fill)(struct scan *scan, struct device *dev);
	} facts[] = {
		{ FACT_IDENT, fill_ident },
		{ FACT_GROUP, fill_group },
		{ FACT_DRIVER, fill_driver },
		{ FACT_BOOT_VGA, fill_boot_vga },
		{ FACT_SECONDARY, fill_secondary },
		{ FACT_HEADER, fill_header },
		{ FACT_FRAMEBUFFER, fill_framebuffer },
	};

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (dev->wanted & facts[i].fact)
			facts[i].fill(scan, dev);
	dev->known |= dev->wanted;
	dev->wanted = 0;
}

static void see_name(void *context, struct span name)
{
	struct scan *scan = context;
	struct bdf bdf;

	if (bdf_scan(name, &bdf))
		inventory_append(scan->inv, bdf);
}

static void fill_names(struct scan *scan)
{
	struct inventory *inv = scan->inv;

	if (!inv->names_known && (inv->names_wanted || inv->all_wanted)) {
		scan->error =
			scan->io->list(scan->io, "sys/bus/pci/devices", see_name, scan);
		inventory_sort(inv);
		inv->names_known = true;
		scan->is_bus_seen = true;
	}
	for (size_t i = 0; inv->all_wanted && i < inv->count; i++)
		inv->devices[i].wanted |= FACT_IDENT & ~inv->devices[i].known;
}

static void see_member(void *context, struct span name)
{
	struct scan *scan = context;
	struct bdf bdf;
	int at;

	if (!bdf_scan(name, &bdf))
		return;
	at = inventory_add(scan->inv, bdf);
	if (at < 0)
		return;
	scan->inv->devices[at].group = scan->group;
	scan->inv->devices[at].known |= FACT_GROUP;
}

static void fill_groups(struct scan *scan)
{
	for (size_t i = 0; i < scan->inv->group_count; i++) {
		struct group *group = &scan->inv->groups[i];
		char number[sizeof("4294967295")];
		struct out out = OUT(number);
		struct path path;

		if (!group->is_wanted || group->is_listed)
			continue;
		out_dec(&out, (uint32_t)group->number);
		path_of(&path, "sys/kernel/iommu_groups/", out_done(&out), "/devices");
		scan->group = group->number;
		scan->io->list(scan->io, path.text, see_member, scan);
		group->is_listed = true;
	}
}

int inventory_fill(struct inventory *inv, struct io *io, struct span cmdline)
{
	struct scan scan = { .inv = inv, .io = io };

	fill_names(&scan);
	fill_groups(&scan);
	for (size_t i = 0; i < inv->count; i++)
		if (inv->devices[i].wanted)
			fill_device(&scan, &inv->devices[i]);
	if (inv->machine_wanted && !inv->machine_known) {
		machine_fill(&inv->machine, io, cmdline);
		inv->machine_known = true;
	}
	return scan.error;
}
