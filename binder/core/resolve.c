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

struct device *device_at_rule(struct inventory *inv, const struct rule *rule)
{
	int at = rule->result.is_resolved ? inventory_find(inv, rule->result.at) : -1;

	return at < 0 ? NULL : &inv->devices[at];
}

/*
 * Follow a path down the bridges. Sets `at` where all of them are there.
 * Return: false where a bridge's secondary bus is wanted first.
 */
static bool resolve_path(struct planner *p, struct rule *rule)
{
	struct bdf at = rule->spec.start;

	for (size_t hop = 0; hop < rule->spec.hop_count; hop++) {
		struct device *bridge = need_at(p->inv, at);

		if (!bridge || (bridge->is_present && !need(bridge, FACT_SECONDARY)))
			return false;
		if (!bridge->is_present || !bridge->secondary)
			return true;
		at.bus = bridge->secondary;
		at.dev = rule->spec.hops[hop].dev;
		at.fn = rule->spec.hops[hop].fn;
	}
	rule->result.at = at;
	rule->result.is_resolved = true;
	return true;
}

bool rules_resolve(struct planner *p)
{
	bool complete = true;

	for_each_rule(rule, p->set) {
		if (!rule_is_placed(rule))
			complete &= need_all(p);
		else if (!resolve_path(p, rule))
			complete = false;
		else if (rule->result.is_resolved)
			complete &= need_at(p->inv, rule->result.at) != NULL;
	}
	return complete;
}

/* Identities of all functions that share the slot of `dev`. */
static bool need_slot(struct planner *p, struct device *dev)
{
	struct slot slot = slot_of(p->inv, dev);
	bool complete = p->inv->names_known;

	p->inv->names_wanted = true;
	for (; slot.first < slot.end; slot.first++)
		complete &= need(slot.first, FACT_IDENT);
	return complete;
}

/* The members of the device's group; need_spread asks for the slots they stand in. */
static bool need_group(struct planner *p, struct device *dev)
{
	struct group *group = inventory_group(p->inv, dev->group);

	if (!group)
		return need(dev, FACT_GROUP);
	group->is_spread = true;
	return true;
}

/* The slots of what +group reaches: one of them may have the boot display. */
static bool need_spread(struct planner *p)
{
	bool complete = true;

	for_each_device(dev, p->inv) {
		struct group *group = inventory_group(p->inv, dev->group);

		if (group && group->is_spread)
			complete &= need_slot(p, dev);
	}
	return complete;
}

static bool slot_is_present(struct inventory *inv, struct device *dev)
{
	struct slot slot = slot_of(inv, dev);

	for (; slot.first < slot.end; slot.first++)
		if (slot.first->is_present)
			return true;
	return false;
}

/* Where the device that a rule names stands now, since it is not where the rule says. */
static void find_elsewhere(struct planner *p, struct rule *rule)
{
	struct rule anywhere = *rule;
	struct device *dev = NULL;

	anywhere.spec.where = WHERE_ANY;
	while ((dev = anchor_next(p, &anywhere, dev))) {
		/* A function to come may well have the id of the one it belongs to. */
		if (rule->result.state != RULE_OK &&
		    bdf_same_slot(dev->bdf, rule->result.at))
			continue;
		if (!rule->result.elsewhere_count++)
			rule->result.elsewhere = dev->bdf;
	}
}

/* A placed rule that names nothing: not there yet, elsewhere, or missing. */
static bool reach_nothing(struct planner *p, struct rule *rule, struct device *dev)
{
	if (dev && !dev->is_present) {
		if (!need_slot(p, dev))
			return false;
		if (slot_is_present(p->inv, dev))
			rule->result.state = RULE_DEFERRED;
	}
	if (!rule->spec.has_id)
		return true;
	if (!need_all(p))
		return false;
	find_elsewhere(p, rule);
	return true;
}

static bool reach_one(struct planner *p, const struct rule *rule, struct device *dev)
{
	bool complete = true;

	if (rule->spec.flags & SPEC_SLOT)
		complete &= need_slot(p, dev);
	if (rule->spec.flags & SPEC_GROUP)
		complete &= need_group(p, dev);
	return complete;
}

static bool rule_reach(struct planner *p, struct rule *rule)
{
	bool is_placed = rule_is_placed(rule), complete = true;
	struct device *dev = NULL;

	if (!is_placed && !(rule->spec.flags & (SPEC_SLOT | SPEC_GROUP)))
		return true;
	while ((dev = anchor_next(p, rule, dev))) {
		is_placed = false;
		complete &= reach_one(p, rule, dev);
	}
	return is_placed ? reach_nothing(p, rule, device_at_rule(p->inv, rule)) :
			   complete;
}

bool rules_reach(struct planner *p)
{
	bool complete = true;

	for_each_rule(rule, p->set)
		complete &= rule_reach(p, rule);
	return need_spread(p) && complete && !p->is_short;
}

static enum rule_state state_of(struct planner *p, const struct rule *rule)
{
	const struct rule_result *result = &rule->result;
	const struct device *dev;

	if (rule->is_faulty)
		return RULE_FAULTY;
	if (rule->is_refused)
		return RULE_REFUSED;
	if (!rule_is_live(p->set, rule) || result->state == RULE_DEFERRED)
		return (enum rule_state)result->state;
	if (result->match_count)
		return result->refuse_count && !result->bind_count ? RULE_REFUSED :
								     RULE_OK;
	dev = device_at_rule(p->inv, rule);
	return dev && dev->is_present ? RULE_REFUSED : RULE_MISSING;
}

void rules_conclude(struct planner *p)
{
	for_each_device(dev, p->inv) {
		struct rule_result *result;

		if (dev->verdict.rule == RULE_NONE)
			continue;
		result = &p->set->rules[dev->verdict.rule].result;
		switch (dev->verdict.decision) {
		case DECISION_BIND:
			result->bind_count++;
			break;
		case DECISION_REFUSE:
		case DECISION_PROTECT:
		case DECISION_SKIP:
			result->refuse_count++;
		}
	}
	for_all_rules(rule, p->set) rule->result.state = (uint8_t)state_of(p, rule);
}
