// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Putting paths in sysfs together.
 * Knows nothing of what is read or written there.
 */
#include <early-vfio/io.h>

/* The last byte is kept back: what does not fit must still be terminated. */
static const char *path_end(struct path *path, const char *tail)
{
	out_text(&path->out, tail);
	path->text[path->out.len] = '\0';
	return path->text;
}

const char *path_of(struct path *path, const char *head, struct span name,
		    const char *tail)
{
	path->out = out_into(path->text, sizeof(path->text) - 1);
	out_text(&path->out, head);
	out_span(&path->out, name);
	return path_end(path, tail);
}

const char *address_path(struct path *path, const char *head, struct bdf bdf)
{
	path_of(path, head, SPAN(""), "");
	out_bdf(&path->out, bdf);
	return path_end(path, "");
}

const char *device_path(struct path *path, struct bdf bdf, const char *attribute)
{
	address_path(path, "sys/bus/pci/devices/", bdf);
	if (*attribute)
		out_char(&path->out, '/');
	return path_end(path, attribute);
}
