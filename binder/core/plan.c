// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan: from rules and facts to one verdict a device, in the order of the design.
 * Fetches nothing: a phase that lacks facts asks for them and ends the round.
 */
#include "planner.h"

bool need(struct device *dev, unsigned facts)
{
	unsigned missing = facts & ~(unsigned)dev->known;

	dev->wanted |= (uint8_t)missing;
	return !missing;
}

bool is_vfio_driver(const struct inventory *inv, uint16_t driver)
{
	return driver_is_vfio(span_of(driver_name(inv, driver)));
}

bool need_all(struct planner *p)
{
	p->inv->all_wanted = true;
	return p->inv->all_known;
}

struct device *need_at(struct inventory *inv, struct bdf bdf)
{
	size_t count = inv->count;
	int at = inventory_add(inv, bdf);
	struct device *dev = &inv->devices[at < 0 ? DEVICES_MAX - 1 : at];

	/* What the bus does not list is not there, nor is what there is no room for. */
	if (at < 0 || (inv->names_known && inv->count > count))
		dev->known = FACT_ALL;
	return need(dev, FACT_IDENT) ? dev : NULL;
}

void plan_add_note(struct planner *p, enum plan_note_code code, enum level level,
		   const struct device *dev, uint32_t arg)
{
	struct plan *plan = p->plan;

	if (plan->note_count == PLAN_NOTES_MAX) {
		plan->notes_dropped++;
		return;
	}
	plan->notes[plan->note_count++] = (struct plan_note){
		.code = (uint8_t)code,
		.level = (uint8_t)level,
		.device = dev ? (uint32_t)(dev - p->inv->devices) : NO_INDEX,
		.arg = arg,
	};
}

/* Read from the boot_vga file where the kernel has one, else from the framebuffer's place. */
bool is_boot_display(struct planner *p, struct device *dev)
{
	unsigned fact = FACT_BOOT_VGA;

	if (!dev->is_present || !device_is_display(dev))
		return false;
	if (dev->class >> 8 != 0x0300 || ((dev->known & fact) && !dev->has_boot_vga))
		fact = FACT_FRAMEBUFFER;
	if (!need(dev, fact)) {
		p->is_short = true;
		return false;
	}
	return fact == FACT_FRAMEBUFFER ? dev->has_framebuffer : dev->is_boot_vga;
}

static bool protect_fits(const struct protect *protect, const struct device *dev)
{
	return dev->is_present && protect->vendor == dev->vendor &&
	       protect->device == dev->device;
}

/*
 * The addresses that protect lines name: what stands there now decides what they protect. A RAID
 * controller among them, by its class, may be a VMD.
 */
static bool weigh_protects(struct planner *p)
{
	bool complete = true;

	for (size_t i = 0; i < p->set->protect_count; i++) {
		const struct protect *protect = &p->set->protects[i];
		const struct device *dev = need_at(p->inv, protect->bdf);

		complete &= dev != NULL;
		p->inv->brings_domains |= dev && dev->class >> 8 == 0x0104 &&
					  protect_fits(protect, dev);
	}
	return complete;
}

static bool protect_has_moved(const struct planner *p, const struct protect *protect)
{
	const struct device *dev = need_at(p->inv, protect->bdf);

	if (!dev || protect_fits(protect, dev))
		return false;
	/* VMD's domains, of more than 16 bits, are there once vmd is loaded, after the first run. */
	return dev->is_present || !(protect->bdf.domain >> 16) || !p->inv->brings_domains;
}

/* Sets the verdict and returns true where a protect line holds for the device. */
static bool decide_protect(const struct planner *p, struct device *dev, uint16_t rule)
{
	for (size_t i = 0; i < p->set->protect_count; i++) {
		const struct protect *protect = &p->set->protects[i];
		bool is_here = bdf_equals(protect->bdf, dev->bdf);

		if (!protect_fits(protect, dev) ||
		    (!is_here && !protect_has_moved(p, protect)))
			continue;
		dev->verdict = (struct verdict){
			.decision = DECISION_PROTECT,
			.reason = is_here ? REASON_PROTECTED : REASON_PROTECT_MOVED,
			.rule = rule,
			.arg = (uint32_t)i,
		};
		return true;
	}
	return false;
}

static void decide(struct device *dev, enum decision decision, enum reason reason,
		   uint16_t rule)
{
	dev->verdict.decision = (uint8_t)decision;
	dev->verdict.reason = (uint8_t)reason;
	dev->verdict.rule = rule;
}

static uint16_t first_rule(const struct claim *claim)
{
	if (claim->bind != RULE_NONE)
		return claim->bind;
	return claim->display != RULE_NONE ? claim->display : claim->guard;
}

