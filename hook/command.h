/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of the host program. A command gets its own name as argv[0] and returns the
 * exit code.
 */
#ifndef HOOK_COMMAND_H
#define HOOK_COMMAND_H

#include <early-vfio/session.h>

int command_add(int argc, char **argv);
int command_check(int argc, char **argv);
int command_generate(int argc, char **argv);
int command_remove(int argc, char **argv);
int command_unpack(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_import(int argc, char **argv);
int command_list(int argc, char **argv);

#endif
