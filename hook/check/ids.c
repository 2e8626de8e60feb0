// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio-pci's own ids= in a second place: beside those of the command line, or beside a rule
 * that names one of several devices. Knows nothing of other rules.
 */
#include "check.h"

static const char name[] = "leftover";

/* ids= of modprobe.d, where the command line has its own: the core notes it once. */
static void say_replaced(struct check *check, struct origin origin)
{
	struct text text;

	out_origin(text_open(&text), origin);
	finding_add(&check->findings, FINDING_WARN, name,
		    "write all of them in one place, best as bind lines of "
		    "/etc/early-vfio.conf",
		    "%s: ids= does not count: vfio-pci.ids= on the kernel's command line "
		    "is in its place",
		    text_close(&text));
}

static bool names_one(const struct rule *rule, const struct rule *ids)
{
	return !rule->is_ids && !rule->is_keep && !rule->is_faulty && rule->spec.has_id &&
	       (rule->spec.where == WHERE_ADDRESS || rule->spec.where == WHERE_PATH) &&
	       rule->spec.id.vendor == ids->spec.id.vendor &&
	       rule->spec.id.device == ids->spec.id.device;
}

/* The guard of the one is worth nothing beside the other. */
static void say_wider(struct check *check, const struct rule *ids,
		      const struct rule *rule)
{
	struct text text;
	struct out *out = text_open(&text);

	out_origin(out, ids->origin);
	out_text(out, ": ids= takes every ");
	out_escaped(out, ids->text);
	out_text(out, ", where ");
	out_origin(out, rule->origin);
	out_text(out, " names one of them");
	finding_add(&check->findings, FINDING_WARN, name,
		    "take that id out of ids=", "%s", text_close(&text));
}

static void weigh(struct check *check, const struct rule *ids)
{
	const struct ruleset *set = check->session.set;

	for (size_t r = 0; r < set->rule_count; r++)
		if (names_one(&set->rules[r], ids)) {
			say_wider(check, ids, &set->rules[r]);
			return;
		}
}

void check_ids(struct check *check)
{
	const struct ruleset *set = check->session.set;

	for (size_t i = 0; i < set->note_count; i++)
		if (set->notes[i].diag.code == DIAG_IDS_REPLACED)
			say_replaced(check, set->notes[i].origin);
	for (size_t r = 0; r < set->rule_count; r++)
		if (set->rules[r].is_ids && !set->rules[r].is_faulty)
			weigh(check, &set->rules[r]);
}
