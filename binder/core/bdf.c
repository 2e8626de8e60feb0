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

int bdf_compare(struct bdf a, struct bdf b)
{
	return (a.rank > b.rank) - (a.rank < b.rank);
}
