// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Specifications as values: their canonical text, and when two are the same.
 * Must not know how a text is read.
 */
#include <string.h>

#include "spec_parse.h"

enum { VENDOR, DEVICE, SUBVENDOR, SUBDEVICE };

static void out_id_field(struct out *out, uint32_t value)
{
	if (value == PCI_ANY)
		out_char(out, '*');
	else
		out_hex(out, value, 4);
}

static void out_id(struct out *out, const struct id_match *id)
{
	uint32_t field[] = { id->vendor, id->device, id->subvendor, id->subdevice };
	bool is_long = id->subvendor != PCI_ANY || id->subdevice != PCI_ANY ||
		       id->class_mask;

	for (int i = VENDOR; i <= (is_long ? SUBDEVICE : DEVICE); i++) {
		if (i)
			out_char(out, ':');
		out_id_field(out, field[i]);
	}
	if (id->class_mask) {
		out_char(out, ':');
		out_hex(out, id->class, 6);
	}
	if (id->class_mask && id->class_mask != CLASS_ALL) {
		out_char(out, ':');
		out_hex(out, id->class_mask, 6);
	}
}

static void out_where(struct out *out, const struct spec *spec)
{
	if (spec->where == WHERE_BOOT_VGA || spec->where == WHERE_NOT_BOOT_VGA) {
		out_text(out,
			 spec->where == WHERE_BOOT_VGA ? "boot-vga" : "not-boot-vga");
		return;
	}
	out_bdf(out, spec->start);
	for (unsigned i = 0; i < spec->hop_count; i++) {
		out_char(out, '/');
		out_hex(out, spec->hops[i].dev, 2);
		out_char(out, '.');
		out_hex(out, spec->hops[i].fn, 1);
	}
}

void out_spec(struct out *out, const struct spec *spec)
{
	const char *flag = FLAG_WORDS;

	if (spec->class_digits) {
		out_text(out, "class=");
		out_hex(out, spec->id.class >> (24 - 4 * spec->class_digits),
			spec->class_digits);
	} else if (spec->has_id) {
		out_id(out, &spec->id);
	}
	if (spec->has_id && spec->where != WHERE_ANY)
		out_char(out, '@');
	if (spec->where != WHERE_ANY)
		out_where(out, spec);
	for (int i = 0; *flag; i++, flag += span_of(flag).len + 1) {
		if (spec->flags & 1 << i) {
			out_char(out, '+');
			out_text(out, flag);
		}
	}
}

/* Parsers clear what they do not set, and there is no padding. */
bool spec_equals(const struct spec *a, const struct spec *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}
