// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The driver core of the simulated kernel: who matches whom, what registering, probing and
 * unbinding do, and what modules bring. Knows nothing of files.
 *
 * Source: drivers/base/dd.c, drivers/base/bus.c, drivers/pci/pci-driver.c,
 * drivers/vfio/pci/vfio_pci_core.c and drivers/pci/controller/vmd.c of the kernel.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake.h"

int fake_find(const struct fake *fake, struct bdf bdf)
{
	for (unsigned i = 0; i < fake->device_count; i++)
		if (!fake->devices[i].is_gone && bdf_equals(fake->devices[i].bdf, bdf))
			return (int)i;
	return -1;
}

int fake_find_driver(const struct fake *fake, struct span name)
{
	for (unsigned i = 0; i < fake->driver_count; i++)
		if (span_is(name, fake->drivers[i].name))
			return (int)i;
	return -1;
}

int fake_find_module(const struct fake *fake, struct span name)
{
	for (unsigned i = 0; i < fake->module_count; i++)
		if (span_is_name(name, fake->modules[i].name))
			return (int)i;
	return -1;
}

static bool field_fits(uint32_t wanted, uint32_t value)
{
	return wanted == PCI_ANY || wanted == value;
}

bool fake_id_fits(const struct fake_device *dev, const struct id_match *id)
{
	return field_fits(id->vendor, dev->vendor) &&
	       field_fits(id->device, dev->device) &&
	       field_fits(id->subvendor, dev->subvendor) &&
	       field_fits(id->subdevice, dev->subdevice) &&
	       ((id->class ^ dev->class) & id->class_mask) == 0;
}

static bool list_fits(const struct fake_device *dev, const struct fake_id_list *list)
{
	for (unsigned i = 0; i < list->count; i++)
		if (fake_id_fits(dev, &list->ids[i]))
			return true;
	return false;
}

/* vvvv:dddd[:ssss:ssss[:class[:mask]]],... as vfio-pci and pci-stub read ids=. */
bool fake_read_ids(struct fake_id_list *list, struct span text)
{
	struct span item, field;

	while (span_next_field(&text, ',', &item)) {
		uint32_t f[6] = { 0, 0, PCI_ANY, PCI_ANY, 0, 0 };
		unsigned count = 0;

		while (count < 6 && span_next_field(&item, ':', &field))
			if (!hex_scan(field, 8, &f[count++]))
				return false;
		if (count < 2 || list->count == FAKE_IDS)
			return false;
		list->ids[list->count++] =
			(struct id_match){ f[0], f[1], f[2], f[3], f[4], f[5] };
	}
	return true;
}

void fake_modalias(const struct fake_device *dev, char *buf, size_t size)
{
	snprintf(buf, size, "pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X\n", dev->vendor,
		 dev->device, dev->subvendor, dev->subdevice, dev->class >> 16,
		 dev->class >> 8 & 0xff, dev->class & 0xff);
}

static bool is_vfio(const struct fake_driver *driver)
{
	size_t len = strlen(driver->name);

	return len >= 8 && (strcmp(driver->name + len - 8, "vfio-pci") == 0 ||
			    strcmp(driver->name + len - 8, "vfio_pci") == 0);
}

static bool matches(const struct fake_device *dev, const struct fake_driver *driver)
{
	if (dev->override[0] != '\0')
		return strcmp(dev->override, driver->name) == 0;
	return list_fits(dev, &driver->dynids) || list_fits(dev, &driver->ids);
}

/* What aperture_remove_conflicting_pci_devices() does: the platform device goes for good. */
static void remove_framebuffer(struct fake *fake, const struct fake_device *dev)
{
	struct fake_framebuffer *fb = &fake->framebuffer;

	if (fb->is_there && fb->start <= dev->bar_end && fb->end >= dev->bar_start)
		fb->is_there = fb->is_bound = false;
}

