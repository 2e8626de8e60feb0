// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine that list --capture prints is the machine that it was read from, in the reader
 * of recorded machines. Knows nothing of sysfs.
 */
#include <string.h>

#include "list/list.h"
#include "machine.h"
#include "table.h"

static struct device first_devices[DEVICES_MAX], second_devices[DEVICES_MAX];
static struct inventory first, second;

static struct span capture(const struct inventory *inv, const char *cmdline, char *buf,
			   size_t cap)
{
	struct out out = { .buf = buf, .cap = cap };

	list_capture(inv, span_of(cmdline), &out);
	assert_false(out.overflow);
	return out_done(&out);
}

static const char *const machines[] = {
	/* all that the format has */
	"# boot-vga: 0000:01:00.0\n"
	"# framebuffer: 0000:03:00.0\n"
	"# bridge: 0000:00:01.0 01\n"
	"0000:00:01.0 060400 8086:1901 1043:8694 pcieport 1\n"
	"0000:01:00.0 030000 10de:2684 1458:40bf nouveau 12\n"
	"0000:01:00.1 040300 10de:22ba 1458:40bf snd_hda_intel 12\n"
	"0000:03:00.0 038000 1002:7550 1002:0001 - -\n"
	"10000:e1:00.0 010802 144d:a80a 144d:a801 nvme 0\n",
	/* what is absent */
	"0000:00:00.0 0600 8086:1237 - - -\n",
};

static void same_device(const struct inventory *a, const struct device *one,
			const struct inventory *b, const struct device *other)
{
	assert_true(bdf_equals(one->bdf, other->bdf));
	assert_int_equal(one->vendor, other->vendor);
	assert_int_equal(one->device, other->device);
	assert_int_equal(one->subvendor, other->subvendor);
	assert_int_equal(one->subdevice, other->subdevice);
	assert_int_equal(one->class, other->class);
	assert_int_equal(one->group, other->group);
	assert_int_equal(one->secondary, other->secondary);
	assert_int_equal(one->is_boot_vga, other->is_boot_vga);
	assert_int_equal(one->has_framebuffer, other->has_framebuffer);
	assert_string_equal(driver_name(a, one->driver), driver_name(b, other->driver));
}

static void test_round_trip(void **state)
{
	static char text[65536];

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		struct span written;

		assert_int_equal(
			machine_read(span_of(machines[i]), first_devices, &first), 0);
		written = capture(&first, "", text, sizeof(text));
		assert_int_equal(machine_read(written, second_devices, &second), 0);
		assert_int_equal(first.count, second.count);
		for (size_t at = 0; at < first.count; at++)
			same_device(&first, &first.devices[at], &second,
				    &second.devices[at]);
	}
}

/* Command line, and what of it may be told. */
static const struct {
	const char *cmdline, *told;
} cmdlines[] = {
	{ "", NULL },
	{ "root=UUID=12-34 ro quiet splash", NULL },
	{ "BOOT_IMAGE=/vmlinuz intel_iommu=on iommu=pt", "intel_iommu=on iommu=pt" },
	{ "amd_iommu=off amd_iommu_intr=legacy", "amd_iommu=off amd_iommu_intr=legacy" },
	{ "vfio-pci.ids=10de:2684 vfio_pci.disable_vga=1",
	  "vfio-pci.ids=10de:2684 vfio_pci.disable_vga=1" },
	{ "early-vfio.bind=\"01:00.0, 02:00.0\" x=1",
	  "early-vfio.bind=\"01:00.0, 02:00.0\"" },
	{ "pci=noaer pcie_acs_override=downstream",
	  "pci=noaer pcie_acs_override=downstream" },
	{ "modprobe.blacklist=nouveau rd.driver.blacklist=nouveau",
	  "modprobe.blacklist=nouveau rd.driver.blacklist=nouveau" },
	/* what only starts alike, and what goes to init */
	{ "iommux=1 pcix=2 ip=10.0.0.1::10.0.0.2::box hostname=box", NULL },
	{ "nfsroot=host:/x cryptdevice=UUID=1 rd.luks.uuid=2 mac=52:54:00:00:00:01",
	  NULL },
	{ "quiet -- iommu=pt", NULL },
	{ "ro iommu=pt -- iommu=off", "iommu=pt" },
};

static void test_cmdline(void **state)
{
	(void)state;
	machine_read(span_of(machines[1]), first_devices, &first);
	for (size_t i = 0; i < sizeof(cmdlines) / sizeof(cmdlines[0]); i++) {
		const char *told = cmdlines[i].told;
		char text[1024], expected[1024];
		struct out out = OUT(expected);
		struct span written =
			capture(&first, cmdlines[i].cmdline, text, sizeof(text));

		out_text(&out, "# read from: sysfs\n");
		out_text(&out, told ? "# cmdline: " : "");
		out_text(&out, told ? told : "");
		out_text(&out, told ? "\n" : "");
		out_text(&out, "0000:00:00.0 060000 8086:1237 0000:0000 - -\n");
		if (!span_equals(written, out_done(&out)))
			fail_msg("%s: %.*s", cmdlines[i].cmdline, (int)written.len,
				 written.ptr);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_cmdline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
