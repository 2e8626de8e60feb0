// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is read from the kernel: modalias, the patterns that are matched with it, addresses,
 * and the ranges of /proc/iomem and of resource files. NUL bytes stand between the texts.
 */
#include <early-vfio/scan.h>

#include "fuzz.h"

static void read_lines(struct span text, struct apertures *apertures)
{
	struct span line;

	while (apertures->count < APERTURES_MAX && span_next_line(&text, &line))
		if (!apertures_add(apertures, line))
			return;
}

static void check_address(struct span text)
{
	char buf[BDF_TEXT_MAX];
	struct out out = OUT(buf);
	struct bdf bdf, again;

	if (!bdf_scan(text, &bdf))
		return;
	out_bdf(&out, bdf);
	fuzz_assert(!out.overflow, "an address is short");
	fuzz_assert(bdf_scan(out_done(&out), &again) && bdf_equals(bdf, again),
		    "an address is read as it is written");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { (const char *)data, size }, text;
	struct apertures apertures = { 0 };
	struct device dev = { 0 };

	span_next_field(&rest, '\0', &text);
	check_address(text);
	if (device_read_modalias(text, &dev))
		fuzz_assert(dev.is_present && dev.class <= 0xffffff,
			    "a device that can be read is there");
	while (span_next_field(&rest, '\0', &text)) {
		device_matches_alias(&dev, text);
		driver_is_vfio(text);
		driver_is_harmless(text);
		read_lines(text, &apertures);
		fuzz_assert(apertures.count <= APERTURES_MAX, "there is room for all");
		apertures_touch(&apertures, text);
	}
	return 0;
}
