/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device specifications: the one grammar of command line, config file and arguments.
 * Knows nothing of rules, of sources or of the devices that are there.
 *
 *   SPEC   = WHAT [ "@" WHERE ] { "+" FLAG } | WHERE { "+" FLAG }
 *   WHAT   = VENDOR ":" DEVICE [ ":" SUBVENDOR ":" SUBDEVICE [ ":" CLASS [ ":" MASK ] ] ]
 *          | "class=" HEX
 *   WHERE  = [ DOMAIN ":" ] BUS ":" DEV "." FN { "/" DEV "." FN } | "boot-vga" | "not-boot-vga"
 *   FLAG   = "slot" | "group" | "force"
 */
#ifndef EARLY_VFIO_SPEC_H
#define EARLY_VFIO_SPEC_H

#include <early-vfio/bdf.h>
#include <early-vfio/note.h>

#define PCI_ANY 0xffffffffu

struct id_match {
	uint32_t vendor, device, subvendor, subdevice; /* PCI_ANY matches all */
	uint32_t class, class_mask;		       /* mask 0 matches every class */
};

enum spec_where {
	WHERE_ANY,	    /* no WHERE: wherever WHAT is found */
	WHERE_ADDRESS,	    /* start */
	WHERE_PATH,	    /* start, then hops */
	WHERE_BOOT_VGA,	    /* the display device that firmware used */
	WHERE_NOT_BOOT_VGA, /* display devices other than it */
};

enum spec_flag { SPEC_SLOT = 1, SPEC_GROUP = 2, SPEC_FORCE = 4 };

#define SPEC_HOPS_MAX 8

struct hop {
	uint8_t dev, fn;
};

struct spec {
	struct id_match id; /* all PCI_ANY and mask 0 where has_id is false */
	bool has_id;
	uint8_t class_digits; /* 2, 4 or 6: written as class=…; else 0 */
	uint8_t where;	      /* enum spec_where */
	uint8_t flags;	      /* enum spec_flag */
	uint8_t hop_count;
	uint8_t unused[3]; /* 0 */
	struct hop hops[SPEC_HOPS_MAX];
	struct bdf start;
};

_Static_assert(sizeof(struct spec) == 56, "specifications are compared as bytes");

/*
 * Parse one specification.
 *
 * @text: the token, without separators around it
 * @spec: written only on success
 * @diag: code DIAG_NONE, or the note that goes with an accepted oddity, or the refusal;
 *        offset is in bytes from text.ptr, `text` what it is about, `offer` in `value`
 *
 * Return: true where `spec` was written (perhaps with a note), false where refused.
 */
bool spec_parse(struct span text, struct spec *spec, struct diag *diag);

/*
 * Parse one element of vfio-pci's `ids=`, with exactly the kernel's meaning: sscanf's
 * %x:%x:%x:%x:%x:%x, a class without a mask matches every class.
 * Source: vfio_pci_fill_ids() in drivers/vfio/pci/vfio_pci.c.
 */
bool spec_parse_kernel_id(struct span text, struct spec *spec, struct diag *diag);

/* The canonical form, which parses to the same value. */
void out_spec(struct out *out, const struct spec *spec);

bool spec_equals(const struct spec *a, const struct spec *b);

#endif
