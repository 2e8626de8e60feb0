// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Carrying a plan out: the steps, each over all targets before the next. Knows nothing of
 * deadlines, and not how the plan was made.
 *
 *  0. vfio-pci's own ids= are taken back, so that what is released stays released
 *  1. driver_override on every target that no driver holds
 *  2. the modules up to vfio-pci-core; where that fails nothing has been unbound
 *  3. the others are unbound from their drivers and overridden, and the firmware's
 *     framebuffer is released
 *  4. vfio-pci: registering it binds all that is overridden and free
 *  5. read back what the drivers have; drivers_probe for what is still free, and once more for
 *     what another driver took meanwhile
 *  6. what was not bound is given back or stays isolated
 *
 * Nothing counts as bound before the last of it is read back, not even what was so before: taking
 * one device may take others away, as a VMD controller's whole domain goes with it.
 */
#include <errno.h>

#include <early-vfio/scan.h>

#include "applier.h"

void step_begin(struct run *run, enum step step, const struct device *dev)
{
	run->progress->step = step;
	run->progress->device = dev ? (uint32_t)(dev - run->apply->inv->devices) :
				      NO_INDEX;
	run->progress->driver = DRIVER_NONE;
	run->progress->ticks++;
}

bool is_open(const struct device *dev)
{
	const struct verdict *verdict = &dev->verdict;

	return verdict->decision == DECISION_BIND && verdict->result == RESULT_NONE &&
	       !verdict->error;
}

static bool has_wanted(const struct device *dev)
{
	uint16_t wanted = dev->verdict.driver_wanted;

	return wanted != DRIVER_NONE && dev->driver == wanted;
}

bool is_pending(const struct device *dev)
{
	return is_open(dev) && !has_wanted(dev);
}

/* By another driver. */
static bool is_held(const struct device *dev)
{
	return is_pending(dev) && dev->driver != DRIVER_NONE;
}

void device_fail(struct device *dev, enum step step, int error)
{
	struct verdict *verdict = &dev->verdict;

	verdict->step = (uint8_t)step;
	verdict->error = (uint16_t)error;
}

void targets_fail(struct apply *apply, uint16_t driver, enum step step, int error)
{
	for_each_device(dev, apply->inv)
		if (is_pending(dev) &&
		    (driver == DRIVER_NONE || dev->verdict.driver_wanted == driver))
			device_fail(dev, step, error);
}

int device_write(struct run *run, struct device *dev, const char *attribute,
		 struct span text)
{
	struct io *io = run->apply->io;
	struct path path;

	return io->write(io, device_path(&path, dev->bdf, attribute), text);
}

int override_write(struct run *run, struct device *dev, uint16_t driver)
{
	const char *name = driver_name(run->apply->inv, driver);

	return device_write(run, dev, "driver_override", span_of(*name ? name : "\n"));
}

int override_wanted(struct run *run, struct device *dev)
{
	uint16_t wanted = dev->verdict.driver_wanted;

	return wanted == DRIVER_NONE ? -ENOSPC : override_write(run, dev, wanted);
}

int device_write_address(struct run *run, struct device *dev, const char *path)
{
	struct io *io = run->apply->io;
	struct path address;

	address_path(&address, "", dev->bdf);
	return io->write(io, path, out_done(&address.out));
}

int device_unbind(struct run *run, struct device *dev)
{
	struct path path;
	int error = device_write_address(run, dev,
					 device_path(&path, dev->bdf, "driver/unbind"));

	/* No driver, or another one by now: probing and reading back will tell. */
	if (error == -ENOENT || error == -ENODEV)
		error = 0;
	if (!error)
		dev->driver = DRIVER_NONE;
	return error;
}

uint16_t device_read_driver(struct run *run, struct device *dev)
{
	return driver_read(run->apply->inv, run->apply->io, dev);
}

/*
 * One that hangs in its unbinding must not have been overridden: registering vfio-pci would
 * wait for it as well.
 */
static void override_target(struct run *run, struct device *dev)
{
	int error;

	if (is_held(dev))
		return;
	step_begin(run, STEP_OVERRIDE, dev);
	error = override_wanted(run, dev);
	if (error)
		device_fail(dev, STEP_OVERRIDE, -error);
}

static void unbind_target(struct run *run, struct device *dev)
{
	int error;

	step_begin(run, STEP_UNBIND, dev);
	error = device_unbind(run, dev);
	if (error)
		device_fail(dev, STEP_UNBIND, -error);
	else
		override_target(run, dev);
}

