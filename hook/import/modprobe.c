// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modprobe.d, and the lists of modules to load, as other set-ups use them for vfio. Knows
 * nothing of the devices that are there.
 */
#include "modprobe.h"
#include "items.h"
#include "meant.h"

static const char no_list[] = "a list without blanks belongs right behind ids=";
static const char stray[] = "a blank has cut it from its list, so that it does not count";
static const char nameless[] = "it does not count: devices belong right behind ids=";

/* A parameter of vfio-pci or pci-stub; the rest of a list that a blank has cut is said. */
static void read_parameters(struct import *import, struct span rest, const char *what)
{
	bool is_behind_ids = false;
	struct param param;

	while (modprobe_option_next(&rest, &param)) {
		if (span_is(param.name, "ids")) {
			if (param.value.len)
				import_ids(import, param.value, what);
			else
				import_unread(import, param.whole, what, no_list);
			is_behind_ids = true;
		} else if (is_behind_ids &&
			   (looks_like_list(param.whole) ||
			    span_find(param.whole, ':') < param.whole.len)) {
			import_unread(import, param.whole, what, stray);
		} else {
			is_behind_ids = false;
			if (looks_like_list(param.has_value ? param.value :
							      param.whole) ||
			    has_device_like(param.whole))
				import_unread(import, param.whole, what, nameless);
		}
	}
}

/* What is of no use once the devices are taken before any driver loads. */
static void read_other(struct import *import, struct span line, struct span word)
{
	if (!span_has(line, "vfio"))
		return;
	line = span_trim(line);
	if (span_is(word, "softdep"))
		import_remark(import, line, "softdep",
			      "not needed: no driver loads before early-vfio has run");
	else if (span_is(word, "install"))
		import_remark(import, line, "install",
			      "not needed: early-vfio loads the module itself");
	else if (span_is(word, "alias"))
		import_unread(import, line, "alias",
			      "an alias for a device; name the device in a bind line");
}

/* The module whose ids= count, in the words to show; NULL: none. */
static const char *ids_of(struct span *line)
{
	struct span module;

	if (!span_next_word(line, &module))
		return NULL;
	if (span_is_name(module, "vfio-pci"))
		return "options vfio-pci ids";
	return span_is_name(module, "pci-stub") ? "options pci-stub ids" : NULL;
}

void import_modprobe(struct span text, struct import *import)
{
	const char *what = NULL;
	bool goes_on = false;
	struct span line;

	while (import_next_line(import, &text, &line)) {
		struct span whole = line, rest = line, word;
		bool was_on = goes_on;

		goes_on = span_ends(span_trim(line), "\\");
		if (goes_on)
			rest.len = span_find_last(rest, '\\');
		if (!was_on) {
			what = NULL;
			if (!span_next_word(&rest, &word) || word.ptr[0] == '#')
				continue;
			if (span_is(word, "options"))
				what = ids_of(&rest);
			else
				read_other(import, whole, word);
			if (!what && modprobe_misses_ids(whole, &word))
				import_unread(import, word, "modprobe.d",
					      IDS_AS_THEY_COUNT);
		}
		if (what)
			read_parameters(import, rest, what);
	}
}

void import_modules(struct span text, struct import *import)
{
	struct span line;

	while (import_next_line(import, &text, &line)) {
		struct span rest = line, word, part;

		if (!span_next_word(&rest, &word) || word.ptr[0] == '#')
			continue;
		if (span_is_name(word, "vfio-pci"))
			read_parameters(import, rest, "vfio-pci ids");
		else if (span_is_name(word, "pci-stub"))
			read_parameters(import, rest, "pci-stub ids");
		else if (modprobe_misses_ids(line, &part) ||
			 (span_is(word, "options") && span_has(rest, "pci ids=")))
			import_unread(import, span_trim(line), "modules",
				      "it does not count in a list of modules; write a "
				      "bind line");
	}
}
