// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of vendors, devices and classes for people, by libpci. Knows nothing of what devices
 * are there.
 */
#include <pci/pci.h>
#include <stdio.h>
#include <string.h>

#include "names.h"

/* Of a list that is missing or damaged nothing needs to be said: numbers do. */
__attribute__((format(printf, 1, 2))) static void say_nothing(char *message, ...)
{
	(void)message;
}

struct pci_access *pci_names_open(void)
{
	struct pci_access *access = pci_alloc();

	access->warning = access->debug = say_nothing;
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

/* False: it has none. `device` counts for PCI_LOOKUP_DEVICE alone. */
static bool look_up(struct pci_access *access, char *text, size_t size, int flags,
		    int first, int second)
{
	const char *name = pci_lookup_name(
		access, text, (int)size,
		flags | PCI_LOOKUP_NO_NUMBERS | PCI_LOOKUP_NO_HWDB, first, second);

	if (name != text)
		return false;
	clean(text);
	return *text;
}

/* Cut the last word off where it is one of these. */
static bool drop_last(char *text)
{
	static const char *const words[] = { "Corporation", "Corp.", "Corp", "Inc.",
					     "Inc",	    "Ltd.",  "Ltd",  "Co.",
					     "Co",	    "LLC",   "GmbH", "AG",
					     NULL };
	char *blank = strrchr(text, ' ');

	for (const char *const *word = words; blank && *word; word++)
		if (strcmp(blank + 1, *word) == 0) {
			*blank = '\0';
			return true;
		}
	return false;
}

/* "AMD" for "Advanced Micro Devices, Inc. [AMD]": the name that people use. */
static void shorten_vendor(char *text)
{
	char *open = strrchr(text, '['), *close = strrchr(text, ']');
	char *comma = strchr(text, ',');

	if (open && close && close > open + 1) {
		memmove(text, open + 1, (size_t)(close - open - 1));
		text[close - open - 1] = '\0';
		return;
	}
	if (comma && comma != text)
		*comma = '\0';
	while (drop_last(text))
		;
}

void device_name(struct pci_access *access, const struct device *dev,
		 char text[NAME_TEXT_MAX])
{
	char vendor[NAME_TEXT_MAX / 2], device[NAME_TEXT_MAX / 2];

	if (look_up(access, vendor, sizeof(vendor), PCI_LOOKUP_VENDOR, dev->vendor, 0))
		shorten_vendor(vendor);
	else
		snprintf(vendor, sizeof(vendor), "Vendor %04x", dev->vendor);
	if (!look_up(access, device, sizeof(device), PCI_LOOKUP_DEVICE, dev->vendor,
		     dev->device))
		snprintf(device, sizeof(device), "Device %04x", dev->device);
	snprintf(text, NAME_TEXT_MAX, "%s %s", vendor, device);
}

void class_name(struct pci_access *access, const struct device *dev,
		char text[NAME_TEXT_MAX])
{
	if (!look_up(access, text, NAME_TEXT_MAX, PCI_LOOKUP_CLASS,
		     (int)(dev->class >> 8), 0))
		snprintf(text, NAME_TEXT_MAX, "Class %04x", dev->class >> 8);
}
