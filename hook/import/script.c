// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The devices that a script names: in a list, an array, a loop or a path of sysfs. Knows
 * nothing of shell but its words, and runs nothing.
 */
#include <string.h>

#include "items.h"

static const char what[] = "script";

/* Longest of an address with backslashes before its colons. */
#define ESCAPED_MAX 32

/* What stands between words, in any shell. */
static bool is_separator(char c)
{
	return is_blank(c) || (c && strchr("\"'`;,=(){}[]<>|&", c));
}

static bool next_word(struct span *rest, struct span *word)
{
	size_t start = 0, end;

	while (start < rest->len && is_separator(rest->ptr[start]))
		start++;
	for (end = start; end < rest->len && !is_separator(rest->ptr[end]); end++)
		;
	*word = span_head(span_skip(*rest, start), end - start);
	*rest = span_skip(*rest, end);
	return word->len > 0;
}

/* `#` starts a comment at the start of the line or behind a blank; not in quotes. */
static struct span without_comment(struct span line)
{
	char quote = '\0';

	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i];

		if (quote)
			quote = c == quote ? '\0' : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '#' && (i == 0 || is_blank(line.ptr[i - 1])))
			return span_head(line, i);
	}
	return line;
}

/* 0000\:01\:00.0, as some write it in paths. */
static bool read_escaped(struct import *import, struct span word)
{
	char plain[ESCAPED_MAX];
	struct out out = OUT(plain);
	struct spec spec;
	struct diag diag;

	if (word.len > ESCAPED_MAX || span_find(word, '\\') == word.len)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (word.ptr[i] != '\\')
			out_char(&out, word.ptr[i]);
	if (!looks_like_address(out_done(&out)))
		return false;
	if (spec_parse(out_done(&out), &spec, &diag))
		import_device(import, word, what, &spec);
	else
		import_unread(import, word, what, "no address of a PCI device");
	return true;
}

static bool read_name(struct import *import, struct span name)
{
	if (looks_like_address(name) || looks_like_id(name)) {
		import_spec(import, name, what);
		return true;
	}
	return read_escaped(import, name);
}

/* /sys/bus/pci/devices/ADDRESS and what is below it: no other path names a device to take. */
static void read_path(struct import *import, struct span word)
{
	static const char above[] = "/bus/pci/devices/";
	const char *at = memmem(word.ptr, word.len, above, strlen(above));
	struct span name;

	if (!at)
		return;
	name = span_skip(word, (size_t)(at - word.ptr) + strlen(above));
	read_name(import, span_head(name, span_find(name, '/')));
}

static bool is_hex4(struct span word)
{
	uint32_t value;

	return word.len == 4 && hex_scan(word, 4, &value);
}

/* "10de 1c82", on its way to new_id */
static void read_new_id(struct import *import, struct span line)
{
	struct span first = { NULL, 0 }, word;
	struct spec spec = { .has_id = true,
			     .id = { PCI_ANY, PCI_ANY, PCI_ANY, PCI_ANY, 0, 0 } };

	while (next_word(&line, &word)) {
		if (is_hex4(first) && is_hex4(word)) {
			hex_scan(first, 4, &spec.id.vendor);
			hex_scan(word, 4, &spec.id.device);
			import_device(import,
				      (struct span){
					      first.ptr,
					      (size_t)(word.ptr + word.len - first.ptr) },
				      "new_id", &spec);
			return;
		}
		first = word;
	}
}

/* Every display but the one that firmware used, with what belongs to it. */
static void read_boot_vga(struct import *import, struct span line)
{
	static const char name[] = "boot_vga";
	const char *at = memmem(line.ptr, line.len, name, strlen(name));
	const struct spec spec = {
		.id = { PCI_ANY, PCI_ANY, PCI_ANY, PCI_ANY, 0, 0 },
		.where = WHERE_NOT_BOOT_VGA,
		.flags = SPEC_SLOT,
	};

	import_device(import, (struct span){ at, strlen(name) }, name, &spec);
}

static void read_line(struct import *import, struct span line)
{
	struct span rest = line, word;

	while (next_word(&rest, &word)) {
		if (word.ptr[0] == '$' || read_name(import, word))
			continue;
		read_path(import, word);
		if (span_is(word, "lspci"))
			import_unread(
				import, word, what,
				"what it finds is not known here; name the devices");
	}
	if (span_has(line, "new_id"))
		read_new_id(import, line);
}

void import_script(struct span text, struct import *import)
{
	struct span whole = text, line;
	bool has_boot_vga = false;

	while (import_next_line(import, &text, &line)) {
		line = without_comment(line);
		read_line(import, line);
		if (has_boot_vga || !span_has(line, "boot_vga"))
			continue;
		has_boot_vga = true;
		read_boot_vga(import, line);
	}
	if (import->count)
		return;
	import->line = 1;
	import->line_start = whole.ptr;
	import_unread(import, span_head(whole, 0), what, "no device can be read in it");
}
