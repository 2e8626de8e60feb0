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
	struct inventory *inv; /* the driver that a device has is kept up to date */
	struct plan *plan;     /* results are written to its verdicts */
	struct span cmdline;   /* for module options */
};

/* What is being done, published before each step that may block. */
struct progress {
	volatile uint32_t ticks;  /* grows with each step */
	volatile uint32_t step;	  /* enum step */
	volatile uint32_t device; /* index; NO_INDEX: not a single device */
	volatile uint16_t driver; /* that STEP_REGISTER is for; else DRIVER_NONE */
	volatile bool leaves_ids; /* remove_id did not come back: leave it alone */
	volatile bool is_done;
};

/*
 * The steps, in this process: for tests and for the child of apply_watched. They build on
 * what inventory and verdicts say, so that a second call goes on where a first one was ended.
 */
void apply_steps(struct apply *apply, struct progress *progress);

/* What is under way does not come back: what hangs on it fails with `error` (positive). */
void apply_give_up(struct apply *apply, struct progress *progress, int error);
/* No time is left: all that has no result fails with ETIMEDOUT, and is only given back. */
void apply_expire(struct apply *apply, const struct progress *progress);
/* The last word on what was not even given back, by reading what does not block. */
void apply_conclude(struct apply *apply);

/*
 * The same in a child under a watchdog; inventory and plan must be of memory_shared_alloc.
 * Returns when all is done, or when what hangs has been given up: at most RUN_DEADLINE_S.
 * Where there can be no child the steps are done in this process, unwatched.
 */
void apply_watched(struct apply *apply);

/* Give one device back: clear the override, remove_id, unbind, drivers_probe, uevent add. */
void release_device(struct apply *apply, struct device *dev, struct progress *progress);

/* What became of a device, with the driver that it was last seen with. */
void set_result(struct device *dev, enum result result);

/* Zeroed, and shared with the children of this process; NULL where there is none. */
struct memory *memory_shared_alloc(void);

#endif