static int vfio_probe(struct fake *fake, struct fake_device *dev)
{
	if (dev->header != 0 || (dev->group < 0 && !fake->allows_noiommu))
		return -EINVAL;
	if (dev->class >> 8 == 0x0300)
		remove_framebuffer(fake, dev);
	return 0;
}

static int probe(struct fake *fake, int device, int driver)
{
	struct fake_device *dev = &fake->devices[device];
	const struct fake_driver *drv = &fake->drivers[driver];
	enum fake_action action = FAKE_ERROR;
	char name[64], address[BDF_TEXT_MAX];
	struct out out = OUT(address);
	int error;

	out_bdf(&out, dev->bdf);
	out_char(&out, '\0');
	snprintf(name, sizeof(name), "%s/%s", drv->name, address);
	error = fake_enter(fake, FAKE_PROBE, name, SPAN(""), &action);
	if (error < 0)
		return error;
	if (drv->error != 0)
		return -drv->error;
	if (error > 0 || dev->is_gone)
		return -ENODEV;
	if (is_vfio(drv))
		return vfio_probe(fake, dev);
	if (drv->is_drm) {
		remove_framebuffer(fake, dev);
		fake->has_native |= fake->framebuffer.end && !fake->framebuffer.is_there;
	}
	return 0;
}

/* pci_bus_add_devices(): all that is in the domain, as if it had never been there. */
static void domain_come(struct fake *fake, int controller)
{
	fake->bringing = controller;
	for (unsigned i = 0; i < fake->device_count; i++) {
		struct fake_device *dev = &fake->devices[i];

		if (!dev->is_away || dev->controller != controller)
			continue;
		dev->is_gone = dev->is_away = false;
		dev->came_count++;
	}
	for (unsigned i = 0; i < fake->device_count; i++) {
		if (fake->devices[i].controller != controller)
			continue;
		fake_attach(fake, (int)i);
		if (!fake->devices[i].is_gone)
			fake_announce(fake, (int)i);
	}
	fake->bringing = -1;
}

/* pci_stop_root_bus() and pci_remove_root_bus(): drivers first, each under its lock. */
static void domain_go(struct fake *fake, int controller)
{
	for (unsigned i = 0; i < fake->device_count; i++) {
		struct fake_device *dev = &fake->devices[i];

		if (dev->is_gone || dev->controller != controller)
			continue;
		dev->is_gone = dev->is_away = true;
		dev->is_stuck = dev->is_wedged = false;
		dev->driver = -1;
		dev->override[0] = '\0';
	}
}

/* One that holds its lock holds its controller's driver too. */
static bool has_locked(const struct fake *fake, int controller)
{
	for (unsigned i = 0; i < fake->device_count; i++) {
		const struct fake_device *dev = &fake->devices[i];

		if (dev->controller == controller && (dev->is_stuck || dev->is_wedged))
			return true;
	}
	return false;
}

static bool has_domain(const struct fake *fake, int device)
{
	const struct fake_device *dev = &fake->devices[device];

	return dev->brings && dev->driver >= 0 &&
	       strcmp(fake->drivers[dev->driver].name, "vmd") == 0;
}

static bool try_driver(struct fake *fake, int device, int driver)
{
	struct fake_device *dev = &fake->devices[device];

	if (dev->is_gone || !matches(dev, &fake->drivers[driver]))
		return false;
	/*
	 * The driver core waits for the device's lock, which the stuck step has. What udev
	 * loads waits in a process of its own.
	 */
	if (fake->is_registering && is_vfio(&fake->drivers[driver]) &&
	    (dev->is_stuck || dev->is_wedged))
		fake_stop(fake, device, false);
	if (dev->is_stuck || dev->driver >= 0)
		return false;
	/* The link is there while the driver probes. */
	dev->driver = driver;
	if (probe(fake, device, driver) < 0) {
		dev->driver = -1;
		return false;
	}
	dev->host_count += !is_vfio(&fake->drivers[driver]);
	if (has_domain(fake, device))
		domain_come(fake, device);
	return true;
}

