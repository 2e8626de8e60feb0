// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scanning: which facts the edge reads, from where, and at what price, over the simulated
 * kernel.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <early-vfio/scan.h>

#include "fake.h"

#define CARDS                                                                          \
	"device 0000:00:01.0 8086:1901:1043:8694 060400 group=1 bridge=01\n"           \
	"device 0000:00:02.0 8086:3e92:1043:8694 038000 group=2\n"                     \
	"device 0000:01:00.0 10de:2684:1043:8888 030000 group=1 parent=0000:00:01.0 "  \
	"boot-vga=1 bar=e0000000-e0ffffff\n"                                           \
	"device 0000:01:00.1 10de:22ba:1043:8888 040300 group=1 parent=0000:00:01.0\n" \
	"device 10000:e1:00.0 144d:a808 010802\n"                                      \
	"driver nvidia id=10de:2684\n"

static struct inventory inv;
static struct device devices[DEVICES_MAX];
static struct fake *fake;

static void start(const char *machine)
{
	fake = fake_new(machine);
	inventory_init(&inv, devices);
}

static int finish(void **state)
{
	(void)state;
	if (!fake)
		return 0;
	if (fake->violation[0] != '\0')
		fail_msg("violation: %s", fake->violation);
	fake_free(fake);
	fake = NULL;
	return 0;
}

static struct bdf bdf_at(const char *address)
{
	struct bdf bdf;

	if (!bdf_scan(span_of(address), &bdf))
		fail_msg("not an address: %s", address);
	return bdf;
}

static struct device *fill(const char *address, unsigned facts)
{
	int at = inventory_add(&inv, bdf_at(address));

	inv.devices[at].wanted = (uint8_t)facts;
	assert_int_equal(inventory_fill(&inv, &fake->io, SPAN("")), 0);
	at = inventory_find(&inv, bdf_at(address));
	assert_int_equal(inv.devices[at].known & facts, facts);
	assert_int_equal(inv.devices[at].wanted, 0);
	return &inv.devices[at];
}

static void test_names(void **state)
{
	(void)state;
	start(CARDS);
	inv.names_wanted = true;
	assert_int_equal(inventory_fill(&inv, &fake->io, SPAN("")), 0);
	assert_true(inv.names_known);
	assert_int_equal(inv.count, 5);
	assert_true(inventory_find(&inv, bdf_at("10000:e1:00.0")) >= 0);
	/* The names, and nothing of the devices. */
	assert_int_equal(fake->call_count, 1);
	assert_int_equal(inventory_fill(&inv, &fake->io, SPAN("")), 0);
	assert_int_equal(fake->call_count, 1);
}

static void test_all_cost(void **state)
{
	(void)state;
	start(CARDS);
	inv.all_wanted = true;
	assert_int_equal(inventory_fill(&inv, &fake->io, SPAN("")), 0);
	assert_int_equal(fake->call_count, 1 + inv.count);
	assert_true(fake->syscalls <= 4 + 3 * inv.count);
	for (size_t i = 0; i < inv.count; i++)
		assert_true(inv.devices[i].is_present);
}

static void test_ident(void **state)
{
	const struct device *dev;

	(void)state;
	start(CARDS);
	dev = fill("0000:01:00.0", FACT_IDENT);
	assert_true(dev->is_present);
	assert_int_equal(dev->vendor, 0x10de);
	assert_int_equal(dev->device, 0x2684);
	assert_int_equal(dev->subvendor, 0x1043);
	assert_int_equal(dev->subdevice, 0x8888);
	assert_int_equal(dev->class, 0x030000);
	assert_int_equal(fake->call_count, 1);
}

static void test_ident_damaged(void **state)
{
	static const enum fake_action actions[] = { FAKE_EMPTY, FAKE_GARBAGE,
						    FAKE_ERROR };

	(void)state;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		start(CARDS);
		fake_fault(fake, (struct fake_fault){ .ops = FAKE_READ,
						      .path = "0000:01:00.0/",
						      .action = actions[i],
						      .error = EIO });
		assert_false(fill("0000:01:00.0", FACT_IDENT)->is_present);
		assert_true(fill("0000:01:00.1", FACT_IDENT)->is_present);
		fake_free(fake);
	}
	fake = NULL;
}

static void test_absent(void **state)
{
	(void)state;
	start(CARDS);
	assert_false(fill("0000:09:00.0", FACT_IDENT)->is_present);
}

