/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what other set-ups say to lines of ours: the plan decides what comes of each, and what
 * is there gets its guard. Knows nothing of formats and files.
 */
#ifndef HOOK_IMPORT_MERGE_H
#define HOOK_IMPORT_MERGE_H

#include "edit/choice.h"
#include "say.h"
#include "sources.h"

/*
 * Append what to write for all devices of the sources, each once. What is left to the host,
 * and what is not there, is said.
 *
 * Return: how many could not be imported.
 */
unsigned sources_merge(const struct sources *sources, const struct desk *desk,
		       struct choices *choices, struct say *say);

#endif
