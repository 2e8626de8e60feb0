// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Texts of other set-ups, each as the file of every format that import knows. A name, a NUL
 * and the text. Knows nothing of what should be found in them.
 */
#include "fuzz.h"
#include "import/import.h"
#include "report_check.h"

/* What would be written into the config means the same when it is read again. */
static void check_spec(const struct spec *spec)
{
	char buf[256];
	struct out out = OUT(buf);
	struct diag diag;
	struct spec again;

	out_spec(&out, spec);
	fuzz_assert(!out.overflow, "what is found fits into a line");
	fuzz_assert(spec_parse(out_done(&out), &again, &diag),
		    "what is found can be read");
	fuzz_assert(spec_equals(spec, &again), "what is found means the same");
}

static void check_item(const struct import_item *item, struct span name, struct span text)
{
	char buf[4096];
	struct out out = OUT(buf);

	fuzz_assert(fuzz_is_in(item->text, text) || fuzz_is_in(item->text, name),
		    "an item is a part of the text");
	fuzz_assert(item->what && item->line >= 1 && item->column >= 1 &&
			    item->column <= text.len + name.len + 1,
		    "an item has its place");
	if (item->kind == IMPORT_DEVICE)
		check_spec(&item->spec);
	else
		fuzz_assert(item->diag.code || item->why, "what is no device says why");
	if (!item->diag.code)
		return;
	out_diag(&out, &item->diag);
	fuzz_assert(is_clean_line(out_done(&out)), "a diagnosis can be printed");
}

static void read_as(enum import_format format, struct span name, struct span text)
{
	struct import import = { 0 };

	import_text(format, name, text, &import);
	fuzz_assert(import.count <= IMPORT_ITEMS_MAX, "what is found has a bound");
	for (size_t i = 0; i < import.count; i++)
		check_item(&import.items[i], name, text);
	import_free(&import);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct span name = fuzz_text(&text);
	struct spec spec;

	for (unsigned format = FORMAT_CMDLINE; format <= FORMAT_DRIVERCTL; format++)
		read_as((enum import_format)format, name, text);
	read_as(import_guess(name, text), name, text);
	if (!import_qubes_path(name, &spec))
		check_spec(&spec);
	return 0;
}
