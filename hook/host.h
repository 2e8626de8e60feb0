/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host program's own commands start from: a session over a root, and all facts of
 * its devices, whether a rule concerns them or not. Knows nothing of what is made of them.
 */
#ifndef HOOK_HOST_H
#define HOOK_HOST_H

#include <early-vfio/session.h>

/*
 * The root as libraries want it: "" for the system's own, else an absolute path; to be
 * freed. NULL, and it was said: there is no such directory.
 */
char *host_root(const char *sysroot);

/*
 * Open a session over a root, with the texts that generate would make for it.
 *
 * @session: zeroed, with static storage
 * @sysroot: "/" or a directory
 *
 * Return: EXIT_AS_WANTED, or the exit code, and it was said.
 */
int host_open(struct session *session, const char *sysroot);

/*
 * Fetch all facts of all devices and of the machine.
 * Return: EXIT_AS_WANTED; EXIT_ENVIRONMENT where there is no PCI bus, unsaid.
 */
int host_scan(struct session *session);

#endif
