// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Claims: what the rules of one source say of each device, with the guard by slot that
 * belongs to a rule. Decides nothing.
 */
#include "planner.h"

size_t slot_start(const struct inventory *inv, size_t device)
{
	while (device > 0 &&
	       bdf_same_slot(inv->devices[device - 1].bdf, inv->devices[device].bdf))
		device--;
	return device;
}

size_t slot_end(const struct inventory *inv, size_t device)
{
	size_t end = device + 1;

	while (end < inv->count &&
	       bdf_same_slot(inv->devices[end].bdf, inv->devices[device].bdf))
		end++;
	return end;
}

/* Where nothing says which display firmware used, nothing is decided by it. */
static bool has_boot_display(struct planner *p)
{
	if (p->is_boot_searched)
		return p->has_boot_display;
	p->is_boot_searched = true;
	for (size_t i = 0; i < p->inv->count; i++)
		p->has_boot_display |= is_boot_display(p, &p->inv->devices[i]);
	return p->has_boot_display;
}

bool rule_anchors(struct planner *p, uint16_t r, size_t device)
{
	const struct spec *spec = &p->set->rules[r].spec;
	struct device *dev = &p->inv->devices[device];

	if (!dev->is_present || !device_matches_id(dev, &spec->id))
		return false;
	switch (spec->where) {
	case WHERE_ANY:
		return true;
	case WHERE_BOOT_VGA:
		return is_boot_display(p, dev);
	case WHERE_NOT_BOOT_VGA:
		return device_is_display(dev) && has_boot_display(p) &&
		       !is_boot_display(p, dev);
	}
	return p->plan->rules[r].is_resolved &&
	       bdf_equals(p->plan->rules[r].at, dev->bdf);
}

/* One rule being weighed: the records it can name, and what its anchors have in common. */
struct weighing {
	uint16_t rule;
	unsigned flags;
	size_t first, last; /* records that may be anchors */
	size_t anchored_slots;
	bool spares_boot_display; /* several slots, or told to be anything but that one */
};

static bool slot_is_anchored(struct planner *p, const struct weighing *w, size_t start,
			     size_t end)
{
	for (size_t i = start; i < end; i++)
		if (i >= w->first && i < w->last && rule_anchors(p, w->rule, i))
			return true;
	return false;
}

static void mark_group(struct planner *p, size_t device)
{
	const struct device *dev = &p->inv->devices[device];
	int group = dev->group == GROUP_NONE ? -1 : inventory_group(p->inv, dev->group);

	if (group >= 0)
		p->inv->groups[group].is_reached = true;
}

static bool group_is_reached(const struct planner *p, size_t device)
{
	const struct device *dev = &p->inv->devices[device];

	if (!(dev->known & FACT_GROUP) || dev->group == GROUP_NONE ||
	    device_is_bridge(dev))
		return false;
	for (size_t g = 0; g < p->inv->group_count; g++)
		if (p->inv->groups[g].number == dev->group)
			return p->inv->groups[g].is_reached;
	return false;
}

/* Count anchors and their slots, mark their groups, and narrow the range to them. */
static void find_anchors(struct planner *p, struct weighing *w)
{
	size_t first = w->last, last = w->first, previous = NO_INDEX;

	for (size_t i = w->first; i < w->last; i++) {
		if (!rule_anchors(p, w->rule, i))
			continue;
		p->plan->rules[w->rule].match_count++;
		if (previous == NO_INDEX ||
		    !bdf_same_slot(p->inv->devices[previous].bdf, p->inv->devices[i].bdf))
			w->anchored_slots++;
		previous = i;
		if (w->flags & SPEC_GROUP)
			mark_group(p, i);
		first = i < first ? i : first;
		last = i + 1;
	}
	w->first = first;
	w->last = last;
}

static void set_first(uint16_t *slot, uint16_t rule)
{
	if (*slot == RULE_NONE)
		*slot = rule;
}

static void claim_device(struct planner *p, const struct weighing *w, size_t device,
			 bool spares)
{
	const struct rule *rule = &p->set->rules[w->rule];
	struct claim *claim = &p->plan->claims[device];

	if (rule->is_keep) {
		set_first(&claim->keep, w->rule);
		return;
	}
	claim->is_forced |= (w->flags & SPEC_FORCE) != 0;
	if (spares && !(w->flags & SPEC_FORCE))
		set_first(&claim->display, w->rule);
	else
		set_first(&claim->bind, w->rule);
}

static bool slot_has_boot_display(struct planner *p, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		if (is_boot_display(p, &p->inv->devices[i]))
			return true;
	return false;
}

static void claim_slot(struct planner *p, const struct weighing *w, size_t start,
		       size_t end)
{
	bool is_anchored = slot_is_anchored(p, w, start, end);
	bool may_spare = w->spares_boot_display || !is_anchored;
	bool is_weighed = false, spares = false;

	for (size_t i = start; i < end; i++) {
		bool is_reached = (is_anchored && (w->flags & SPEC_SLOT)) ||
				  ((w->flags & SPEC_GROUP) && group_is_reached(p, i)) ||
				  (is_anchored && rule_anchors(p, w->rule, i));

		if (!is_reached || !p->inv->devices[i].is_present)
			continue;
		if (may_spare && !is_weighed) {
			spares = slot_has_boot_display(p, start, end);
			is_weighed = true;
		}
		claim_device(p, w, i, spares);
	}
}

static void claim_guard(struct planner *p, uint16_t r, size_t device)
{
	const struct rule *rule = &p->set->rules[r];

	if (!rule->is_keep && p->inv->devices[device].is_present)
		set_first(&p->plan->claims[device].guard, r);
}

static void claim_all(struct planner *p, uint16_t r)
{
	const struct rule *rule = &p->set->rules[r];
	struct weighing w = { .rule = r,
			      .flags = rule->spec.flags,
			      .last = p->inv->count };
	size_t start, end;

	if (rule_is_placed(rule)) {
		int at = p->plan->rules[r].is_resolved ?
				 inventory_find(p->inv, p->plan->rules[r].at) :
				 -1;

		if (at < 0)
			return;
		w.first = (size_t)at;
		w.last = (size_t)at + 1;
		if (!rule_anchors(p, r, w.first)) {
			claim_guard(p, r, w.first);
			return;
		}
	}
	for (size_t g = 0; g < p->inv->group_count; g++)
		p->inv->groups[g].is_reached = false;
	find_anchors(p, &w);
	if (!w.anchored_slots)
		return;
	w.spares_boot_display = w.anchored_slots > 1 ||
				rule->spec.where == WHERE_NOT_BOOT_VGA;
	start = slot_start(p->inv, w.flags & SPEC_GROUP ? 0 : w.first);
	for (; start < (w.flags & SPEC_GROUP ? p->inv->count : w.last); start = end) {
		end = slot_end(p->inv, start);
		claim_slot(p, &w, start, end);
	}
}

bool claims_collect(struct planner *p, enum rule_source source)
{
	bool is_empty = true;

	for (size_t r = 0; r < p->set->rule_count; r++) {
		const struct rule *rule = &p->set->rules[r];

		if (rule->source != source || !rule_is_live(p->set, rule))
			continue;
		for (size_t i = 0; is_empty && i < p->inv->count; i++)
			p->plan->claims[i] = (struct claim){ RULE_NONE, RULE_NONE,
							     RULE_NONE, RULE_NONE,
							     false };
		is_empty = false;
		claim_all(p, (uint16_t)r);
	}
	return !is_empty;
}
