/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files that carry a plan out share: one run, and the few things that are done to a
 * device. Nothing outside io/ includes it.
 */
#ifndef EARLY_VFIO_APPLIER_H
#define EARLY_VFIO_APPLIER_H

#include <early-vfio/apply.h>

#define WANTED_DRIVERS_MAX 16

struct wanted_driver {
	uint16_t name;	    /* offset in inventory.driver_names */
	bool is_registered; /* before any module was loaded */
	uint32_t module; /* index in ruleset.modules that brings it; NO_INDEX: none does */
};

struct run {
	struct apply *apply;
	struct progress *progress;
	size_t driver_count;
	struct wanted_driver drivers[WANTED_DRIVERS_MAX];
};

/* Publish what comes next. */
void step_begin(struct run *run, enum step step, const struct device *dev);

/* A target that may still be bound: nothing failed, and there is no result yet. What
 * hangs has one. */
bool is_open(const struct device *dev);
/* The same, and the driver that is wanted does not have it yet. */
bool is_pending(const struct device *dev);
void device_fail(struct device *dev, enum step step, int error);
/* Fail the pending targets that want `driver`; DRIVER_NONE: all of them. */
void targets_fail(struct apply *apply, uint16_t driver, enum step step, int error);

/* Write to an attribute of the device. 0 or negative errno. */
int device_write(struct run *run, struct device *dev, const char *attribute,
		 struct span text);
/* Write driver_override; DRIVER_NONE clears it. */
int override_write(struct run *run, struct device *dev, uint16_t driver);
/* The one that is wanted; -ENOSPC where its name did not fit in the inventory. */
int override_wanted(struct run *run, struct device *dev);
/* Write the address of the device to a file. */
int device_write_address(struct run *run, struct device *dev, const char *path);
/* Unbind from whatever drives it; 0 also where nothing does. */
int device_unbind(struct run *run, struct device *dev);
/* Read the driver link back into the inventory, and return it. */
uint16_t device_read_driver(struct run *run, struct device *dev);

/* io/modules.c: the drivers that open targets want, and the modules that bring them. */
void drivers_collect(struct run *run);
void modules_load(struct run *run);
void drivers_register(struct run *run);
/* Which devices those drivers have now, into the inventory. */
void drivers_read_back(struct run *run);

/* io/framebuffer.c */
void framebuffers_release(struct run *run);
void framebuffer_rebind(struct run *run, struct device *dev);

/* io/ids.c: what vfio-pci was told by ids= before us. */
void ids_remove(struct run *run);
void ids_remove_of(struct run *run, struct device *dev);

/* io/settle.c: what becomes of targets that were not bound. */
void targets_settle(struct run *run);

#endif
