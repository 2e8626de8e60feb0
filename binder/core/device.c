// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Device records and the inventory that holds them, sorted by address.
 * Knows nothing of rules, and not where the facts come from.
 */
#include <string.h>

#include <early-vfio/device.h>

void inventory_init(struct inventory *inv, struct device *devices)
{
	*inv = (struct inventory){ .devices = devices,
				   .end = devices,
				   .driver_names_len = 1 };
}

/* Index of the first record that is not before `bdf`. */
static size_t lower_bound(const struct inventory *inv, struct bdf bdf)
{
	size_t low = 0, high = inv->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (inv->devices[middle].bdf.rank < bdf.rank)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int inventory_find(const struct inventory *inv, struct bdf bdf)
{
	size_t at = lower_bound(inv, bdf);

	if (at == inv->count || !bdf_equals(inv->devices[at].bdf, bdf))
		return -1;
	return (int)at;
}

/* Make room for a record at `at`. False where there is none. */
static bool insert(struct inventory *inv, size_t at, struct bdf bdf)
{
	struct device *dev = inv->devices + at;

	if (inv->count == DEVICES_MAX - 1) {
		inv->has_overflown = true;
		return false;
	}
	memmove(dev + 1, dev, (inv->count - at) * sizeof(*dev));
	*dev = (struct device){ .bdf = bdf,
				.group = GROUP_NONE,
				.verdict = { .rule = RULE_NONE } };
	inv->end = inv->devices + ++inv->count;
	return true;
}

int inventory_add(struct inventory *inv, struct bdf bdf)
{
	size_t at = lower_bound(inv, bdf);

	if (at < inv->count && bdf_equals(inv->devices[at].bdf, bdf))
		return (int)at;
	return insert(inv, at, bdf) ? (int)at : -1;
}

bool inventory_append(struct inventory *inv, struct bdf bdf)
{
	return insert(inv, inv->count, bdf);
}

/* By address; of equal addresses the one that is known better comes first. */
static bool is_before(const struct device *a, const struct device *b)
{
	return a->bdf.rank == b->bdf.rank ? a->known > b->known :
					    a->bdf.rank < b->bdf.rank;
}

static void drop_doubles(struct inventory *inv)
{
	struct device *kept = inv->devices;

	for_each_device(dev, inv)
		if (kept == inv->devices || !bdf_equals(kept[-1].bdf, dev->bdf))
			*kept++ = *dev;
	inv->end = kept;
	inv->count = (size_t)(kept - inv->devices);
}

/* A comb sort: no recursion, no storage, and hardly more than n log n. */
void inventory_sort(struct inventory *inv)
{
	struct device *end = inv->end;
	size_t gap = inv->count;
	bool has_swapped;

	do {
		gap = gap * 10 / 13;
		if (!gap)
			gap = 1;
		has_swapped = false;
		for (struct device *a = inv->devices, *b = a + gap; b < end; a++, b++) {
			struct device moving;

			if (!is_before(b, a))
				continue;
			moving = *b;
			*b = *a;
			*a = moving;
			has_swapped = true;
		}
	} while (has_swapped || gap > 1);
	drop_doubles(inv);
}

uint16_t inventory_driver(struct inventory *inv, struct span name)
{
	size_t at = 1;

	if (!name.len)
		return DRIVER_NONE;
	while (at < inv->driver_names_len) {
		struct span known = span_of(inv->driver_names + at);

		if (span_equals(known, name))
			return (uint16_t)at;
		at += known.len + 1;
	}
	if (at + name.len + 1 > sizeof(inv->driver_names))
		return DRIVER_NONE;
	memcpy(inv->driver_names + at, name.ptr, name.len);
	inv->driver_names[at + name.len] = '\0';
	inv->driver_names_len = at + name.len + 1;
	return (uint16_t)at;
}

const char *driver_name(const struct inventory *inv, uint16_t driver)
{
	return inv->driver_names + driver;
}

struct group *inventory_group(struct inventory *inv, int32_t number)
{
	if (number < 0 || number >= GROUPS_MAX)
		return NULL;
	if (inv->group_count <= (size_t)number)
		inv->group_count = (size_t)number + 1;
	return &inv->groups[number];
}

void inventory_chain(struct inventory *inv)
{
	memset(inv->heads, 0xff, sizeof(inv->heads));
	for (size_t at = inv->count; at-- > 0;) {
		struct device *dev = &inv->devices[at];
		const uint32_t keys[CHAINS] = { 0, dev->device, dev->class >> 16,
						(uint32_t)dev->group };

		for (size_t c = 0; c < CHAINS; c++) {
			uint16_t *head = &inv->heads[c][(uint8_t)keys[c]];

			dev->next[c] = *head;
			*head = (uint16_t)at;
		}
	}
}

struct device *chain_next(const struct inventory *inv, enum chain chain, uint32_t key,
			  const struct device *dev)
{
	uint16_t at = dev ? dev->next[chain] : inv->heads[chain][(uint8_t)key];

	return at == INDEX_NONE ? NULL : &inv->devices[at];
}

/* The fields of a modalias, in order; a pattern may have `*` in place of the digits. */
struct field {
	char label[3];
	uint8_t digits;
};

static const struct field fields[] = { { "v", 8 },  { "d", 8 },	 { "sv", 8 }, { "sd", 8 },
				       { "bc", 2 }, { "sc", 2 }, { "i", 2 } };

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* Read the fields behind `prefix`; `*` becomes PCI_ANY. All of the text must be used. */
static bool fields_read(struct span rest, const char *prefix, uint32_t *values)
{
	if (!span_starts(rest, prefix))
		return false;
	rest = span_skip(rest, span_of(prefix).len);
	for (size_t f = 0; f < FIELDS; f++) {
		unsigned digits = fields[f].digits;

		if (!span_starts(rest, fields[f].label))
			return false;
		rest = span_skip(rest, span_of(fields[f].label).len);
		values[f] = PCI_ANY;
		if (rest.len && rest.ptr[0] == '*')
			digits = 1;
		else if (rest.len < digits ||
			 !hex_scan(span_head(rest, digits), digits, &values[f]))
			return false;
		rest = span_skip(rest, digits);
	}
	return !rest.len;
}

bool device_read_modalias(struct span modalias, struct device *dev)
{
	uint32_t values[FIELDS];

	if (!fields_read(span_trim(modalias), "pci:", values))
		return false;
	if ((values[0] | values[1] | values[2] | values[3]) > 0xffff ||
	    (values[4] | values[5] | values[6]) > 0xff)
		return false;
	dev->vendor = (uint16_t)values[0];
	dev->device = (uint16_t)values[1];
	dev->subvendor = (uint16_t)values[2];
	dev->subdevice = (uint16_t)values[3];
	dev->class = values[4] << 16 | values[5] << 8 | values[6];
	dev->is_present = true;
	dev->known |= FACT_IDENT;
	return true;
}

bool device_matches_alias(const struct device *dev, struct span pattern)
{
	const uint32_t own[FIELDS] = { dev->vendor,	 dev->device,
				       dev->subvendor,	 dev->subdevice,
				       dev->class >> 16, dev->class >> 8 & 0xff,
				       dev->class & 0xff };
	uint32_t values[FIELDS];

	if (!fields_read(pattern, "vfio_pci:", values))
		return false;
	for (size_t f = 0; f < FIELDS; f++)
		if (values[f] != PCI_ANY && values[f] != own[f])
			return false;
	return true;
}

static bool id_fits(uint32_t wanted, uint32_t value)
{
	return wanted == PCI_ANY || wanted == value;
}

bool device_matches_id(const struct device *dev, const struct id_match *id)
{
	return id_fits(id->device, dev->device) && id_fits(id->vendor, dev->vendor) &&
	       id_fits(id->subvendor, dev->subvendor) &&
	       id_fits(id->subdevice, dev->subdevice) &&
	       !((id->class ^ dev->class) & id->class_mask);
}

bool device_is_display(const struct device *dev)
{
	return dev->class >> 16 == 0x03;
}

/* The header type counts only where it was asked for: where the class leaves doubt. */
bool device_is_bridge(const struct device *dev)
{
	uint32_t class = dev->class >> 8;

	if (class == 0x0604 || class == 0x0607)
		return true;
	return (dev->known & FACT_HEADER) &&
	       (dev->header_type == 1 || dev->header_type == 2);
}

bool device_is_usb_host(const struct device *dev)
{
	return (dev->class & 0xffffcf) == 0x0c0300;
}

/* vfio-pci, and variant drivers by their naming rule: mlx5-vfio-pci, nvgrace-gpu-vfio-pci. */
bool driver_is_vfio(struct span name)
{
	static const char tail[] = "vfio-pci";

	return name.len >= sizeof(tail) - 1 &&
	       span_is_name(span_skip(name, name.len - (sizeof(tail) - 1)), tail);
}

bool driver_is_harmless(struct span name)
{
	return !name.len || driver_is_vfio(name) || span_is_name(name, "pci-stub");
}
