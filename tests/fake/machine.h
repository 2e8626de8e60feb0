/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machines as text: one function a line, in the format of recorded machines.
 *
 *   # boot-vga: ADDRESS
 *   # framebuffer: ADDRESS
 *   # bridge: ADDRESS SECONDARY-BUS
 *   ADDRESS CLASS VENDOR:DEVICE SUBVENDOR:SUBDEVICE DRIVER GROUP
 *
 * `-` where a value is absent. Every fact is known afterwards: an eager scan.
 */
#ifndef EARLY_VFIO_TESTS_MACHINE_H
#define EARLY_VFIO_TESTS_MACHINE_H

#include <early-vfio/device.h>

/* Fill an inventory over storage for DEVICES_MAX records. Return: the number of the first line that cannot be read, or 0. */
unsigned machine_read(struct span text, struct device *devices, struct inventory *inv);

/* Answer from `machine` what `inv` wants and no more: a lazy scan. */
void machine_answer(const struct inventory *machine, struct inventory *inv);

#endif
