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
 * Fetch what is wanted. A fact that cannot be read is known as absent.
 *
 * Return: 0, or negative errno: -ENOENT where there is no PCI bus in sysfs.
 */
int inventory_fill(struct inventory *inv, struct io *io, struct span cmdline);

/* The machine's facts, as inventory_fill reads them; io/machine.c. */
void machine_fill(struct machine *machine, struct io *io, struct span cmdline);

/* Was the firmware's framebuffer taken from its driver for this device? io/framebuffer.c. */
bool framebuffer_is_held(struct io *io, const struct device *dev);

/* Where the firmware's framebuffers are: io/aperture.c, which does no I/O. */
struct aperture {
	uint64_t start, end; /* the last byte */
};

#define APERTURES_MAX 8

struct apertures {
	size_t count;
	struct aperture list[APERTURES_MAX];
};

/*
 * Note the framebuffer of a line of /proc/iomem, if it is one.
 * Return: false where no more can be noted.
 */
bool apertures_add(struct apertures *apertures, struct span line);
/* Does one lie in a memory range of a device's `resource` file? */
bool apertures_touch(const struct apertures *apertures, struct span resource);

#endif
