// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * On how many machines an id says less than its owner needs, and a guard enough: what the
 * plan selects is counted, not what a table promises. Knows nothing of how it is shown.
 */
#include <stdio.h>

#include "lab.h"

/* Devices that people give away: by class, with how many of its digits count. */
struct kind {
	const char *name;
	uint32_t class, mask;
	unsigned long machines, twins, guarded;
};

static struct kind kinds[] = {
	{ "display", 0x030000, 0xff0000, 0, 0, 0 },
	{ "NVMe", 0x010800, 0xffff00, 0, 0, 0 },
	{ "other storage", 0x010000, 0xff0000, 0, 0, 0 },
	{ "network", 0x020000, 0xff0000, 0, 0, 0 },
	{ "USB", 0x0c0300, 0xffff00, 0, 0, 0 },
	{ "audio", 0x040000, 0xff0000, 0, 0, 0 },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static unsigned long machines, with_twins, with_guarded, with_known_subs, with_equal_subs;

static struct kind *kind_of(const struct device *dev)
{
	for (size_t k = 0; k < KINDS; k++)
		if ((dev->class & kinds[k].mask) == kinds[k].class)
			return &kinds[k];
	return NULL;
}

/* Which of the devices with this one's id, it included, the config selects. */
static size_t selected(struct lab *lab, const struct record *record,
		       const struct device *dev, bool *other_slot)
{
	size_t count = 0;

	*other_slot = false;
	lab_plan(lab, record);
	for (size_t i = 0; i < record->inv.count; i++) {
		const struct device *other = &record->devices[i];

		if (lab_decision(lab, other->bdf) == DECISION_NONE)
			continue;
		count++;
		*other_slot |= !bdf_same_slot(other->bdf, dev->bdf);
	}
	return count;
}

/* Is there a twin that has the same subsystem ids too, in another slot? */
static bool has_equal_twin(const struct record *record, const struct device *dev)
{
	for (size_t i = 0; i < record->inv.count; i++) {
		const struct device *other = &record->devices[i];

		if (other->vendor == dev->vendor && other->device == dev->device &&
		    other->subvendor == dev->subvendor &&
		    other->subdevice == dev->subdevice &&
		    !bdf_same_slot(other->bdf, dev->bdf))
			return true;
	}
	return false;
}

static bool knows_subs(const struct record *record)
{
	for (size_t i = 0; i < record->inv.count; i++)
		if (record->devices[i].subvendor)
			return true;
	return false;
}

struct finding {
	bool is_there[KINDS], has_twins[KINDS], has_unguarded[KINDS];
	bool any_twins, any_unguarded, any_equal;
};

static void look(struct lab *lab, const struct record *record, const struct device *dev,
		 struct kind *kind, struct finding *finding)
{
	size_t k = (size_t)(kind - kinds);
	bool other_slot;
	struct out out;

	finding->is_there[k] = true;
	out = lab_config(lab, record);
	out_rule(&out, "bind", dev);
	out_char(&out, '\0');
	selected(lab, record, dev, &other_slot);
	if (!other_slot)
		return;
	finding->has_twins[k] = finding->any_twins = true;
	finding->any_equal |= dev->subvendor && has_equal_twin(record, dev);
	out = lab_config(lab, record);
	out_rule(&out, "bind", dev);
	out_char(&out, '@');
	out_bdf(&out, dev->bdf);
	out_char(&out, '\0');
	if (selected(lab, record, dev, &other_slot) != 1 || other_slot)
		finding->has_unguarded[k] = finding->any_unguarded = true;
}

void statistics_add(struct lab *lab, const struct record *record)
{
	struct finding finding = { 0 };

	for (size_t i = 0; i < record->inv.count; i++) {
		struct kind *kind = kind_of(&record->devices[i]);

		if (kind)
			look(lab, record, &record->devices[i], kind, &finding);
	}
	for (size_t k = 0; k < KINDS; k++) {
		kinds[k].machines += finding.is_there[k];
		kinds[k].twins += finding.has_twins[k];
		kinds[k].guarded += finding.has_twins[k] && !finding.has_unguarded[k];
	}
	machines++;
	with_twins += finding.any_twins;
	with_guarded += finding.any_twins && !finding.any_unguarded;
	with_known_subs += knows_subs(record);
	with_equal_subs += finding.any_equal;
}

void statistics_print(void)
{
	printf("%-14s %9s %22s %20s\n", "kind", "machines", "an id means several",
	       "a guard means one");
	for (size_t k = 0; k < KINDS; k++)
		printf("%-14s %9lu %22lu %20lu\n", kinds[k].name, kinds[k].machines,
		       kinds[k].twins, kinds[k].guarded);
	printf("%-14s %9lu %22lu %20lu\n", "any of these", machines, with_twins,
	       with_guarded);
	printf("subsystem ids are known of %lu machines; on %lu of them such devices are "
	       "equal in those too\n",
	       with_known_subs, with_equal_subs);
}
