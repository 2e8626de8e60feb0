// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list as a tree: IOMMU groups, their devices, and below a display the other functions of
 * its card. Decides nothing.
 */
#include <stdlib.h>

#include "file.h"
#include "list.h"
#include "suggest.h"
#include "width.h"

#define INDENT 2

/* One entry of the tree; where a device stands under another group's, it has two. */
struct row {
	int32_t group;
	const struct device *dev;
	const struct device *card; /* its display, where it stands below that; or NULL */
	bool is_pointer;	   /* only says where the device is shown */
};

struct rows {
	struct row *items;
	size_t count;
};

static void rows_add(struct rows *rows, struct row row)
{
	rows->items[rows->count++] = row;
}

/* The functions of a graphics card stay together, whatever their groups are. */
static void rows_add_device(struct rows *rows, const struct inventory *inv,
			    const struct device *dev)
{
	const struct device *card = slot_display(inv, dev);
	struct row row = { .group = dev->group, .dev = dev };

	if (card && card != dev && !device_is_bridge(dev)) {
		row.card = card;
		row.group = card->group;
	}
	rows_add(rows, row);
	if (row.group != dev->group)
		rows_add(rows, (struct row){ .group = dev->group,
					     .dev = dev,
					     .card = card,
					     .is_pointer = true });
}

/* By group, none last; by address, but a display before the rest of its card. */
static int row_compare(const void *one, const void *other)
{
	const struct row *a = one, *b = other;
	struct bdf first = a->card ? a->card->bdf : a->dev->bdf;
	struct bdf second = b->card ? b->card->bdf : b->dev->bdf;

	if (a->group != b->group)
		return (uint32_t)a->group < (uint32_t)b->group ? -1 : 1;
	if (!bdf_equals(first, second))
		return bdf_compare(first, second);
	if (!a->card != !b->card)
		return a->card ? 1 : -1;
	return bdf_compare(a->dev->bdf, b->dev->bdf);
}

static void indent(struct out *out, unsigned columns)
{
	out_pad(out, out_at(out), columns);
}

static void out_driver(struct out *out, const struct listing *listing,
		       const struct device *dev)
{
	if (dev->driver == DRIVER_NONE) {
		out_text(out, "no driver");
		return;
	}
	out_text(out, "driver ");
	out_escaped(out, span_of(driver_name(listing->session->inv, dev->driver)));
}

static void out_twins(struct out *out, const struct inventory *inv,
		      const struct device *dev)
{
	struct twins twins = twins_of(inv, dev);

	if (!twins.count)
		return;
	out_text(out, "; same id ");
	if (twins.count == 1) {
		out_text(out, "at ");
		out_bdf(out, twins.first->bdf);
		return;
	}
	out_text(out, "in ");
	out_dec(out, (uint32_t)twins.count);
	out_text(out, " other slots");
}

/* What it is, what drives it, and what is special about it. */
static void print_kind(const struct listing *listing, const struct row *row,
		       unsigned column, struct out *out)
{
	const struct device *dev = row->dev;
	char name[NAME_TEXT_MAX], text[NAME_TEXT_MAX + 256];
	struct out line = OUT(text);

	class_name(listing->names, dev, name);
	out_text(&line, name);
	out_text(&line, "; ");
	out_driver(&line, listing, dev);
	if (dev->is_boot_vga)
		out_text(&line, "; boot display");
	else if (dev->has_framebuffer)
		out_text(&line, "; firmware's framebuffer");
	if (dev->group != row->group && dev->group != GROUP_NONE) {
		out_text(&line, "; group ");
		out_dec(&line, (uint32_t)dev->group);
	} else if (dev->group != row->group) {
		out_text(&line, "; no IOMMU group");
	}
	out_twins(&line, listing->session->inv, dev);
	indent(out, column);
	out_wrapped(out, out_done(&line), column, column + INDENT, listing->columns);
}

static void print_standing(const struct listing *listing, const struct device *dev,
			   unsigned column, struct out *out)
{
	char text[2 * REPORT_LINE_MAX];
	struct out line = OUT(text);

	out_standing(&line, listing, dev);
	if (!out_at(&line))
		return;
	indent(out, column);
	out_wrapped(out, out_done(&line), column, column + INDENT, listing->columns);
}

static void print_device(const struct listing *listing, const struct row *row,
			 struct out *out)
{
	const struct inventory *inv = listing->session->inv;
	unsigned column = row->card ? 2 * INDENT : INDENT;
	size_t start = out_at(out);
	struct spec spec = suggest_spec(inv, row->dev);
	char name[NAME_TEXT_MAX];

