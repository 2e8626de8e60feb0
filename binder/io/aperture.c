// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the firmware's framebuffer lies, from lines of /proc/iomem and of a device's
 * `resource` file. Text in, ranges out: no I/O, and nothing of what is done about it.
 */
#include <early-vfio/scan.h>

#define RESOURCE_MEM 0x200 /* IORESOURCE_MEM */

/*
 * What claims the firmware's framebuffer: the platform device (BOOTFB), the fbdev drivers
 * and the DRM drivers that run on it.
 * Source: sysfb_create_simplefb(), efifb_probe(), vesafb_probe(), simplefb_probe() and
 * drivers/gpu/drm/sysfb/ of the kernel.
 */
static bool is_firmware_name(struct span name)
{
	static const char *const names[] = {
		"BOOTFB",    "efifb",  "vesafb",  "simplefb", "simple-framebuffer",
		"simpledrm", "efidrm", "vesadrm", "offb",     "ofdrm",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_is(name, names[i]))
			return true;
	return false;
}

/* 1 to 16 hex digits, with or without 0x. */
static bool hex64_scan(struct span text, uint64_t *value)
{
	uint64_t sum = 0;

	if (span_starts(text, "0x"))
		text = span_skip(text, 2);
	if (!text.len || text.len > 16)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int digit = hex_digit(text.ptr[i]);

		if (digit < 0)
			return false;
		sum = sum << 4 | (uint64_t)digit;
	}
	*value = sum;
	return true;
}

bool apertures_add(struct apertures *apertures, struct span line)
{
	struct aperture *aperture = &apertures->list[apertures->count];
	struct span range = span_head(line, span_find(line, ':'));
	struct span start, name = span_trim(span_skip(line, range.len + 1));

	if (range.len == line.len || !is_firmware_name(name))
		return true;
	range = span_trim(range);
	/* Without privilege all of it reads as zeros: then nothing is known. */
	if (!span_next_field(&range, '-', &start) ||
	    !hex64_scan(start, &aperture->start) || !hex64_scan(range, &aperture->end) ||
	    aperture->end <= aperture->start)
		return true;
	return ++apertures->count < APERTURES_MAX;
}

bool apertures_touch(const struct apertures *apertures, struct span resource)
{
	struct span line, start, end, flags;
	struct aperture bar;
	uint64_t kind;

	while (span_next_line(&resource, &line)) {
		if (!span_next_word(&line, &start) || !span_next_word(&line, &end) ||
		    !span_next_word(&line, &flags) || !hex64_scan(start, &bar.start) ||
		    !hex64_scan(end, &bar.end) || !hex64_scan(flags, &kind))
			continue;
		if (!(kind & RESOURCE_MEM) || bar.end <= bar.start)
			continue;
		for (size_t i = 0; i < apertures->count; i++)
			if (apertures->list[i].start <= bar.end &&
			    apertures->list[i].end >= bar.start)
				return true;
	}
	return false;
}
