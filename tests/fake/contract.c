// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contract of sysfs, in one run from two devices with whatever drivers they have, back to
 * that. Knows nothing of whether the kernel behind struct io is a real one.
 */
#include <errno.h>
#include <string.h>

#include <early-vfio/device.h>

#include "contract.h"

#define VFIO "vfio-pci"
#define NOBODY "early-vfio-contract" /* no driver has that name */

static const struct bdf absent = { .domain = 0xfffe, .bus = 0xff, .dev = 31, .fn = 7 };

static void told(struct contract *c, const char *what, bool holds)
{
	if (holds)
		c->held++;
	else
		c->broken++;
	c->told(c, what, holds);
}

static int write_to(struct contract *c, struct bdf bdf, const char *attribute,
		    const char *text)
{
	struct path path;

	return c->io->write(c->io, device_path(&path, bdf, attribute), span_of(text));
}

static ssize_t read_from(struct contract *c, struct bdf bdf, const char *attribute,
			 char *buf, size_t cap)
{
	struct path path;

	return c->io->read(c->io, device_path(&path, bdf, attribute), buf, cap);
}

static bool reads(struct contract *c, struct bdf bdf, const char *attribute,
		  const char *text)
{
	char buf[128];
	ssize_t len = read_from(c, bdf, attribute, buf, sizeof(buf));

	return len >= 0 && span_is((struct span){ buf, (size_t)len }, text);
}

static int write_address(struct contract *c, struct bdf bdf, const char *path)
{
	char buf[BDF_TEXT_MAX];
	struct out out = OUT(buf);

	out_bdf(&out, bdf);
	return c->io->write(c->io, path, out_done(&out));
}

static int probe(struct contract *c, struct bdf bdf)
{
	return write_address(c, bdf, IO_DRIVERS_PROBE);
}

static int unbind(struct contract *c, struct bdf bdf)
{
	struct path path;

	return write_address(c, bdf, device_path(&path, bdf, "driver/unbind"));
}

/* The driver's name in buf; empty: none. */
static struct span driver_of(struct contract *c, struct bdf bdf, char *buf, size_t cap)
{
	struct path path;
	ssize_t len = c->io->link(c->io, device_path(&path, bdf, "driver"), buf, cap);

	return len < 0 ? SPAN("") : span_basename((struct span){ buf, (size_t)len });
}

static bool is_driven_by(struct contract *c, struct bdf bdf, const char *driver)
{
	char buf[IO_PATH_MAX];

	return span_is(driver_of(c, bdf, buf, sizeof(buf)), driver);
}

static bool is_free(struct contract *c, struct bdf bdf)
{
	return is_driven_by(c, bdf, "");
}

static void check_attributes(struct contract *c, struct bdf bdf)
{
	struct device dev = { 0 };
	char buf[256];
	ssize_t len = read_from(c, bdf, "modalias", buf, sizeof(buf));

	told(c, "modalias says what the device is",
	     len > 0 && device_read_modalias((struct span){ buf, (size_t)len }, &dev));
	told(c, "config can be read to the header type",
	     read_from(c, bdf, "config", buf, 26) == 26);
	told(c, "config agrees with modalias about the vendor",
	     (uint16_t)((unsigned char)buf[0] | (unsigned char)buf[1] << 8) ==
		     dev.vendor);
	len = read_from(c, bdf, "resource", buf, sizeof(buf));
	told(c, "resource has lines of start, end and flags",
	     len > 56 && span_starts((struct span){ buf, (size_t)len }, "0x") &&
		     buf[56] == '\n');
	told(c, "an attribute that is not there is ENOENT",
	     read_from(c, bdf, "no_such_attribute", buf, sizeof(buf)) == -ENOENT);
}

struct search {
	struct bdf bdf;
	bool is_found;
};

static void see_name(void *context, struct span name)
{
	struct search *search = context;
	struct bdf bdf;

	search->is_found |= bdf_scan(name, &bdf) && bdf_equals(bdf, search->bdf);
}

/* Does vfio-pci's directory list the device? */
static bool is_listed(struct contract *c, struct bdf bdf)
{
	struct search search = { .bdf = bdf };

	return c->io->list(c->io, "sys/bus/pci/drivers/" VFIO, see_name, &search) == 0 &&
	       search.is_found;
}

