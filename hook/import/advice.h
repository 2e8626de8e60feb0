/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of the other set-ups may go once ours does its work. Takes nothing away itself.
 */
#ifndef HOOK_IMPORT_ADVICE_H
#define HOOK_IMPORT_ADVICE_H

#include "edit/desk.h"
#include "sources.h"

void advice_print(const struct sources *sources, const struct desk *desk,
		  struct out *out);

#endif
