// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The machine as text that can be given away: PCI facts, and the parameters of the kernel
 * that bear on them. Must never print what tells whose machine it is.
 */
#include "list.h"

/* Starts of parameters; `-` and `_` are alike. Only what is known to say nothing else. */
static const char *const parameters[] = {
	"iommu=",
	"iommu.",
	"intel_iommu=",
	"amd_iommu",
	"arm-smmu",
	"intremap=",
	"vfio.",
	"vfio-pci.",
	"vfio_iommu_type1.",
	"early-vfio.",
	"pci=",
	"pcie_",
	"pci-stub.",
	"xen-pciback.hide=",
	"rd.qubes.hide_pci=",
	"modprobe.blacklist=",
	"module_blacklist=",
	"initcall_blacklist=",
	"rd.driver.blacklist=",
	"rd.driver.pre=",
	"nomodeset",
	"video=efifb:",
	"video=vesafb:",
	"video=simplefb:",
	"nouveau.modeset=",
	"nvidia-drm.modeset=",
	"radeon.modeset=",
	"amdgpu.modeset=",
	"i915.modeset=",
	"i915.enable_gvt=",
};

static bool bears_on_this(const struct param *param)
{
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
		if (span_starts_name(param->whole, parameters[i]))
			return true;
	return false;
}

static void out_cmdline(struct out *out, struct span cmdline)
{
	bool has_any = false;
	struct param param;

	while (cmdline_next(&cmdline, &param)) {
		if (!bears_on_this(&param))
			continue;
		out_text(out, has_any ? " " : "# cmdline: ");
		out_escaped(out, param.whole);
		has_any = true;
	}
	if (has_any)
		out_char(out, '\n');
}

static void out_fact(struct out *out, const char *fact, const struct device *dev)
{
	out_text(out, fact);
	out_bdf(out, dev->bdf);
}

static void out_facts(struct out *out, const struct inventory *inv)
{
	for_each_device(dev, inv) {
		if (!dev->is_present)
			continue;
		if (dev->is_boot_vga) {
			out_fact(out, "# boot-vga: ", dev);
			out_char(out, '\n');
		}
		if (dev->has_framebuffer) {
			out_fact(out, "# framebuffer: ", dev);
			out_char(out, '\n');
		}
	}
	for_each_device(dev, inv) {
		if (!dev->is_present || !dev->secondary)
			continue;
		out_fact(out, "# bridge: ", dev);
		out_char(out, ' ');
		out_hex(out, dev->secondary, 2);
		out_char(out, '\n');
	}
}

static void out_pair(struct out *out, uint16_t first, uint16_t second)
{
	out_char(out, ' ');
	out_hex(out, first, 4);
	out_char(out, ':');
	out_hex(out, second, 4);
}

static void out_function(struct out *out, const struct inventory *inv,
			 const struct device *dev)
{
	out_bdf(out, dev->bdf);
	out_char(out, ' ');
	out_hex(out, dev->class, 6);
	out_pair(out, dev->vendor, dev->device);
	out_pair(out, dev->subvendor, dev->subdevice);
	out_char(out, ' ');
	out_escaped(out, span_of(dev->driver ? driver_name(inv, dev->driver) : "-"));
	out_char(out, ' ');
	if (dev->group == GROUP_NONE)
		out_char(out, '-');
	else
		out_dec(out, (uint32_t)dev->group);
	out_char(out, '\n');
}

void list_capture(const struct inventory *inv, struct span cmdline, struct out *out)
{
	out_text(out, "# read from: sysfs\n");
	out_cmdline(out, cmdline);
	out_facts(out, inv);
	for_each_device(dev, inv)
		if (dev->is_present)
			out_function(out, inv, dev);
}
