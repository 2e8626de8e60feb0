// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tree of bridges in a recorded machine: paths down it, and the same machine with
 * other bus numbers. Knows nothing of plans.
 */
#include <string.h>

#include "lab.h"

const struct device *parent_of(const struct record *record, const struct device *dev)
{
	for (size_t i = 0; i < record->inv.count; i++) {
		const struct device *bridge = &record->devices[i];

		if (bridge->secondary && bridge->secondary == dev->bdf.bus &&
		    bridge->bdf.domain == dev->bdf.domain &&
		    bridge->bdf.bus != dev->bdf.bus)
			return bridge;
	}
	return NULL;
}

bool record_has_tree(const struct record *record)
{
	for (size_t i = 0; i < record->inv.count; i++)
		if (record->devices[i].secondary)
			return true;
	return false;
}

bool out_device_path(struct out *out, const struct record *record,
		     const struct device *dev)
{
	const struct device *way[SPEC_HOPS_MAX + 1];
	size_t count = 0;

	for (; dev; dev = parent_of(record, dev)) {
		if (count == SPEC_HOPS_MAX + 1)
			return false;
		way[count++] = dev;
	}
	if (count < 2)
		return false;
	out_bdf(out, way[--count]->bdf);
	while (count-- > 0) {
		out_char(out, '/');
		out_hex(out, way[count]->bdf.dev, 2);
		out_char(out, '.');
		out_hex(out, way[count]->bdf.fn, 1);
	}
	return true;
}

/* The bus at the top of the tree that the bus belongs to. */
static uint8_t root_bus(const struct record *record, const struct device *dev)
{
	const struct device *parent = parent_of(record, dev);

	for (unsigned depth = 0; parent && depth < 32; depth++) {
		dev = parent;
		parent = parent_of(record, dev);
	}
	return dev->bdf.bus;
}

static const struct device *first_root_port(const struct record *record)
{
	for (size_t i = 0; i < record->inv.count; i++)
		if (record->devices[i].secondary &&
		    !parent_of(record, &record->devices[i]))
			return &record->devices[i];
	return NULL;
}

/* Buses behind the port's move up by one, as far as they hang from the same root. */
static bool bus_moves(const struct record *record, const struct device *port,
		      const struct device *dev)
{
	return dev->bdf.domain == port->bdf.domain && dev->bdf.bus > port->secondary &&
	       root_bus(record, dev) == port->bdf.bus;
}

/* A bridge at a free place of the port's bus, and a controller on the bus behind it. */
static bool add_card(struct record *after, const struct device *port)
{
	struct bdf bdf = { .domain = port->bdf.domain, .bus = port->secondary };
	struct device bridge = { .vendor = 0x12d8,
				 .device = 0x2304,
				 .class = 0x060400,
				 .header_type = 1,
				 .secondary = (uint8_t)(port->secondary + 1) };
	struct device card = { .vendor = 0x1b73, .device = 0x1100, .class = 0x0c0330 };
	struct device *new[] = { &bridge, &card };

	while (inventory_find(&after->inv, bdf) >= 0)
		bdf.dev++;
	for (size_t i = 0; i < 2; i++) {
		int at;

		if (bdf.dev > 31 || inventory_find(&after->inv, bdf) >= 0)
			return false;
		at = inventory_add(&after->inv, bdf);
		new[i]->bdf = bdf;
		new[i]->known = FACT_ALL;
		new[i]->is_present = true;
		new[i]->group = port->group;
		after->devices[at] = *new[i];
		bdf = (struct bdf){ .domain = bdf.domain, .bus = bridge.secondary };
	}
	return true;
}

static bool copy_device(const struct record *record, const struct device *port,
			const struct device *dev, struct record *after, struct bdf *place)
{
	struct device copy = *dev;
	int at;

	if (bus_moves(record, port, dev) && !++copy.bdf.bus)
		return false;
	/* A bridge's bus moves where one on it would. */
	if (dev->secondary && dev->bdf.domain == port->bdf.domain &&
	    dev->secondary > port->secondary && root_bus(record, dev) == port->bdf.bus &&
	    !++copy.secondary)
		return false;
	if (inventory_find(&after->inv, copy.bdf) >= 0)
		return false;
	at = inventory_add(&after->inv, copy.bdf);
	after->devices[at] = copy;
	*place = copy.bdf;
	return true;
}

static bool bus_stays(const struct record *record, const struct device *port,
		      unsigned bus)
{
	for (size_t i = 0; i < record->inv.count; i++) {
		const struct device *dev = &record->devices[i];

		if (dev->bdf.domain == port->bdf.domain && dev->bdf.bus == bus &&
		    !bus_moves(record, port, dev))
			return true;
	}
	return false;
}

/* No bus that stays may have the number of the card's, or of one that moves. */
static bool has_collision(const struct record *record, const struct device *port)
{
	if (bus_stays(record, port, port->secondary + 1u))
		return true;
	for (size_t i = 0; i < record->inv.count; i++)
		if (bus_moves(record, port, &record->devices[i]) &&
		    bus_stays(record, port, record->devices[i].bdf.bus + 1u))
			return true;
	return false;
}

bool record_renumber(const struct record *record, struct record *after,
		     struct bdf *places)
{
	const struct device *port = first_root_port(record);

	if (!port || has_collision(record, port))
		return false;
	*after = *record;
	inventory_init(&after->inv, after->devices);
	after->inv.machine = record->inv.machine;
	after->inv.driver_names_len = record->inv.driver_names_len;
	memcpy(after->inv.driver_names, record->inv.driver_names,
	       record->inv.driver_names_len);
	for (size_t i = 0; i < record->inv.count; i++)
		if (!copy_device(record, port, &record->devices[i], after, &places[i]))
			return false;
	after->inv.names_known = after->inv.all_known = after->inv.machine_known = true;
	return add_card(after, port);
}
