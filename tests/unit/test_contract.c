// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contract of sysfs against the simulated kernel: what the other tests build on is what
 * the real kernel was seen to do; and what its source says of a controller that no emulated
 * machine has.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "contract.h"
#include "fake.h"

#define CARDS                                            \
	"device 0000:01:00.0 8086:10d3 020000 group=1\n" \
	"device 0000:02:00.0 8086:10d3 020000 group=2\n"

static void told(struct contract *contract, const char *what, bool holds)
{
	(void)contract;
	if (!holds)
		print_error("does not hold: %s\n", what);
}

static const char *const modules[] = {
	"/lib/modules/fake/irqbypass.ko",	 "/lib/modules/fake/vfio.ko",
	"/lib/modules/fake/vfio_iommu_type1.ko", "/lib/modules/fake/vfio-pci-core.ko",
	"/lib/modules/fake/vfio-pci.ko",
};

static void check(const char *machine, bool has_modules)
{
	struct contract contract = { .told = told };
	struct fake *fake = fake_new(machine);

	contract.io = &fake->io;
	contract.device = fake->devices[0].bdf;
	contract.twin = fake->devices[1].bdf;
	for (size_t i = 0; has_modules && i < sizeof(modules) / sizeof(modules[0]); i++)
		contract.modules[i] = modules[i];
	fake->allows_locked = true;
	contract_check(&contract);
	assert_string_equal(fake->violation, "");
	fake_free(fake);
	assert_int_equal(contract.broken, 0);
	assert_true(contract.held > 40);
}

static void test_modular(void **state)
{
	(void)state;
	check(CARDS "vfio modular\n", true);
}

static void test_builtin(void **state)
{
	(void)state;
	check(CARDS "vfio builtin\n", false);
}

static void test_host_driver(void **state)
{
	(void)state;
	check(CARDS "driver e1000e id=8086:10d3\nvfio modular\n", true);
	check("vfio builtin\n" CARDS "driver e1000e id=8086:10d3\n", false);
}

/* A controller whose driver brings a domain: vmd_probe() and vmd_remove(). */
#define CONTROLLER                                                    \
	"device 0000:00:0e.0 8086:9a0b 010400 group=1 brings=10000\n" \
	"device 10000:e0:06.0 8086:a74d 060400 group=1 bridge=e1\n"   \
	"device 10000:e1:00.0 144d:a80c 010802 group=1\n"             \
	"driver nvme class=010802\n"

#define DISK "10000:e1:00.0"

static int write_to(struct fake *fake, const char *path, const char *text)
{
	return fake->io.write(&fake->io, path, span_of(text));
}

static int controller_unbind(struct fake *fake)
{
	return write_to(fake, "sys/bus/pci/devices/0000:00:0e.0/driver/unbind",
			"0000:00:0e.0");
}

static void test_domain_goes_and_comes(void **state)
{
	struct fake *fake = fake_new(CONTROLLER "driver vmd id=8086:9a0b\n");
	const char *override = "sys/bus/pci/devices/" DISK "/driver_override";

	(void)state;
	assert_string_equal(fake_driver_at(fake, DISK), "nvme");
	assert_int_equal(write_to(fake, override, "vfio-pci"), 0);
	assert_int_equal(controller_unbind(fake), 0);
	assert_null(fake_at(fake, DISK));
	assert_null(fake_at(fake, "10000:e0:06.0"));
	assert_int_equal(write_to(fake, override, "vfio-pci"), -ENOENT);
	assert_int_equal(write_to(fake, IO_DRIVERS_PROBE, DISK), -ENODEV);
	assert_int_equal(write_to(fake, IO_DRIVERS_PROBE, "0000:00:0e.0"), 0);
	assert_string_equal(fake_driver_at(fake, DISK), "nvme");
	assert_string_equal(fake_override_at(fake, DISK), "");
	assert_int_equal(fake_at(fake, DISK)->lost_count, 0);
	fake_free(fake);
}

static void test_domain_of_nobody(void **state)
{
	struct fake *fake = fake_new(CONTROLLER "vfio builtin ids=8086:9a0b\n");

	(void)state;
	assert_string_equal(fake_driver_at(fake, "0000:00:0e.0"), "vfio-pci");
	assert_null(fake_at(fake, DISK));
	fake_add(fake, "driver vmd id=8086:9a0b\n");
	assert_null(fake_at(fake, DISK));
	fake_free(fake);
}

/* Its driver waits for the lock of what it brought. */
static void test_domain_hangs(void **state)
{
	struct fake *fake = fake_new(CONTROLLER "driver vmd id=8086:9a0b\n");

	(void)state;
	fake_at(fake, DISK)->is_wedged = true;
	fake->has_jump = true;
	if (setjmp(fake->jump) == 0) {
		controller_unbind(fake);
		fail_msg("came back");
	}
	assert_true(fake_at(fake, "0000:00:0e.0")->is_stuck);
	assert_string_equal(fake_driver_at(fake, DISK), "nvme");
	fake_free(fake);
}

static void test_domain_pulled_out(void **state)
{
	struct fake *fake = fake_new(CONTROLLER "driver vmd id=8086:9a0b\n");

	(void)state;
	fake_fault(fake, (struct fake_fault){ .ops = FAKE_WRITE,
					      .path = "0000:00:0e.0/driver/unbind",
					      .action = FAKE_GONE });
	assert_int_equal(controller_unbind(fake), -ENOENT);
	assert_null(fake_at(fake, "0000:00:0e.0"));
	assert_null(fake_at(fake, DISK));
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modular),
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_host_driver),
		cmocka_unit_test(test_domain_goes_and_comes),
		cmocka_unit_test(test_domain_of_nobody),
		cmocka_unit_test(test_domain_hangs),
		cmocka_unit_test(test_domain_pulled_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
