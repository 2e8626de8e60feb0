// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The vfio variant drivers of a kernel, for rules with driver=auto: those that can be loaded
 * without a host driver coming along. Knows nothing of devices.
 */
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "modules.h"

/* "alias PATTERN MODULE" whose pattern starts with `prefix`. */
static bool alias_next(struct span *text, const char *prefix, struct span *pattern,
		       struct span *module)
{
	struct span line, word;

	while (span_next_line(text, &line)) {
		if (!span_starts(line, "alias ") || !span_next_word(&line, &word) ||
		    !span_next_word(&line, pattern) || !span_starts(*pattern, prefix))
			continue;
		if (span_next_word(&line, module))
			return true;
	}
	return false;
}

static bool has_name(char *const *names, size_t count, struct span name)
{
	for (size_t i = 0; i < count; i++)
		if (span_equals_name(span_of(names[i]), name))
			return true;
	return false;
}

/* The modules behind vfio_pci: aliases, each once, but for vfio-pci itself. */
static size_t drivers_list(struct span aliases, char **drivers)
{
	struct span pattern, module;
	size_t count = 0;

	while (count < ALIASES_MAX &&
	       alias_next(&aliases, "vfio_pci:", &pattern, &module))
		if (!span_is_name(module, "vfio-pci") &&
		    !has_name(drivers, count, module))
			drivers[count++] = xspan(module);
	return count;
}

/* A module that pci: aliases name binds devices of its own accord once it is loaded. */
static bool brings_host_driver(const struct modules *alone, struct span aliases)
{
	struct span pattern, module;

	while (alias_next(&aliases, "pci:", &pattern, &module))
		for (size_t i = 0; i < alone->count; i++)
			if (span_equals_name(span_of(alone->items[i].name), module))
				return true;
	return false;
}

static bool is_usable(const struct modules *modules, const char *driver,
		      struct span aliases)
{
	struct modules alone = { .modprobe = modules->modprobe,
				 .sysroot_len = modules->sysroot_len };
	bool is_ok = modules_add(&alone, driver) == MODULE_ADDED &&
		     !alone.has_overflown && !brings_host_driver(&alone, aliases);

	modules_free(&alone);
	return is_ok;
}

static void add_patterns(struct modules *modules, struct span driver, struct span aliases)
{
	struct span pattern, module;

	while (alias_next(&aliases, "vfio_pci:", &pattern, &module)) {
		if (!span_equals_name(module, driver))
			continue;
		if (modules->variant_count == ALIASES_MAX) {
			modules->has_overflown = true;
			return;
		}
		modules->variants[modules->variant_count++] =
			(struct variant){ xspan(pattern), xspan(module) };
	}
}

void modules_find_variants(struct modules *modules, struct span aliases)
{
	char *drivers[ALIASES_MAX];
	size_t count = drivers_list(aliases, drivers);

	for (size_t i = 0; i < count; i++) {
		if (is_usable(modules, drivers[i], aliases)) {
			modules_add(modules, drivers[i]);
			add_patterns(modules, span_of(drivers[i]), aliases);
		}
		free(drivers[i]);
	}
}
