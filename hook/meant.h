/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was probably meant to name devices for vfio, where nobody reads it as that. Knows nothing
 * of where it is written.
 */
#ifndef HOOK_MEANT_H
#define HOOK_MEANT_H

#include <early-vfio/text.h>

/*
 * Is there something like an id or an address in it, with letters for digits too? What has fewer
 * than six digits is none, unless a function follows.
 */
bool has_device_like(struct span text);

/* Is vfio, in any case, a part of it? */
bool has_vfio(struct span text);

#endif
