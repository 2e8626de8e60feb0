/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's own config file: read, and replaced as a whole or not at all. Knows nothing of
 * what is in it.
 */
#ifndef HOOK_EDIT_CONF_H
#define HOOK_EDIT_CONF_H

#include "file.h"

#define CONF_NAME "/etc/early-vfio.conf"

struct conf {
	char *path; /* where links lead to; what is there may be missing */
	int dir;    /* its directory, locked; -1: opened to be read alone */
	bool exists;
	struct span text; /* from malloc; empty where there is no file */
};

/*
 * Read the config. To write, its directory is locked first, until conf_close.
 *
 * @root: "" or an absolute path
 *
 * Return: 0 or negative errno; -ENOTSUP: not a regular file. conf_close in any case.
 */
int conf_open(struct conf *conf, const char *root, bool to_write);

/*
 * Put a text in its place, durably; a reader sees the old one or the new one. Owner, mode
 * and extended attributes stay, as far as they may be set.
 *
 * Return: 0 or negative errno; the old file is untouched then.
 */
int conf_replace(const struct conf *conf, struct span text);

void conf_close(struct conf *conf);

#endif
