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

/* Read the driver that a device has now. Return: it, as in the inventory. */
uint16_t driver_read(struct inventory *inv, struct io *io, struct device *dev);

/* Is there a PCI driver of that name? io/modules.c. */
bool driver_is_registered(struct io *io, const char *driver);

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
#define SCREEN_INFO_SIZE 64
/*
 * Note the first byte of the framebuffer that the boot loader told the kernel of, if there
 * was one; no other may have been noted.
 */
void apertures_add_boot(struct apertures *apertures, struct span parameters);
/* Does one lie in a memory range of a device's `resource` file? */
bool apertures_touch(const struct apertures *apertures, struct span resource);

#endif
