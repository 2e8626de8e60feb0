/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is left of choices beside the rules that are there: what is new, and what the plan
 * refuses. Writes nothing.
 */
#ifndef HOOK_EDIT_SETTLE_H
#define HOOK_EDIT_SETTLE_H

#include "choice.h"
#include "say.h"

/*
 * Leave those in the list that the config lacks, and let the desk take them. What is there
 * already, or covered, is printed.
 *
 * Return: false where there is no room for all; the rest is not in the list then.
 */
bool choices_settle(const struct desk *desk, struct choices *choices, struct out *out);

/* Say what stands against a choice that the desk took. Return: whether anything does. */
bool choice_refuse(const struct desk *desk, const struct choice *choice, struct say *say);

#endif
