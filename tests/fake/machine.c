// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads machines from text into an inventory in which nothing is left to ask for.
 * Knows nothing of rules or of sysfs.
 */
#include "machine.h"

static bool read_pair(struct span text, uint16_t *first, uint16_t *second)
{
	size_t colon = span_find(text, ':');
	uint32_t a, b;

	if (span_is(text, "-"))
		return true;
	if (colon == text.len || !hex_scan(span_head(text, colon), 4, &a) ||
	    !hex_scan(span_skip(text, colon + 1), 4, &b))
		return false;
	*first = (uint16_t)a;
	*second = (uint16_t)b;
	return true;
}

static bool read_class(struct span text, uint32_t *class)
{
	if (!hex_scan(text, 6, class))
		return false;
	if (text.len == 4)
		*class <<= 8;
	return text.len == 4 || text.len == 6;
}

static bool read_group(struct inventory *inv, struct span text, int32_t *number)
{
	uint32_t value;

	*number = GROUP_NONE;
	if (span_is(text, "-"))
		return true;
	if (!dec_scan(text, INT32_MAX, &value))
		return false;
	*number = (int32_t)value;
	inventory_group(inv, *number);
	inv->machine.has_groups = inv->machine.has_iommu_table = true;
	return true;
}

/* A few drivers have blanks in their names; what follows the last blank is the group. */
static bool split_last_word(struct span text, struct span *head, struct span *last)
{
	size_t blank = span_find_last(text, ' ');

	*head = span_trim(span_head(text, blank));
	*last = span_skip(text, blank + 1);
	return head->len && last->len;
}

static bool read_function(struct inventory *inv, struct span line)
{
	struct span words[4] = { 0 }, driver, group;
	struct device *dev;
	struct bdf bdf;
	int at;

	for (size_t i = 0; i < 4; i++)
		if (!span_next_word(&line, &words[i]))
			return false;
	if (!split_last_word(span_trim(line), &driver, &group))
		return false;
	if (!bdf_scan(words[0], &bdf))
		return false;
	at = inventory_add(inv, bdf);
	if (at < 0)
		return false;
	dev = &inv->devices[at];
	dev->known = FACT_ALL;
	dev->is_present = true;
	if (!span_is(driver, "-"))
		dev->driver = inventory_driver(inv, driver);
	return read_class(words[1], &dev->class) &&
	       read_pair(words[2], &dev->vendor, &dev->device) &&
	       read_pair(words[3], &dev->subvendor, &dev->subdevice) &&
	       read_group(inv, group, &dev->group);
}

/* Facts about a function that may stand before or behind its own line. */
static bool read_fact(struct inventory *inv, struct span line)
{
	struct span key, address, value = { 0 };
	struct device *dev;
	struct bdf bdf;
	uint32_t bus;
	int at;

	if (!span_next_word(&line, &key) || !span_next_word(&line, &address))
		return true;
	span_next_word(&line, &value);
	at = bdf_scan(address, &bdf) ? inventory_find(inv, bdf) : -1;
	if (at < 0)
		return true;
	dev = &inv->devices[at];
	if (span_is(key, "boot-vga:")) {
		dev->is_boot_vga = true;
		dev->has_framebuffer = true;
	} else if (span_is(key, "framebuffer:")) {
		dev->has_framebuffer = true;
	} else if (span_is(key, "bridge:") && hex_scan(value, 2, &bus)) {
		dev->secondary = (uint8_t)bus;
		dev->header_type = 1;
	}
	return true;
}

static unsigned each_line(struct span text, struct inventory *inv, bool facts)
{
	struct span line;
	unsigned number = 0;

	while (span_next_line(&text, &line)) {
		bool is_fact = span_starts(line, "#");

		number++;
		line = span_trim(line);
		if (!line.len || is_fact != facts)
			continue;
		if (is_fact ? !read_fact(inv, span_skip(line, 1)) :
			      !read_function(inv, line))
			return number;
	}
	return 0;
}

/* The kernel has boot_vga for VGA controllers only; where no report says which, none is. */
static void settle(struct inventory *inv)
{
	for (size_t i = 0; i < inv->count; i++)
		inv->devices[i].has_boot_vga = inv->devices[i].class >> 8 == 0x0300;
	inv->names_known = inv->all_known = inv->machine_known = true;
}

unsigned machine_read(struct span text, struct device *devices, struct inventory *inv)
{
	unsigned wrong;

	inventory_init(inv, devices);
	wrong = each_line(text, inv, false);
	if (!wrong)
		wrong = each_line(text, inv, true);
	settle(inv);
	return wrong;
}

static void answer_names(const struct inventory *machine, struct inventory *inv)
{
	if (inv->names_known || (!inv->names_wanted && !inv->all_wanted))
		return;
	for (size_t i = 0; i < machine->count; i++)
		inventory_append(inv, machine->devices[i].bdf);
	inventory_sort(inv);
	inv->names_known = true;
}

/* All its members, wherever that puts the record that was asked about. */
static void answer_group(const struct inventory *machine, struct inventory *inv,
			 int32_t group)
{
	for (size_t i = 0; group != GROUP_NONE && i < machine->count; i++) {
		int at;

		if (machine->devices[i].group != group)
			continue;
		at = inventory_add(inv, machine->devices[i].bdf);
		inv->devices[at].group = group;
		inv->devices[at].known |= FACT_GROUP;
	}
}

/* Facts that were not asked for stay as they were, so that a plan that uses them is seen. */
static void answer_device(const struct inventory *machine, struct inventory *inv,
			  struct device *dev)
{
	int at = inventory_find(machine, dev->bdf);
	const struct device *real = at < 0 ? NULL : &machine->devices[at];
	unsigned wanted = dev->wanted & ~(unsigned)dev->known;

	dev->known |= dev->wanted;
	dev->wanted = 0;
	if (!real)
		return;
	if (wanted & FACT_IDENT) {
		dev->is_present = true;
		dev->vendor = real->vendor;
		dev->device = real->device;
		dev->subvendor = real->subvendor;
		dev->subdevice = real->subdevice;
		dev->class = real->class;
	}
	if (wanted & FACT_DRIVER)
		dev->driver = inventory_driver(
			inv, span_of(driver_name(machine, real->driver)));
	if (wanted & FACT_BOOT_VGA) {
		dev->has_boot_vga = real->has_boot_vga;
		dev->is_boot_vga = real->is_boot_vga;
	}
	if (wanted & FACT_SECONDARY)
		dev->secondary = real->secondary;
	if (wanted & FACT_HEADER)
		dev->header_type = real->header_type;
	if (wanted & FACT_FRAMEBUFFER)
		dev->has_framebuffer = real->has_framebuffer;
	if (wanted & FACT_GROUP)
		answer_group(machine, inv, real->group);
}

void machine_answer(const struct inventory *machine, struct inventory *inv)
{
	answer_names(machine, inv);
	for (size_t i = 0; i < inv->count; i++) {
		if (inv->all_wanted)
			inv->devices[i].wanted |= FACT_IDENT;
		answer_device(machine, inv, &inv->devices[i]);
	}
	inv->all_known = inv->all_wanted;
	if (inv->machine_wanted) {
		inv->machine = machine->machine;
		inv->machine_known = true;
	}
}