static void check_group(struct contract *c)
{
	struct search search = { .bdf = c->device };
	char buf[IO_PATH_MAX];
	struct path path;
	uint32_t number;
	struct span name;
	ssize_t len = c->io->link(c->io, device_path(&path, c->device, "iommu_group"),
				  buf, sizeof(buf));

	name = len < 0 ? SPAN("") : span_basename((struct span){ buf, (size_t)len });
	told(c, "iommu_group leads to a number", dec_scan(name, INT32_MAX, &number));
	path_of(&path, "sys/kernel/iommu_groups/", name, "/devices");
	told(c, "the group can be listed",
	     c->io->list(c->io, path.text, see_name, &search) == 0);
	told(c, "the group lists the device", search.is_found);
}

static void check_absent(struct contract *c)
{
	struct search search = { .bdf = c->device };
	struct path path;
	char buf[8];

	told(c, "the bus can be listed",
	     c->io->list(c->io, "sys/bus/pci/devices/", see_name, &search) == 0);
	told(c, "the bus lists the device", search.is_found);
	told(c, "no device at an address is ENOENT",
	     read_from(c, absent, "modalias", buf, sizeof(buf)) == -ENOENT);
	told(c, "drivers_probe of an unknown address is ENODEV",
	     probe(c, absent) == -ENODEV);
	told(c, "a driver that is not registered is not there",
	     c->io->exists(c->io, path_of(&path, "sys/bus/pci/drivers/", SPAN(NOBODY),
					  "")) == -ENOENT);
}

/* Leaves both devices free. */
static void check_unbind(struct contract *c, struct bdf bdf)
{
	struct path path;

	if (!is_free(c, bdf)) {
		told(c, "unbind of an unknown address is ENODEV",
		     write_address(c, absent, device_path(&path, bdf, "driver/unbind")) ==
			     -ENODEV);
		told(c, "unbind is done", unbind(c, bdf) == 0);
	}
	told(c, "what was unbound has no driver", is_free(c, bdf));
	told(c, "without a driver unbind is ENOENT", unbind(c, bdf) == -ENOENT);
}

static void check_override(struct contract *c)
{
	told(c, "an override can be set",
	     write_to(c, c->device, "driver_override", VFIO) == 0);
	told(c, "an override reads as it was set",
	     reads(c, c->device, "driver_override", VFIO "\n"));
	told(c, "a newline clears it",
	     write_to(c, c->device, "driver_override", "\n") == 0);
	told(c, "an empty override reads (null)",
	     reads(c, c->device, "driver_override", "(null)\n"));
}

/* Leaves both devices with vfio-pci, their overrides set. */
static void check_register(struct contract *c)
{
	bool is_there = c->io->exists(c->io, "sys/bus/pci/drivers/" VFIO) == 0;
	int error = 0, again = 0;

	write_to(c, c->device, "driver_override", VFIO);
	write_to(c, c->twin, "driver_override", VFIO);
	if (is_there) {
		told(c, "an override alone does nothing",
		     is_free(c, c->device) && is_free(c, c->twin));
		probe(c, c->device);
		probe(c, c->twin);
	}
	for (size_t i = 0; !is_there && c->modules[i]; i++) {
		error = c->io->load(c->io, c->modules[i], "");
		told(c, "a module loads", error == 0 || error == -EEXIST);
		again = c->io->load(c->io, c->modules[i], "");
	}
	if (!is_there)
		told(c, "a module that is loaded is EEXIST", again == -EEXIST);
	told(c, "registering binds all that is free and overridden",
	     is_driven_by(c, c->device, VFIO) && is_driven_by(c, c->twin, VFIO));
	told(c, "a registered driver is there",
	     c->io->exists(c->io, "sys/bus/pci/drivers/" VFIO) == 0);
	told(c, "a driver lists what it has",
	     is_listed(c, c->device) && is_listed(c, c->twin));
}

