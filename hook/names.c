// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of vendors, devices and classes for people, by libpci. Knows nothing of what devices
 * are there.
 */
#include <pci/pci.h>
#include <stdio.h>

#include "names.h"

struct pci_access *pci_names_open(void)
{
	struct pci_access *access = pci_alloc();

	pci_set_name_list_path(access, access->id_file_name, 0);
	access->id_lookup_mode = 0;
	return access;
}

void pci_names_close(struct pci_access *access)
{
	pci_cleanup(access);
}

/* What comes from a list on disk must not move the cursor of a terminal. */
static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void device_name(struct pci_access *access, const struct device *dev,
		 char text[NAME_TEXT_MAX])
{
	const char *name = pci_lookup_name(access, text, NAME_TEXT_MAX,
					   PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE |
						   PCI_LOOKUP_NO_NUMBERS,
					   dev->vendor, dev->device);

	if (!name || name != text)
		snprintf(text, NAME_TEXT_MAX, "Vendor %04x Device %04x", dev->vendor,
			 dev->device);
	clean(text);
}

void class_name(struct pci_access *access, const struct device *dev,
		char text[NAME_TEXT_MAX])
{
	const char *name = pci_lookup_name(access, text, NAME_TEXT_MAX,
					   PCI_LOOKUP_CLASS | PCI_LOOKUP_NO_NUMBERS,
					   (int)(dev->class >> 8));

	if (!name || name != text)
		snprintf(text, NAME_TEXT_MAX, "Class %04x", dev->class >> 8);
	clean(text);
}
