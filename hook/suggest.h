/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The specification to recommend for a device: guarded by its id, placed by a path that bus
 * renumbering cannot change, and alike devices elsewhere. Knows nothing of where it is written.
 */
#ifndef HOOK_SUGGEST_H
#define HOOK_SUGGEST_H

#include <early-vfio/device.h>

/*
 * WHAT@WHERE of one device. WHERE is a path from the root bus down; the address, where the
 * device is on the root bus or not all of its bridges are known. A display whose slot has
 * other functions gets +slot.
 *
 * @inv: with all facts, see host_scan
 */
struct spec suggest_spec(const struct inventory *inv, const struct device *dev);

/* The same without +slot. */
struct spec suggest_function(const struct inventory *inv, const struct device *dev);

/* Another device has the same vendor:device in another slot: a bare id would take both. */
bool device_has_twin(const struct inventory *inv, const struct device *dev);

/* How many functions the slot of a device has, itself included. */
size_t slot_functions(const struct inventory *inv, const struct device *dev);

/* The function of the slot that is a display, the lowest; NULL: there is none. */
const struct device *slot_display(const struct inventory *inv, const struct device *dev);

#endif
