// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Carrying a plan out: the steps, each over all targets before the next. Knows nothing of
 * deadlines, and not how the plan was made.
 *
 *  0. vfio-pci's own ids= are taken back, so that what is released stays released
 *  1. driver_override on every target
 *  2. the modules up to vfio-pci-core; where that fails nothing has been unbound
 *  3. targets are unbound from their drivers, and the firmware's framebuffer from theirs
 *  4. vfio-pci: registering it binds all that is overridden and free
 *  5. drivers_probe for what is still free
 *  6. read back; what was not bound is given back or stays isolated
 */
#include <errno.h>

#include "applier.h"

void step_begin(struct run *run, enum step step, uint32_t device)
{
	run->progress->step = step;
	run->progress->device = device;
	run->progress->module = NO_INDEX;
	run->progress->ticks++;
}

bool is_open(const struct apply *apply, size_t device)
{
	const struct verdict *verdict = &apply->inv->devices[device].verdict;

	return verdict->decision == DECISION_BIND && verdict->result == RESULT_NONE &&
	       !verdict->error && !verdict->is_hung;
}

void device_fail(struct apply *apply, size_t device, enum step step, int error)
{
	struct verdict *verdict = &apply->inv->devices[device].verdict;

	verdict->step = (uint8_t)step;
	verdict->error = (uint16_t)error;
}

void targets_fail(struct apply *apply, uint16_t driver, enum step step, int error)
{
	for (size_t i = 0; i < apply->inv->count; i++)
		if (is_open(apply, i) &&
		    (driver == DRIVER_NONE ||
		     apply->inv->devices[i].verdict.driver_wanted == driver))
			device_fail(apply, i, step, error);
}

int device_write(struct run *run, size_t device, const char *attribute, struct span text)
{
	struct io *io = run->apply->io;
	struct path path;

	return io->write(
		io, device_path(&path, run->apply->inv->devices[device].bdf, attribute),
		text);
}

int device_write_address(struct run *run, size_t device, const char *path)
{
	struct io *io = run->apply->io;
	char buf[BDF_TEXT_MAX];
	struct out address = OUT(buf);

	out_bdf(&address, run->apply->inv->devices[device].bdf);
	return io->write(io, path, out_done(&address));
}

int device_unbind(struct run *run, size_t device)
{
	struct device *dev = &run->apply->inv->devices[device];
	struct path path;
	int error = device_write_address(run, device,
					 device_path(&path, dev->bdf, "driver/unbind"));

	/* No driver, or another one by now: probing and reading back will tell. */
	if (error == -ENOENT || error == -ENODEV)
		error = 0;
	if (!error)
		dev->driver = DRIVER_NONE;
	return error;
}

uint16_t device_read_driver(struct run *run, size_t device)
{
	struct device *dev = &run->apply->inv->devices[device];
	struct io *io = run->apply->io;
	char buf[IO_PATH_MAX];
	struct path path;
	ssize_t len =
		io->link(io, device_path(&path, dev->bdf, "driver"), buf, sizeof(buf));

	dev->driver = DRIVER_NONE;
	if (len > 0)
		dev->driver = inventory_driver(
			run->apply->inv,
			span_basename((struct span){ buf, (size_t)len }));
	return dev->driver;
}

static bool has_wanted(const struct apply *apply, size_t device)
{
	uint16_t wanted = apply->inv->devices[device].verdict.driver_wanted;

	return wanted != DRIVER_NONE && apply->inv->devices[device].driver == wanted;
}

static void set_bound(struct apply *apply, size_t device)
{
	struct verdict *verdict = &apply->inv->devices[device].verdict;

	verdict->result = RESULT_BOUND;
	verdict->driver_after = verdict->driver_wanted;
	verdict->is_after_known = true;
}

static void override_target(struct run *run, size_t device)
{
	uint16_t wanted = run->apply->inv->devices[device].verdict.driver_wanted;
	int error = wanted == DRIVER_NONE ? -ENOSPC : 0;

	step_begin(run, STEP_OVERRIDE, (uint32_t)device);
	if (!error)
		error = device_write(run, device, "driver_override",
				     span_of(driver_name(run->apply->inv, wanted)));
	if (error)
		device_fail(run->apply, device, STEP_OVERRIDE, -error);
	else if (has_wanted(run->apply, device))
		set_bound(run->apply, device);
}

static void unbind_target(struct run *run, size_t device)
{
	int error;

	if (run->apply->inv->devices[device].driver == DRIVER_NONE)
		return;
	step_begin(run, STEP_UNBIND, (uint32_t)device);
	error = device_unbind(run, device);
	if (error)
		device_fail(run->apply, device, STEP_UNBIND, -error);
}

