// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Putting paths in sysfs together, and reading what is there as text.
 * Knows nothing of what the texts mean.
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
	address_path(path, IO_DEVICES, bdf);
	if (*attribute)
		out_char(&path->out, '/');
	return path_end(path, attribute);
}

bool path_exists(struct io *io, const char *head, struct span name)
{
	struct path path;

	return io->exists(io, path_of(&path, head, name, "")) == 0;
}

static struct span text_of(const char *buf, ssize_t len)
{
	return (struct span){ buf, len > 0 ? (size_t)len : 0 };
}

struct span io_text(struct io *io, const char *path, char *buf, size_t cap)
{
	return text_of(buf, io->read(io, path, buf, cap));
}

struct span link_name(struct io *io, struct bdf bdf, const char *attribute, char *buf)
{
	struct path path;

	return span_basename(text_of(buf, io->link(io, device_path(&path, bdf, attribute),
						   buf, IO_PATH_MAX)));
}