/* Drivers are asked in the order of their registration; one that fails is passed over. */
void fake_attach(struct fake *fake, int device)
{
	for (unsigned order = 1; order <= fake->registered_count; order++)
		for (unsigned i = 0; i < fake->driver_count; i++)
			if (fake->drivers[i].is_registered &&
			    fake->drivers[i].order == order &&
			    try_driver(fake, device, (int)i))
				return;
}

void fake_detach(struct fake *fake, int device)
{
	struct fake_device *dev = &fake->devices[device];

	if (has_domain(fake, device)) {
		if (has_locked(fake, device))
			fake_stop(fake, device, false);
		domain_go(fake, device);
	}
	dev->lost_count += dev->driver >= 0;
	dev->driver = -1;
}

/* With whatever it brought; nothing of it comes back. */
void fake_pull(struct fake *fake, int device)
{
	struct fake_device *dev = &fake->devices[device];

	if (has_domain(fake, device))
		domain_go(fake, device);
	dev->is_gone = true;
	dev->driver = -1;
}

/* One pass over the bus binds all that is free and matches. */
void fake_register(struct fake *fake, int driver)
{
	struct fake_driver *drv = &fake->drivers[driver];
	bool was_registering = fake->is_registering;

	if (!drv->is_registered) {
		drv->is_registered = true;
		drv->order = ++fake->registered_count;
	}
	fake->is_registering = true;
	for (unsigned i = 0; i < fake->device_count; i++)
		try_driver(fake, (int)i, driver);
	fake->is_registering = was_registering;
}

/* The last ids= of the options, as the kernel takes it. */
static void read_options(struct fake_driver *driver, const char *options)
{
	struct span rest = span_of(options), word, ids = SPAN("");

	while (span_next_word(&rest, &word))
		if (span_starts(word, "ids="))
			ids = span_skip(word, 4);
	fake_read_ids(&driver->dynids, ids);
}

/* Without what it needs a module has unknown symbols: ENOENT. */
static bool needs_are_there(const struct fake *fake, const struct fake_module *module)
{
	struct span rest = span_of(module->needs), name;

	while (span_next_field(&rest, ',', &name)) {
		int at = fake_find_module(fake, name);

		if (at < 0 || !fake->modules[at].is_loaded)
			return false;
	}
	return true;
}

int fake_module_load(struct fake *fake, int index, const char *options)
{
	struct fake_module *module = &fake->modules[index];

	if (module->is_loaded)
		return -EEXIST;
	if (module->error != 0)
		return -module->error;
	if (!needs_are_there(fake, module))
		return -ENOENT;
	module->is_loaded = true;
	snprintf(module->options, sizeof(module->options), "%s", options);
	for (unsigned i = 0; i < fake->driver_count; i++) {
		if (fake->drivers[i].module != index)
			continue;
		read_options(&fake->drivers[i], options);
		fake_register(fake, (int)i);
	}
	return 0;
}

void fake_coldplug(struct fake *fake, int device)
{
	for (unsigned i = 0; i < fake->driver_count; i++) {
		const struct fake_driver *driver = &fake->drivers[i];

		if (driver->module >= 0 && !fake->modules[driver->module].is_loaded &&
		    list_fits(&fake->devices[device], &driver->ids))
			fake_module_load(fake, driver->module, "");
	}
}

void fake_announce(struct fake *fake, int device)
{
	bool was_of_udev = fake->is_of_udev;

	if (!fake->has_udev)
		return;
	fake->is_of_udev = true;
	fake_coldplug(fake, device);
	fake->is_of_udev = was_of_udev;
}

void fake_register_framebuffer_driver(struct fake *fake, const char *driver)
{
	struct fake_framebuffer *fb = &fake->framebuffer;

	if (!fb->is_there || fb->is_bound || fb->override[0] != '\0')
		return;
	snprintf(fb->driver, sizeof(fb->driver), "%s", driver);
	fb->is_bound = true;
}
