/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the machine: device records, groups, and which facts are still wanted.
 * The plan asks for facts by setting `wanted`; the edge (io/scan.c) fills them in. Knows
 * nothing of rules, and not where facts come from.
 */
#ifndef EARLY_VFIO_DEVICE_H
#define EARLY_VFIO_DEVICE_H

#include <early-vfio/spec.h>

#define DEVICES_MAX 8192 /* the last stands for all that there is no room for */
#define GROUPS_MAX 8192	 /* the kernel gives the lowest free number */
#define DRIVER_NAMES_SIZE 4096

/* Facts of one device: bits of `known` and `wanted`. */
enum fact {
	FACT_IDENT = 1,	   /* is_present, ids, class (modalias) */
	FACT_GROUP = 2,	   /* group (link iommu_group), and records of all its members */
	FACT_DRIVER = 4,   /* driver (link driver) */
	FACT_BOOT_VGA = 8, /* has_boot_vga, is_boot_vga */
	FACT_SECONDARY = 16, /* secondary bus of a bridge */
	FACT_HEADER = 32,    /* header_type from config */
	FACT_FRAMEBUFFER =
		64, /* has_framebuffer: the firmware's framebuffer lies in its BARs */
	FACT_ALL = 127,
};

#define RULE_NONE 0xffffu

/* What the plan decided of a device, and what became of it: the enums are those of plan.h. */
struct verdict {
	uint8_t decision;	/* enum decision */
	uint8_t reason;		/* enum reason */
	uint16_t rule;		/* index in ruleset.rules, or RULE_NONE */
	uint32_t arg;		/* see enum reason */
	uint16_t driver_wanted; /* offset in inventory.driver_names */
	uint16_t driver_before; /* as in the inventory when the plan was made */
	uint16_t driver_after;	/* after apply; DRIVER_NONE: none */
	uint8_t result;		/* enum result */
	uint8_t step;		/* where it failed: enum step */
	uint16_t error;		/* positive errno, 0: none */
	bool is_hung;		/* a step did not come back: not touched or read again */
	bool is_after_known;	/* driver_after was read back */
	bool takes_console; /* a lone match on the boot display: say how to get it back */
	bool is_forced;	    /* a rule with +force wants it */
};

/* What the rules of one source want of a device: indices of rules, or RULE_NONE. */
struct claim {
	uint16_t keep;
	uint16_t bind;	  /* the first that no guard by slot stops */
	uint16_t guard;	  /* WHAT@WHERE, and something else is there */
	uint16_t display; /* several slots, and this one has the boot display */
	bool is_forced;
	uint16_t anchor; /* the last that names it */
};

#define GROUP_NONE (-1)
#define DRIVER_NONE 0
#define INDEX_NONE 0xffffu

/* Records that may have something in common, by the low byte of a key. */
enum chain { CHAIN_ALL, CHAIN_DEVICE_ID, CHAIN_CLASS, CHAIN_GROUP, CHAINS };

struct device {
	struct bdf bdf;
	uint16_t vendor, device, subvendor, subdevice;
	uint32_t class;	 /* 24 bits */
	int32_t group;	 /* GROUP_NONE: none, or not known */
	uint16_t driver; /* offset in inventory.driver_names; DRIVER_NONE: none */
	uint8_t known, wanted;
	uint8_t header_type; /* 7 bits */
	uint8_t secondary;   /* 0: not a bridge, or not configured */
	bool is_present;
	bool is_boot_vga;
	bool has_boot_vga; /* the file is there */
	bool has_framebuffer;
	uint16_t next[CHAINS]; /* in its chains; INDEX_NONE: none */
	struct claim claim;    /* of the rules of the source that was weighed last */
	struct verdict verdict;
};

struct group {
	bool has_target : 1; /* scratch of the plan, as the others */
	bool is_spoilt : 1;  /* a driver has one that is no target */
	bool is_spread : 1;  /* +group reaches it: the slots of its members count */
	bool is_reached : 1; /* by the rule being weighed */
};

