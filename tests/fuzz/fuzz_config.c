// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The config of the image, through parsing, planning and telling. Knows nothing of the
 * command line.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct ruleset *set = fuzz_rules();

	config_read(text, SPAN("/etc/early-vfio.conf"), set);
	fuzz_assert(set->settings.timeout_s >= 1 && set->settings.timeout_s <= 600,
		    "a timeout has its bounds");
	fuzz_check_texts(set, text, text);
	fuzz_plan(set);
	return 0;
}
