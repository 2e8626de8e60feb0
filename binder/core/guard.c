// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guards over the whole machine: the last USB controller, devices without an IOMMU group,
 * and what spoils the groups of the targets. Weighs verdicts, not rules.
 */
#include "planner.h"

static bool is_target(const struct device *dev)
{
	return dev->verdict.decision == DECISION_BIND;
}

static void refuse(struct device *dev, enum reason reason)
{
	dev->verdict.decision = DECISION_REFUSE;
	dev->verdict.reason = (uint8_t)reason;
	dev->verdict.driver_wanted = DRIVER_NONE;
}

/* A display in the slot of `dev`; only one that is a target where `targeted`. */
static bool slot_has_display(struct inventory *inv, struct device *dev, bool targeted)
{
	struct slot slot = slot_of(inv, dev);

	for (; slot.first < slot.end; slot.first++)
		if (slot.first->is_present && device_is_display(slot.first) &&
		    (!targeted || is_target(slot.first)))
			return true;
	return false;
}

/*
 * A vfio driver has it and no rule says a word of it: it was given to that by hand. In the round
 * that asks for the driver the targets' own are missing too, so that there is one more.
 */
static bool is_taken(struct planner *p, struct device *dev)
{
	return p->plan->is_now && dev->verdict.rule == RULE_NONE &&
	       need(dev, FACT_DRIVER) && is_vfio_driver(p->inv, dev->driver);
}

/*
 * The controller to leave to the host: the lowest address outside display slots, else the
 * lowest. NULL where one is left anyway, or where all are forced.
 */
static struct device *last_usb(struct planner *p)
{
	struct inventory *inv = p->inv;
	struct device *lowest = NULL, *outside = NULL;

	for_each_device(dev, inv) {
		if (!dev->is_present || !device_is_usb_host(dev) ||
		    slot_has_display(inv, dev, true) || is_taken(p, dev))
			continue;
		if (!is_target(dev))
			return NULL;
		if (dev->verdict.is_forced)
			continue;
		if (!lowest)
			lowest = dev;
		if (!outside && !slot_has_display(inv, dev, false))
			outside = dev;
	}
	return outside ? outside : lowest;
}

bool weigh_usb(struct planner *p)
{
	bool takes_usb = false;
	struct device *spared;

	for_each_device(dev, p->inv)
		takes_usb |= is_target(dev) && device_is_usb_host(dev);
	if (!takes_usb)
		return true;
	if (!need_all(p))
		return false;
	spared = last_usb(p);
	if (spared)
		refuse(spared, REASON_LAST_USB);
	return true;
}

/* What would give the device an IOMMU group. */
static enum remedy remedy_for(const struct machine *machine, const struct device *dev)
{
	if (machine->iommu_off.len)
		return REMEDY_REMOVE_OFF;
	if (machine->has_groups) {
		if (dev->vendor == 0x8086 && device_is_display(dev))
			return REMEDY_INTEL_ON;
		/*
		 * Where neither Intel's nor AMD's IOMMU is, kernels before 6.15 make a
		 * device's group only when a driver probes it, vfio-pci as any other.
		 * Source: really_probe() in drivers/base/dd.c, iommu_probe_device().
		 */
		return machine->cpu == CPU_UNKNOWN ? REMEDY_PROBE : REMEDY_UNKNOWN;
	}
	if (!machine->has_iommu_table || machine->cpu == CPU_AMD)
		return REMEDY_FIRMWARE;
	return machine->cpu == CPU_INTEL ? REMEDY_INTEL_ON : REMEDY_UNKNOWN;
}

/*
 * What brings a kept device is refused. VMD's domains have more than the 16 bits that firmware
 * numbers have, and all in them are of their controller's group, as it is the one that asks
 * for memory. Without groups nothing tells.
 *
 * Source: vmd_find_free_domain() and pci_real_dma_dev() in drivers/pci/controller/vmd.c.
 */
static void refuse_controllers(struct inventory *inv, const struct device *kept)
{
	for_each_device(dev, inv)
		if (is_target(dev) && dev->group == kept->group &&
		    dev->bdf.domain < kept->bdf.domain)
			refuse(dev, REASON_BRINGS_KEPT);
}

