// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses of PCI functions as the kernel writes them, and their order. Must not know how
 * they are read, which spec_where.c does together with the forms that people write.
 */
#include <early-vfio/bdf.h>

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
static NOINLINE uint64_t rank(struct bdf bdf)
{
	return (uint64_t)bdf.domain << 24 | (uint32_t)bdf.bus << 16 | bdf.dev << 8 |
	       bdf.fn;
}

int bdf_compare(struct bdf a, struct bdf b)
{
	return (rank(a) > rank(b)) - (rank(a) < rank(b));
}

NOINLINE bool bdf_equals(struct bdf a, struct bdf b)
{
	return !bdf_compare(a, b);
}

bool bdf_same_slot(struct bdf a, struct bdf b)
{
	a.fn = b.fn;
	return bdf_equals(a, b);
}
