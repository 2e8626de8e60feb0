// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Block devices by all the names that they have, and what udev's database knows of them.
 * Knows nothing of what is on them.
 */
#include <stdlib.h>
#include <string.h>

#include "sysfs.h"

char *block_by_name(struct io *io, const char *name)
{
	struct name path;

	return sysfs_resolve(io, name_of(&path, "sys/class/block/%s", name));
}

/* A name of device-mapper, for where no link below /dev leads to it. */
static char *block_by_mapper(struct io *io, const char *mapper)
{
	struct names blocks;
	struct name path;
	char name[256], *found = NULL;

	names_read(io, "sys/class/block", &blocks);
	for (size_t i = 0; i < blocks.count && !found; i++)
		if (file_word(io,
			      name_of(&path, "sys/class/block/%s/dm/name",
				      blocks.items[i]),
			      name, sizeof(name)) == 0 &&
		    strcmp(name, mapper) == 0)
			found = block_by_name(io, blocks.items[i]);
	names_free(&blocks);
	return found;
}

/* Links below /dev end in a node that has the kernel's name. */
static char *block_by_link(struct io *io, const char *path)
{
	char target[4096];
	ssize_t len = io->link(io, path, target, sizeof(target) - 1);

	if (len < 0)
		return NULL;
	target[len] = '\0';
	return block_by_name(io, base_of(target));
}

char *block_by_path(struct io *io, const char *path)
{
	struct name name;
	char *found;

	if (!span_starts(span_of(path), "/dev/"))
		return NULL;
	name_of(&name, "%s", path + strlen("/dev/"));
	/* The kernel writes a slash in a name as an exclamation mark. */
	for (char *c = name.text; *c; c++)
		*c = *c == '/' ? '!' : *c;
	found = block_by_name(io, name.text);
	if (!found)
		found = block_by_link(io, path + 1);
	if (!found && span_starts(span_of(path), "/dev/mapper/"))
		found = block_by_mapper(io, path + strlen("/dev/mapper/"));
	return found;
}

/* One line of a record: "E:KEY=VALUE". */
static bool record_value(struct span line, const char *key, struct name *value)
{
	struct span name;

	if (!span_starts(line, "E:"))
		return false;
	line = span_skip(line, 2);
	if (span_find(line, '=') == line.len || !span_next_field(&line, '=', &name) ||
	    !span_is(name, key))
		return false;
	name_of(value, "%.*s", (int)line.len, line.ptr);
	return true;
}

enum udev_answer udev_property(struct io *io, const char *name, const char *key,
			       struct name *value)
{
	enum udev_answer answer = UDEV_UNKNOWN_PROPERTY;
	struct span record, rest, line;
	struct name path;
	char number[32];

	if (file_word(io, name_of(&path, "sys/class/block/%s/dev", name), number,
		      sizeof(number)) ||
	    file_read(io, name_of(&path, "run/udev/data/b%s", number), &record))
		return UDEV_UNKNOWN_DEVICE;
	rest = record;
	while (answer == UDEV_UNKNOWN_PROPERTY && span_next_line(&rest, &line))
		if (record_value(line, key, value))
			answer = UDEV_FOUND;
	free((char *)record.ptr);
	return answer;
}

/* The block device whose record says so. */
static char *block_by_property(struct io *io, const char *key, struct span wanted)
{
	struct names blocks;
	struct name value;
	char *found = NULL;

	names_read(io, "sys/class/block", &blocks);
	for (size_t i = 0; i < blocks.count && !found; i++)
		if (udev_property(io, blocks.items[i], key, &value) == UDEV_FOUND &&
		    span_is(wanted, value.text))
			found = block_by_name(io, blocks.items[i]);
	names_free(&blocks);
	return found;
}

static struct span unquoted(struct span text)
{
	if (text.len >= 2 && text.ptr[0] == '"' && span_ends(text, "\""))
		return span_head(span_skip(text, 1), text.len - 2);
	return text;
}

char *block_by_spec(struct io *io, struct span spec)
{
	static const struct {
		const char *tag, *dir, *property;
	} tags[] = {
		{ "UUID=", "by-uuid", "ID_FS_UUID_ENC" },
		{ "LABEL=", "by-label", "ID_FS_LABEL_ENC" },
		{ "PARTUUID=", "by-partuuid", "ID_PART_ENTRY_UUID" },
		{ "PARTLABEL=", "by-partlabel", "ID_PART_ENTRY_NAME" },
	};
	struct name path;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct span value;
		char *found;

		if (!span_starts(spec, tags[i].tag))
			continue;
		value = unquoted(span_skip(spec, strlen(tags[i].tag)));
		found = block_by_link(io, name_of(&path, "dev/disk/%s/%.*s", tags[i].dir,
						  (int)value.len, value.ptr));
		return found ? found : block_by_property(io, tags[i].property, value);
	}
	return block_by_path(io, name_of(&path, "%.*s", (int)spec.len, spec.ptr));
}
