// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guards over the whole machine: the last USB controller, devices without an IOMMU group,
 * and what spoils the groups of the targets. Weighs verdicts, not rules.
 */
#include "planner.h"

static bool is_target(const struct planner *p, size_t device)
{
	return p->plan->verdicts[device].decision == DECISION_BIND;
}

static void refuse(struct planner *p, size_t device, enum reason reason, uint32_t arg)
{
	struct verdict *verdict = &p->plan->verdicts[device];

	verdict->decision = DECISION_REFUSE;
	verdict->reason = (uint8_t)reason;
	verdict->arg = arg;
	verdict->driver_wanted = DRIVER_NONE;
}

/* A display in the slot of `device`; only one that is a target where `targeted`. */
static bool slot_has_display(const struct planner *p, size_t device, bool targeted)
{
	size_t end = slot_end(p->inv, device);

	for (size_t i = slot_start(p->inv, device); i < end; i++)
		if (p->inv->devices[i].is_present &&
		    device_is_display(&p->inv->devices[i]) &&
		    (!targeted || is_target(p, i)))
			return true;
	return false;
}

static bool is_usb_host(const struct planner *p, size_t device)
{
	return p->inv->devices[device].is_present &&
	       device_is_usb_host(&p->inv->devices[device]);
}

/*
 * The controller to leave to the host: the lowest address outside display slots, else the
 * lowest. NO_INDEX where one is left anyway, or where all are forced.
 */
static size_t last_usb(const struct planner *p)
{
	size_t lowest = NO_INDEX, outside = NO_INDEX;

	for (size_t i = 0; i < p->inv->count; i++) {
		if (!is_usb_host(p, i) || slot_has_display(p, i, true))
			continue;
		if (!is_target(p, i))
			return NO_INDEX;
		if (p->plan->verdicts[i].is_forced)
			continue;
		if (lowest == NO_INDEX)
			lowest = i;
		if (outside == NO_INDEX && !slot_has_display(p, i, false))
			outside = i;
	}
	return outside != NO_INDEX ? outside : lowest;
}

bool weigh_usb(struct planner *p)
{
	bool takes_usb = false;
	size_t spared;

	for (size_t i = 0; i < p->inv->count; i++)
		takes_usb |= is_target(p, i) && is_usb_host(p, i);
	if (!takes_usb)
		return true;
	if (!need_all(p->inv))
		return false;
	spared = last_usb(p);
	if (spared != NO_INDEX)
		refuse(p, spared, REASON_LAST_USB, 0);
	return true;
}

/* What would give the device an IOMMU group. */
static enum remedy remedy_for(const struct machine *machine, const struct device *dev)
{
	if (machine->iommu_off.len)
		return REMEDY_REMOVE_OFF;
	if (machine->has_groups)
		return dev->vendor == 0x8086 && device_is_display(dev) ?
			       REMEDY_INTEL_GRAPHICS :
			       REMEDY_UNKNOWN;
	if (!machine->has_iommu_table)
		return REMEDY_FIRMWARE;
	if (machine->cpu == CPU_INTEL)
		return REMEDY_INTEL_ON;
	return machine->cpu == CPU_AMD ? REMEDY_AMD_ON : REMEDY_UNKNOWN;
}

static bool wants_vfio(const struct planner *p, size_t device)
{
	uint16_t driver = p->plan->verdicts[device].driver_wanted;

	return is_target(p, device) &&
	       driver_is_vfio(span_of(driver_name(p->inv, driver)));
}

bool weigh_groups(struct planner *p)
{
	for (size_t i = 0; i < p->inv->count; i++) {
		if (!wants_vfio(p, i) || p->inv->devices[i].group != GROUP_NONE)
			continue;
		p->inv->machine_wanted = true;
		if (!p->inv->machine_known)
			return false;
		if (!p->inv->machine.allows_noiommu)
			refuse(p, i, REASON_NO_GROUP,
			       remedy_for(&p->inv->machine, &p->inv->devices[i]));
	}
	return true;
}

/* Ask for the members of every target's group, and whether a target shows the console. */
static bool need_members(struct planner *p)
{
	bool complete = true;

	for (size_t g = 0; g < p->inv->group_count; g++)
		p->inv->groups[g].has_target = false;
	for (size_t i = 0; i < p->inv->count; i++) {
		struct device *dev = &p->inv->devices[i];
		int group;

		if (!is_target(p, i))
			continue;
		p->plan->verdicts[i].takes_console = is_boot_display(p, dev);
		group = dev->group == GROUP_NONE ? -1 :
						   inventory_group(p->inv, dev->group);
		if (group < 0)
			continue;
		p->inv->groups[group].has_target = true;
		p->inv->groups[group].is_wanted = true;
		complete &= p->inv->groups[group].is_listed;
	}
	return complete && !p->is_short;
}

static bool is_in_target_group(const struct planner *p, const struct device *dev)
{
	if (!(dev->known & FACT_GROUP) || dev->group == GROUP_NONE)
		return false;
	for (size_t g = 0; g < p->inv->group_count; g++)
		if (p->inv->groups[g].number == dev->group)
			return p->inv->groups[g].has_target;
	return false;
}

/* A function that is not a target: does it spoil a group, or stay behind in a slot? */
static bool weigh_member(struct planner *p, size_t device)
{
	struct device *dev = &p->inv->devices[device];
	bool is_member = is_in_target_group(p, dev);
	bool is_harmless;

	if (is_target(p, device) || (dev->known & FACT_IDENT && !dev->is_present))
		return true;
	if (!is_member && !slot_has_display(p, device, true))
		return true;
	if (!need(dev, FACT_IDENT | FACT_DRIVER))
		return false;
	if (device_is_bridge(dev))
		return true;
	is_harmless = driver_is_harmless(span_of(driver_name(p->inv, dev->driver)));
	if (!is_harmless && dev->class >> 16 == 0x06 && !need(dev, FACT_HEADER))
		return false;
	if (device_is_bridge(dev))
		return true;
	if (is_member && !is_harmless)
		plan_add_note(p, PLAN_NOTE_GROUP_UNUSABLE, LEVEL_WARNING, device, 0);
	else if (slot_has_display(p, device, true))
		plan_add_note(p, PLAN_NOTE_SLOT_REST, LEVEL_WARNING, device, 0);
	else if (dev->driver == DRIVER_NONE)
		plan_add_note(p, PLAN_NOTE_GROUP_SHARED, LEVEL_DEBUG, device, 0);
	return true;
}

bool weigh_members(struct planner *p)
{
	bool complete = true;

	if (!need_members(p))
		return false;
	for (size_t i = 0; i < p->inv->count; i++)
		complete &= weigh_member(p, i);
	return complete;
}
