// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Carrying plans out over the simulated kernel with one fault at each step: a table of them,
 * and the state in which each device is left.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"
#include "cards.h"

struct outcome {
	enum result result;
	const char *driver;
	enum step step;
	int error;
};

#define BOUND                                          \
	{                                              \
		RESULT_BOUND, "vfio-pci", STEP_NONE, 0 \
	}

struct row {
	const char *name, *machine, *settings;
	struct fake_fault fault;
	struct outcome free, held, third; /* 01:00.0, 03:00.0, 04:00.0 */
};

static const struct row rows[] = {
	{ "no fault", MODULAR, "", { 0 }, BOUND, BOUND, BOUND },
	{ "override is refused",
	  MODULAR,
	  "",
	  { FAKE_WRITE, "01:00.0/driver_override", FAKE_ERROR, EPERM, 0, 0 },
	  { RESULT_FAILED, "", STEP_OVERRIDE, EPERM },
	  BOUND,
	  BOUND },
	{ "override of a held one is refused",
	  MODULAR,
	  "",
	  { FAKE_WRITE, "03:00.0/driver_override", FAKE_ERROR, EPERM, 0, 1 },
	  BOUND,
	  { RESULT_RESTORED, "serial", STEP_OVERRIDE, EPERM },
	  BOUND },
	{ "pulled out at the override",
	  MODULAR,
	  "",
	  { FAKE_WRITE, "01:00.0/driver_override", FAKE_GONE, 0, 0, 0 },
	  { RESULT_FAILED, "", STEP_OVERRIDE, ENODEV },
	  BOUND,
	  BOUND },
	{ "pulled out at the unbind",
	  MODULAR,
	  "",
	  { FAKE_WRITE, "03:00.0/driver/unbind", FAKE_GONE, 0, 0, 0 },
	  BOUND,
	  { RESULT_FAILED, "", STEP_OVERRIDE, ENODEV },
	  BOUND },
	{ "pulled out at the probe",
	  BUILTIN,
	  "",
	  { FAKE_PROBE, "01:00.0", FAKE_GONE, 0, 0, 0 },
	  { RESULT_FAILED, "", STEP_PROBE, ENODEV },
	  BOUND,
	  BOUND },
	{ "vfio-pci-core does not load",
	  MODULAR,
	  "",
	  { FAKE_LOAD, "vfio-pci-core", FAKE_ERROR, ENOEXEC, 0, 0 },
	  { RESULT_ISOLATED, "", STEP_LOAD, ENOEXEC },
	  { RESULT_RESTORED, "serial", STEP_LOAD, ENOEXEC },
	  { RESULT_ISOLATED, "", STEP_LOAD, ENOEXEC } },
	{ "vfio-pci-core does not load, unbound restore",
	  MODULAR,
	  "set unbound restore\n",
	  { FAKE_LOAD, "vfio-pci-core", FAKE_ERROR, ENOEXEC, 0, 0 },
	  { RESULT_RESTORED, "", STEP_LOAD, ENOEXEC },
	  { RESULT_RESTORED, "serial", STEP_LOAD, ENOEXEC },
	  { RESULT_RESTORED, "", STEP_LOAD, ENOEXEC } },
	{ "vfio-pci-core does not load, unbound isolate",
	  MODULAR,
	  "set unbound isolate\n",
	  { FAKE_LOAD, "vfio-pci-core", FAKE_ERROR, ENOEXEC, 0, 0 },
	  { RESULT_ISOLATED, "", STEP_LOAD, ENOEXEC },
	  { RESULT_RESTORED, "serial", STEP_LOAD, ENOEXEC },
	  { RESULT_ISOLATED, "", STEP_LOAD, ENOEXEC } },
	{ "a module is missing from the image",
	  MODULAR,
	  "",
	  { FAKE_LOAD, "irqbypass", FAKE_ERROR, ENOENT, 0, 0 },
	  { RESULT_ISOLATED, "", STEP_LOAD, ENOENT },
	  { RESULT_RESTORED, "serial", STEP_LOAD, ENOENT },
	  { RESULT_ISOLATED, "", STEP_LOAD, ENOENT } },
	{ "vfio-pci does not load",
	  MODULAR,
	  "",
	  { FAKE_LOAD, "/vfio-pci.ko", FAKE_ERROR, EPERM, 0, 0 },
	  { RESULT_ISOLATED, "", STEP_REGISTER, EPERM },
	  { RESULT_RESTORED, "serial", STEP_REGISTER, EPERM },
	  { RESULT_ISOLATED, "", STEP_REGISTER, EPERM } },
	{ "vfio-pci says that it loaded",
	  MODULAR,
	  "",
	  { FAKE_LOAD, "/vfio-pci.ko", FAKE_IDLE, 0, 0, 0 },
	  { RESULT_ISOLATED, "", STEP_PROBE, ENODEV },
	  { RESULT_RESTORED, "serial", STEP_PROBE, ENODEV },
	  { RESULT_ISOLATED, "", STEP_PROBE, ENODEV } },
	{ "the unbind is refused",
	  MODULAR,
	  "",
	  { FAKE_WRITE, "03:00.0/driver/unbind", FAKE_ERROR, EBUSY, 0, 0 },
	  BOUND,
	  { RESULT_RESTORED, "serial", STEP_UNBIND, EBUSY },
	  BOUND },
	{ "the unbind finds another driver",
	  MODULAR,
	  "",
	  { FAKE_WRITE, "03:00.0/driver/unbind", FAKE_ERROR, ENODEV, 0, 0 },
	  BOUND,
	  { RESULT_RESTORED, "serial", STEP_READ_BACK, EBUSY },
	  BOUND },
	{ "the unbind finds another driver once",
	  MODULAR,
	  "",
	  { FAKE_WRITE, "03:00.0/driver/unbind", FAKE_ERROR, ENODEV, 0, 1 },
	  BOUND,
	  BOUND,
	  BOUND },
	{ "the unbind says that it did",
	  MODULAR,
	  "",
	  { FAKE_WRITE, "03:00.0/driver/unbind", FAKE_IDLE, 0, 0, 0 },
	  BOUND,
	  { RESULT_RESTORED, "serial", STEP_READ_BACK, EBUSY },
	  BOUND },
	{ "vfio-pci's probe fails, held",
	  MODULAR,
	  "",
	  { FAKE_PROBE, "vfio-pci/0000:03:00.0", FAKE_ERROR, EINVAL, 0, 0 },
	  BOUND,
	  { RESULT_RESTORED, "serial", STEP_PROBE, ENODEV },
	  BOUND },
	{ "vfio-pci's probe fails, held, unbound isolate",
	  MODULAR,
	  "set unbound isolate\n",
	  { FAKE_PROBE, "vfio-pci/0000:03:00.0", FAKE_ERROR, EINVAL, 0, 0 },
	  BOUND,
	  { RESULT_ISOLATED, "", STEP_PROBE, ENODEV },
	  BOUND },
	{ "vfio-pci's probe fails, free",
	  MODULAR,
	  "",
	  { FAKE_PROBE, "vfio-pci/0000:01:00.0", FAKE_ERROR, EINVAL, 0, 0 },
	  { RESULT_ISOLATED, "", STEP_PROBE, ENODEV },
	  BOUND,
	  BOUND },
	{ "vfio-pci's probe fails, free, unbound restore",
	  MODULAR,
	  "set unbound restore\n",
	  { FAKE_PROBE, "vfio-pci/0000:01:00.0", FAKE_ERROR, EINVAL, 0, 0 },
	  { RESULT_RESTORED, "", STEP_PROBE, ENODEV },
	  BOUND,
	  BOUND },
	{ "the first probe fails, the second does not",
	  MODULAR,
	  "",
	  { FAKE_PROBE, "vfio-pci/0000:01:00.0", FAKE_ERROR, EAGAIN, 0, 1 },
	  BOUND,
	  BOUND,
	  BOUND },
	{ "drivers_probe fails",
	  BUILTIN,
	  "",
	  { FAKE_WRITE, "drivers_probe", FAKE_ERROR, EIO, 0, 1 },
	  { RESULT_ISOLATED, "", STEP_PROBE, EIO },
	  BOUND,
	  BOUND },
	{ "drivers_probe does nothing",
	  BUILTIN,
	  "",
	  { FAKE_WRITE, "drivers_probe", FAKE_IDLE, 0, 0, 1 },
	  { RESULT_ISOLATED, "", STEP_PROBE, ENODEV },
	  BOUND,
	  BOUND },
	{ "its own driver does not come back",
	  MODULAR,
	  "",
	  { FAKE_PROBE, "0000:03:00.0", FAKE_ERROR, EIO, 0, 0 },
	  BOUND,
	  { RESULT_FAILED, "", STEP_PROBE, ENODEV },
	  BOUND },
	{ "the override cannot be cleared again",
	  MODULAR,
	  "",
	  { FAKE_WRITE, "03:00.0/driver_override", FAKE_ERROR, EIO, 1, 0 },
	  BOUND,
	  BOUND,
	  BOUND },
	/* ---- and what does not come back */
	{ "the override hangs",
	  MODULAR,
	  "",
	  { FAKE_WRITE, "01:00.0/driver_override", FAKE_HANG, 0, 0, 1 },
	  { RESULT_FAILED, "", STEP_OVERRIDE, ETIMEDOUT },
	  BOUND,
	  BOUND },
	{ "the unbind hangs",
	  MODULAR,
	  "",
	  { FAKE_WRITE, "03:00.0/driver/unbind", FAKE_HANG, 0, 0, 1 },
	  BOUND,
	  { RESULT_FAILED, "serial", STEP_UNBIND, ETIMEDOUT },
	  BOUND },
	{ "drivers_probe hangs",
	  BUILTIN,
	  "",
	  { FAKE_PROBE, "vfio-pci/0000:01:00.0", FAKE_HANG, 0, 0, 1 },
	  { RESULT_FAILED, "vfio-pci", STEP_PROBE, ETIMEDOUT },
	  BOUND,
	  BOUND },
	{ "a module hangs",
	  MODULAR,
	  "",
	  { FAKE_LOAD, "vfio_iommu_type1", FAKE_HANG, 0, 0, 1 },
	  { RESULT_ISOLATED, "", STEP_LOAD, ETIMEDOUT },
	  { RESULT_RESTORED, "serial", STEP_LOAD, ETIMEDOUT },
	  { RESULT_ISOLATED, "", STEP_LOAD, ETIMEDOUT } },
	{ "vfio-pci hangs",
	  MODULAR,
	  "",
	  { FAKE_LOAD, "/vfio-pci.ko", FAKE_HANG, 0, 0, 1 },
	  { RESULT_ISOLATED, "", STEP_REGISTER, ETIMEDOUT },
	  { RESULT_RESTORED, "serial", STEP_REGISTER, ETIMEDOUT },
	  { RESULT_ISOLATED, "", STEP_REGISTER, ETIMEDOUT } },
	{ "reading back hangs",
	  MODULAR,
	  "",
	  { FAKE_LIST, "drivers/vfio-pci", FAKE_HANG, 0, 0, 1 },
	  BOUND,
	  BOUND,
	  BOUND },
	{ "reading back fails",
	  MODULAR,
	  "",
	  { FAKE_LIST, "drivers/vfio-pci", FAKE_ERROR, EIO, 0, 0 },
	  BOUND,
	  BOUND,
	  BOUND },
	{ "reading one back hangs",
	  MODULAR,
	  "",
	  { FAKE_LINK, "03:00.0/driver", FAKE_HANG, 0, 0, 1 },
	  BOUND,
	  BOUND,
	  BOUND },
};

static struct bench bench;
static struct fake *fake;

static void check_outcome(const struct row *row, const char *address,
			  const struct outcome *want)
{
	const struct verdict *got = bench_at(&bench, address);
	const char *driver = fake_driver_at(fake, address);

	if (got->result == want->result && got->step == want->step &&
	    got->error == want->error && strcmp(driver, want->driver) == 0)
		return;
	fail_msg("%s: %s: result %d, step %d, error %d, driver '%s'", row->name, address,
		 got->result, got->step, got->error, driver);
}

static void check_row(const struct row *row)
{
	char config[256];
	const char *wrong;

	snprintf(config, sizeof(config), "%s%s", row->settings, ALL_THREE);
	bench_start(&bench, &(struct bench_texts){ row->machine, NULL, config, NULL });
	fake = bench.fake;
	if (row->fault.ops)
		fake_fault(fake, row->fault);
	bench_apply(&bench);
	check_outcome(row, "0000:01:00.0", &row->free);
	check_outcome(row, "0000:03:00.0", &row->held);
	check_outcome(row, "0000:04:00.0", &row->third);
	wrong = bench_check(&bench);
	if (wrong)
		fail_msg("%s: %s", row->name, wrong);
	bench_stop(&bench);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