/* Decisions 1 to 5 of the design for one device, as the rules of one source claim it. */
static void decide_claim(struct planner *p, struct device *dev)
{
	const struct claim *claim = &dev->claim;
	uint16_t rule = first_rule(claim);

	if (claim->keep != RULE_NONE) {
		decide(dev, DECISION_KEEP, REASON_KEEP, claim->keep);
		return;
	}
	if (rule == RULE_NONE)
		return;
	/* Only a bridge class without a header of its own leaves doubt. */
	if (dev->class >> 16 == 0x06 && !device_is_bridge(dev) && !need(dev, FACT_HEADER))
		p->is_short = true;
	else if (device_is_bridge(dev))
		decide(dev, DECISION_SKIP, REASON_BRIDGE, rule);
	else if (!claim->is_forced && decide_protect(p, dev, rule))
		return;
	else if (claim->guard != RULE_NONE)
		decide(dev, DECISION_REFUSE, REASON_GUARD, claim->guard);
	else if (claim->bind == RULE_NONE)
		decide(dev, DECISION_REFUSE, REASON_BOOT_DISPLAY, claim->display);
	else
		decide(dev, DECISION_BIND, REASON_BIND, claim->bind);
	dev->verdict.is_forced = claim->is_forced;
}

/* The command line beats the config: what it claims is not weighed again. */
static bool weigh_claims(struct planner *p)
{
	for (int source = 0; source < SOURCE_COUNT; source++) {
		claims_collect(p, (enum rule_source)source);
		for_each_device(dev, p->inv)
			if (dev->verdict.rule == RULE_NONE)
				decide_claim(p, dev);
	}
	return !p->is_short;
}

static struct span wanted_driver(const struct planner *p, const struct device *dev)
{
	const struct rule *rule = &p->set->rules[dev->verdict.rule];

	for (size_t i = 0; rule->is_auto && i < p->set->alias_count; i++)
		if (device_matches_alias(dev, p->set->aliases[i].pattern))
			return p->set->aliases[i].driver;
	return rule->is_auto || !rule->driver.len ? SPAN("vfio-pci") : rule->driver;
}

/* Every device that a rule concerns: its driver, and of targets the one they shall have. */
static bool weigh_drivers(struct planner *p)
{
	bool complete = true;

	for_each_device(dev, p->inv) {
		if (!(p->all || dev->verdict.rule != RULE_NONE) || !dev->is_present)
			continue;
		complete &= need(dev, FACT_DRIVER | FACT_GROUP);
		dev->verdict.driver_before = dev->driver;
		if (dev->verdict.decision == DECISION_BIND)
			dev->verdict.driver_wanted =
				inventory_driver(p->inv, wanted_driver(p, dev));
	}
	return complete;
}

/* A function that is not there yet, of a slot that is: deferred rather than missing. */
static void defer_rules(struct planner *p)
{
	for_each_rule(rule, p->set) {
		struct device *dev = device_at_rule(p->inv, rule);

		if (rule->result.state == RULE_DEFERRED && dev &&
		    dev->verdict.rule == RULE_NONE)
			decide(dev, DECISION_DEFER, REASON_NOT_YET,
			       (uint16_t)(rule - p->set->rules));
	}
}

static bool weigh_rest(struct planner *p)
{
	if (p->all && !need_all(p))
		return false;
	defer_rules(p);
	for (size_t i = 0; i < p->set->protect_count; i++)
		if (protect_has_moved(p, &p->set->protects[i]))
			plan_add_note(p, PLAN_NOTE_PROTECT_MOVED, LEVEL_WARNING, NULL,
				      (uint32_t)i);
	if (p->inv->has_overflown)
		plan_add_note(p, PLAN_NOTE_TOO_MANY_DEVICES, LEVEL_ERROR, NULL,
			      DEVICES_MAX);
	rules_conclude(p);
	return true;
}

static bool weigh_rules(struct planner *p)
{
	for_all_rules(rule, p->set) rule->result = (struct rule_result){ 0 };
	/* Records may be added up to here; from here on they stay where they are. */
	if (!rules_resolve(p) || !weigh_protects(p))
		return false;
	inventory_chain(p->inv);
	if (!rules_reach(p))
		return false;
	for_each_device(dev, p->inv)
		dev->verdict = (struct verdict){ .rule = RULE_NONE };
	return weigh_claims(p);
}

bool plan_build(struct ruleset *set, struct inventory *inv, bool all, struct plan *plan)
{
	struct planner p = { .set = set, .inv = inv, .plan = plan, .all = all };
	bool complete;

	plan->note_count = plan->notes_dropped = 0;
	/* What only lacked facts of its targets goes on from there. */
	if (inv->weighed != inv->count + 1) {
		inv->weighed = 0;
		if (!weigh_rules(&p))
			return false;
	}
	complete = weigh_usb(&p) && weigh_drivers(&p) && weigh_groups(&p) &&
		   weigh_members(&p) && weigh_rest(&p);
	inv->weighed = complete ? 0 : inv->count + 1;
	return complete;
}

bool plan_releases(const struct inventory *inv, const struct plan *plan,
		   const struct device *dev)
{
	const struct verdict *verdict = &dev->verdict;

	if (verdict->rule == RULE_NONE || verdict->decision == DECISION_BIND)
		return false;
	/* With whatever driver: an override may be left of before. */
	if ((plan->releases_free && verdict->decision == DECISION_KEEP) ||
	    verdict->reason == REASON_NO_ROOT)
		return true;
	return is_vfio_driver(inv, verdict->driver_before);
}
