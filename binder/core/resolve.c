// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where rules point: paths to addresses, the facts that +slot and +group need, and what
 * becomes of each rule in the end. Decides nothing about devices.
 */
#include "planner.h"

bool rule_is_live(const struct ruleset *set, const struct rule *rule)
{
	if (rule->is_faulty || rule->is_refused)
		return false;
	return !(rule->is_ids && rule->source == SOURCE_CONFIG && set->has_cmdline_ids);
}

bool rule_is_placed(const struct rule *rule)
{
	return rule->spec.where == WHERE_ADDRESS || rule->spec.where == WHERE_PATH;
}

/*
 * Follow a path down the bridges. Sets `at` where all of them are there.
 * Return: false where a bridge's secondary bus is wanted first.
 */
static bool resolve_path(struct planner *p, const struct spec *spec,
			 struct rule_result *result)
{
	struct bdf at = spec->start;

	for (size_t hop = 0; hop < spec->hop_count; hop++) {
		struct device *bridge = need_at(p->inv, at);

		if (!bridge || (bridge->is_present && !need(bridge, FACT_SECONDARY)))
			return false;
		if (!bridge->is_present || !bridge->secondary)
			return true;
		at.bus = bridge->secondary;
		at.dev = spec->hops[hop].dev;
		at.fn = spec->hops[hop].fn;
	}
	result->at = at;
	result->is_resolved = true;
	return true;
}

bool rules_resolve(struct planner *p)
{
	bool complete = true;

	for (size_t r = 0; r < p->set->rule_count; r++) {
		const struct rule *rule = &p->set->rules[r];
		struct rule_result *result = &p->plan->rules[r];

		if (!rule_is_live(p->set, rule))
			continue;
		if (!rule_is_placed(rule))
			complete &= need_all(p->inv);
		else if (!resolve_path(p, &rule->spec, result))
			complete = false;
		else if (result->is_resolved)
			complete &= need_at(p->inv, result->at) != NULL;
	}
	return complete;
}

static bool need_names(struct inventory *inv)
{
	inv->names_wanted = true;
	return inv->names_known;
}

/* Identities of all functions that share the slot of `device`. */
static bool need_slot(struct planner *p, size_t device)
{
	size_t end = slot_end(p->inv, device);
	bool complete = need_names(p->inv);

	for (size_t i = slot_start(p->inv, device); i < end; i++)
		complete &= need(&p->inv->devices[i], FACT_IDENT);
	return complete;
}

/* The members of the device's group, and the slots they stand in (for the boot display). */
static bool need_group(struct planner *p, size_t device)
{
	struct device *dev = &p->inv->devices[device];
	bool complete = true;
	int group;

	if (!need(dev, FACT_GROUP))
		return false;
	if (dev->group == GROUP_NONE)
		return true;
	group = inventory_group(p->inv, dev->group);
	if (group < 0)
		return true;
	p->inv->groups[group].is_wanted = true;
	if (!p->inv->groups[group].is_listed)
		return false;
	for (size_t i = 0; i < p->inv->count; i++)
		if ((p->inv->devices[i].known & FACT_GROUP) &&
		    p->inv->devices[i].group == dev->group)
			complete &= need_slot(p, i);
	return complete;
}

static bool slot_is_present(const struct inventory *inv, size_t device)
{
	size_t end = slot_end(inv, device);

	for (size_t i = slot_start(inv, device); i < end; i++)
		if (inv->devices[i].is_present)
			return true;
	return false;
}

/* Where the device that a rule names stands now, since it is not where the rule says. */
static void find_elsewhere(struct planner *p, const struct rule *rule,
			   struct rule_result *result)
{
	for (size_t i = 0; i < p->inv->count; i++) {
		const struct device *dev = &p->inv->devices[i];

		if (!dev->is_present || !device_matches_id(dev, &rule->spec.id))
			continue;
		if (!result->elsewhere_count++)
			result->elsewhere = dev->bdf;
	}
	result->has_elsewhere = result->elsewhere_count > 0;
}

/* A placed rule that names nothing: not there yet, elsewhere, or missing. */
static bool reach_nothing(struct planner *p, const struct rule *rule,
			  struct rule_result *result, int at)
{
	if (at >= 0 && !p->inv->devices[at].is_present) {
		if (!need_slot(p, (size_t)at))
			return false;
		if (slot_is_present(p->inv, (size_t)at)) {
			result->state = RULE_DEFERRED;
			return true;
		}
	}
	if (!rule->spec.has_id)
		return true;
	if (!need_all(p->inv))
		return false;
	find_elsewhere(p, rule, result);
	return true;
}

static bool reach_one(struct planner *p, uint16_t r, size_t device)
{
	unsigned flags = p->set->rules[r].spec.flags;
	bool complete = true;

	if (flags & SPEC_SLOT)
		complete &= need_slot(p, device);
	if (flags & SPEC_GROUP)
		complete &= need_group(p, device);
	return complete;
}

static bool rule_reach(struct planner *p, uint16_t r)
{
	const struct rule *rule = &p->set->rules[r];
	struct rule_result *result = &p->plan->rules[r];
	bool complete = true;
	int at;

	if (rule_is_placed(rule)) {
		at = result->is_resolved ? inventory_find(p->inv, result->at) : -1;
		if (at >= 0 && rule_anchors(p, r, (size_t)at))
			return reach_one(p, r, (size_t)at);
		return reach_nothing(p, rule, result, at);
	}
	if (!(rule->spec.flags & (SPEC_SLOT | SPEC_GROUP)))
		return true;
	for (size_t i = 0; i < p->inv->count; i++)
		if (rule_anchors(p, r, i))
			complete &= reach_one(p, r, i);
	return complete;
}

bool rules_reach(struct planner *p)
{
	bool complete = true;

	for (size_t r = 0; r < p->set->rule_count; r++)
		if (rule_is_live(p->set, &p->set->rules[r]))
			complete &= rule_reach(p, (uint16_t)r);
	return complete && !p->is_short;
}

static enum rule_state state_of(const struct planner *p, size_t r)
{
	const struct rule *rule = &p->set->rules[r];
	const struct rule_result *result = &p->plan->rules[r];
	int at;

	if (rule->is_faulty)
		return RULE_FAULTY;
	if (rule->is_refused)
		return RULE_REFUSED;
	if (!rule_is_live(p->set, rule) || result->state == RULE_DEFERRED)
		return (enum rule_state)result->state;
	if (result->match_count)
		return result->refuse_count && !result->bind_count ? RULE_REFUSED :
								     RULE_OK;
	at = result->is_resolved ? inventory_find(p->inv, result->at) : -1;
	return at >= 0 && p->inv->devices[at].is_present ? RULE_REFUSED : RULE_MISSING;
}

void rules_conclude(struct planner *p)
{
	for (size_t i = 0; i < p->inv->count; i++) {
		const struct verdict *verdict = &p->plan->verdicts[i];

		if (verdict->decision == DECISION_BIND)
			p->plan->rules[verdict->rule].bind_count++;
		else if (verdict->decision == DECISION_REFUSE ||
			 verdict->decision == DECISION_PROTECT ||
			 verdict->decision == DECISION_SKIP)
			p->plan->rules[verdict->rule].refuse_count++;
	}
	for (size_t r = 0; r < p->set->rule_count; r++)
		p->plan->rules[r].state = (uint8_t)state_of(p, r);
}
