// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a specification as somebody gave it to the one to write: guarded, and placed by a path.
 * Knows nothing of files.
 */
#include <stdlib.h>

#include "choice.h"
#include "file.h"
#include "say.h"
#include "suggest.h"

void choice_add(struct choices *choices, const struct choice *choice)
{
	if (choices->count == choices->cap) {
		choices->cap = choices->cap ? 2 * choices->cap : 16;
		choices->items =
			xrealloc(choices->items, choices->cap * sizeof(*choices->items));
	}
	choices->items[choices->count++] = *choice;
}

void choices_free(struct choices *choices)
{
	free(choices->items);
	*choices = (struct choices){ 0 };
}

bool operands_read(char **operands, struct ruleset *set)
{
	const struct rule model = { .origin = { .file = SPAN("argument") },
				    .source = SOURCE_CONFIG };
	bool is_sound = true;
	struct say say;

	say_open(&say, stderr);
	ruleset_init(set);
	for (; *operands; operands++) {
		size_t first = set->rule_count;

		list_read(span_of(*operands), *operands, &model, set);
		for (size_t r = first; r < set->rule_count; r++) {
			if (!set->rules[r].is_faulty)
				continue;
			is_sound = false;
			say_diag(&say, model.origin, 0, &set->rules[r].diag);
		}
		if (first == set->rule_count) {
			is_sound = false;
			complain("argument", "names no device");
		}
	}
	for (size_t n = 0; n < set->note_count; n++)
		say_diag(&say, model.origin, 0, &set->notes[n].diag);
	return is_sound;
}

bool spec_is_placed(const struct spec *spec)
{
	return spec->where == WHERE_ADDRESS || spec->where == WHERE_PATH;
}

bool spec_is_bare_id(const struct spec *spec)
{
	return spec->where == WHERE_ANY && spec->has_id && !spec->class_digits &&
	       !spec->id.class_mask && spec->id.vendor != PCI_ANY &&
	       spec->id.device != PCI_ANY;
}

const struct device *rule_device(const struct inventory *inv, const struct rule *rule)
{
	int at = rule->result.is_resolved ? inventory_find(inv, rule->result.at) : -1;

	return at >= 0 && inv->devices[at].is_present ? &inv->devices[at] : NULL;
}

struct choice choice_of(const struct inventory *inv, const struct device *dev,
			const struct spec *asked)
{
	struct choice choice = { .spec = suggest_function(inv, dev),
				 .at = dev->bdf,
				 .has_device = true };

	if (asked->has_id) {
		choice.spec.id = asked->id;
		choice.spec.class_digits = asked->class_digits;
	}
	choice.spec.flags = asked->flags;
	return choice;
}

/* Whoever wrote all of a specification meant it so; a graphics card is seldom meant in part. */
static struct choice guard(const struct inventory *inv, const struct device *dev,
			   const struct spec *asked)
{
	struct choice choice = choice_of(inv, dev, asked);
	bool was_complete = asked->has_id && spec_is_placed(asked);

	if (was_complete || (asked->flags & (SPEC_SLOT | SPEC_GROUP)))
		return choice;
	choice.gained_slot = device_is_display(dev) && slot_functions(inv, dev) > 1;
	if (choice.gained_slot)
		choice.spec.flags |= SPEC_SLOT;
	return choice;
}

static enum choice_fault make_placed(const struct inventory *inv, const struct rule *rule,
				     struct choices *choices)
{
	const struct device *dev = rule_device(inv, rule);
	struct choice choice = { .spec = rule->spec };

	if (!dev && !rule->spec.has_id)
		return rule->result.state == RULE_DEFERRED ? CHOICE_NOT_YET :
							     CHOICE_ABSENT;
	if (dev && device_matches_id(dev, &rule->spec.id))
		choice = guard(inv, dev, &rule->spec);
	choice_add(choices, &choice);
	return CHOICE_SOUND;
}

static enum choice_fault make_of_id(const struct inventory *inv, const struct rule *rule,
				    struct choices *choices)
{
	const struct device *first = NULL;

	for_each_device(dev, inv) {
		if (!dev->is_present || !device_matches_id(dev, &rule->spec.id))
			continue;
		if (first && !bdf_same_slot(first->bdf, dev->bdf))
			return CHOICE_SEVERAL;
		first = first ? first : dev;
	}
	if (!first)
		return CHOICE_ABSENT;
	for_each_device(dev, inv)
		if (dev->is_present && device_matches_id(dev, &rule->spec.id)) {
			struct choice choice = guard(inv, dev, &rule->spec);

			choice_add(choices, &choice);
			if (choice.spec.flags & (SPEC_SLOT | SPEC_GROUP))
				break;
		}
	return CHOICE_SOUND;
}

enum choice_fault choices_make(const struct inventory *inv, const struct rule *rule,
			       struct choices *choices)
{
	if (spec_is_placed(&rule->spec))
		return make_placed(inv, rule, choices);
	if (spec_is_bare_id(&rule->spec))
		return make_of_id(inv, rule, choices);
	choice_add(choices, &(struct choice){ .spec = rule->spec });
	return CHOICE_SOUND;
}
