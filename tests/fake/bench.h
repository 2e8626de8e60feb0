/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole run over a simulated kernel: texts in, the plan carried out, verdicts to look at.
 * The same calls that the binder's commands make.
 */
#ifndef EARLY_VFIO_TESTS_BENCH_H
#define EARLY_VFIO_TESTS_BENCH_H

#include <early-vfio/apply.h>
#include <early-vfio/scan.h>

#include "fake.h"

struct bench {
	struct fake *fake;
	struct ruleset *set;
	struct inventory *inv;
	struct plan *plan;
	struct apply apply;
	unsigned rounds;   /* of planning */
	unsigned children; /* that bench_apply would have started */
	int error;	   /* of the last inventory_fill */
};

struct bench_texts {
	const char *machine, *cmdline, *config, *image; /* NULL: empty */
};

/* A machine, rules, and the plan for it. The image is FAKE_VFIO_IMAGE where it is NULL. */
void bench_start(struct bench *bench, const struct bench_texts *texts);
void bench_stop(struct bench *bench);
/* Plan anew for the machine as it is now. */
void bench_plan(struct bench *bench, const struct bench_texts *texts);
/* Carry it out in this process; what hangs is given up at once. */
void bench_apply(struct bench *bench);

/*
 * Does what the verdicts say of each device hold in the machine, and was nothing done that
 * the plan did not ask for? NULL, or what is wrong, in static storage.
 */
const char *bench_check(const struct bench *bench);

/*
 * Told to have no driver, and has one of a module: that may have come behind the last look at
 * it, by the event that releases another.
 */
bool bench_may_come(const struct bench *bench, const struct fake_device *dev,
		    const struct verdict *verdict);

const struct verdict *bench_at(const struct bench *bench, const char *address);

#endif
