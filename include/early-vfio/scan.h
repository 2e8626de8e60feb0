/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filling the inventory: reads exactly the facts that are wanted, never `uevent` or
 * `driver_override` (they take the device's lock). Knows nothing of rules.
 */
#ifndef EARLY_VFIO_SCAN_H
#define EARLY_VFIO_SCAN_H

#include <early-vfio/device.h>
#include <early-vfio/io.h>

/*
 * Fetch what is wanted.
 * Return: 0, or -ENOENT where there is no PCI bus in sysfs. A fact that cannot be read is
 * known as absent.
 */
int inventory_fill(struct inventory *inv, struct io *io, struct span cmdline);

#endif
