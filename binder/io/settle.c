// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What becomes of a device that is not to be, or could not be, vfio-pci's: given back to its
 * driver, or isolated. Every result is read back. Knows nothing of why.
 */
#include <errno.h>

#include "applier.h"

NOINLINE void set_result(struct device *dev, enum result result)
{
	struct verdict *verdict = &dev->verdict;

	verdict->result = (uint8_t)result;
	verdict->driver_after = dev->driver;
	verdict->is_after_known = true;
}

/* One that had no driver stays without, since that is what was asked for. */
static bool stays_isolated(const struct apply *apply, const struct verdict *verdict)
{
	enum unbound unbound = apply->set->settings.unbound;

	if (unbound == UNBOUND_AS_BEFORE)
		return verdict->driver_before == DRIVER_NONE;
	return unbound == UNBOUND_ISOLATE;
}

static bool is_gone(struct run *run, const struct device *dev)
{
	struct io *io = run->apply->io;
	struct path path;

	return io->exists(io, device_path(&path, dev->bdf, "")) != 0;
}

static bool is_harmless(const struct run *run, uint16_t driver)
{
	return driver_is_harmless(span_of(driver_name(run->apply->inv, driver)));
}

static void set_gone(struct device *dev)
{
	dev->is_present = false;
	dev->verdict.error = ENODEV;
	set_result(dev, RESULT_FAILED);
}

/* Give it back to the driver that it had. A harmless one takes nothing unasked. */
static void restore(struct run *run, struct device *dev)
{
	uint16_t before = dev->verdict.driver_before;
	int error =
		override_write(run, dev, is_harmless(run, before) ? before : DRIVER_NONE);

	if (dev->driver == DRIVER_NONE && before != DRIVER_NONE && !error) {
		device_write_address(run, dev, IO_DRIVERS_PROBE);
		device_read_driver(run, dev);
	}
	if (dev->driver == DRIVER_NONE)
		framebuffer_rebind(run, dev);
	set_result(dev,
		   !error && dev->driver == before ? RESULT_RESTORED : RESULT_FAILED);
}

/* Nothing but its override keeps the next driver off: it is written even where it was. */
static void isolate(struct run *run, struct device *dev)
{
	int error = override_wanted(run, dev);

	framebuffer_rebind(run, dev);
	set_result(dev, error ? RESULT_FAILED : RESULT_ISOLATED);
}

static void settle(struct run *run, struct device *dev)
{
	struct verdict *verdict = &dev->verdict;
	uint16_t driver;

	step_begin(run, STEP_RESTORE, dev);
	driver = device_read_driver(run, dev);
	if (driver != DRIVER_NONE && driver == verdict->driver_wanted) {
		/* The link is there before the driver has said yes. */
		bool is_doubtful = verdict->step == STEP_REGISTER;

		if (!is_doubtful)
			verdict->step = verdict->error = 0;
		set_result(dev, is_doubtful ? RESULT_FAILED : RESULT_BOUND);
	} else if (driver == DRIVER_NONE && is_gone(run, dev)) {
		set_gone(dev);
	} else if (driver == DRIVER_NONE && stays_isolated(run->apply, verdict)) {
		isolate(run, dev);
	} else {
		restore(run, dev);
	}
}

void targets_settle(struct run *run)
{
	struct apply *apply = run->apply;

	for_each_device(dev, apply->inv) {
		const struct verdict *verdict = &dev->verdict;

		if (verdict->decision == DECISION_BIND && verdict->result == RESULT_NONE)
			settle(run, dev);
	}
}

/* Where udev runs it loads the driver; else modprobe, for those who ask at a prompt. */
static void driver_summon(struct run *run, struct device *dev)
{
	struct io *io = run->apply->io;
	char modalias[128];
	struct path path;
	struct span text;

	device_write(run, dev, "uevent", SPAN("add"));
	if (!run->apply->plan->releases_free || io->exists(io, "run/udev/control") == 0)
		return;
	text = io_text(io, device_path(&path, dev->bdf, "modalias"), modalias,
		       sizeof(modalias) - 1);
	modalias[span_find(text, '\n')] = '\0';
	if (text.len)
		io->load(io, modalias, "");
}

static int free_from_vfio(struct run *run, struct device *dev)
{
	int error = override_write(run, dev, DRIVER_NONE);

	if (error)
		return error;
	ids_remove_of(run, dev);
	return is_harmless(run, dev->driver) ? device_unbind(run, dev) : 0;
}

/* One that could not be probed may get its driver by the event all the same. */
static int host_summon(struct run *run, struct device *dev)
{
	int error = device_write_address(run, dev, IO_DRIVERS_PROBE);

	if (device_read_driver(run, dev) == DRIVER_NONE) {
		framebuffer_rebind(run, dev);
		driver_summon(run, dev);
		if (device_read_driver(run, dev) == DRIVER_NONE)
			return error;
	}
	return is_harmless(run, dev->driver) ? -EBUSY : 0;
}

void release_device(struct apply *apply, struct device *dev, struct progress *progress)
{
	struct run run = { .apply = apply, .progress = progress };
	int error;

	step_begin(&run, STEP_RELEASE, dev);
	error = free_from_vfio(&run, dev);
	if (!error)
		error = host_summon(&run, dev);
	else
		device_read_driver(&run, dev);
	if (error)
		device_fail(dev, STEP_RELEASE, -error);
	set_result(dev, error ? RESULT_FAILED : RESULT_RELEASED);
}
