// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that are lists of devices and nothing else: Unraid's and driverctl's. Knows nothing
 * of the devices that are there.
 */
#include <string.h>

#include <early-vfio/device.h>

#include "items.h"

static const char unraid[] = "BIND";

/* ADDRESS, or ADDRESS|VENDOR:DEVICE */
static void read_pair(struct import *import, struct span pair)
{
	size_t bar = span_find(pair, '|');
	struct span where = span_head(pair, bar), what = span_skip(pair, bar + 1);
	struct spec spec, id;
	struct diag diag;

	if (!spec_parse(where, &spec, &diag)) {
		import_diag(import, IMPORT_UNREAD, pair, unraid, &diag);
		return;
	}
	if (spec.has_id || spec.flags) {
		import_unread(import, pair, unraid, "no address");
		return;
	}
	if (bar < pair.len) {
		if (!spec_parse(what, &id, &diag)) {
			import_diag(import, IMPORT_UNREAD, pair, unraid, &diag);
			return;
		}
		if (id.where != WHERE_ANY || id.flags) {
			import_unread(import, pair, unraid,
				      "no VENDOR:DEVICE behind the bar");
			return;
		}
		spec.has_id = true;
		spec.id = id.id;
	}
	import_device(import, pair, unraid, &spec);
}

/* One pair of quotes around a value, or a lone one. */
static struct span unquoted(struct span text)
{
	while (text.len && (text.ptr[0] == '"' || text.ptr[0] == '\''))
		text = span_skip(text, 1);
	while (text.len && strchr("\"'", text.ptr[text.len - 1]) &&
	       text.ptr[text.len - 1])
		text.len--;
	return text;
}

void import_unraid(struct span text, struct import *import)
{
	struct span line, pair;

	while (import_next_line(import, &text, &line)) {
		if (span_starts(line, "\xef\xbb\xbf"))
			line = span_skip(line, 3);
		line = span_trim(line);
		if (!line.len || line.ptr[0] == '#')
			continue;
		if (!span_starts(line, "BIND=")) {
			import_unread(import, line, unraid, "no BIND= line");
			continue;
		}
		line = unquoted(span_skip(line, strlen("BIND=")));
		while (span_next_word(&line, &pair))
			read_pair(import, pair);
	}
}

void import_driverctl(struct span name, struct span text, struct import *import)
{
	static const char what[] = "driverctl";
	struct span driver = span_trim(text);

	if (span_starts(name, "pci-"))
		name = span_skip(name, strlen("pci-"));
	import->line_start = name.ptr;
	import->line = 1;
	if (!looks_like_address(name))
		import_unread(import, name, what, "its name is no PCI address");
	else if (driver_is_vfio(driver))
		import_spec(import, name, what);
}
