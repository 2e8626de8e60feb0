/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The extra initrd for images of any make: all that the binder needs as process 1, below
 * /early-vfio. Knows nothing of options.
 *
 *   /early-vfio/binder                 rdinit= names it
 *   /early-vfio/etc/early-vfio.conf    the merged config
 *   /early-vfio/etc/VERSION.image      the facts for one kernel
 *   /early-vfio/lib/modules/VERSION/…  its modules, not compressed
 *   /early-vfio/{dev,proc,sys,run}     what the run mounts, and where it reports
 *
 * The run has /early-vfio as its root.
 */
#ifndef HOOK_EXTRA_H
#define HOOK_EXTRA_H

#include "cpio.h"
#include "generate.h"

/* Add what all kernels share. 0 or negative errno, and it was said. */
int extra_begin(struct cpio *cpio, struct session *session);
/* Add what one kernel needs. A module that cannot be read is a fault. */
void extra_add_kernel(struct cpio *cpio, struct generate *generate);
/* Write nothing after all. */
void extra_drop(struct cpio *cpio);
/* The path that stands for standard output. */
#define EXTRA_STDOUT "-"
/*
 * Write it all to a file, which has what it had until all is there; or to what takes a stream.
 * 0 or negative errno; -ENOTSUP: what is there is not to be written to.
 */
int extra_finish(struct cpio *cpio, const char *path);

#endif
