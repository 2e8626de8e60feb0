// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What goes wrong in the simulated kernel, and the record of what was asked of it. Knows
 * nothing of what the calls do.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"

void fake_fault(struct fake *fake, struct fake_fault fault)
{
	if (fake->fault_count == FAKE_FAULTS)
		abort();
	fake->faults[fake->fault_count++] = fault;
}

void fake_violate(struct fake *fake, const char *what, const char *path)
{
	if (fake->violation[0] == '\0')
		snprintf(fake->violation, sizeof(fake->violation), "%s: %s", what, path);
}

/* The device that a call is about, or -1. */
static int device_of(const struct fake *fake, enum fake_op op, const char *path,
		     struct span text)
{
	struct bdf bdf;
	const char *rest;

	if (op == FAKE_PROBE)
		text = span_basename(span_of(path));
	else if (strcmp(path, IO_DRIVERS_PROBE) != 0)
		return fake_split(fake, path, &rest);
	return bdf_scan(text, &bdf) ? fake_find(fake, bdf) : -1;
}

/*
 * While a controller is bound, what it brings is bound under its lock: it is the controller
 * that hangs, and nobody can know of the other before it is touched.
 */
static int blame(struct fake *fake, int device)
{
	int controller = fake->bringing;

	fake->bringing = -1;
	if (controller < 0)
		return device;
	if (device >= 0 && device != controller)
		fake->devices[device].is_wedged = true;
	return controller;
}

void fake_stop(struct fake *fake, int device, bool is_crash)
{
	fake->hang_count += !is_crash;
	device = blame(fake, device);
	if (device >= 0) {
		fake->devices[device].is_stuck = true;
		fake->devices[device].is_unnamed = fake->is_registering;
	}
	fake->is_registering = fake->is_of_udev = false;
	if (fake->has_jump)
		longjmp(fake->jump, is_crash ? 2 : 1);
	if (is_crash)
		raise(SIGKILL);
	for (;;)
		pause();
}

void fake_wedge(struct fake *fake)
{
	for (unsigned i = 0; i < fake->device_count; i++) {
		struct fake_device *dev = &fake->devices[i];

		dev->is_wedged |= dev->is_stuck;
		dev->is_stuck = dev->is_unnamed = false;
	}
}

static struct fake_fault *due(struct fake *fake, enum fake_op op, const char *path)
{
	for (unsigned i = 0; i < fake->fault_count; i++) {
		struct fake_fault *fault = &fake->faults[i];

		if (!(fault->ops & op) || !strstr(path, fault->path))
			continue;
		if (fault->skip > 0) {
			fault->skip--;
			continue;
		}
		if (fault->times > 0 && --fault->times == 0)
			fault->ops = 0;
		fake->fired[i]++;
		return fault;
	}
	return NULL;
}

/* What the call costs the binder's kernel.c in system calls. */
static unsigned cost(enum fake_op op, const char *path)
{
	if (op == FAKE_WRITE)
		return strcmp(path, IO_DRIVERS_PROBE) == 0 ? 1 : 3;
	return op == FAKE_READ || op == FAKE_LIST || op == FAKE_LOAD ? 3 :
	       op == FAKE_PROBE					     ? 0 :
								       1;
}

static void record(struct fake *fake, enum fake_op op, const char *path, struct span text)
{
	struct fake_call *call;

	fake->call_count += op != FAKE_PROBE;
	fake->syscalls += cost(op, path);
	if (fake->trace_count == FAKE_TRACE)
		return;
	call = &fake->trace[fake->trace_count++];
	call->op = op;
	snprintf(call->path, sizeof(call->path), "%s", path);
	snprintf(call->text, sizeof(call->text), "%.*s", (int)text.len, text.ptr);
}

/* The link never blocks; where nobody knows which device hangs, reading it is no offence. */
static bool is_out_of_bounds(const struct fake_device *dev, enum fake_op op)
{
	return dev->is_stuck && op != FAKE_PROBE && !(dev->is_unnamed && op == FAKE_LINK);
}

int fake_enter(struct fake *fake, enum fake_op op, const char *path, struct span text,
	       enum fake_action *action)
{
	int device = device_of(fake, op, path, text);
	struct fake_fault *fault;

	record(fake, op, path, text);
	if (fake->on_call)
		fake->on_call(fake, op, path);
	if (device >= 0 && op == FAKE_WRITE)
		fake->devices[device].write_count++;
	if (device >= 0 && is_out_of_bounds(&fake->devices[device], op))
		fake_violate(fake, "touched a device that hangs", path);
	if (device >= 0 && fake->devices[device].is_wedged &&
	    (op & (FAKE_WRITE | FAKE_PROBE)))
		fake_stop(fake, device, false);
	fault = due(fake, op, path);
	if (!fault)
		return 0;
	*action = fault->action;
	switch (fault->action) {
	case FAKE_ERROR:
		return -fault->error;
	case FAKE_HANG:
	case FAKE_CRASH:
		/* We go on, and find the device's lock taken. */
		if (fake->is_of_udev && device >= 0) {
			fake->devices[device].is_wedged = true;
			return -EIO;
		}
		fake_stop(fake, device, fault->action == FAKE_CRASH);
		return 0;
	case FAKE_GONE:
		if (device >= 0)
			fake_pull(fake, device);
		return 0;
	default:
		return 1;
	}
}
