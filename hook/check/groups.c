// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Can each group that has a target be given to a VM? Knows nothing of rules.
 */
#include <stdlib.h>

#include "check.h"
#include "suggest.h"

static const char name[] = "group";

/* "take it as well: bind 10de:22ba@…" */
static char *take_it_too(const struct check *check, const struct device *dev)
{
	struct spec spec = suggest_function(check->session.inv, dev);
	struct text text;

	out_text(text_open(&text), "take it as well (bind ");
	/* What a guard of ours left there is taken by force alone; what is kept, not at all. */
	if (dev->verdict.decision == DECISION_PROTECT ||
	    dev->verdict.decision == DECISION_REFUSE)
		spec.flags |= SPEC_FORCE;
	out_spec(&text.out, &spec);
	out_text(&text.out, "), or move the card to another slot of the board");
	return xspan(span_of(text_close(&text)));
}

static void say_spoiled(struct check *check, const struct device *dev)
{
	const char *driver = driver_name(check->session.inv, dev->driver);
	char *remedy = take_it_too(check, dev);
	struct text text;

	out_bdf(text_open(&text), dev->bdf);
	finding_add(&check->findings, FINDING_FAIL, name, remedy,
		    "group %d cannot be given to a VM: %s stays with %s", (int)dev->group,
		    text_close(&text), driver);
	free(remedy);
}

/* What is in the slot of a display and stays behind is likely forgotten. */
static void say_left(struct check *check, const struct device *dev)
{
	struct text text;

	out_bdf(text_open(&text), dev->bdf);
	finding_add(&check->findings, FINDING_WARN, name,
		    "add +slot to the rule, to take all functions of the card",
		    "%s of a target's slot stays with the host", text_close(&text));
}

static bool is_spoiled(const struct check *check, int32_t group)
{
	const struct plan *plan = check->session.plan;

	for (size_t n = 0; n < plan->note_count; n++)
		if (plan->notes[n].code == PLAN_NOTE_GROUP_UNUSABLE &&
		    check->session.inv->devices[plan->notes[n].device].group == group)
			return true;
	return false;
}

static void say_usable(struct check *check, int32_t group)
{
	struct text text;
	struct out *out = text_open(&text);

	for_each_device(dev, check->session.inv) {
		if (dev->group != group || !is_target(dev))
			continue;
		out_text(out, out->len ? ", " : "");
		out_bdf(out, dev->bdf);
	}
	finding_add(&check->findings, FINDING_PASS, name, NULL,
		    "group %d can be given to a VM: %s", (int)group, text_close(&text));
}

static void check_note(struct check *check, const struct plan_note *note)
{
	const struct device *dev = note->device == NO_INDEX ?
					   NULL :
					   &check->session.inv->devices[note->device];

	switch (note->code) {
	case PLAN_NOTE_GROUP_UNUSABLE:
		say_spoiled(check, dev);
		break;
	case PLAN_NOTE_SLOT_REST:
		say_left(check, dev);
		break;
	case PLAN_NOTE_TOO_MANY_DEVICES:
		finding_add(&check->findings, FINDING_WARN, name, NULL,
			    "only %u devices were looked at", DEVICES_MAX);
		break;
	}
}

void check_groups(struct check *check)
{
	const struct inventory *inv = check->session.inv;

	if (!check->has_bus)
		return;
	for (size_t n = 0; n < check->session.plan->note_count; n++)
		check_note(check, &check->session.plan->notes[n]);
	for (size_t g = 0; g < inv->group_count; g++)
		if (inv->groups[g].has_target && !is_spoiled(check, (int32_t)g))
			say_usable(check, (int32_t)g);
}