static void probe_target(struct run *run, struct device *dev)
{
	int error;

	step_begin(run, STEP_PROBE, dev);
	error = device_write_address(run, dev, IO_DRIVERS_PROBE);
	if (error)
		device_fail(dev, STEP_PROBE, -error);
}

/* One took it while it was looked at. Overridden by now, it cannot do so again. */
static void retake_target(struct run *run, struct device *dev)
{
	step_begin(run, STEP_READ_BACK, dev);
	device_read_driver(run, dev);
	if (!is_held(dev))
		return;
	unbind_target(run, dev);
	if (is_pending(dev))
		probe_target(run, dev);
}

static void conclude_target(struct run *run, struct device *dev)
{
	if (!has_wanted(dev)) {
		step_begin(run, STEP_READ_BACK, dev);
		device_read_driver(run, dev);
	}
	if (has_wanted(dev))
		set_result(dev, RESULT_BOUND);
	/* drivers_probe does not say why; the kernel's log may. */
	else if (dev->driver == DRIVER_NONE)
		device_fail(dev, STEP_PROBE, ENODEV);
	else
		device_fail(dev, STEP_READ_BACK, EBUSY);
}

/* Return: whether there were any. */
static bool for_targets(struct run *run, bool (*is_due)(const struct device *dev),
			void (*step)(struct run *run, struct device *dev))
{
	bool has_any = false;

	for_each_device(dev, run->apply->inv) {
		if (!is_due(dev))
			continue;
		step(run, dev);
		has_any = true;
	}
	return has_any;
}

static void release_others(struct run *run)
{
	struct apply *apply = run->apply;

	for_each_device(dev, apply->inv) {
		const struct verdict *verdict = &dev->verdict;

		if (verdict->result == RESULT_NONE && !verdict->error &&
		    plan_releases(apply->inv, apply->plan, dev))
			release_device(apply, dev, run->progress);
	}
}

void apply_steps(struct apply *apply, struct progress *progress)
{
	struct run run = { .apply = apply, .progress = progress };

	ids_remove(&run);
	for_targets(&run, is_open, override_target);
	drivers_collect(&run);
	modules_load(&run);
	for_targets(&run, is_held, unbind_target);
	framebuffers_release(&run);
	drivers_register(&run);
	drivers_read_back(&run);
	if (for_targets(&run, is_pending, probe_target))
		drivers_read_back(&run);
	if (for_targets(&run, is_pending, retake_target))
		drivers_read_back(&run);
	for_targets(&run, is_open, conclude_target);
	targets_settle(&run);
	release_others(&run);
	progress->is_done = true;
}

void apply_give_up(struct apply *apply, struct progress *progress, int error)
{
	enum step step = (enum step)progress->step;

	if (progress->device < apply->inv->count) {
		struct device *dev = &apply->inv->devices[progress->device];

		device_fail(dev, step, error);
		dev->verdict.is_hung = true;
		dev->verdict.result = RESULT_FAILED;
		return;
	}
	/* Which of them it hangs on cannot be told: it may be one that failed before. */
	if (step == STEP_REGISTER)
		for_each_device(dev, apply->inv)
			if (dev->verdict.driver_wanted == progress->driver &&
			    dev->verdict.result == RESULT_NONE)
				dev->verdict.error = 0;
	if (step == STEP_REMOVE_ID)
		progress->leaves_ids = true;
	else
		targets_fail(apply, progress->driver, step, error);
}

void apply_expire(struct apply *apply, const struct progress *progress)
{
	targets_fail(apply, DRIVER_NONE, (enum step)progress->step, ETIMEDOUT);
	for_each_device(dev, apply->inv)
		if (plan_releases(apply->inv, apply->plan, dev) &&
		    dev->verdict.result == RESULT_NONE)
			device_fail(dev, STEP_RELEASE, ETIMEDOUT);
}

void apply_conclude(struct apply *apply)
{
	struct progress progress;
	struct run run = { .apply = apply, .progress = &progress };

	for_each_device(dev, apply->inv) {
		struct verdict *verdict = &dev->verdict;

		if (is_open(dev))
			conclude_target(&run, dev);
		if (verdict->result != RESULT_NONE || !verdict->error)
			continue;
		device_read_driver(&run, dev);
		set_result(dev, RESULT_FAILED);
	}
}
