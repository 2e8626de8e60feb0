// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What one device is to the others and to the rules: twins, protection, verdicts, and why it
 * has no IOMMU group. Knows nothing of how that is shown.
 */
#include <stdlib.h>

#include "file.h"
#include "list.h"

struct twins twins_of(const struct inventory *inv, const struct device *dev)
{
	struct twins twins = { 0 };
	const struct device *last = dev;

	for_each_device(other, inv) {
		if (!other->is_present || other->vendor != dev->vendor ||
		    other->device != dev->device || bdf_same_slot(other->bdf, dev->bdf) ||
		    bdf_same_slot(other->bdf, last->bdf))
			continue;
		if (!twins.first)
			twins.first = other;
		twins.count++;
		last = other;
	}
	return twins;
}

struct span protect_reason(const struct ruleset *set, const struct device *dev)
{
	for (size_t i = 0; i < set->protect_count; i++) {
		const struct protect *protect = &set->protects[i];

		if (bdf_equals(protect->bdf, dev->bdf) &&
		    protect->vendor == dev->vendor && protect->device == dev->device)
			return protect->reason;
	}
	return (struct span){ 0 };
}

static void out_decision(struct out *out, const struct listing *listing,
			 const struct device *dev, bool is_protected)
{
	const struct verdict *verdict = &dev->verdict;

	switch (verdict->decision) {
	case DECISION_BIND:
		out_text(out, " binds it to ");
		out_text(out, driver_name(listing->session->inv, verdict->driver_wanted));
		out_text(out, is_protected ? " all the same (+force)" : "");
		return;
	case DECISION_KEEP:
		out_text(out, " keeps it");
		return;
	case DECISION_PROTECT:
		if (is_protected) {
			out_text(out, " is refused");
			return;
		}
		/* of the id of a protect line whose device moved */
		break;
	}
	out_text(out, verdict->decision == DECISION_SKIP ? ": " : " is refused: ");
	out_reason(out, &listing->report, dev);
}

void out_standing(struct out *out, const struct listing *listing,
		  const struct device *dev)
{
	const struct ruleset *set = listing->session->set;
	struct span reason = protect_reason(set, dev);

	if (reason.len) {
		out_text(out, "protected: ");
		out_escaped(out, reason);
	}
	if (dev->verdict.rule == RULE_NONE)
		return;
	if (reason.len)
		out_text(out, "; ");
	out_origin(out, set->rules[dev->verdict.rule].origin);
	out_decision(out, listing, dev, reason.len > 0);
}

/* As if a rule took each device without a group, whatever our guards say. */
static void want_groupless(struct ruleset *set, const struct inventory *inv)
{
	for_each_device(dev, inv) {
		struct rule rule = {
			.spec = { .where = WHERE_ADDRESS,
				  .flags = SPEC_FORCE,
				  .start = dev->bdf,
				  .id = { PCI_ANY, PCI_ANY, PCI_ANY, PCI_ANY, 0, 0 } },
			.text = SPAN("-"),
		};

		if (dev->is_present && dev->group == GROUP_NONE &&
		    !device_is_bridge(dev) && set->rule_count < RULES_MAX)
			ruleset_add(set, &rule);
	}
}

static void note_groupless(struct listing *listing, const struct report *report,
			   const struct device *dev)
{
	unsigned remedy = dev->verdict.arg;
	char text[REPORT_LINE_MAX];
	struct out out = OUT(text);

	if (dev->verdict.reason != REASON_NO_GROUP)
		return;
	if (!listing->groupless_count[remedy]++) {
		out_reason(&out, report, dev);
		listing->groupless[remedy] = xspan(out_done(&out));
	}
}

void groupless_ask(struct listing *listing)
{
	static struct ruleset set; /* too large for the stack */
	struct session *session = listing->session;
	struct inventory *inv = session->inv;
	struct report report = { .set = &set, .inv = inv, .plan = session->plan };

	ruleset_init(&set);
	want_groupless(&set, inv);
	while (!plan_build(&set, inv, false, session->plan))
		if (inventory_fill(inv, &session->kernel.io, session->cmdline))
			return;
	for_each_device(dev, inv)
		note_groupless(listing, &report, dev);
}

void groupless_free(struct listing *listing)
{
	for (size_t i = 0; i <= REMEDY_UNKNOWN; i++)
		free(listing->groupless[i]);
}
