/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the binder relies on in sysfs, as assertions over struct io: the same against the
 * simulated kernel and, in a booted guest, against the real one.
 */
#ifndef EARLY_VFIO_TESTS_CONTRACT_H
#define EARLY_VFIO_TESTS_CONTRACT_H

#include <early-vfio/io.h>

#define CONTRACT_MODULES 16

struct contract {
	struct io *io;
	/* Two functions of one id in two IOMMU groups, which may be taken from their drivers. */
	struct bdf device, twin;
	/* vfio-pci and what it needs, in load order; none where it is there already. */
	const char *modules[CONTRACT_MODULES + 1];
	/* Told of each assertion. */
	void (*told)(struct contract *contract, const char *what, bool holds);
	unsigned held, broken;
};

void contract_check(struct contract *contract);

#endif
