// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel command lines, and the files of boot loaders that have them. Knows nothing of the
 * devices that are there.
 */
#include <string.h>

#include "items.h"

/* One line at a time; too large for the stack. */
static struct ruleset scratch;

/* Ids of pci-stub: the core says only that they are not vfio-pci's. */
static bool is_stub_ids(struct span name)
{
	return span_is_name(name, "pci-stub.ids");
}

static void read_ids(struct import *import, struct span line)
{
	size_t kept = 0;

	ruleset_init(&scratch);
	cmdline_read(line, &scratch);
	for (size_t n = 0; n < scratch.note_count; n++)
		if (!is_stub_ids(scratch.notes[n].diag.text))
			scratch.notes[kept++] = scratch.notes[n];
	scratch.note_count = kept;
	import_rules(import, &scratch, "vfio-pci.ids");
}

static void read_qubes(struct import *import, struct span list)
{
	static const char what[] = "rd.qubes.hide_pci";
	struct span element;

	while (span_next_field(&list, ',', &element)) {
		struct spec spec;
		const char *why;

		element = span_trim(element);
		if (!element.len)
			continue;
		why = import_qubes_path(element, &spec);
		if (why)
			import_unread(import, element, what, why);
		else
			import_device(import, element, what, &spec);
	}
}

/* (0000:01:00.0)(01:00.1) */
static void read_xen(struct import *import, struct span list)
{
	static const char what[] = "xen-pciback.hide";
	struct span element;

	while (span_next_field(&list, ')', &element)) {
		element = span_trim(element);
		if (span_starts(element, "("))
			import_spec(import, span_skip(element, 1), what);
		else if (element.len)
			import_unread(import, element, what,
				      "no address between brackets");
	}
}

void import_parameters(struct import *import, struct span line)
{
	struct span rest = line;
	struct param param;

	read_ids(import, line);
	while (cmdline_next(&rest, &param)) {
		if (is_stub_ids(param.name))
			import_ids(import, param.value, "pci-stub.ids");
		else if (span_is_name(param.name, "rd.qubes.hide_pci"))
			read_qubes(import, param.value);
		else if (span_is_name(param.name, "xen-pciback.hide"))
			read_xen(import, param.value);
	}
}

/* What goes to init is none of the kernel's. */
void import_no_ids(struct import *import, struct span line)
{
	if (span_has(line, "pci.ids=") && !span_has(line, " -- "))
		import_unread(import, span_head(line, 0), "command line",
			      "it has ids, and none can be read");
}

/* Quotes around all of the parameters are none of theirs. */
static struct span unquoted(struct span text)
{
	text = span_trim(text);
	if (text.len < 2 || (text.ptr[0] != '"' && text.ptr[0] != '\'') ||
	    text.ptr[text.len - 1] != text.ptr[0])
		return text;
	return span_head(span_skip(text, 1), text.len - 2);
}

/* A whole line in quotes, as rEFInd has it behind a name. */
static void read_quoted(struct import *import, struct span line)
{
	struct param param;

	while (cmdline_next(&line, &param))
		if (param.whole.ptr[0] == '"' &&
		    !span_is_name(param.name, "vfio-pci.ids") &&
		    span_find(param.whole, ' ') < param.whole.len)
			import_parameters(import, unquoted(param.whole));
}

void import_cmdline(struct span text, struct import *import)
{
	struct span whole = text, line;

	while (import_next_line(import, &text, &line)) {
		if (span_starts(span_trim(line), "#"))
			continue;
		import_parameters(import, line);
		read_quoted(import, line);
	}
	import->line = 1;
	import->line_start = whole.ptr;
	if (!import->count)
		import_no_ids(import, whole);
}

/* In any case, since syslinux has it so. */
static bool word_is(struct span word, const char *name)
{
	return word.len == strlen(name) && strncasecmp(word.ptr, name, word.len) == 0;
}

void import_entry(struct span text, struct import *import)
{
	static const char *const words[] = { "options", "append", "linux", "linuxefi",
					     "linux16" };
	struct span line, word;

	while (import_next_line(import, &text, &line)) {
		if (!span_next_word(&line, &word))
			continue;
		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
			if (word_is(word, words[w]))
				import_parameters(import, unquoted(line));
	}
}
