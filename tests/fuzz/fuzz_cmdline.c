// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel command line, through parsing, planning and telling. Knows nothing of config
 * files.
 */
#include "fuzz.h"

/* As words between blanks; no parser has a hand in it. */
static bool has_word(struct span line, const char *wanted)
{
	struct span word;

	while (span_next_word(&line, &word))
		if (span_is(word, wanted))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span line = { (const char *)data, size }, rest = line;
	struct ruleset *set = fuzz_rules();
	struct param param;
	char buf[1024];
	struct out out = OUT(buf);

	while (cmdline_next(&rest, &param))
		fuzz_assert(param.whole.len > 0, "a parameter is not empty");
	cmdline_read(line, set);
	fuzz_assert(!has_word(line, "early-vfio.mode=off") ||
			    set->settings.mode == MODE_OFF,
		    "the kill switch works");
	fuzz_check_texts(set, line, line);
	cmdline_module_options(line, SPAN("vfio-pci"), &out);
	fuzz_plan(set);
	return 0;
}
