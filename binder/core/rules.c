// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The set of what was asked for: appending to it, within its bounds.
 * Must not know how a rule is written or what it is used for.
 */
#include <early-vfio/rules.h>

void ruleset_init(struct ruleset *set)
{
	set->settings = SETTINGS_DEFAULT;
	set->has_cmdline_ids = set->is_killed = false;
	set->rule_count = set->note_count = set->module_count = 0;
	set->protect_count = set->alias_count = set->notes_dropped = 0;
	set->kernel = set->unprotected = (struct span){ NULL, 0 };
}

void ruleset_note(struct ruleset *set, struct origin origin, struct diag diag)
{
	if (set->note_count == RULE_NOTES_MAX)
		set->notes_dropped++;
	else
		set->notes[set->note_count++] = (struct rule_note){ origin, diag };
}

bool ruleset_has_note(const struct ruleset *set, enum diag_code code)
{
	for (size_t i = 0; i < set->note_count; i++)
		if (set->notes[i].diag.code == code)
			return true;
	return false;
}

struct rule *ruleset_add(struct ruleset *set, const struct rule *rule)
{
	struct rule *slot = &set->rules[set->rule_count];

	if (set->rule_count == RULES_MAX) {
		if (!ruleset_has_note(set, DIAG_TOO_MANY_RULES))
			ruleset_note(set, rule->origin,
				     (struct diag){ .code = DIAG_TOO_MANY_RULES,
						    .level = LEVEL_ERROR,
						    .text = rule->text });
		return NULL;
	}
	set->rule_count++;
	*slot = *rule;
	return slot;
}
