// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which format a file has that somebody named. Reads no more of it than that.
 */
#include "items.h"

/* A first word that only modprobe.d has, or that of a boot loader's entry. */
static bool guess_line(struct span line, enum import_format *format)
{
	struct span word, next;

	if (!span_next_word(&line, &word))
		return false;
	if (span_is(word, "softdep") || span_is(word, "blacklist") ||
	    span_is(word, "install")) {
		*format = FORMAT_MODPROBE;
		return true;
	}
	if (span_is(word, "options") && span_next_word(&line, &next)) {
		/* Of a module, or at once the parameters. */
		*format = span_find(next, '=') == next.len && span_has(line, "=") &&
					  !span_has(line, "root=") ?
				  FORMAT_MODPROBE :
				  FORMAT_ENTRY;
		return true;
	}
	if (span_is(word, "title") || span_is(word, "append") ||
	    span_is(word, "APPEND") || span_is(word, "linux")) {
		*format = FORMAT_ENTRY;
		return true;
	}
	if ((span_is_name(word, "vfio-pci") || span_is_name(word, "pci-stub")) &&
	    span_next_word(&line, &next) && span_starts(next, "ids")) {
		*format = FORMAT_MODULES;
		return true;
	}
	if (span_starts(word, "BIND=")) {
		*format = FORMAT_UNRAID;
		return true;
	}
	return false;
}

enum import_format import_guess(struct span name, struct span text)
{
	struct span address = span_starts(name, "pci-") ? span_skip(name, 4) : name;
	enum import_format format;
	struct span rest = text, line;

	if (looks_like_address(address))
		return FORMAT_DRIVERCTL;
	if (span_starts(text, "#!"))
		return FORMAT_SCRIPT;
	if (span_has(text, "GRUB_CMDLINE_"))
		return FORMAT_GRUB;
	if (span_starts(rest, "\xef\xbb\xbf"))
		rest = span_skip(rest, 3);
	while (span_next_line(&rest, &line))
		if (guess_line(line, &format))
			return format;
	return span_has(text, ".ids=") || span_has(text, "_pci=") ||
			       span_has(text, "pciback.hide=") ?
		       FORMAT_CMDLINE :
		       FORMAT_SCRIPT;
}

void import_text(enum import_format format, struct span name, struct span text,
		 struct import *import)
{
	if (span_starts(text, "\xef\xbb\xbf"))
		text = span_skip(text, 3);
	switch (format) {
	case FORMAT_CMDLINE:
		import_cmdline(text, import);
		break;
	case FORMAT_GRUB:
		import_grub(text, import);
		break;
	case FORMAT_ENTRY:
		import_entry(text, import);
		break;
	case FORMAT_MODPROBE:
		import_modprobe(text, import);
		break;
	case FORMAT_MODULES:
		import_modules(text, import);
		break;
	case FORMAT_UNRAID:
		import_unraid(text, import);
		break;
	case FORMAT_SCRIPT:
		import_script(text, import);
		break;
	case FORMAT_DRIVERCTL:
		import_driverctl(name, text, import);
	}
}