static void test_no_bus(void **state)
{
	(void)state;
	start("");
	fake_fault(fake, (struct fake_fault){ .ops = FAKE_LIST | FAKE_EXISTS,
					      .path = "sys/bus/pci/devices/",
					      .action = FAKE_ERROR,
					      .error = ENOENT });
	inv.names_wanted = true;
	assert_int_equal(inventory_fill(&inv, &fake->io, SPAN("")), -ENOENT);
	/* By address alone the bus is not listed, but missed all the same. */
	inventory_init(&inv, devices);
	inv.devices[inventory_add(&inv, bdf_at("0000:01:00.0"))].wanted = FACT_IDENT;
	assert_int_equal(inventory_fill(&inv, &fake->io, SPAN("")), -ENOENT);
}

static void test_links(void **state)
{
	const struct device *dev;

	(void)state;
	start(CARDS);
	dev = fill("0000:01:00.0", FACT_GROUP | FACT_DRIVER);
	assert_int_equal(dev->group, 1);
	assert_string_equal(driver_name(&inv, dev->driver), "nvidia");
	assert_int_equal(fake->syscalls, 2 + 3);
	dev = fill("10000:e1:00.0", FACT_GROUP | FACT_DRIVER);
	assert_int_equal(dev->group, GROUP_NONE);
	assert_int_equal(dev->driver, DRIVER_NONE);
}

static void test_boot_vga(void **state)
{
	(void)state;
	start(CARDS);
	assert_true(fill("0000:01:00.0", FACT_BOOT_VGA)->has_boot_vga);
	assert_true(fill("0000:01:00.0", FACT_BOOT_VGA)->is_boot_vga);
	assert_false(fill("0000:00:02.0", FACT_BOOT_VGA)->has_boot_vga);
	assert_false(fill("0000:00:02.0", FACT_BOOT_VGA)->is_boot_vga);
}

static void test_secondary(void **state)
{
	(void)state;
	start("device 0000:00:01.0 8086:1901 060400 bridge=1a\n"
	      "device 0000:1a:00.0 10de:2684 030000 parent=0000:00:01.0\n"
	      "device 0000:00:1f.0 8086:a2c9 060100\n");
	assert_int_equal(fill("0000:00:01.0", FACT_SECONDARY)->secondary, 0x1a);
	assert_int_equal(fake->call_count, 1);
	assert_int_equal(fill("0000:00:1f.0", FACT_SECONDARY)->secondary, 0);
}

static void test_header(void **state)
{
	(void)state;
	start("device 0000:00:01.0 8086:1901 060400 bridge=1\n"
	      "device 0000:00:02.0 8086:1901 068000\n");
	assert_int_equal(fill("0000:00:01.0", FACT_HEADER)->header_type, 1);
	assert_int_equal(fill("0000:00:02.0", FACT_HEADER)->header_type, 0);
	fake_fault(fake, (struct fake_fault){ .ops = FAKE_READ,
					      .path = "config",
					      .action = FAKE_EMPTY });
	assert_int_equal(fill("0000:00:01.0", FACT_HEADER)->header_type, 0);
}

static void test_framebuffer(void **state)
{
	(void)state;
	start(CARDS "device 0000:02:00.0 10de:2684 030200 bar=f0000000-f0ffffff\n"
		    "framebuffer efi-framebuffer.0 efifb f0000000-f02fffff\n");
	assert_true(fill("0000:02:00.0", FACT_FRAMEBUFFER)->has_framebuffer);
	assert_false(fill("0000:01:00.0", FACT_FRAMEBUFFER)->has_framebuffer);
	/* Without privilege all addresses read as zeros, but for what the boot loader said. */
	fake->hides_iomem = true;
	assert_true(fill("0000:02:00.0", FACT_FRAMEBUFFER)->has_framebuffer);
	fake->lacks_boot_params = true;
	assert_false(fill("0000:02:00.0", FACT_FRAMEBUFFER)->has_framebuffer);
}

/* What is listed tells more than what was said before the kernel moved it. */
static void test_framebuffer_moved(void **state)
{
	(void)state;
	start(CARDS "device 0000:02:00.0 10de:2684 030200 bar=f0000000-f0ffffff\n"
		    "device 0000:03:00.0 10de:2684 030200 bar=e0000000-e0ffffff\n"
		    "framebuffer efi-framebuffer.0 efifb f0000000-f02fffff\n");
	fake->boot_base = 0xe0000000;
	assert_true(fill("0000:02:00.0", FACT_FRAMEBUFFER)->has_framebuffer);
	assert_false(fill("0000:03:00.0", FACT_FRAMEBUFFER)->has_framebuffer);
}

