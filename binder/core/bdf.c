// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses of PCI functions as the kernel writes them, and their order.
 * Must not know the shorter forms that people write: those are spec.c's.
 */
#include <early-vfio/bdf.h>

bool bdf_scan(struct span text, struct bdf *bdf)
{
	struct span domain, bus, dev, fn = text;
	uint32_t value[4];

	if (!span_next_field(&fn, ':', &domain) || !span_next_field(&fn, ':', &bus) ||
	    !span_next_field(&fn, '.', &dev))
		return false;
	if (domain.len < 4 || bus.len != 2 || dev.len != 2)
		return false;
	if (!hex_scan(domain, 8, &value[0]) || !hex_scan(bus, 2, &value[1]) ||
	    !hex_scan(dev, 2, &value[2]) || !hex_scan(fn, 1, &value[3]))
		return false;
	if (value[2] > 31 || value[3] > 7)
		return false;
	*bdf = (struct bdf){ .domain = value[0],
			     .bus = (uint8_t)value[1],
			     .dev = (uint8_t)value[2],
			     .fn = (uint8_t)value[3] };
	return true;
}

void out_bdf(struct out *out, struct bdf bdf)
{
	out_hex(out, bdf.domain, 4);
	out_char(out, ':');
	out_hex(out, bdf.bus, 2);
	out_char(out, ':');
	out_hex(out, bdf.dev, 2);
	out_char(out, '.');
	out_hex(out, bdf.fn, 1);
}

/* One number in the order of addresses. */
static uint64_t rank(struct bdf bdf)
{
	return (uint64_t)bdf.domain << 24 | (uint32_t)bdf.bus << 16 | bdf.dev << 8 |
	       bdf.fn;
}

int bdf_compare(struct bdf a, struct bdf b)
{
	return (rank(a) > rank(b)) - (rank(a) < rank(b));
}

bool bdf_equals(struct bdf a, struct bdf b)
{
	return !bdf_compare(a, b);
}

bool bdf_same_slot(struct bdf a, struct bdf b)
{
	a.fn = b.fn;
	return bdf_equals(a, b);
}