static bool was_bound(struct run *run, size_t device)
{
	step_begin(run, STEP_READ_BACK, (uint32_t)device);
	device_read_driver(run, device);
	if (!has_wanted(run->apply, device))
		return false;
	set_bound(run->apply, device);
	return true;
}

static void probe_target(struct run *run, size_t device)
{
	const struct wanted_driver *driver =
		driver_find(run, run->apply->inv->devices[device].verdict.driver_wanted);
	int error;

	/* What we registered ourselves has looked at every device already. */
	if (driver && !driver->is_registered && was_bound(run, device))
		return;
	step_begin(run, STEP_PROBE, (uint32_t)device);
	error = device_write_address(run, device, IO_DRIVERS_PROBE);
	if (error)
		device_fail(run->apply, device, STEP_PROBE, -error);
}

static void check_target(struct run *run, size_t device)
{
	if (was_bound(run, device))
		return;
	/* drivers_probe does not say why; the kernel's log may. */
	if (run->apply->inv->devices[device].driver == DRIVER_NONE)
		device_fail(run->apply, device, STEP_PROBE, ENODEV);
	else
		device_fail(run->apply, device, STEP_READ_BACK, EBUSY);
}

static void for_open(struct run *run, void (*step)(struct run *run, size_t device))
{
	for (size_t i = 0; i < run->apply->inv->count; i++)
		if (is_open(run->apply, i))
			step(run, i);
}

static void release_others(struct run *run)
{
	struct apply *apply = run->apply;

	for (size_t i = 0; i < apply->inv->count; i++) {
		const struct verdict *verdict = &apply->inv->devices[i].verdict;

		if (plan_releases(apply->inv, apply->plan, &apply->inv->devices[i]) && !verdict->error &&
		    verdict->result == RESULT_NONE && !verdict->is_hung)
			release_device(apply, i, run->progress);
	}
}

void apply_steps(struct apply *apply, struct progress *progress)
{
	struct run run = { .apply = apply, .progress = progress };

	ids_remove(&run);
	for_open(&run, override_target);
	drivers_collect(&run);
	modules_load(&run);
	for_open(&run, unbind_target);
	framebuffers_release(&run);
	drivers_register(&run);
	for_open(&run, probe_target);
	for_open(&run, check_target);
	targets_settle(&run);
	release_others(&run);
	progress->is_done = true;
}

void apply_give_up(struct apply *apply, struct progress *progress, int error)
{
	enum step step = (enum step)progress->step;
	struct span module;

	if (progress->device < apply->inv->count) {
		struct verdict *verdict = &apply->inv->devices[progress->device].verdict;

		device_fail(apply, progress->device, step, error);
		verdict->is_hung = true;
		verdict->result = RESULT_FAILED;
		return;
	}
	if (step == STEP_REMOVE_ID)
		progress->leaves_ids = true;
	if (step != STEP_REGISTER || progress->module >= apply->set->module_count) {
		if (step != STEP_REMOVE_ID)
			targets_fail(apply, DRIVER_NONE, step, error);
		return;
	}
	module = module_name(apply->set->modules[progress->module].path);
	for (size_t i = 0; i < apply->inv->count; i++)
		if (is_open(apply, i) &&
		    span_is_name(module,
				 driver_name(apply->inv,
					     apply->inv->devices[i].verdict.driver_wanted)))
			device_fail(apply, i, step, error);
}

void apply_expire(struct apply *apply, const struct progress *progress)
{
	targets_fail(apply, DRIVER_NONE, (enum step)progress->step, ETIMEDOUT);
	for (size_t i = 0; i < apply->inv->count; i++)
		if (plan_releases(apply->inv, apply->plan, &apply->inv->devices[i]) &&
		    apply->inv->devices[i].verdict.result == RESULT_NONE)
			device_fail(apply, i, STEP_RELEASE, ETIMEDOUT);
}

void apply_conclude(struct apply *apply)
{
	struct progress progress;
	struct run run = { .apply = apply, .progress = &progress };

	for (size_t i = 0; i < apply->inv->count; i++) {
		struct verdict *verdict = &apply->inv->devices[i].verdict;

		if (verdict->result != RESULT_NONE || !verdict->error)
			continue;
		verdict->driver_after = device_read_driver(&run, i);
		verdict->is_after_known = true;
		verdict->result = RESULT_FAILED;
	}
}
