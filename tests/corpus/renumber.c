// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must hold when bus numbers change, since a card was added: paths still lead to the
 * same devices, and guards refuse what is in the old places now. Decides nothing by itself.
 */
#include <stdio.h>

#include "lab.h"

/* One renumbered machine at a time. */
static struct record after;
static struct bdf places[DEVICES_MAX];

static void finish(struct out *out)
{
	out_text(out, "\n");
	out_char(out, '\0');
}

/* The path written before the card came, with the id or without. */
static void path_still_leads(struct lab *lab, const struct record *record, size_t at,
			     bool is_guarded)
{
	const struct device *dev = &record->devices[at];
	struct out out = lab_config(lab, &after);

	if (is_guarded) {
		out_rule(&out, "bind", dev);
		out_char(&out, '@');
	} else {
		out_text(&out, "bind ");
	}
	if (!out_device_path(&out, record, dev))
		return;
	lab->counts[COUNT_PATHS]++;
	finish(&out);
	lab->asked.anchor[inventory_find(&after.inv, places[at])] = true;
	lab_check(lab, &after);
}

/* What is in the old place is left alone, and the new one is named. */
static void guard_refuses(struct lab *lab, const struct device *dev, struct bdf place)
{
	const struct rule_result *result = &lab->set.rules[0].result;
	int other = inventory_find(&after.inv, dev->bdf);
	int named;

	if (lab_decision(lab, place) != DECISION_NONE)
		lab_wrong(lab, &after, dev, "is selected by its old address");
	if (other >= 0 && lab_decision(lab, dev->bdf) != DECISION_REFUSE &&
	    lab_decision(lab, dev->bdf) != DECISION_SKIP)
		lab_wrong(lab, &after, dev, "what is there now is not refused");
	named = result->elsewhere_count ? inventory_find(&after.inv, result->elsewhere) :
					  -1;
	if (named < 0 || after.devices[named].vendor != dev->vendor ||
	    after.devices[named].device != dev->device)
		lab_wrong(lab, &after, dev, "its new place is not named");
	else if (result->elsewhere_count == 1 && !bdf_equals(result->elsewhere, place))
		lab_wrong(lab, &after, dev, "another place is named");
}

static void guard_sees_the_move(struct lab *lab, const struct device *dev,
				struct bdf place)
{
	int other = inventory_find(&after.inv, dev->bdf);
	struct out out = lab_config(lab, &after);

	out_rule(&out, "bind", dev);
	out_char(&out, '@');
	out_bdf(&out, dev->bdf);
	finish(&out);
	/* A twin came to stand where this one was: only a path tells them apart. */
	if (other >= 0 && after.devices[other].vendor == dev->vendor &&
	    after.devices[other].device == dev->device) {
		lab->counts[COUNT_MET_TWIN]++;
		lab->asked.anchor[other] = true;
		lab_check(lab, &after);
		return;
	}
	lab_plan(lab, &after);
	guard_refuses(lab, dev, place);
}

void renumbering_holds(struct lab *lab, const struct record *record)
{
	if (!record_renumber(record, &after, places))
		return;
	lab->counts[COUNT_RENUMBERED]++;
	for (size_t i = 0; i < record->inv.count; i++) {
		const struct device *dev = &record->devices[i];

		path_still_leads(lab, record, i, false);
		path_still_leads(lab, record, i, true);
		if (bdf_equals(places[i], dev->bdf))
			continue;
		lab->counts[COUNT_MOVED]++;
		guard_sees_the_move(lab, dev, places[i]);
	}
}
