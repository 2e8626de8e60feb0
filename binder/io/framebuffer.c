// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The firmware's framebuffer: a platform device whose driver holds a part of a display's
 * BARs. vfio-pci itself removes it for class 0300 only, and what was removed cannot come
 * back. Knows nothing of consoles.
 */
#include <errno.h>

#include <early-vfio/scan.h>

#include "applier.h"

#define PLATFORM_DEVICES "sys/bus/platform/devices/"
#define OVERRIDE "/driver_override"

/* The kernel makes one of them at most. Source: drivers/firmware/sysfb*.c */
static const char *const names =
	"efi-framebuffer.0\0vesa-framebuffer.0\0simple-framebuffer.0\0";
#define for_each_name(name) \
	for (const char *name = names; *name; name += span_of(name).len + 1)

/*
 * The override that keeps every driver off, simpledrm for one: no driver has such a name. It
 * says for which device, so that no other's release brings the framebuffer back.
 */
static struct span holder_name(const struct device *dev, struct path *path)
{
	address_path(path, "early-vfio-", dev->bdf);
	return out_done(&path->out);
}

static int fb_write(struct run *run, const char *name, const char *attribute,
		    struct span text)
{
	struct io *io = run->apply->io;
	struct path path;

	path_of(&path, PLATFORM_DEVICES, span_of(name), attribute);
	return io->write(io, path.text, text);
}

static void release_for(struct run *run, struct device *dev)
{
	struct path path;
	struct span holder = holder_name(dev, &path);

	for_each_name(name)
	{
		int error = fb_write(run, name, OVERRIDE, holder);

		if (!error)
			error = fb_write(run, name, "/driver/unbind", span_of(name));
		/* Not this kind of framebuffer, or no driver has it. */
		if (!error || error == -ENOENT || error == -ENODEV)
			continue;
		device_fail(dev, STEP_FRAMEBUFFER, -error);
		return;
	}
}

/* Only the boot display has it, as far as the kernel says which one that is. */
static bool may_have(const struct device *dev)
{
	return is_pending(dev) && device_is_display(dev) &&
	       (!dev->has_boot_vga || dev->is_boot_vga);
}

void framebuffers_release(struct run *run)
{
	struct apply *apply = run->apply;

	for_each_device(dev, apply->inv) {
		if (!may_have(dev))
			continue;
		step_begin(run, STEP_FRAMEBUFFER, dev);
		if (!(dev->known & FACT_FRAMEBUFFER)) {
			dev->wanted |= FACT_FRAMEBUFFER;
			inventory_fill(apply->inv, apply->io, apply->cmdline);
		}
		if (dev->has_framebuffer)
			release_for(run, dev);
	}
}

/* The one that is held for the device; NULL: none is. */
static const char *held_name(struct io *io, const struct device *dev)
{
	struct path path, file;
	struct span holder = holder_name(dev, &path);
	char buf[64];

	for_each_name(name)
	{
		path_of(&file, PLATFORM_DEVICES, span_of(name), OVERRIDE);
		if (span_equals(span_trim(io_text(io, file.text, buf, sizeof(buf))),
				holder))
			return name;
	}
	return NULL;
}

bool framebuffer_is_held(struct io *io, const struct device *dev)
{
	return held_name(io, dev);
}

void framebuffer_rebind(struct run *run, struct device *dev)
{
	struct io *io = run->apply->io;
	const char *name = device_is_display(dev) ? held_name(io, dev) : NULL;

	if (name && fb_write(run, name, OVERRIDE, SPAN("\n")) == 0)
		io->write(io, "sys/bus/platform/drivers_probe", span_of(name));
}
