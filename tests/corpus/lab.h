/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the properties over recorded machines share: a machine, one plan over it at a
 * time, and what should have come of it. Knows nothing of files.
 */
#ifndef EARLY_VFIO_TESTS_LAB_H
#define EARLY_VFIO_TESTS_LAB_H

#include <early-vfio/plan.h>

#include "machine.h"

#define CONFIG_MAX 512

/* A recorded machine, all of it known. */
struct record {
	const char *name;
	struct inventory inv;
	struct device devices[DEVICES_MAX];
};

/*
 * What a config asks for, worked out one device at a time from the machine's record: the
 * devices that the specification names, those that its flags add, and what else is told.
 */
struct asked {
	bool anchor[DEVICES_MAX], reached[DEVICES_MAX];
	const struct device *kept, *protected;
};

enum count {
	COUNT_MACHINES,
	COUNT_DEVICES,
	COUNT_TREES, /* machines whose bridges are known */
	COUNT_PAIRS, /* of devices with one id in different slots */
	COUNT_SPECS, /* plans made, one or two specifications each */
	COUNT_PATHS, /* of them: by path, through at least one bridge */
	COUNT_RENUMBERED,
	COUNT_MOVED,	/* devices that a renumbering moved */
	COUNT_MET_TWIN, /* guards that met a twin of their device in its old place */
	COUNT_WRONG,
	COUNTS,
};

struct lab {
	unsigned long counts[COUNTS];
	struct ruleset set;
	struct inventory inv; /* what the plan has asked for */
	struct device devices[DEVICES_MAX];
	struct plan plan;
	struct asked asked;
	uint8_t expected[DEVICES_MAX]; /* enum decision, by index in the record */
	char config[CONFIG_MAX], image[CONFIG_MAX];
};

/* ---- lab.c */

/* Return: false where the text cannot be read; it was said. */
bool record_read(struct record *record, const char *name, struct span text);

/* Start a config: nothing is asked for yet. */
struct out lab_config(struct lab *lab, const struct record *record);
/* "bind VENDOR:DEVICE" or "keep VENDOR:DEVICE". */
void out_rule(struct out *out, const char *directive, const struct device *dev);

/* Plan lab->config and lab->image over the machine, fetching what the plan asks for. */
void lab_plan(struct lab *lab, const struct record *record);
/* Plan, and compare with what lab->asked should lead to. Return: it is the same. */
bool lab_check(struct lab *lab, const struct record *record);
/* The specification in lab->config is printed as it was written. Counts what is wrong. */
void lab_check_print(struct lab *lab, const struct record *record);
/* Count a wrong selection and say where. */
void lab_wrong(struct lab *lab, const struct record *record, const struct device *dev,
	       const char *what);
/* What the last plan decided of the device at an address. */
enum decision lab_decision(const struct lab *lab, struct bdf bdf);

/* ---- oracle.c: lab->expected from lab->asked */
void oracle_decide(struct lab *lab, const struct record *record);

/* ---- tree.c */

/* The bridge that leads to the device's bus, or NULL: not known, or a root bus. */
const struct device *parent_of(const struct record *record, const struct device *dev);
bool record_has_tree(const struct record *record);
/* The path from the root bus. False where it has no bridge in it, or too many. */
bool out_device_path(struct out *out, const struct record *record,
		     const struct device *dev);
/*
 * The machine after a card with a bridge of its own was put below the first root port.
 *
 * @places: where each device of `record` is then
 *
 * Return: false where there is no root port, or no room for the bus.
 */
bool record_renumber(const struct record *record, struct record *after,
		     struct bdf *places);

/* ---- the properties; each counts what it tried and what was wrong */
void each_device_holds(struct lab *lab, const struct record *record);
void twins_hold(struct lab *lab, const struct record *record);
void classes_hold(struct lab *lab, const struct record *record);
void renumbering_holds(struct lab *lab, const struct record *record);

/* ---- statistics.c */
void statistics_add(struct lab *lab, const struct record *record);
void statistics_print(void);

#endif
