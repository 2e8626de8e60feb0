// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The generated facts of an image: modules, protected devices, aliases, what was left out;
 * with rules that make use of each. Knows nothing of who writes them.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct span config = SPAN("bind 10de:2684 driver=auto\nbind class=0108\n"
				  "keep 0000:02:00.1\nbind 0000:00:14.0+force\n");
	struct ruleset *set = fuzz_rules();

	config_read(config, SPAN("/etc/early-vfio.conf"), set);
	image_read(text, SPAN("/etc/early-vfio.image"), set);
	fuzz_check_texts(set, text, config);
	fuzz_plan(set);
	return 0;
}
