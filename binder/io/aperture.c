// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the firmware's framebuffer lies, from lines of /proc/iomem, from what the boot loader
 * told the kernel, and from a device's `resource` file. Text in, ranges out: no I/O, and
 * nothing of what is done about it.
 */
#include <string.h>

#include <early-vfio/scan.h>

#define RESOURCE_MEM 0x200 /* IORESOURCE_MEM */

/*
 * What claims the firmware's framebuffer: the platform device (BOOTFB), the fbdev drivers
 * and the DRM drivers that run on it.
 * Source: sysfb_create_simplefb(), efifb_probe(), vesafb_probe(), simplefb_probe() and
 * drivers/gpu/drm/sysfb/ of the kernel.
 */
#define FIRMWARE_NAMES                                          \
	"BOOTFB\0efifb\0vesafb\0simplefb\0simple-framebuffer\0" \
	"simpledrm\0efidrm\0vesadrm\0offb\0ofdrm\0"

/* 1 to 16 hex digits, with or without 0x. */
static bool hex64_scan(struct span text, uint64_t *value)
{
	text = without_0x(text);
	return text.len && text.len <= 16 && hex_read(text, value) == text.len;
}

/* Without privilege all of it reads as zeros: then nothing is known. */
static bool range_scan(struct span start, struct span end, struct aperture *range)
{
	return hex64_scan(start, &range->start) && hex64_scan(end, &range->end) &&
	       range->end > range->start;
}

bool apertures_add(struct apertures *apertures, struct span line)
{
	struct span start, end, name = line;

	if (!span_next_field(&name, ':', &end) ||
	    keyword_find(span_trim(name), FIRMWARE_NAMES) < 0)
		return true;
	end = span_trim(end);
	if (!span_next_field(&end, '-', &start) ||
	    !range_scan(start, end, &apertures->list[apertures->count]))
		return true;
	return ++apertures->count < APERTURES_MAX;
}

/*
 * Source: struct screen_info, the head of the boot parameters; Documentation/arch/x86/
 * zero-page.rst of the kernel. Only x86 has them, so they are in this machine's byte order.
 */
#define LFB_BASE 0x18
#define EXT_LFB_BASE 0x3a

void apertures_add_boot(struct apertures *apertures, struct span parameters)
{
	uint32_t low, high;
	uint64_t base;

	if (parameters.len < SCREEN_INFO_SIZE)
		return;
	memcpy(&low, parameters.ptr + LFB_BASE, sizeof(low));
	memcpy(&high, parameters.ptr + EXT_LFB_BASE, sizeof(high));
	base = (uint64_t)high << 32 | low;
	if (base)
		apertures->list[apertures->count++] = (struct aperture){ base, base };
}

bool apertures_touch(const struct apertures *apertures, struct span resource)
{
	struct span start, end, flags;
	struct aperture bar;
	uint64_t kind;

	/* A line is a range and its flags. */
	while (span_next_word(&resource, &start) && span_next_word(&resource, &end) &&
	       span_next_word(&resource, &flags)) {
		if (!hex64_scan(flags, &kind) || !(kind & RESOURCE_MEM) ||
		    !range_scan(start, end, &bar))
			continue;
		for (size_t i = 0; i < apertures->count; i++)
			if (apertures->list[i].start <= bar.end &&
			    apertures->list[i].end >= bar.start)
				return true;
	}
	return false;
}
