// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list with one line a device, for grep and for wide machines. Decides nothing.
 */
#include "list.h"
#include "suggest.h"
#include "width.h"

#define SPEC_TEXT_MAX 128
/* A name that is cut to less says nothing. */
#define NAME_COLUMNS_MIN 12

/* Widths of the columns, the gaps behind them included. */
struct widths {
	unsigned address, group, driver, marks, spec;
};

static void widen(unsigned *width, size_t len)
{
	if (len + 1 > *width)
		*width = (unsigned)len + 1;
}

static struct span cell_spec(const struct inventory *inv, const struct device *dev,
			     char text[SPEC_TEXT_MAX])
{
	struct out out = { .buf = text, .cap = SPEC_TEXT_MAX };

	if (device_is_bridge(dev)) {
		out_char(&out, '-');
	} else {
		struct spec spec = suggest_spec(inv, dev);

		out_spec(&out, &spec);
	}
	return out_done(&out);
}

static struct span cell_driver(const struct inventory *inv, const struct device *dev)
{
	return span_of(dev->driver == DRIVER_NONE ? "-" : driver_name(inv, dev->driver));
}

static struct widths measure(const struct inventory *inv)
{
	struct widths widths = { 13, 6, 7, 6, 5 };

	for_each_device(dev, inv) {
		char text[SPEC_TEXT_MAX];
		struct out out = OUT(text);

		if (!dev->is_present)
			continue;
		out_bdf(&out, dev->bdf);
		widen(&widths.address, out_at(&out));
		widen(&widths.driver, cell_driver(inv, dev).len);
		widen(&widths.spec, cell_spec(inv, dev, text).len);
	}
	return widths;
}

/* A letter each for boot display, protected, rule, twin. */
static void out_marks(struct out *out, const struct listing *listing,
		      const struct device *dev)
{
	size_t start = out_at(out);

	out_text(out, dev->is_boot_vga ? "b" : "");
	out_text(out, protect_reason(listing->session->set, dev).len ? "p" : "");
	out_text(out, dev->verdict.rule != RULE_NONE ? "r" : "");
	out_text(out, device_has_twin(listing->session->inv, dev) ? "t" : "");
	out_text(out, out_at(out) == start ? "-" : "");
}

static void out_titles(struct out *out, const struct widths *widths, bool has_names)
{
	size_t start = out_at(out);
	unsigned end = widths->address;

	out_text(out, "ADDRESS");
	out_pad(out, start, end);
	out_text(out, "GROUP");
	out_pad(out, start, end += widths->group);
	out_text(out, "DRIVER");
	out_pad(out, start, end += widths->driver);
	out_text(out, "MARKS");
	out_pad(out, start, end += widths->marks);
	out_text(out, "SPEC");
	if (has_names) {
		out_pad(out, start, end += widths->spec);
		out_text(out, "NAME");
	}
	out_char(out, '\n');
}

static void out_row(struct out *out, const struct listing *listing,
		    const struct device *dev, const struct widths *widths,
		    size_t name_columns)
{
	const struct inventory *inv = listing->session->inv;
	char spec[SPEC_TEXT_MAX], name[NAME_TEXT_MAX];
	size_t start = out_at(out);
	unsigned end = widths->address;

	out_bdf(out, dev->bdf);
	out_pad(out, start, end);
	if (dev->group == GROUP_NONE)
		out_char(out, '-');
	else
		out_dec(out, (uint32_t)dev->group);
	out_pad(out, start, end += widths->group);
	out_escaped(out, cell_driver(inv, dev));
	out_pad(out, start, end += widths->driver);
	out_marks(out, listing, dev);
	out_pad(out, start, end += widths->marks);
	out_span(out, cell_spec(inv, dev, spec));
	if (name_columns) {
		out_pad(out, start, end += widths->spec);
		device_name(listing->names, dev, name);
		out_cut(out, span_of(name), name_columns);
	}
	out_char(out, '\n');
}

void list_flat(const struct listing *listing, struct out *out)
{
	struct widths widths = measure(listing->session->inv);
	unsigned used = widths.address + widths.group + widths.driver + widths.marks +
			widths.spec;
	size_t rest = 0;

	if (used + NAME_COLUMNS_MIN <= listing->columns)
		rest = listing->columns - used;
	out_titles(out, &widths, rest > 0);
	for_each_device(dev, listing->session->inv)
		if (dev->is_present)
			out_row(out, listing, dev, &widths, rest);
	notes_print(listing, out);
}
