// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Specifications: whatever is accepted has a form of its own that means the same. Knows
 * nothing of where they are written.
 */
#include "fuzz.h"
#include "report_check.h"

static void check_diag(const struct diag *diag, struct span text)
{
	char buf[4096];
	struct out out = OUT(buf);

	if (diag->code == DIAG_NONE)
		return;
	out_diag(&out, diag);
	fuzz_assert(diag->offset <= text.len, "a diagnosis points into the text");
	fuzz_assert(is_clean_line(out_done(&out)), "a diagnosis can be printed");
}

/* It is written as it means, and read as it is written. */
static void check_form(const struct spec *spec)
{
	char buf[256], again[256];
	struct out out = OUT(buf), twice = OUT(again);
	struct diag diag;
	struct spec read;

	out_spec(&out, spec);
	fuzz_assert(!out.overflow, "a specification is short");
	fuzz_assert(spec_parse(out_done(&out), &read, &diag), "its form can be read");
	fuzz_assert(diag.code == DIAG_NONE, "its form needs no note");
	fuzz_assert(spec_equals(spec, &read), "its form means the same");
	out_spec(&twice, &read);
	fuzz_assert(span_equals(out_done(&out), out_done(&twice)), "its form is one");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct diag diag = { 0 };
	struct spec spec;

	if (spec_parse(text, &spec, &diag))
		check_form(&spec);
	else
		fuzz_assert(diag.code != DIAG_NONE, "a refusal says why");
	check_diag(&diag, text);
	diag = (struct diag){ 0 };
	if (!spec_parse_kernel_id(text, &spec, &diag))
		fuzz_assert(diag.code != DIAG_NONE, "a refusal of ids= says why");
	check_diag(&diag, text);
	return 0;
}
