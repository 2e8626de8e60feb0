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
	struct device *bridge; /* the one that is listed, or NULL */
	int32_t group;	       /* the one that is listed; GROUP_NONE: none yet */
	int error;	       /* -ENOENT: there is no PCI bus */
	bool is_bus_seen;      /* something on the bus, or the bus itself, was found */
	bool has_apertures;    /* the firmware's framebuffers were looked for */
	struct apertures apertures;
	char buf[1024]; /* of the file or link read last */
};

/* Up to cap bytes of it; empty where there is none. */
static struct span read_attribute(struct scan *scan, const struct device *dev,
				  const char *attribute, size_t cap)
{
	struct path path;

	device_path(&path, dev->bdf, attribute);
	return io_text(scan->io, path.text, scan->buf, cap);
}

#define NUMBER_MAX 16

static void fill_ident(struct scan *scan, struct device *dev)
{
	dev->is_present = false;
	device_read_modalias(read_attribute(scan, dev, "modalias", 128), dev);
	scan->is_bus_seen |= dev->is_present;
	if (scan->is_bus_seen || scan->error)
		return;
	/* Nothing at an address that a rule names: is it the device that is missing? */
	scan->error = scan->io->exists(scan->io, IO_DEVICES);
	scan->is_bus_seen = !scan->error;
}

static void fill_boot_vga(struct scan *scan, struct device *dev)
{
	struct span value = read_attribute(scan, dev, "boot_vga", 1);

	dev->has_boot_vga = value.len > 0;
	dev->is_boot_vga = span_is(value, "1");
}

#define CONFIG_HEADER_TYPE 0x0e
#define HEADER_TYPE_MASK 0x7f

static void fill_header(struct scan *scan, struct device *dev)
{
	struct span config = read_attribute(scan, dev, "config", CONFIG_HEADER_TYPE + 1);

	dev->header_type = config.len <= CONFIG_HEADER_TYPE ?
				   0 :
				   config.ptr[CONFIG_HEADER_TYPE] & HEADER_TYPE_MASK;
}

/* A device that is listed: behind the bridge, in the group, or on any bus. */
static void see_device(void *context, struct span name)
{
	struct scan *scan = context;
	struct bdf bdf;
	int at;

	if (!bdf_scan(name, &bdf))
		return;
	if (scan->bridge) {
		scan->bridge->secondary = bdf.bus;
	} else if (scan->group == GROUP_NONE) {
		inventory_append(scan->inv, bdf);
	} else if ((at = inventory_add(scan->inv, bdf)) >= 0) {
		struct device *dev = &scan->inv->devices[at];

		dev->group = scan->group;
		dev->known |= FACT_GROUP;
		dev->wanted &= (uint8_t)~FACT_GROUP;
	}
}

static void fill_secondary(struct scan *scan, struct device *dev)
{
	struct span text = read_attribute(scan, dev, "secondary_bus_number", NUMBER_MAX);
	struct path path;
	uint32_t bus = 0;

	dec_scan(span_trim(text), 0xff, &bus);
	dev->secondary = (uint8_t)bus;
	if (text.len)
		return;
	/* A kernel before 4.13: what stands behind it tells. */
	scan->bridge = dev;
	device_path(&path, dev->bdf, "");
	scan->io->list(scan->io, path.text, see_device, scan);
	scan->bridge = NULL;
}

static bool see_iomem(void *context, struct span line)
{
	return apertures_add(context, line);
}

static void fill_framebuffer(struct scan *scan, struct device *dev)
{
	struct span resource;

	/* The kernel's list of them, once, however many displays there are. */
	if (!scan->has_apertures)
		scan->io->lines(scan->io, "proc/iomem", see_iomem, &scan->apertures);
	/* None is listed any more once a display's own driver has replaced it. */
	if (!scan->has_apertures && !scan->apertures.count)
		apertures_add_boot(&scan->apertures,
				   io_text(scan->io, "sys/kernel/boot_params/data",
					   scan->buf, SCREEN_INFO_SIZE));
	scan->has_apertures = true;
	resource = SPAN("");
	if (scan->apertures.count)
		resource = read_attribute(scan, dev, "resource", sizeof(scan->buf));
	/* What was taken for it before is in no list any more. */
	dev->has_framebuffer = apertures_touch(&scan->apertures, resource) ||
			       framebuffer_is_held(scan->io, dev);
}

NOINLINE uint16_t driver_read(struct inventory *inv, struct io *io, struct device *dev)
{
	char buf[IO_PATH_MAX];

	dev->driver = inventory_driver(inv, link_name(io, dev->bdf, "driver", buf));
	return dev->driver;
}

/* One member tells of the others: what stands in one group is looked up once. */
static void fill_group(struct scan *scan, struct device *dev)
{
	struct span name = link_name(scan->io, dev->bdf, "iommu_group", scan->buf);
	struct path path;
	uint32_t number;

	if (!dec_scan(name, INT32_MAX, &number))
		return;
	scan->group = dev->group = (int32_t)number;
	path_of(&path, "sys/kernel/iommu_groups/", name, "/devices");
	scan->io->list(scan->io, path.text, see_device, scan);
}

static void fill_device(struct scan *scan, struct device *dev)
{
	unsigned wanted = dev->wanted;

	if (wanted & FACT_IDENT)
		fill_ident(scan, dev);
	if (wanted & FACT_DRIVER)
		driver_read(scan->inv, scan->io, dev);
	if (wanted & FACT_BOOT_VGA)
		fill_boot_vga(scan, dev);
	if (wanted & FACT_SECONDARY)
		fill_secondary(scan, dev);
	if (wanted & FACT_HEADER)
		fill_header(scan, dev);
	if (wanted & FACT_FRAMEBUFFER)
		fill_framebuffer(scan, dev);
	dev->known |= dev->wanted;
	dev->wanted = 0;
	/* Last, as the record may be another's afterwards. */
	if (wanted & FACT_GROUP)
		fill_group(scan, dev);
}

static void fill_names(struct scan *scan)
{
	struct inventory *inv = scan->inv;

	if (!inv->names_known && (inv->names_wanted || inv->all_wanted)) {
		scan->error = scan->io->list(scan->io, IO_DEVICES, see_device, scan);
		inventory_sort(inv);
		inv->names_known = true;
		scan->is_bus_seen = true;
	}
}

int inventory_fill(struct inventory *inv, struct io *io, struct span cmdline)
{
	struct scan scan = { .inv = inv, .io = io, .group = GROUP_NONE };

	fill_names(&scan);
	for_each_device(dev, inv) {
		if (inv->all_wanted)
			dev->wanted |= FACT_IDENT & ~dev->known;
		if (dev->wanted)
			fill_device(&scan, dev);
	}
	inv->all_known = inv->all_wanted;
	if (inv->machine_wanted && !inv->machine_known) {
		machine_fill(&inv->machine, io, cmdline);
		inv->machine_known = true;
	}
	return scan.error;
}
