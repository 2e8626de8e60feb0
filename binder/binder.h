/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only the binder does: the run at boot, and its log.
 */
#ifndef EARLY_VFIO_BINDER_H
#define EARLY_VFIO_BINDER_H

#include <early-vfio/session.h>

/* Below it is all that an extra initrd has; its binder is started as process 1. */
#define EXTRA_TOP "/early-vfio"

/*
 * As process 1: start a child for the run, wait for it, and become the image's /init.
 * Returns in the child alone, which has a root of its own then.
 */
void init_start(char **argv);

/* The automatic run: log to the kernel, report to /run. Return the exit code. */
int command_run(struct session *session);

/* Carry the plan out, log and save the report. Return the exit code. */
int run_finish(struct session *session);

/* One look at a boot whose root device is missing; see heal.c. Return the exit code. */
int command_heal(struct session *session);

#endif
