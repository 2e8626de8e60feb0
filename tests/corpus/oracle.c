// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What should become of each device, worked out from the design and the record alone,
 * slowly and plainly. Must not use the plan's own judgement of bridges, displays, slots or
 * groups.
 */
#include "lab.h"

static bool in_slot(const struct device *a, const struct device *b)
{
	return a->bdf.domain == b->bdf.domain && a->bdf.bus == b->bdf.bus &&
	       a->bdf.dev == b->bdf.dev;
}

static bool is_bridge(const struct device *dev)
{
	return dev->class >> 8 == 0x0604 || dev->class >> 8 == 0x0607 || dev->secondary;
}

static bool is_display(const struct device *dev)
{
	return (dev->class & 0xff0000) == 0x030000;
}

/* Firmware's own: by boot_vga for VGA controllers, by its framebuffer for the others. */
static bool is_boot_display(const struct device *dev)
{
	if (!is_display(dev))
		return false;
	return (dev->class & 0xffff00) == 0x030000 ? dev->is_boot_vga :
						     dev->has_framebuffer;
}

static bool is_usb_host(const struct device *dev)
{
	return dev->class == 0x0c0300 || dev->class == 0x0c0310 ||
	       dev->class == 0x0c0320 || dev->class == 0x0c0330;
}

static bool slot_has(const struct record *record, const struct device *dev,
		     bool (*is)(const struct device *dev))
{
	for (size_t i = 0; i < record->inv.count; i++)
		if (in_slot(&record->devices[i], dev) && is(&record->devices[i]))
			return true;
	return false;
}

static bool slot_is_named(const struct lab *lab, const struct record *record,
			  const struct device *dev)
{
	for (size_t i = 0; i < record->inv.count; i++)
		if (lab->asked.anchor[i] && in_slot(&record->devices[i], dev))
			return true;
	return false;
}

static bool names_several_slots(const struct lab *lab, const struct record *record)
{
	const struct device *first = NULL;

	for (size_t i = 0; i < record->inv.count; i++) {
		if (!lab->asked.anchor[i])
			continue;
		if (first && !in_slot(first, &record->devices[i]))
			return true;
		first = &record->devices[i];
	}
	return false;
}

static enum decision decide(const struct lab *lab, const struct record *record, size_t at,
			    bool several)
{
	const struct device *dev = &record->devices[at];

	if (lab->asked.kept == dev)
		return DECISION_KEEP;
	if (!lab->asked.anchor[at] && !lab->asked.reached[at])
		return DECISION_NONE;
	if (is_bridge(dev))
		return DECISION_SKIP;
	if (lab->asked.protected == dev)
		return DECISION_PROTECT;
	if ((several || !slot_is_named(lab, record, dev)) &&
	    slot_has(record, dev, is_boot_display))
		return DECISION_REFUSE;
	return DECISION_BIND;
}

/* A display of the device's slot goes to a virtual machine, and its USB with it. */
static bool goes_with_display(const struct lab *lab, const struct record *record,
			      const struct device *dev)
{
	for (size_t i = 0; i < record->inv.count; i++)
		if (is_display(&record->devices[i]) &&
		    lab->expected[i] == DECISION_BIND &&
		    in_slot(&record->devices[i], dev))
			return true;
	return false;
}

/* Keyboards: one USB controller stays, the lowest that is part of no graphics card. */
static void spare_usb(struct lab *lab, const struct record *record)
{
	size_t lowest = SIZE_MAX, apart = SIZE_MAX;

	for (size_t i = record->inv.count; i-- > 0;) {
		const struct device *dev = &record->devices[i];

		if (!is_usb_host(dev) || goes_with_display(lab, record, dev))
			continue;
		if (lab->expected[i] != DECISION_BIND)
			return;
		lowest = i;
		if (!slot_has(record, dev, is_display))
			apart = i;
	}
	if (apart != SIZE_MAX)
		lowest = apart;
	if (lowest != SIZE_MAX)
		lab->expected[lowest] = DECISION_REFUSE;
}

void oracle_decide(struct lab *lab, const struct record *record)
{
	bool several = names_several_slots(lab, record);

	for (size_t i = 0; i < record->inv.count; i++)
		lab->expected[i] = (uint8_t)decide(lab, record, i, several);
	spare_usb(lab, record);
}