bool weigh_groups(struct planner *p)
{
	const struct machine *machine = &p->inv->machine;

	for_each_device(dev, p->inv) {
		enum remedy remedy;

		if (dev->verdict.decision == DECISION_KEEP && dev->bdf.domain >> 16 &&
		    dev->group >= 0)
			refuse_controllers(p->inv, dev);
		if (!is_target(dev) || dev->group != GROUP_NONE ||
		    !is_vfio_driver(p->inv, dev->verdict.driver_wanted))
			continue;
		p->inv->machine_wanted = true;
		if (!p->inv->machine_known)
			return false;
		remedy = remedy_for(machine, dev);
		dev->verdict.arg = remedy;
		if (!machine->allows_noiommu && remedy != REMEDY_PROBE)
			refuse(dev, REASON_NO_GROUP);
	}
	return true;
}

/* Mark every target's group, and ask whether a target shows the console. */
static bool mark_groups(struct planner *p)
{
	for (size_t g = 0; g < p->inv->group_count; g++)
		p->inv->groups[g].has_target = p->inv->groups[g].is_spoilt = false;
	for_each_device(dev, p->inv) {
		struct group *group = inventory_group(p->inv, dev->group);

		if (!is_target(dev))
			continue;
		dev->verdict.takes_console = is_boot_display(p, dev);
		if (group)
			group->has_target = true;
	}
	return !p->is_short;
}

/* The group is unusable whether or not there is room to say why. */
static void note_spoilt(struct planner *p, const struct device *dev)
{
	inventory_group(p->inv, dev->group)->is_spoilt = true;
	plan_add_note(p, PLAN_NOTE_GROUP_UNUSABLE, LEVEL_WARNING, dev, 0);
}

/*
 * Before udev nothing has a driver: these may get one yet. A line a group, however crowded it
 * is, with the first of them.
 */
static void note_shared(struct planner *p, const struct device *dev)
{
	struct plan *plan = p->plan;

	for (size_t n = 0; n < plan->note_count; n++) {
		struct plan_note *note = &plan->notes[n];

		if (note->code == PLAN_NOTE_GROUP_SHARED &&
		    p->inv->devices[note->device].group == dev->group) {
			note->arg++;
			return;
		}
	}
	plan_add_note(p, PLAN_NOTE_GROUP_SHARED, LEVEL_INFO, dev, 1);
}

/* What a function that is no target means for the VM; known to be worth a look. */
static void note_member(struct planner *p, struct device *dev, bool is_member)
{
	struct span driver = span_of(driver_name(p->inv, dev->driver));

	if (is_member && !driver_is_harmless(driver))
		note_spoilt(p, dev);
	else if (driver_is_vfio(driver))
		return;
	else if (slot_has_display(p->inv, dev, true))
		plan_add_note(p, PLAN_NOTE_SLOT_REST, LEVEL_WARNING, dev, 0);
	else if (!driver.len && dev->class >> 16 != 0x06)
		note_shared(p, dev);
}

/* A function that is not a target: does it spoil a group, or stay behind in a slot? */
static bool weigh_member(struct planner *p, struct device *dev)
{
	const struct group *group = inventory_group(p->inv, dev->group);
	bool is_member = group && group->has_target;

	if (is_target(dev) || ((dev->known & FACT_IDENT) && !dev->is_present))
		return true;
	if (!is_member && !slot_has_display(p->inv, dev, true))
		return true;
	if (!need(dev, FACT_IDENT | FACT_DRIVER))
		return false;
	if (dev->driver != DRIVER_NONE && dev->class >> 16 == 0x06 &&
	    !need(dev, FACT_HEADER))
		return false;
	if (!device_is_bridge(dev))
		note_member(p, dev, is_member);
	return true;
}

bool weigh_members(struct planner *p)
{
	bool complete = true;

	if (!mark_groups(p))
		return false;
	for_each_device(dev, p->inv)
		complete &= weigh_member(p, dev);
	return complete;
}