/* One of them is asked, whichever it is, and tells of all, of those that are wanted too. */
static void test_group_members(void **state)
{
	static const char *const asked[] = { "0000:00:01.0", "0000:01:00.1" };

	(void)state;
	for (size_t a = 0; a < 2; a++) {
		start(CARDS);
		inv.devices[inventory_add(&inv, bdf_at("0000:01:00.0"))].wanted =
			FACT_GROUP;
		fill(asked[a], FACT_GROUP);
		assert_int_equal(inv.count, 3);
		for_each_device(member, &inv) {
			assert_int_equal(member->group, 1);
			assert_int_equal(member->known, FACT_GROUP);
			assert_int_equal(member->wanted, 0);
		}
		assert_int_equal(fake->call_count, 2);
		finish(NULL);
	}
}

/* A group that is gone meanwhile still is the device's: asking again would never end. */
static void test_group_gone(void **state)
{
	struct device *dev;

	(void)state;
	start(CARDS);
	fake_fault(fake, (struct fake_fault){ .ops = FAKE_LIST,
					      .path = "iommu_groups/1",
					      .action = FAKE_ERROR,
					      .error = ENOENT });
	dev = fill("0000:01:00.0", FACT_GROUP);
	assert_int_equal(inv.count, 1);
	assert_int_equal(dev->group, 1);
	assert_int_equal(dev->known, FACT_GROUP);
}

struct machine_row {
	const char *machine, *cmdline;
	enum cpu_vendor cpu;
	bool has_groups, has_table, allows_noiommu;
	const char *iommu_off;
};

