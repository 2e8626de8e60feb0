/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What texts of other set-ups say: one reader a format. They do no I/O and know nothing of
 * the devices that are there.
 */
#ifndef HOOK_IMPORT_IMPORT_H
#define HOOK_IMPORT_IMPORT_H

#include <early-vfio/rules.h>

/* What is more than these in one text is counted, not kept. */
#define IMPORT_ITEMS_MAX 512

enum import_kind {
	IMPORT_DEVICE, /* spec */
	IMPORT_UNREAD, /* it should name a device, and cannot be read */
	IMPORT_REMARK, /* of no use any more, or worth a word */
};

struct import_item {
	enum import_kind kind;
	uint32_t line, column; /* in the text, from 1 */
	struct span text;      /* what it is about: a slice of the text */
	const char *what;      /* the setting that it belongs to: a literal */
	struct spec spec;
	struct diag diag; /* the core's word on it; code DIAG_NONE: see why */
	const char *why;  /* a literal */
};

struct import {
	struct import_item *items; /* from malloc */
	size_t count, cap, dropped;
	/* Where the reader is. */
	const char *line_start;
	uint32_t line;
};

void import_free(struct import *import);

/*
 * The readers: each appends what it finds in a text, which must outlive the items.
 *
 * @text: of any length and content
 * @import: zeroed to start with; import_free in any case
 */

/* A kernel command line: vfio-pci.ids, pci-stub.ids, rd.qubes.hide_pci, xen-pciback.hide. */
void import_cmdline(struct span text, struct import *import);
/* /etc/default/grub: the assignments to GRUB_CMDLINE_…. */
void import_grub(struct span text, struct import *import);
/* An entry of a boot loader: the lines that start with options or append. */
void import_entry(struct span text, struct import *import);
/* modprobe.d: ids of vfio-pci and pci-stub; softdep, install and alias lines with vfio. */
void import_modprobe(struct span text, struct import *import);
/* A list of modules to load: what stands behind vfio-pci and pci-stub. */
void import_modules(struct span text, struct import *import);
/* Unraid's vfio-pci.cfg: BIND=ADDRESS|VENDOR:DEVICE …. */
void import_unraid(struct span text, struct import *import);
/* A script that names addresses, or chooses by boot_vga. */
void import_script(struct span text, struct import *import);
/*
 * A file of driverctl: its name is the address, its text the driver. The name must outlive
 * the items too.
 */
void import_driverctl(struct span name, struct span text, struct import *import);

/*
 * One element of rd.qubes.hide_pci: 00_1c.0-00_0.0, with dom0_ or a domain before it.
 * Return: NULL and *spec, or what is wrong with it: a literal.
 */
const char *import_qubes_path(struct span text, struct spec *spec);

enum import_format {
	FORMAT_CMDLINE,
	FORMAT_GRUB,
	FORMAT_ENTRY,
	FORMAT_MODPROBE,
	FORMAT_MODULES,
	FORMAT_UNRAID,
	FORMAT_SCRIPT,
	FORMAT_DRIVERCTL,
};

/* The format of a file that somebody named, by its name (without directories) and text. */
enum import_format import_guess(struct span name, struct span text);

/* Read a text of a known format. */
void import_text(enum import_format format, struct span name, struct span text,
		 struct import *import);

#endif
