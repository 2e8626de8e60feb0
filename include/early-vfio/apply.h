/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carrying a plan out, in the order of the design: override, load, unbind, register, probe,
 * read back. One child does all that can block; its parent watches and never waits longer
 * than the deadlines. Knows nothing of how the plan was made or how it is reported.
 */
#ifndef EARLY_VFIO_APPLY_H
#define EARLY_VFIO_APPLY_H

#include <early-vfio/io.h>
#include <early-vfio/plan.h>

#define RUN_DEADLINE_S 30

struct apply {
	struct io *io;
	const struct ruleset *set;
	struct inventory *inv;
	struct plan *plan;  /* results are written to its verdicts */
	struct span cmdline;/* for module options */
};

/*
 * The steps, in this process: for tests and for the child of apply_watched.
 * Progress is published through *progress before each step that may block.
 */
struct progress {
	volatile uint32_t ticks; /* grows with each step */
	volatile uint32_t step;	 /* enum step */
	volatile uint32_t device;/* index, NO_INDEX: not a single device */
	volatile uint32_t is_done;
};
void apply_steps(struct apply *apply, struct progress *progress);

/*
 * The same in a child under a watchdog. The plan must lie in memory that is shared
 * (plan_shared_alloc). Returns when all is done, or when what hangs has been given up.
 */
int apply_watched(struct apply *apply);

/* Give one device back: clear the override, remove_id, unbind, drivers_probe, uevent add. */
int release_device(struct apply *apply, size_t device, struct progress *progress);

#endif