static void test_machine(void **state)
{
#define GROUPED "device 0000:01:00.0 10de:2684 030000 group=1\n"
#define NONE "device 0000:01:00.0 10de:2684 030000\n"
	static const struct machine_row rows[] = {
		{ NONE "cpu intel\n", "", CPU_INTEL, false, false, false, "" },
		{ GROUPED "cpu amd\ntable IVRS\n", "", CPU_AMD, true, true, false, "" },
		{ NONE "table DMAR\n", "", CPU_UNKNOWN, false, true, false, "" },
		{ NONE "table IORT\nnoiommu\n", "", CPU_UNKNOWN, false, true, true, "" },
		{ NONE "cpu intel\n", "quiet intel_iommu=off", CPU_INTEL, false, false,
		  false, "intel_iommu=off" },
		{ NONE "cpu intel\n", "intel-iommu=sm_on,off", CPU_INTEL, false, false,
		  false, "intel-iommu=sm_on,off" },
		{ NONE "cpu intel\n", "amd_iommu=off", CPU_INTEL, false, false, false,
		  "" },
		{ NONE "cpu amd\n", "amd_iommu=off iommu=pt", CPU_AMD, false, false,
		  false, "amd_iommu=off" },
		{ NONE "cpu amd\n", "iommu=pt intel_iommu=off", CPU_AMD, false, false,
		  false, "" },
		{ NONE "cpu amd\n", "iommu=off amd_iommu=on", CPU_AMD, false, false,
		  false, "iommu=off" },
		{ NONE "vfio modular\n", "vfio.enable_unsafe_noiommu_mode=1", CPU_UNKNOWN,
		  false, false, true, "" },
		{ NONE "vfio modular\n", "vfio.enable-unsafe-noiommu-mode=0", CPU_UNKNOWN,
		  false, false, false, "" },
		{ NONE "vfio modular\n", "", CPU_UNKNOWN, false, false, false, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct machine_row *row = &rows[i];
		const struct machine *machine = &inv.machine;

		start(row->machine);
		inv.machine_wanted = true;
		inventory_fill(&inv, &fake->io, span_of(row->cmdline));
		if (!inv.machine_known || machine->cpu != row->cpu ||
		    machine->has_groups != row->has_groups ||
		    machine->has_iommu_table != row->has_table ||
		    machine->allows_noiommu != row->allows_noiommu ||
		    !span_is(machine->iommu_off, row->iommu_off))
			fail_msg(
				"row %zu: %s / %s: cpu %d groups %d table %d noiommu %d off "
				"%.*s",
				i, row->machine, row->cmdline, machine->cpu,
				machine->has_groups, machine->has_iommu_table,
				machine->allows_noiommu, (int)machine->iommu_off.len,
				machine->iommu_off.ptr);
		fake_free(fake);
	}
	fake = NULL;
}

static void test_apertures_add(void **state)
{
	static const struct {
		const char *line;
		size_t count;
	} rows[] = {
		{ "    e0000000-e02fffff : efifb", 1 },
		{ "e0000000-e02fffff : BOOTFB", 1 },
		{ "  4010000000-4010bfffff : simpledrm", 1 },
		{ "  e0000000-e02fffff : vesafb", 1 },
		{ "  00000000-00000000 : efifb", 0 },
		{ "  e0000000-e0ffffff : 0000:01:00.0", 0 },
		{ "  e0000000-e0ffffff : efifb0", 0 },
		{ "  e0000000 : efifb", 0 },
		{ "  e0000000-e02fffgf : efifb", 0 },
		{ "  e0000000-1e02fffff0000000f : efifb", 0 },
		{ "  e02fffff-e0000000 : efifb", 0 },
		{ " : efifb", 0 },
		{ "efifb", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct apertures apertures = { 0 };

		if (!apertures_add(&apertures, span_of(rows[i].line)) ||
		    apertures.count != rows[i].count)
			fail_msg("'%s': %zu", rows[i].line, apertures.count);
	}
}

/* 64 bits of address, and nothing else in them counts. */
static void test_apertures_boot(void **state)
{
	struct apertures apertures = { 0 };
	char parameters[SCREEN_INFO_SIZE];

	(void)state;
	memset(parameters, 0, sizeof(parameters));
	apertures_add_boot(&apertures, (struct span){ parameters, sizeof(parameters) });
	assert_int_equal(apertures.count, 0);
	memset(parameters, 0xff, sizeof(parameters));
	memcpy(parameters + 0x18, "\x00\x10\x00\x80", 4);
	memcpy(parameters + 0x3a, "\x40\x00\x00\x00", 4);
	apertures_add_boot(&apertures,
			   (struct span){ parameters, sizeof(parameters) - 1 });
	assert_int_equal(apertures.count, 0);
	apertures_add_boot(&apertures, (struct span){ parameters, sizeof(parameters) });
	assert_int_equal(apertures.count, 1);
	assert_true(apertures.list[0].start == 0x4080001000);
	assert_true(
		apertures_touch(&apertures, SPAN("0x4080001000 0x40800010ff 0x200\n")));
	assert_false(
		apertures_touch(&apertures, SPAN("0x4080001001 0x40800010ff 0x200\n")));
}

static void test_apertures_full(void **state)
{
	struct apertures apertures = { 0 };

	(void)state;
	for (size_t i = 0; i < APERTURES_MAX - 1; i++)
		assert_true(apertures_add(&apertures, SPAN("1000-1fff : efifb")));
	assert_false(apertures_add(&apertures, SPAN("1000-1fff : efifb")));
	assert_int_equal(apertures.count, APERTURES_MAX);
}

static void test_apertures_touch(void **state)
{
	static const struct {
		const char *resource;
		bool touches;
	} rows[] = {
		{ "0x00000000e0000000 0x00000000e0ffffff 0x0000000000140204\n", true },
		{ "0x0 0x0 0x0\n0xdf000000 0xe0000000 0x200\n", true },
		{ "0xe02fffff 0xe0300000 0x200\n", true },
		{ "0xe0300000 0xe0ffffff 0x200\n", false },
		{ "0xdf000000 0xdfffffff 0x200\n", false },
		/* ports are no memory */
		{ "0xe0000000 0xe0ffffff 0x40101\n", false },
		{ "0x0000000000000000 0x0000000000000000 0x0000000000000200\n", false },
		{ "e0000000\n", false },
		{ "0xzz 0xe0ffffff 0x200\n", false },
		{ "", false },
	};
	struct apertures apertures = { .count = 1,
				       .list = { { 0xe0000000, 0xe02fffff } } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (apertures_touch(&apertures, span_of(rows[i].resource)) !=
		    rows[i].touches)
			fail_msg("'%s'", rows[i].resource);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_names, finish),
		cmocka_unit_test_teardown(test_all_cost, finish),
		cmocka_unit_test_teardown(test_ident, finish),
		cmocka_unit_test_teardown(test_ident_damaged, finish),
		cmocka_unit_test_teardown(test_absent, finish),
		cmocka_unit_test_teardown(test_no_bus, finish),
		cmocka_unit_test_teardown(test_links, finish),
		cmocka_unit_test_teardown(test_boot_vga, finish),
		cmocka_unit_test_teardown(test_secondary, finish),
		cmocka_unit_test_teardown(test_header, finish),
		cmocka_unit_test_teardown(test_framebuffer, finish),
		cmocka_unit_test_teardown(test_framebuffer_moved, finish),
		cmocka_unit_test_teardown(test_group_members, finish),
		cmocka_unit_test_teardown(test_group_gone, finish),
		cmocka_unit_test_teardown(test_machine, finish),
		cmocka_unit_test(test_apertures_add),
		cmocka_unit_test(test_apertures_boot),
		cmocka_unit_test(test_apertures_full),
		cmocka_unit_test(test_apertures_touch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
