// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scripts from guides that give devices to vfio-pci in the image: early-vfio makes them
 * needless, and most of them come too late. Knows nothing of what devices they name.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char name[] = "leftover";

/* What such a script does, in one way or another. */
static bool touches_drivers(struct span text)
{
	static const char *const signs[] = { "driver_override", "drivers/vfio-pci/",
					     "new_id" };

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (memmem(text.ptr, text.len, signs[i], strlen(signs[i])))
			return true;
	return false;
}

/* PREREQ="…" with anything in it. */
static bool has_prerequisite(struct span text)
{
	struct span line, value;

	while (span_next_line(&text, &line)) {
		line = span_trim(line);
		if (!span_starts(line, "PREREQ="))
			continue;
		value = span_skip(line, strlen("PREREQ="));
		while (value.len && strchr("\"' ", value.ptr[0]))
			value = span_skip(value, 1);
		return value.len > 0;
	}
	return false;
}

/*
 * Scripts without prerequisites run in alphabetical order before those with any.
 * Source: tsort, by which mkinitramfs orders them.
 */
static bool runs_after_udev(const char *script, struct span text)
{
	return has_prerequisite(text) || strcmp(script, "udev") > 0;
}

static void say_script(struct check *check, const char *path, bool is_late)
{
	finding_add(
		&check->findings, FINDING_WARN, name,
		"take its devices over with early-vfio import, remove it, and build the "
		"images anew",
		"%s sets drivers too: %s", path,
		is_late ? "it runs after udev has loaded the host's" :
			  "early-vfio does so");
}

static void see_script(struct check *check, const char *dir, const char *script)
{
	bool is_init_top = span_ends(span_of(dir), "init-top");
	char *path = xformat("%s/%s", dir, script);
	struct span text;

	if (file_read(check->io, path + 1, &text) == 0) {
		if (touches_drivers(text))
			say_script(check, path,
				   !is_init_top || runs_after_udev(script, text));
		free((char *)text.ptr);
	}
	free(path);
}

void check_scripts(struct check *check)
{
	static const char *const dirs[] = {
		"/etc/initramfs-tools/scripts/init-top",
		"/etc/initramfs-tools/scripts/init-premount",
		"/etc/initramfs-tools/scripts/local-top",
	};

	for (size_t d = 0; d < sizeof(dirs) / sizeof(dirs[0]); d++) {
		struct names names;

		names_read(check->io, dirs[d] + 1, &names);
		for (size_t i = 0; i < names.count; i++)
			see_script(check, dirs[d], names.items[i]);
		names_free(&names);
	}
}
