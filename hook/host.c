// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host program's own commands start from: a session over a root, and all facts of
 * its devices, whether a rule concerns them or not. Knows nothing of what is made of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "host.h"

char *host_root(const char *sysroot)
{
	char *root = realpath(sysroot, NULL);

	if (!root)
		complain(sysroot, strerror(errno));
	else if (strcmp(root, "/") == 0)
		*root = '\0';
	return root;
}

int host_open(struct session *session, const char *sysroot)
{
	session->options.sysroot = sysroot;
	session->read_texts = host_read_texts;
	return session_open(session);
}

/* Facts that only some kinds of devices have are asked of those alone. */
static unsigned facts_of(const struct device *dev)
{
	unsigned facts = FACT_GROUP | FACT_DRIVER;

	if (device_is_display(dev))
		facts |= FACT_BOOT_VGA | FACT_FRAMEBUFFER;
	if (device_is_bridge(dev))
		facts |= FACT_SECONDARY;
	return facts;
}

int host_scan(struct session *session)
{
	struct inventory *inv = session->inv;
	struct io *io = &session->kernel.io;
	int error;

	inv->all_wanted = true;
	inv->names_wanted = true;
	inv->machine_wanted = true;
	error = inventory_fill(inv, io, session->cmdline);
	for_each_device(dev, inv)
		dev->wanted |= facts_of(dev) & ~dev->known;
	if (!error)
		error = inventory_fill(inv, io, session->cmdline);
	return error ? EXIT_ENVIRONMENT : EXIT_AS_WANTED;
}
