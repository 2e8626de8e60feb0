// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The devices that a script names: in a list, an array, a loop or a path of sysfs. Knows
 * nothing of shell but its words, and runs nothing.
 */
#include <ctype.h>
#include <string.h>

#include "items.h"

static const char what[] = "script";
static const char no_address[] = "no address of one device; name each";

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

/* 0000\:01\:00.0, as some write it in paths, or libvirt's pci_0000_01_00_0: as it should be. */
static void out_address(struct out *out, struct span word)
{
	bool is_libvirt = span_starts(word, "pci_");

	if (is_libvirt)
		word = span_skip(word, strlen("pci_"));
	for (size_t i = 0; i < word.len; i++)
		if (is_libvirt && word.ptr[i] == '_')
			out_char(out, i + 2 == word.len ? '.' : ':');
		else if (word.ptr[i] != '\\')
			out_char(out, word.ptr[i]);
}

static bool read_disguised(struct import *import, struct span word)
{
	char plain[ESCAPED_MAX];
	struct out out = OUT(plain);
	struct spec spec;
	struct diag diag;

	if (word.len > ESCAPED_MAX ||
	    (!span_starts(word, "pci_") && span_find(word, '\\') == word.len))
		return false;
	out_address(&out, word);
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
	return read_disguised(import, name);
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
	name = span_head(name, span_find(name, '/'));
	if (!read_name(import, name) && name.len && isxdigit((unsigned char)*name.ptr))
		import_unread(import, name, what, no_address);
}

/* Of an address that a pattern goes on, or nothing: 0000:01:00 */
static bool is_slot(struct span word)
{
	uint32_t value;

	return word.len >= 10 && word.ptr[4] == ':' && word.ptr[7] == ':' &&
	       hex_scan(span_head(word, 4), 4, &value) &&
	       hex_scan(span_head(span_skip(word, 5), 2), 2, &value) &&
	       hex_scan(span_head(span_skip(word, 8), 2), 2, &value);
}

/* 4 digits, or fewer behind 0x. */
static bool read_hex4(struct span word, uint32_t *value)
{
	struct span digits = without_0x(word);

	return (digits.len == 4 || digits.len < word.len) && hex_scan(digits, 4, value);
}

/* "10de 1c82" or "0x10de 0x1c82", on its way to new_id */
static void read_new_id(struct import *import, struct span line)
{
	struct span first = { NULL, 0 }, word;
	struct spec spec = { .has_id = true,
			     .id = { PCI_ANY, PCI_ANY, PCI_ANY, PCI_ANY, 0, 0 } };

	while (next_word(&line, &word)) {
		if (read_hex4(first, &spec.id.vendor) &&
		    read_hex4(word, &spec.id.device)) {
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

	/* lspci's, of the card's maker. */
	if (span_starts(span_trim(line), "Subsystem:"))
		return;
	while (next_word(&rest, &word)) {
		if (word.ptr[0] == '$' || read_name(import, word))
			continue;
		if (is_slot(word))
			import_unread(import, word, what, no_address);
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