	indent(out, column);
	out_bdf(out, row->dev->bdf);
	out_text(out, "  ");
	device_name(listing->names, row->dev, name);
	start = out_at(out) - start;
	out_wrapped(out, span_of(name), start, (unsigned)start, listing->columns);
	print_kind(listing, row, column + INDENT, out);
	indent(out, column + INDENT);
	out_text(out, "spec ");
	out_spec(out, &spec);
	out_char(out, '\n');
	print_standing(listing, row->dev, column + INDENT, out);
}

static void out_bridge(struct out *out, const struct listing *listing,
		       const struct device *dev)
{
	char name[NAME_TEXT_MAX];

	class_name(listing->names, dev, name);
	out_bdf(out, dev->bdf);
	out_text(out, "  ");
	out_text(out, name);
	if (dev->secondary) {
		out_text(out, " to bus ");
		out_hex(out, dev->secondary, 2);
	}
	out_text(out, "; ");
	out_driver(out, listing, dev);
}

/* One line for what nobody can or need choose here. */
static void print_short(const struct listing *listing, const struct row *row,
			size_t column, struct out *out)
{
	char text[NAME_TEXT_MAX + 64];
	struct out line = OUT(text);

	if (row->is_pointer) {
		out_bdf(&line, row->dev->bdf);
		out_text(&line, "  shown below ");
		out_bdf(&line, row->card->bdf);
	} else {
		out_bridge(&line, listing, row->dev);
	}
	out_text(out, listing->has_styles ? "\033[2m" : "");
	out_cut(out, out_done(&line), listing->columns - column);
	out_text(out, listing->has_styles ? "\033[0m\n" : "\n");
	if (!row->is_pointer)
		print_standing(listing, row->dev, 2 * INDENT, out);
}

static bool is_short(const struct row *row)
{
	return row->is_pointer || device_is_bridge(row->dev);
}

static void out_group(struct out *out, int32_t group)
{
	out_text(out, group == GROUP_NONE ? "no IOMMU group" : "group ");
	if (group != GROUP_NONE)
		out_dec(out, (uint32_t)group);
}

/* How many slots of a group go to a virtual machine with it. */
static size_t count_slots(const struct row *rows, size_t count)
{
	const struct device *last = NULL;
	size_t slots = 0;

	for (size_t i = 0; i < count; i++) {
		if (is_short(&rows[i]) && !rows[i].is_pointer)
			continue;
		slots += !last || !bdf_same_slot(last->bdf, rows[i].dev->bdf);
		last = rows[i].dev;
	}
	return slots;
}

static void print_heading(const struct row *rows, size_t count, struct out *out)
{
	size_t slots = count_slots(rows, count);

	out_group(out, rows->group);
	if (rows->group != GROUP_NONE && slots > 1) {
		out_text(out, ": ");
		out_dec(out, (uint32_t)slots);
		out_text(out, " slots, which only one VM can have");
	}
	out_char(out, '\n');
}

static void print_group(const struct listing *listing, const struct row *rows,
			size_t count, struct out *out)
{
	size_t start = out_at(out);

	if (count == 1 && is_short(rows)) {
		out_group(out, rows->group);
		out_text(out, "  ");
		print_short(listing, rows, out_at(out) - start, out);
		return;
	}
	print_heading(rows, count, out);
	for (size_t i = 0; i < count; i++) {
		if (!is_short(&rows[i])) {
			print_device(listing, &rows[i], out);
			continue;
		}
		indent(out, INDENT);
		print_short(listing, &rows[i], INDENT, out);
	}
}

void list_tree(const struct listing *listing, struct out *out)
{
	const struct inventory *inv = listing->session->inv;
	struct rows rows = {
		.items = xrealloc(NULL, 2 * inv->count * sizeof(struct row)),
	};
	size_t next;

	for_each_device(dev, inv)
		if (dev->is_present)
			rows_add_device(&rows, inv, dev);
	qsort(rows.items, rows.count, sizeof(*rows.items), row_compare);
	for (size_t i = 0; i < rows.count; i = next) {
		for (next = i + 1; next < rows.count; next++)
			if (rows.items[next].group != rows.items[i].group)
				break;
		print_group(listing, &rows.items[i], next - i, out);
	}
	free(rows.items);
	notes_print(listing, out);
}
