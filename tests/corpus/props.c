// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must hold of every device, every pair of twins and every class of a machine: a
 * specification selects what it says and nothing else. Decides nothing by itself.
 */
#include <stdio.h>

#include "lab.h"

static void try(struct lab *lab, const struct record *record, struct out *out)
{
	out_text(out, "\n");
	out_char(out, '\0');
	lab_check(lab, record);
	lab_check_print(lab, record);
}

/* "bind VENDOR:DEVICE@ADDRESS" and what it names. */
static struct out guarded(struct lab *lab, const struct record *record, size_t at)
{
	struct out out = lab_config(lab, record);

	out_rule(&out, "bind", &record->devices[at]);
	out_char(&out, '@');
	out_bdf(&out, record->devices[at].bdf);
	lab->asked.anchor[at] = true;
	return out;
}

static void guard_selects_one(struct lab *lab, const struct record *record, size_t at)
{
	struct out out = guarded(lab, record, at);

	try(lab, record, &out);
}

static void slot_selects_slot(struct lab *lab, const struct record *record, size_t at)
{
	struct out out = guarded(lab, record, at);

	out_text(&out, "+slot");
	for (size_t i = 0; i < record->inv.count; i++) {
		struct bdf a = record->devices[i].bdf, b = record->devices[at].bdf;

		a.fn = b.fn = 0;
		lab->asked.reached[i] = bdf_equals(a, b);
	}
	try(lab, record, &out);
}

/* Bridges are no endpoints: +group reaches none. */
static void group_selects_endpoints(struct lab *lab, const struct record *record,
				    size_t at)
{
	struct out out = guarded(lab, record, at);

	out_text(&out, "+group");
	for (size_t i = 0; i < record->inv.count; i++) {
		const struct device *dev = &record->devices[i];

		lab->asked.reached[i] = dev->group != GROUP_NONE &&
					dev->group == record->devices[at].group &&
					!dev->secondary && dev->class >> 8 != 0x0604 &&
					dev->class >> 8 != 0x0607;
	}
	try(lab, record, &out);
}

static void path_selects_one(struct lab *lab, const struct record *record, size_t at)
{
	struct out out = lab_config(lab, record);

	out_text(&out, "bind ");
	if (!out_device_path(&out, record, &record->devices[at]))
		return;
	lab->counts[COUNT_PATHS]++;
	lab->asked.anchor[at] = true;
	try(lab, record, &out);
}

void each_device_holds(struct lab *lab, const struct record *record)
{
	for (size_t i = 0; i < record->inv.count; i++) {
		guard_selects_one(lab, record, i);
		slot_selects_slot(lab, record, i);
		group_selects_endpoints(lab, record, i);
		path_selects_one(lab, record, i);
	}
}

static bool has_id_of(const struct device *a, const struct device *b)
{
	return a->vendor == b->vendor && a->device == b->device;
}

/* A bare id names all that have it; one of them may be protected. */
static void id_selects_all(struct lab *lab, const struct record *record, size_t at,
			   bool protected)
{
	const struct device *dev = &record->devices[at];
	struct out out = lab_config(lab, record);
	struct out image = OUT(lab->image);

	out_rule(&out, "bind", dev);
	for (size_t i = 0; i < record->inv.count; i++)
		lab->asked.anchor[i] = has_id_of(&record->devices[i], dev);
	if (protected) {
		lab->asked.protected = dev;
		out_text(&image, "protect ");
		out_bdf(&image, dev->bdf);
		out_char(&image, ' ');
		out_hex(&image, dev->vendor, 4);
		out_char(&image, ':');
		out_hex(&image, dev->device, 4);
		out_text(&image, " holds / (sda1)\n");
	}
	out_char(&image, '\0');
	try(lab, record, &out);
}

static void pair_is_told_apart(struct lab *lab, const struct record *record, size_t one,
			       size_t other)
{
	struct out out = guarded(lab, record, one);

	lab->counts[COUNT_PAIRS]++;
	out_text(&out, "\n");
	out_rule(&out, "keep", &record->devices[other]);
	out_char(&out, '@');
	out_bdf(&out, record->devices[other].bdf);
	out_text(&out, "\n");
	out_char(&out, '\0');
	lab->asked.kept = &record->devices[other];
	lab_check(lab, record);
}

void twins_hold(struct lab *lab, const struct record *record)
{
	for (size_t i = 0; i < record->inv.count; i++) {
		bool is_first = true;

		id_selects_all(lab, record, i, true);
		for (size_t j = 0; j < record->inv.count; j++) {
			if (i == j ||
			    !has_id_of(&record->devices[i], &record->devices[j]))
				continue;
			is_first &= i < j;
			pair_is_told_apart(lab, record, i, j);
		}
		if (is_first)
			id_selects_all(lab, record, i, false);
	}
}

static void class_selects_class(struct lab *lab, const struct record *record, size_t at,
				unsigned digits)
{
	unsigned shift = 24 - 4 * digits;
	uint32_t class = record->devices[at].class >> shift;
	struct out out = lab_config(lab, record);

	out_text(&out, "bind class=");
	out_hex(&out, class, digits);
	for (size_t i = 0; i < record->inv.count; i++) {
		lab->asked.anchor[i] = record->devices[i].class >> shift == class;
		if (lab->asked.anchor[i] && i < at)
			return; /* tried already */
	}
	try(lab, record, &out);
}

void classes_hold(struct lab *lab, const struct record *record)
{
	for (size_t i = 0; i < record->inv.count; i++)
		for (unsigned digits = 2; digits <= 6; digits += 2)
			class_selects_class(lab, record, i, digits);
}
