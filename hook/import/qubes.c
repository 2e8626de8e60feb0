// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses and paths as Qubes writes them. Knows nothing of where they stand.
 */
#include <string.h>

#include "import.h"

static const char not_an_address[] = "no address as Qubes writes them (00_1c.0-00_0.0)";

/* Up to `max` hex digits, and the separator behind them. */
static bool take_number(struct span *text, const char *separators, size_t max,
			uint32_t *value)
{
	uint64_t number;
	size_t digits = hex_read(*text, &number);

	if (!digits || digits > max)
		return false;
	*value = (uint32_t)number;
	*text = span_skip(*text, digits);
	if (!*separators)
		return text->len == 0;
	if (!text->len || !strchr(separators, text->ptr[0]))
		return false;
	*text = span_skip(*text, 1);
	return true;
}

/* BB_DD.F */
static bool read_step(struct span text, struct bdf *bdf)
{
	uint32_t bus, dev, fn;

	if (!take_number(&text, "_:", 2, &bus) || !take_number(&text, ".", 2, &dev) ||
	    !take_number(&text, "", 1, &fn) || dev > 31 || fn > 7)
		return false;
	bdf->bus = (uint8_t)bus;
	bdf->dev = (uint8_t)dev;
	bdf->fn = (uint8_t)fn;
	return true;
}

static bool read_first(struct span text, struct bdf *bdf)
{
	struct span rest = text;
	uint32_t domain;

	*bdf = (struct bdf){ 0 };
	if (take_number(&rest, "_:", 8, &domain) && rest.ptr - text.ptr > 4) {
		bdf->domain = domain;
		text = rest;
	}
	return read_step(text, bdf);
}

/* The bus of a further step is counted from the first one behind the bridge. */
static const char *read_hop(struct span text, struct spec *spec)
{
	struct bdf bdf = { 0 };

	if (!read_step(text, &bdf))
		return not_an_address;
	if (bdf.bus)
		return "a step to another bus than the bridge's first; name the address";
	if (spec->hop_count == SPEC_HOPS_MAX)
		return "more steps than a path may have; name the address";
	spec->where = WHERE_PATH;
	spec->hops[spec->hop_count++] = (struct hop){ bdf.dev, bdf.fn };
	return NULL;
}

const char *import_qubes_path(struct span text, struct spec *spec)
{
	struct spec result = {
		.id = { PCI_ANY, PCI_ANY, PCI_ANY, PCI_ANY, 0, 0 },
		.where = WHERE_ADDRESS,
	};
	struct span step;

	if (span_starts(text, "dom0_") || span_starts(text, "dom0:"))
		text = span_skip(text, strlen("dom0_"));
	if (!span_next_field(&text, '-', &step) || !read_first(step, &result.start))
		return not_an_address;
	while (span_next_field(&text, '-', &step)) {
		const char *why = read_hop(step, &result);

		if (why)
			return why;
	}
	*spec = result;
	return NULL;
}