enum cpu_vendor { CPU_UNKNOWN, CPU_INTEL, CPU_AMD };

/* Facts of the machine as a whole; asked for with machine_wanted, once. */
struct machine {
	enum cpu_vendor cpu;
	bool has_groups;      /* any IOMMU group at all */
	bool has_iommu_table; /* ACPI DMAR, IVRS or IORT */
	bool allows_noiommu;  /* enable_unsafe_noiommu_mode is on */
	struct span
		iommu_off; /* the parameter that turns it off, in the command line; empty: none */
};

struct inventory {
	uint32_t module; /* its number: under way, or the one that failed; 0: none */
	struct device *devices; /* DEVICES_MAX of them, the caller's; see inventory_sort */
	struct device *end;	/* behind the last */
	size_t count;
	size_t weighed; /* one more than the records when the claims held; 0: they do not */
	bool has_overflown; /* more than DEVICES_MAX */
	bool names_known;   /* every address on the bus has a record */
	bool names_wanted;
	bool brings_domains; /* a protected controller whose devices come once vmd is loaded */
	bool all_wanted; /* names, and FACT_IDENT of each */
	bool all_known;
	bool machine_known, machine_wanted;
	size_t group_count; /* one more than the highest number that was looked up */
	size_t driver_names_len;
	struct machine machine;
	uint16_t heads[CHAINS][256];
	struct group groups[GROUPS_MAX];      /* by number */
	char driver_names[DRIVER_NAMES_SIZE]; /* NUL-terminated names; offset 0 is "" */
};

#define for_each_device(dev, inv) \
	for (struct device *dev = (inv)->devices; dev < (inv)->end; dev++)

/* Empty, over storage for DEVICES_MAX records; touches none of them. */
void inventory_init(struct inventory *inv, struct device *devices);
/* Index of the record at `bdf`, or -1. O(log n). */
int inventory_find(const struct inventory *inv, struct bdf bdf);
/* Index of the record at `bdf`, added (keeping the order) where missing; -1 when full. */
int inventory_add(struct inventory *inv, struct bdf bdf);
/* Append without keeping the order; inventory_sort must follow. False when full. */
bool inventory_append(struct inventory *inv, struct bdf bdf);
/* By address; of doubles the one that was known stays. */
void inventory_sort(struct inventory *inv);
/* Intern a driver's name. Return its offset, or DRIVER_NONE for an empty name or no room. */
uint16_t inventory_driver(struct inventory *inv, struct span name);
/* The NUL-terminated name, "" for none. */
const char *driver_name(const struct inventory *inv, uint16_t driver);
/* The group of a number; NULL for GROUP_NONE and for what the kernel never gives. */
struct group *inventory_group(struct inventory *inv, int32_t number);
/* Chain the records, each chain in their order; holds until one is added. */
void inventory_chain(struct inventory *inv);
/*
 * The next record behind `dev` (NULL: the first) in the chain of a key: among others all with
 * this device id, of this base class, or of this group. All of them have key 0 in CHAIN_ALL.
 */
struct device *chain_next(const struct inventory *inv, enum chain chain, uint32_t key,
			  const struct device *dev);

/*
 * Read `pci:v00001234d00001111sv00001AF4sd00001100bc03sc80i00`.
 * Return: true where all of it fits; FACT_IDENT is then known and the device present.
 */
bool device_read_modalias(struct span modalias, struct device *dev);

bool device_matches_id(const struct device *dev, const struct id_match *id);
/* As modules.alias has it: vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*. */
bool device_matches_alias(const struct device *dev, struct span pattern);
bool device_is_display(const struct device *dev);  /* base class 03 */
bool device_is_bridge(const struct device *dev);   /* 0604 or 0607, or header type 1, 2 */
bool device_is_usb_host(const struct device *dev); /* 0c03 with 00, 10, 20 or 30 */
bool driver_is_vfio(struct span name);		   /* vfio-pci or a variant driver */
/* Does no harm to a group: none, pci-stub, vfio drivers, bridges' own drivers. */
bool driver_is_harmless(struct span name);

#endif
