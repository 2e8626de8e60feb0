/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of vendors, devices and classes for people, by libpci. Knows nothing of what devices
 * are there.
 */
#ifndef HOOK_NAMES_H
#define HOOK_NAMES_H

#include <early-vfio/device.h>

#define NAME_TEXT_MAX 192

struct pci_access;

/* The list that libpci was built with; names are never looked up in the network. */
struct pci_access *pci_names_open(void);
void pci_names_close(struct pci_access *access);

/*
 * "NVIDIA AD102 [GeForce RTX 4090]", on one line; what has no name gets "Vendor 1234 Device
 * 5678". Never empty.
 */
void device_name(struct pci_access *access, const struct device *dev,
		 char text[NAME_TEXT_MAX]);
/* "VGA compatible controller"; "Class 1234" where it has none. */
void class_name(struct pci_access *access, const struct device *dev,
		char text[NAME_TEXT_MAX]);

#endif
