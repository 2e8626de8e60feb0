// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The drivers that the targets want and the modules that bring them, in the image's order:
 * first all that drivers build on, later the drivers themselves. Knows nothing of devices
 * but which driver they want.
 */
#include <errno.h>

#include <early-vfio/scan.h>

#include "applier.h"

#define OPTIONS_MAX 1024
#define DRIVERS "sys/bus/pci/drivers/"

static bool is_collected(const struct run *run, uint16_t name)
{
	for (size_t i = 0; i < run->driver_count; i++)
		if (run->drivers[i].name == name)
			return true;
	return false;
}

static struct span module_of(const struct run *run, size_t module)
{
	return module_name(run->apply->set->modules[module].path);
}

static uint32_t module_find(const struct run *run, const char *driver)
{
	for (size_t i = 0; i < run->apply->set->module_count; i++)
		if (span_is_name(module_of(run, i), driver))
			return (uint32_t)i;
	return NO_INDEX;
}

bool driver_is_registered(struct io *io, const char *driver)
{
	return path_exists(io, DRIVERS, span_of(driver));
}

static void driver_add(struct run *run, uint16_t name)
{
	const char *text = driver_name(run->apply->inv, name);
	struct wanted_driver *driver = &run->drivers[run->driver_count];

	step_begin(run, STEP_LOAD, NULL);
	if (run->driver_count == WANTED_DRIVERS_MAX) {
		targets_fail(run->apply, name, STEP_LOAD, ENOSPC);
		return;
	}
	*driver = (struct wanted_driver){
		.name = name,
		.is_registered = driver_is_registered(run->apply->io, text),
		.module = module_find(run, text),
	};
	run->driver_count++;
	if (!driver->is_registered && driver->module == NO_INDEX)
		targets_fail(run->apply, name, STEP_LOAD, ENOENT);
}

void drivers_collect(struct run *run)
{
	for_each_device(dev, run->apply->inv) {
		uint16_t name = dev->verdict.driver_wanted;

		if (is_open(dev) && !is_collected(run, name))
			driver_add(run, name);
	}
}

/* Does a pending target wait for its module? Where there is none, they have failed. */
static bool is_awaited(const struct run *run, const struct wanted_driver *driver)
{
	for_each_device(dev, run->apply->inv)
		if (is_pending(dev) && dev->verdict.driver_wanted == driver->name)
			return !driver->is_registered;
	return false;
}

/* A driver, wanted or not, as opposed to what drivers build on. */
static bool is_driver(const struct run *run, size_t module)
{
	if (driver_is_vfio(module_of(run, module)))
		return true;
	for (size_t i = 0; i < run->driver_count; i++)
		if (run->drivers[i].module == module)
			return true;
	return false;
}

/* sys/module/NAME; the kernel names modules with `_` only. */
static bool is_loaded(const struct run *run, struct span name)
{
	struct io *io = run->apply->io;
	struct path path;

	path_of(&path, "sys/module/", name, "");
	for (char *c = path.text; *c; c++)
		if (*c == '-')
			*c = '_';
	return io->exists(io, path.text) == 0;
}

/* Those of modprobe.d first: for the same name the kernel takes the last. */
static int options_write(const struct run *run, size_t module, struct out *out)
{
	struct span name = module_of(run, module);

	out_span(out, run->apply->set->modules[module].options);
	out_char(out, ' ');
	cmdline_module_options(run->apply->cmdline, name, out);
	/* modprobe, where it is the last resort, would put its own in front of these. */
	if (span_is_name(name, "vfio-pci"))
		out_text(out, " ids=");
	out_char(out, '\0');
	return out->overflow ? -E2BIG : 0;
}

static int module_load(struct run *run, size_t module)
{
	struct io *io = run->apply->io;
	char buf[OPTIONS_MAX];
	struct out options = OUT(buf);
	struct path path;
	int error;

	path_of(&path, "", run->apply->set->modules[module].path, "");
	error = path.out.overflow ? -ENAMETOOLONG : options_write(run, module, &options);
	if (!error)
		error = io->load(io, path.text, buf);
	return error == -EEXIST ? 0 : error;
}

void modules_load(struct run *run)
{
	uint32_t *module = &run->apply->inv->module;
	bool is_needed = false;
	int error = 0;

	for (size_t i = 0; i < run->driver_count; i++)
		is_needed |= is_awaited(run, &run->drivers[i]);
	for (size_t i = 0; is_needed && !error && i < run->apply->set->module_count;
	     i++) {
		if (is_driver(run, i))
			continue;
		step_begin(run, STEP_LOAD, NULL);
		*module = (uint32_t)i + 1;
		/* The kernel would unpack and verify it before it says so. */
		if (!is_loaded(run, module_of(run, i)))
			error = module_load(run, i);
		if (run->apply->set->modules[i].is_optional)
			error = 0;
		if (!error)
			*module = 0;
	}
	if (!error)
		return;
	/* What waits for a module has not been unbound yet, and keeps its driver. */
	for (size_t i = 0; i < run->driver_count; i++)
		if (!run->drivers[i].is_registered)
			targets_fail(run->apply, run->drivers[i].name, STEP_LOAD, -error);
}

void drivers_register(struct run *run)
{
	for (size_t i = 0; i < run->driver_count; i++) {
		const struct wanted_driver *driver = &run->drivers[i];
		int error;

		if (!is_awaited(run, driver))
			continue;
		step_begin(run, STEP_REGISTER, NULL);
		run->progress->driver = driver->name;
		error = module_load(run, driver->module);
		if (error)
			targets_fail(run->apply, driver->name, STEP_REGISTER, -error);
	}
}

/* A device that the driver has, or another file of its directory. */
static void see_bound(void *context, struct span name)
{
	struct run *run = context;
	struct inventory *inv = run->apply->inv;
	struct bdf bdf;
	int at = bdf_scan(name, &bdf) ? inventory_find(inv, bdf) : -1;

	if (at >= 0)
		inv->devices[at].driver = run->progress->driver;
}

void drivers_read_back(struct run *run)
{
	struct inventory *inv = run->apply->inv;
	struct io *io = run->apply->io;

	for_each_device(dev, inv)
		if (dev->driver == dev->verdict.driver_wanted)
			dev->driver = DRIVER_NONE;
	for (size_t i = 0; i < run->driver_count; i++) {
		struct span name = span_of(driver_name(inv, run->drivers[i].name));
		struct path path;

		step_begin(run, STEP_READ_BACK, NULL);
		run->progress->driver = run->drivers[i].name;
		io->list(io, path_of(&path, DRIVERS, name, ""), see_bound, run);
	}
}
