// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The set of what was asked for: appending to it, within its bounds.
 * Must not know how a rule is written or what it is used for.
 */
#include <string.h>

#include "parse.h"

void ruleset_init(struct ruleset *set)
{
	memset(set, 0, offsetof(struct ruleset, rules));
	set->settings = SETTINGS_DEFAULT;
}

void ruleset_note(struct ruleset *set, const struct origin *origin,
		  const struct diag *diag)
{
	if (set->note_count == RULE_NOTES_MAX)
		set->notes_dropped++;
	else
		set->notes[set->note_count++] = (struct rule_note){ *origin, *diag };
}

bool ruleset_has_note(const struct ruleset *set, enum diag_code code)
{
	for (size_t i = 0; i < set->note_count; i++)
		if (set->notes[i].diag.code == code)
			return true;
	return false;
}

void ruleset_add(struct ruleset *set, const struct rule *rule)
{
	if (set->rule_count < RULES_MAX)
		set->rules[set->rule_count++] = *rule;
	else if (!ruleset_has_note(set, DIAG_TOO_MANY_RULES))
		note_at(&(struct place){ set, rule->text.ptr, rule->origin },
			DIAG_TOO_MANY_RULES, rule->text, NULL);
}
