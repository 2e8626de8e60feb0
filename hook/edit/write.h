/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of the config for what was chosen, and getting them into it. Knows nothing of how it
 * was chosen.
 */
#ifndef HOOK_EDIT_WRITE_H
#define HOOK_EDIT_WRITE_H

#include "choice.h"
#include "file.h"

struct pci_access;

/*
 * "bind SPEC  # what the device is (its address)", from malloc.
 *
 * @inv: where the device is
 * @remark: goes into the comment; "" for none
 */
char *choice_line(const struct inventory *inv, struct pci_access *names,
		  const struct choice *choice, const char *remark);

/* Append lines to the config. Return: EXIT_AS_WANTED, or the exit code, and it was said. */
int lines_write(const char *root, const struct names *lines);

/* Say why the config cannot be read or written. Return: the exit code. */
int conf_refuse(int error);

#endif
