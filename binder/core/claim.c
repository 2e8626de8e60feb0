// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Claims: what the rules of one source say of each device, with the guard by slot that
 * belongs to a rule. Decides nothing.
 */
#include "planner.h"

struct slot slot_of(struct inventory *inv, struct device *dev)
{
	struct device *end = inv->end;
	struct slot slot = { dev, dev + 1 };

	while (slot.first > inv->devices && bdf_same_slot(slot.first[-1].bdf, dev->bdf))
		slot.first--;
	while (slot.end < end && bdf_same_slot(slot.end->bdf, dev->bdf))
		slot.end++;
	return slot;
}

/* Where nothing says which display firmware used, nothing is decided by it. */
static bool has_boot_display(struct planner *p)
{
	if (p->is_boot_searched)
		return p->has_boot_display;
	p->is_boot_searched = true;
	for_each_device(dev, p->inv)
		p->has_boot_display |= is_boot_display(p, dev);
	return p->has_boot_display;
}

static bool slot_has_boot_display(struct planner *p, struct slot slot)
{
	for (; slot.first < slot.end; slot.first++)
		if (is_boot_display(p, slot.first))
			return true;
	return false;
}

/* Does it have the rule's ids, and is it the boot display, or not, as the rule wants? */
static bool is_anchor(struct planner *p, const struct rule *rule, struct device *dev)
{
	if (!dev->is_present || !device_matches_id(dev, &rule->spec.id))
		return false;
	if (rule->spec.where < WHERE_BOOT_VGA)
		return true;
	return device_is_display(dev) && has_boot_display(p) &&
	       is_boot_display(p, dev) == (rule->spec.where == WHERE_BOOT_VGA);
}

/* The next that may be one: of the shortest chain that has them all. */
static struct device *candidate_next(struct planner *p, const struct rule *rule,
				     struct device *dev)
{
	const struct id_match *id = &rule->spec.id;

	if (rule_is_placed(rule))
		return dev ? NULL : device_at_rule(p->inv, rule);
	if (id->device != PCI_ANY)
		return chain_next(p->inv, CHAIN_DEVICE_ID, id->device, dev);
	if (id->class_mask >> 16 == 0xff)
		return chain_next(p->inv, CHAIN_CLASS, id->class >> 16, dev);
	return chain_next(p->inv, CHAIN_ALL, 0, dev);
}

struct device *anchor_next(struct planner *p, const struct rule *rule, struct device *dev)
{
	do {
		dev = candidate_next(p, rule, dev);
	} while (dev && !is_anchor(p, rule, dev));
	return dev;
}

/* One rule being weighed, and what its anchors have in common. */
struct weighing {
	struct rule *rule;
	uint16_t index;
	bool spares_boot_display; /* several slots, or told to be anything but that one */
};

/* Mark the anchors. Return: whether there are any. */
static bool find_anchors(struct planner *p, struct weighing *w)
{
	struct device *last = NULL, *dev;

	for (; (dev = anchor_next(p, w->rule, last)); last = dev) {
		dev->claim.anchor = w->index;
		w->rule->result.match_count++;
		if (last && !bdf_same_slot(last->bdf, dev->bdf))
			w->spares_boot_display = true;
	}
	return last;
}

static NOINLINE void set_first(uint16_t *slot, uint16_t rule)
{
	if (*slot == RULE_NONE)
		*slot = rule;
}

static void claim_device(const struct weighing *w, struct claim *claim, bool spares)
{
	bool is_forced = (w->rule->spec.flags & SPEC_FORCE) != 0;

	if (w->rule->is_keep) {
		set_first(&claim->keep, w->index);
		return;
	}
	claim->is_forced |= is_forced;
	set_first(spares && !is_forced ? &claim->display : &claim->bind, w->index);
}

/* Bridges stay with their driver: no group reaches them. */
static bool group_reaches(struct planner *p, const struct device *dev)
{
	const struct group *group = inventory_group(p->inv, dev->group);

	return group && group->is_reached && !device_is_bridge(dev);
}

/* Claim what the rule reaches in the slot of an anchor, or of a member of its group. */
static void claim_slot(struct planner *p, const struct weighing *w, struct device *at)
{
	bool is_anchored = false, is_reached = false, spares = w->spares_boot_display;
	struct slot slot = slot_of(p->inv, at);

	for (struct device *dev = slot.first; dev < slot.end; dev++) {
		is_anchored |= dev->claim.anchor == w->index;
		is_reached |= group_reaches(p, dev);
	}
	spares |= !is_anchored && is_reached;
	spares = spares && slot_has_boot_display(p, slot);
	for (struct device *dev = slot.first; dev < slot.end; dev++)
		if (dev->is_present &&
		    (dev->claim.anchor == w->index ||
		     (is_anchored && (w->rule->spec.flags & SPEC_SLOT)) ||
		     ((w->rule->spec.flags & SPEC_GROUP) && group_reaches(p, dev))))
			claim_device(w, &dev->claim, spares);
}

/* A placed rule that names nothing guards what is there instead. */
static void claim_guard(struct planner *p, const struct weighing *w)
{
	struct device *dev = device_at_rule(p->inv, w->rule);

	if (dev && dev->is_present && !w->rule->is_keep)
		set_first(&dev->claim.guard, w->index);
}

/* The slots of all members, once however many of them are anchors. */
static void claim_group(struct planner *p, const struct weighing *w, int32_t number)
{
	struct group *group = inventory_group(p->inv, number);
	struct device *dev = NULL;

	if (!group || group->is_reached)
		return;
	group->is_reached = true;
	while ((dev = chain_next(p->inv, CHAIN_GROUP, (uint32_t)number, dev)))
		if (dev->group == number)
			claim_slot(p, w, dev);
}

/* Is all that the rule could say of a device said by one before it? */
static bool is_settled(const struct rule *rule, const struct claim *claim)
{
	return !(rule->spec.flags | rule->is_keep) && claim->bind != RULE_NONE;
}

static void claim_all(struct planner *p, struct rule *rule)
{
	struct weighing w = { .rule = rule,
			      .index = (uint16_t)(rule - p->set->rules),
			      .spares_boot_display = rule->spec.where ==
						     WHERE_NOT_BOOT_VGA };
	bool is_wide = (rule->spec.flags & SPEC_GROUP) != 0;
	struct device *last = NULL, *dev = NULL;

	for (size_t g = 0; is_wide && g < p->inv->group_count; g++)
		p->inv->groups[g].is_reached = false;
	if (!find_anchors(p, &w))
		claim_guard(p, &w);
	while ((dev = anchor_next(p, rule, dev))) {
		if (is_settled(rule, &dev->claim))
			continue;
		if (!last || !bdf_same_slot(last->bdf, dev->bdf))
			claim_slot(p, &w, dev);
		last = dev;
		if (is_wide)
			claim_group(p, &w, dev->group);
	}
}

void claims_collect(struct planner *p, enum rule_source source)
{
	for_each_device(dev, p->inv)
		dev->claim = (struct claim){ .keep = RULE_NONE,
					     .bind = RULE_NONE,
					     .guard = RULE_NONE,
					     .display = RULE_NONE,
					     .anchor = RULE_NONE };
	for_each_rule(rule, p->set)
		if (rule->source == source)
			claim_all(p, rule);
}
