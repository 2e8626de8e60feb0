// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Putting paths in sysfs together.
 * Knows nothing of what is read or written there.
 */
#include <early-vfio/io.h>

const char *device_path(struct path *path, struct bdf bdf, const char *attribute)
{
	/* The last byte is kept back: what does not fit must still be terminated. */
	path->out = (struct out){ .buf = path->text, .cap = sizeof(path->text) - 1 };
	out_text(&path->out, "sys/bus/pci/devices/");
	out_bdf(&path->out, bdf);
	if (attribute[0] != '\0') {
		out_char(&path->out, '/');
		out_text(&path->out, attribute);
	}
	path->text[path->out.len] = '\0';
	return path->text;
}

const char *path_of(struct path *path, const char *head, struct span name,
		    const char *tail)
{
	path->out = (struct out){ .buf = path->text, .cap = sizeof(path->text) - 1 };
	out_text(&path->out, head);
	out_span(&path->out, name);
	out_text(&path->out, tail);
	path->text[path->out.len] = '\0';
	return path->text;
}
