// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio in the lists of modules to load: of the image and of the booted system. Knows nothing
 * of what the modules are for.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char name[] = "leftover";

/* It is part of vfio-pci-core from 6.2 on. */
#define GONE_MODULE "vfio_virqfd"

/* A kernel that is installed and no longer has the module; NULL: all have it. */
static const char *kernel_without(const struct check *check)
{
	for (size_t i = 0; i < check->kernels.count; i++) {
		struct span version = span_of(check->kernels.items[i].version), part;
		uint32_t major = 0, minor = 0;

		if (!span_next_field(&version, '.', &part) ||
		    !dec_scan(part, 999, &major))
			continue;
		while (version.len && minor < 1000 && version.ptr[0] >= '0' &&
		       version.ptr[0] <= '9') {
			minor = 10 * minor + (uint32_t)(version.ptr[0] - '0');
			version = span_skip(version, 1);
		}
		if (major > 6 || (major == 6 && minor >= 2))
			return check->kernels.items[i].version;
	}
	return NULL;
}

static void say_gone(struct check *check, const struct line *line)
{
	const char *version = kernel_without(check);

	if (version)
		finding_add(&check->findings, FINDING_WARN, name,
			    "take it out of the line",
			    "%s:%u: " GONE_MODULE
			    " is no module of kernel %s (nor of any "
			    "since 6.2), and whatever loads it complains",
			    line->file, line->number, version);
}

/* Parameters in such a line are the image's alone: nobody else sees which devices it names. */
static void say_ids(struct check *check, const struct line *line)
{
	finding_add(
		&check->findings, FINDING_WARN, name,
		"write bind lines in /etc/early-vfio.conf in its place",
		"%s:%u: ids= here is nothing that early-vfio looks at, and comes after "
		"udev",
		line->file, line->number);
}

static void say_needless(struct check *check, const struct line *line, struct span module)
{
	if (memmem(line->text.ptr, line->text.len, "ids=", 4)) {
		say_ids(check, line);
		return;
	}
	finding_add(&check->findings, FINDING_WARN, name, "take it out of the line",
		    "%s:%u: %.*s is needless: early-vfio puts vfio into the image and "
		    "loads it",
		    line->file, line->number, (int)module.len, module.ptr);
}

/* The names in a line: between blanks, quotes and brackets, and behind `+=`. */
static bool next_module(struct span *rest, struct span *module)
{
	size_t start = 0, end;

	while (start < rest->len &&
	       (is_blank(rest->ptr[start]) || strchr("\"'()=+", rest->ptr[start])))
		start++;
	for (end = start; end < rest->len && !is_blank(rest->ptr[end]) &&
			  !strchr("\"'()=+", rest->ptr[end]);)
		end++;
	*module = span_head(span_skip(*rest, start), end - start);
	*rest = span_skip(*rest, end);
	return module->len > 0;
}

/* One finding a line for all of vfio's modules in it, and one for the one that is gone. */
static void see_modules(struct check *check, const struct line *line)
{
	struct span rest = line->text, module, first = { NULL, 0 };
	bool has_gone = false;

	while (next_module(&rest, &module)) {
		if (span_is_name(module, GONE_MODULE))
			has_gone = true;
		else if (!first.len && span_starts_name(module, "vfio"))
			first = module;
	}
	if (first.len)
		say_needless(check, line, first);
	if (has_gone)
		say_gone(check, line);
}

/* Of a file in shell, the assignments that name modules. */
static void see_dracut(struct check *check, const struct line *line)
{
	if (span_starts(line->text, "add_drivers") ||
	    span_starts(line->text, "force_drivers"))
		see_modules(check, line);
}

static void see_mkinitcpio(struct check *check, const struct line *line)
{
	if (span_starts(line->text, "MODULES"))
		see_modules(check, line);
}

void check_module_lists(struct check *check)
{
	lines_of_file(check, "/etc/initramfs-tools/modules", see_modules);
	lines_of_file(check, "/etc/modules", see_modules);
	lines_of_directory(check, "/etc/modules-load.d", ".conf", see_modules);
	lines_of_file(check, "/etc/dracut.conf", see_dracut);
	lines_of_directory(check, "/etc/dracut.conf.d", ".conf", see_dracut);
	lines_of_file(check, "/etc/mkinitcpio.conf", see_mkinitcpio);
	lines_of_directory(check, "/etc/mkinitcpio.conf.d", ".conf", see_mkinitcpio);
}
