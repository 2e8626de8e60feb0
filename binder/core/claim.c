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

static struct group *group_of(struct inventory *inv, const struct device *dev)
{
	int group;

	if (!(dev->known & FACT_GROUP) || dev->group == GROUP_NONE)
		return NULL;
	group = inventory_group(inv, dev->group);
	return group < 0 ? NULL : &inv->groups[group];
}

/* One rule being weighed, and what its anchors have in common. */
struct weighing {
	struct rule *rule;
	uint16_t index;
	uint8_t flags;
	bool spares_boot_display; /* several slots, or told to be anything but that one */
	struct device *first, *last; /* anchors */
};

/* Mark the anchors, and with +group their groups. */
static void find_anchors(struct planner *p, struct weighing *w)
{
	w->spares_boot_display = w->rule->spec.where == WHERE_NOT_BOOT_VGA;
	for_each_device(dev, p->inv) {
		struct group *group = group_of(p->inv, dev);

		dev->claim.is_anchor = rule_anchors(p, w->rule, dev);
		if (!dev->claim.is_anchor)
			continue;
		w->rule->result.match_count++;
		if (w->last && !bdf_same_slot(w->last->bdf, dev->bdf))
			w->spares_boot_display = true;
		if (!w->last)
			w->first = dev;
		w->last = dev;
		if (group)
			group->is_reached = true;
	}
}

static NOINLINE void set_first(uint16_t *slot, uint16_t rule)
{
	if (*slot == RULE_NONE)
		*slot = rule;
}

static void claim_device(const struct weighing *w, struct claim *claim, bool spares)
{
	bool is_forced = (w->flags & SPEC_FORCE) != 0;

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
	const struct group *group = group_of(p->inv, dev);

	return group && group->is_reached && !device_is_bridge(dev);
}

static void claim_slot(struct planner *p, const struct weighing *w, struct slot slot)
{
	bool is_anchored = false, has_boot_display = false;

	for (struct device *dev = slot.first; dev < slot.end; dev++)
		is_anchored |= dev->claim.is_anchor;
	if (!is_anchored && !(w->flags & SPEC_GROUP))
		return;
	for (struct device *dev = slot.first; dev < slot.end; dev++)
		if (w->spares_boot_display || (!is_anchored && group_reaches(p, dev)))
			has_boot_display |= slot_has_boot_display(p, slot);
	for (struct device *dev = slot.first; dev < slot.end; dev++)
		if (dev->is_present &&
		    (dev->claim.is_anchor || (is_anchored && (w->flags & SPEC_SLOT)) ||
		     ((w->flags & SPEC_GROUP) && group_reaches(p, dev))))
			claim_device(w, &dev->claim, has_boot_display);
}

/* A placed rule that names nothing guards what is there instead. */
static void claim_guard(struct planner *p, const struct weighing *w)
{
	struct device *dev = device_at_rule(p->inv, w->rule);

	if (dev && dev->is_present && !w->rule->is_keep)
		set_first(&dev->claim.guard, w->index);
}

static void claim_all(struct planner *p, struct rule *rule)
{
	struct weighing w = { .rule = rule,
			      .index = (uint16_t)(rule - p->set->rules),
			      .flags = rule->spec.flags };
	struct slot slot;

	for (size_t g = 0; g < p->inv->group_count; g++)
		p->inv->groups[g].is_reached = false;
	find_anchors(p, &w);
	if (!w.last) {
		claim_guard(p, &w);
		return;
	}
	if (w.flags & SPEC_GROUP) {
		w.first = p->inv->devices;
		w.last = p->inv->end - 1;
	}
	for (; w.first <= w.last; w.first = slot.end) {
		slot = slot_of(p->inv, w.first);
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
				dev->claim = (struct claim){ .keep = RULE_NONE,
							     .bind = RULE_NONE,
							     .guard = RULE_NONE,
							     .display = RULE_NONE };
		is_empty = false;
		claim_all(p, rule);
	}
	return !is_empty;
}
