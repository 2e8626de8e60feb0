// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Claims: what the rules of one source say of each device, with the guard by slot that
 * belongs to a rule. Decides nothing.
 */
#include "planner.h"

struct slot slot_of(struct inventory *inv, struct device *dev)
{
	struct device *end = inv->devices + inv->count;
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

bool rule_anchors(struct planner *p, const struct rule *rule, struct device *dev)
{
	if (!dev->is_present || !device_matches_id(dev, &rule->spec.id))
		return false;
	switch (rule->spec.where) {
	case WHERE_ANY:
		return true;
	case WHERE_BOOT_VGA:
		return is_boot_display(p, dev);
	case WHERE_NOT_BOOT_VGA:
		return device_is_display(dev) && has_boot_display(p) &&
		       !is_boot_display(p, dev);
	}
	return rule->result.is_resolved && bdf_equals(rule->result.at, dev->bdf);
}

/* One rule being weighed: the records that can be anchors, and what these have in common. */
struct weighing {
	struct rule *rule;
	uint16_t index;
	uint8_t flags;
	bool spares_boot_display; /* several slots, or told to be anything but that one */
	struct device *first, *last;
	size_t anchored_slots;
};

static struct group *group_of(struct inventory *inv, const struct device *dev)
{
	int group;

	if (!(dev->known & FACT_GROUP) || dev->group == GROUP_NONE)
		return NULL;
	group = inventory_group(inv, dev->group);
	return group < 0 ? NULL : &inv->groups[group];
}

/* Count anchors and their slots, mark their groups, and narrow the range to them. */
static void find_anchors(struct planner *p, struct weighing *w)
{
	struct device *first = w->last, *previous = NULL;

	for (struct device *dev = w->first; dev < w->last; dev++) {
		if (!rule_anchors(p, w->rule, dev))
			continue;
		w->rule->result.match_count++;
		if (!previous)
			first = dev;
		if (!previous || !bdf_same_slot(previous->bdf, dev->bdf))
			w->anchored_slots++;
		previous = dev;
		if ((w->flags & SPEC_GROUP) && group_of(p->inv, dev))
			group_of(p->inv, dev)->is_reached = true;
	}
	w->first = first;
	w->last = previous ? previous + 1 : first;
}

static void set_first(uint16_t *slot, uint16_t rule)
{
	if (*slot == RULE_NONE)
		*slot = rule;
}

static void claim_device(const struct weighing *w, struct claim *claim, bool spares)
{
	if (w->rule->is_keep) {
		set_first(&claim->keep, w->index);
		return;
	}
	if (w->flags & SPEC_FORCE) {
		claim->is_forced = true;
		spares = false;
	}
	set_first(spares ? &claim->display : &claim->bind, w->index);
}

static bool slot_has_boot_display(struct planner *p, struct slot slot)
{
	for (; slot.first < slot.end; slot.first++)
		if (is_boot_display(p, slot.first))
			return true;
	return false;
}

/* Does the rule reach a bridge through a group? Never: bridges stay with their driver. */
static bool is_reached(struct planner *p, const struct weighing *w, struct device *dev,
		       bool is_anchored)
{
	const struct group *group;

	if (!dev->is_present)
		return false;
	if (is_anchored && ((w->flags & SPEC_SLOT) || rule_anchors(p, w->rule, dev)))
		return true;
	group = w->flags & SPEC_GROUP ? group_of(p->inv, dev) : NULL;
	return group && group->is_reached && !device_is_bridge(dev);
}

static void claim_slot(struct planner *p, const struct weighing *w, struct slot slot)
{
	bool is_anchored = false, is_weighed = false, spares = false;

	for (struct device *dev = slot.first; dev < slot.end; dev++)
		is_anchored |= dev >= w->first && dev < w->last &&
			       rule_anchors(p, w->rule, dev);
	for (struct device *dev = slot.first; dev < slot.end; dev++) {
		if (!is_reached(p, w, dev, is_anchored))
			continue;
		if ((w->spares_boot_display || !is_anchored) && !is_weighed) {
			spares = slot_has_boot_display(p, slot);
			is_weighed = true;
		}
		claim_device(w, &dev->claim, spares);
	}
}

/* Narrow a placed rule to its one record. False: it names nothing, but may guard that. */
static bool place(struct planner *p, struct weighing *w)
{
	struct device *dev = device_at_rule(p->inv, w->rule);

	if (!dev)
		return false;
	w->first = dev;
	w->last = dev + 1;
	if (rule_anchors(p, w->rule, dev))
		return true;
	if (!w->rule->is_keep && dev->is_present)
		set_first(&dev->claim.guard, w->index);
	return false;
}

static void claim_all(struct planner *p, struct rule *rule)
{
	struct inventory *inv = p->inv;
	struct weighing w = { .rule = rule,
			      .index = (uint16_t)(rule - p->set->rules),
			      .flags = rule->spec.flags,
			      .first = inv->devices,
			      .last = inv->devices + inv->count };
	struct slot slot = { .end = w.first };
	struct device *last = w.last;

	if (rule_is_placed(rule) && !place(p, &w))
		return;
	for (size_t g = 0; g < inv->group_count; g++)
		inv->groups[g].is_reached = false;
	find_anchors(p, &w);
	if (!w.anchored_slots)
		return;
	w.spares_boot_display = w.anchored_slots > 1 ||
				rule->spec.where == WHERE_NOT_BOOT_VGA;
	if (!(w.flags & SPEC_GROUP)) {
		slot.end = w.first;
		last = w.last;
	}
	while (slot.end < last) {
		slot = slot_of(inv, slot.end);
		claim_slot(p, &w, slot);
	}
}

bool claims_collect(struct planner *p, enum rule_source source)
{
	bool is_empty = true;

	for_each_rule(rule, p->set) {
		if (rule->source != source)
			continue;
		if (is_empty)
			for_each_device(dev, p->inv)
				dev->claim = (struct claim){ RULE_NONE, RULE_NONE,
							     RULE_NONE, RULE_NONE,
							     false };
		is_empty = false;
		claim_all(p, rule);
	}
	return !is_empty;
}
