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

/* One line of the kernel's log; to stderr where there is no /dev/kmsg. */
void log_line(enum level level, struct span text);
void log_report(const struct report *report);

/* Write the JSON report below /run; a failure is logged. */
void report_save(const struct report *report);

#endif