static void check_probe(struct contract *c)
{
	told(c, "drivers_probe of a bound device does nothing, well",
	     probe(c, c->device) == 0 && is_driven_by(c, c->device, VFIO));
	unbind(c, c->device);
	write_to(c, c->device, "driver_override", "\n");
	write_to(c, c->device, "driver_override", VFIO);
	told(c, "an override alone does nothing where the driver is registered",
	     is_free(c, c->device));
	told(c, "a driver lists no more what it has lost",
	     !is_listed(c, c->device) && is_listed(c, c->twin));
	told(c, "drivers_probe binds what is overridden",
	     probe(c, c->device) == 0 && is_driven_by(c, c->device, VFIO));
	unbind(c, c->device);
	write_to(c, c->device, "driver_override", NOBODY);
	told(c, "drivers_probe is well where nobody binds", probe(c, c->device) == 0);
	told(c, "and nobody bound", is_free(c, c->device));
	write_to(c, c->device, "driver_override", "\n");
}

/* "VVVV DDDD ffffffff ffffffff 0000 0000 ", as the binder writes it. */
static int write_id(struct contract *c, const char *file)
{
	struct device dev = { 0 };
	char buf[128];
	struct out out = OUT(buf);
	ssize_t len = read_from(c, c->device, "modalias", buf, sizeof(buf));
	struct path path;

	device_read_modalias((struct span){ buf, len < 0 ? 0 : (size_t)len }, &dev);
	out_hex(&out, dev.vendor, 4);
	out_char(&out, ' ');
	out_hex(&out, dev.device, 4);
	out_text(&out, " ffffffff ffffffff 0000 0000 ");
	return c->io->write(c->io,
			    path_of(&path, "sys/bus/pci/drivers/" VFIO, SPAN(""), file),
			    out_done(&out));
}

/*
 * The device is free and has no override; the twin is bound and stays so. Drivers are asked
 * in the order of their registration: where the host has one, it may come first.
 */
static void check_ids(struct contract *c, bool has_host_driver)
{
	bool is_vfio;

	told(c, "remove_id of an unknown id is ENODEV",
	     write_id(c, "/remove_id") == -ENODEV);
	told(c, "new_id binds what is free",
	     write_id(c, "/new_id") == 0 && is_driven_by(c, c->device, VFIO));
	unbind(c, c->device);
	told(c, "unbound, it is taken again", probe(c, c->device) == 0);
	is_vfio = is_driven_by(c, c->device, VFIO);
	told(c, "by the driver with the id, or by the host's",
	     is_vfio || (has_host_driver && !is_free(c, c->device)));
	told(c, "remove_id knows the id", write_id(c, "/remove_id") == 0);
	told(c, "remove_id takes nothing away",
	     is_vfio == is_driven_by(c, c->device, VFIO) && !is_free(c, c->device));
	told(c, "and knows it no more", write_id(c, "/remove_id") == -ENODEV);
	if (is_vfio)
		unbind(c, c->device);
	told(c, "after remove_id a released device stays free of it",
	     probe(c, c->device) == 0 && !is_driven_by(c, c->device, VFIO));
	told(c, "its twin was not touched", is_driven_by(c, c->twin, VFIO));
}

static void check_uevent(struct contract *c)
{
	told(c, "uevent takes add", write_to(c, c->device, "uevent", "add") == 0);
	told(c, "uevent takes no nonsense",
	     write_to(c, c->device, "uevent", "nonsense") == -EINVAL);
	told(c, "the platform bus probes by name",
	     c->io->write(c->io, "sys/bus/platform/drivers_probe", SPAN(NOBODY ".0")) ==
		     -ENODEV);
}

/* Back to what it was. */
static void restore(struct contract *c, struct bdf bdf, struct span before)
{
	char buf[IO_PATH_MAX];

	write_to(c, bdf, "driver_override", "\n");
	if (is_driven_by(c, bdf, VFIO))
		unbind(c, bdf);
	probe(c, bdf);
	told(c, "its driver comes back",
	     !before.len || span_equals(driver_of(c, bdf, buf, sizeof(buf)), before));
}

void contract_check(struct contract *c)
{
	char device_buf[IO_PATH_MAX], twin_buf[IO_PATH_MAX];
	struct span device = driver_of(c, c->device, device_buf, sizeof(device_buf));
	struct span twin = driver_of(c, c->twin, twin_buf, sizeof(twin_buf));

	check_attributes(c, c->device);
	check_attributes(c, c->twin);
	check_group(c);
	check_absent(c);
	check_unbind(c, c->device);
	check_unbind(c, c->twin);
	check_override(c);
	check_register(c);
	check_probe(c);
	check_ids(c, device.len > 0);
	check_uevent(c);
	restore(c, c->device, device);
	restore(c, c->twin, twin);
}
