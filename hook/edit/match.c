// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which bind lines of a config speak of what somebody named. Knows nothing of how they are
 * changed.
 */
#include <string.h>

#include "choice.h"
#include "conf.h"
#include "config.h"
#include "match.h"

/* Before the first line of a file; it stays where that line goes. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* One line at a time; too large for the stack. */
static struct ruleset scratch;

bool spec_place(const struct inventory *inv, const struct spec *spec, struct bdf *at)
{
	struct bdf place = spec->start;

	if (spec->where != WHERE_ADDRESS && spec->where != WHERE_PATH)
		return false;
	for (size_t hop = 0; hop < spec->hop_count; hop++) {
		int bridge = inventory_find(inv, place);

		if (bridge < 0 || !inv->devices[bridge].secondary)
			return false;
		place.bus = inv->devices[bridge].secondary;
		place.dev = spec->hops[hop].dev;
		place.fn = spec->hops[hop].fn;
	}
	*at = place;
	return true;
}

static bool is_named(const struct inventory *inv, const struct spec *spec,
		     const struct device *dev)
{
	struct bdf at;

	if (!dev->is_present || !device_matches_id(dev, &spec->id))
		return false;
	switch (spec->where) {
	case WHERE_ANY:
		return true;
	case WHERE_BOOT_VGA:
		return dev->is_boot_vga;
	case WHERE_NOT_BOOT_VGA:
		return device_is_display(dev) && !dev->is_boot_vga;
	}
	return spec_place(inv, spec, &at) && bdf_equals(at, dev->bdf);
}

const struct device *spec_device(const struct inventory *inv, const struct spec *spec)
{
	const struct device *one = NULL;

	for_each_device(dev, inv) {
		if (!is_named(inv, spec, dev))
			continue;
		if (one)
			return NULL;
		one = dev;
	}
	return one;
}

static bool differs_in_flags_alone(const struct spec *a, const struct spec *b)
{
	struct spec copy = *a;

	copy.flags = b->flags;
	return spec_equals(&copy, b);
}

static bool same_place(const struct inventory *inv, const struct spec *a,
		       const struct spec *b)
{
	struct bdf at_a, at_b;

	return spec_place(inv, a, &at_a) && spec_place(inv, b, &at_b) &&
	       bdf_equals(at_a, at_b);
}

enum match rule_match(const struct inventory *inv, const struct rule *asked,
		      const struct rule *rule)
{
	const struct device *dev = spec_device(inv, &asked->spec);

	if (rule->is_keep || rule->is_faulty)
		return MATCH_NONE;
	if (spec_equals(&asked->spec, &rule->spec) ||
	    span_equals(asked->text, rule->text))
		return MATCH_EXACT;
	if (dev && dev == spec_device(inv, &rule->spec))
		return MATCH_DEVICE;
	/* What need not be there: the same but for flags, or named by its place alone. */
	if (differs_in_flags_alone(&asked->spec, &rule->spec))
		return MATCH_DEVICE;
	if (!asked->spec.has_id && same_place(inv, &asked->spec, &rule->spec))
		return MATCH_DEVICE;
	if (spec_is_bare_id(&asked->spec) && rule->spec.has_id &&
	    memcmp(&asked->spec.id, &rule->spec.id, sizeof(rule->spec.id)) == 0)
		return MATCH_ID;
	return MATCH_NONE;
}

static void line_read(struct span line)
{
	ruleset_init(&scratch);
	/* Rules of each profile are looked at. */
	scratch.settings.profile = directive_profile(&(struct directive){ .text = line });
	config_read(line, SPAN(CONF_NAME), &scratch);
}

bool match_next_in_line(const struct inventory *inv, const struct rule *asked,
			enum match least, struct found *found)
{
	line_read(found->line);
	while (found->seen < scratch.rule_count) {
		const struct rule *rule = &scratch.rules[found->seen++];

		found->match = rule_match(inv, asked, rule);
		if (found->match < least || found->match == MATCH_NONE)
			continue;
		found->rule = *rule;
		found->rules = scratch.rule_count;
		return true;
	}
	return false;
}

bool match_next(const struct inventory *inv, struct span text, const struct rule *asked,
		enum match least, struct found *found)
{
	struct span rest = text;

	if (found->line.ptr) {
		rest = span_skip(text, (size_t)(found->line.ptr - text.ptr));
		found->number--;
	}
	while (span_next_line(&rest, &found->line)) {
		found->number++;
		found->seen = 0;
		if (found->line.ptr == text.ptr &&
		    span_starts(found->line, BYTE_ORDER_MARK))
			found->line = span_skip(found->line, strlen(BYTE_ORDER_MARK));
		if (match_next_in_line(inv, asked, least, found))
			return true;
	}
	return false;
}
