// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The specification to recommend for a device: guarded by its id, placed by a path that bus
 * renumbering cannot change, and alike devices elsewhere. Knows nothing of where it is written.
 */
#include <string.h>

#include "suggest.h"

/* The bridge that leads to the bus of a device; NULL: it is on the root bus, or unknown. */
static const struct device *bridge_above(const struct inventory *inv, struct bdf bdf)
{
	for_each_device(bridge, inv)
		if (bridge->is_present && bridge->secondary == bdf.bus &&
		    bridge->secondary && bridge->bdf.domain == bdf.domain &&
		    bridge->bdf.bus != bdf.bus)
			return bridge;
	return NULL;
}

/* Fill start and hops from the bottom up; the address where there are too many. */
static void place(const struct inventory *inv, struct bdf bdf, struct spec *spec)
{
	struct hop hops[SPEC_HOPS_MAX];
	struct bdf at = bdf;
	size_t count = 0;

	for (const struct device *up; (up = bridge_above(inv, at)) != NULL;
	     at = up->bdf) {
		if (count == SPEC_HOPS_MAX) {
			count = 0;
			at = bdf;
			break;
		}
		hops[count++] = (struct hop){ at.dev, at.fn };
	}
	spec->where = count ? WHERE_PATH : WHERE_ADDRESS;
	spec->start = at;
	spec->hop_count = (uint8_t)count;
	for (size_t i = 0; i < count; i++)
		spec->hops[i] = hops[count - 1 - i];
}

struct spec suggest_function(const struct inventory *inv, const struct device *dev)
{
	struct spec spec = {
		.has_id = true,
		.id = { dev->vendor, dev->device, PCI_ANY, PCI_ANY, 0, 0 },
	};

	place(inv, dev->bdf, &spec);
	return spec;
}

struct spec suggest_spec(const struct inventory *inv, const struct device *dev)
{
	struct spec spec = suggest_function(inv, dev);

	if (device_is_display(dev) && slot_functions(inv, dev) > 1)
		spec.flags |= SPEC_SLOT;
	return spec;
}

bool device_has_twin(const struct inventory *inv, const struct device *dev)
{
	for_each_device(other, inv)
		if (other->is_present && other->vendor == dev->vendor &&
		    other->device == dev->device && !bdf_same_slot(other->bdf, dev->bdf))
			return true;
	return false;
}

size_t slot_functions(const struct inventory *inv, const struct device *dev)
{
	size_t count = 0;

	for_each_device(other, inv)
		count += other->is_present && bdf_same_slot(other->bdf, dev->bdf);
	return count;
}

const struct device *slot_display(const struct inventory *inv, const struct device *dev)
{
	for_each_device(other, inv)
		if (other->is_present && bdf_same_slot(other->bdf, dev->bdf) &&
		    device_is_display(other))
			return other;
	return NULL;
}
