/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What --help prints behind each of the commands that both programs have. Knows nothing of
 * what they do.
 */
#ifndef HOOK_HELP_H
#define HOOK_HELP_H

/* NULL: it is none of them. */
const char *shared_help(const char *command);

#endif
