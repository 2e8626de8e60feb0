/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address of a PCI function: domain, bus, device, function.
 * Knows nothing of what stands at the address.
 */
#ifndef EARLY_VFIO_BDF_H
#define EARLY_VFIO_BDF_H

#include <early-vfio/out.h>

struct bdf {
	union {
		struct {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
			uint8_t fn;  /* 0 to 7 */
			uint8_t dev; /* 0 to 31 */
			uint8_t bus;
			uint8_t zero;
			uint32_t domain; /* 16 bits on most machines, 32 where firmware or VMD says so */
#else
			uint32_t domain;
			uint8_t zero, bus, dev, fn;
#endif
		};
		uint64_t rank; /* all of it as one number, in the order of addresses */
	};
};

_Static_assert(sizeof(struct bdf) == 8, "kept small: there is one a device");

#define BDF_TEXT_MAX sizeof("ffffffff:ff:1f.7")

/* The kernel's own form, all of `text`: dddd[dddd]:bb:dd.f. For names in sysfs. */
bool bdf_scan(struct span text, struct bdf *bdf);
void out_bdf(struct out *out, struct bdf bdf);
/* <0, 0, >0 by domain, bus, device, function. */
int bdf_compare(struct bdf a, struct bdf b);
static inline bool bdf_equals(struct bdf a, struct bdf b)
{
	return a.rank == b.rank;
}
/* The function is the lowest byte. */
static inline bool bdf_same_slot(struct bdf a, struct bdf b)
{
	return a.rank >> 8 == b.rank >> 8;
}

#endif
