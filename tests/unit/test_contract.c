// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contract of sysfs against the simulated kernel: what the other tests build on is what
 * the real kernel was seen to do.
 */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modular),
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_host_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
