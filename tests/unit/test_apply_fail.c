// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Carrying plans out over the simulated kernel where something goes wrong: a fault at each
 * step, and the state in which each device is left.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

/* 01:00.0 has no driver, 03:00.0 has a built-in one, and 04:00.0 goes well in every row. */
#define CARDS                                            \
	"device 0000:01:00.0 1234:1111 038000 group=1\n" \
	"device 0000:03:00.0 1b36:0002 070002 group=3\n" \
	"device 0000:04:00.0 8086:1533 020000 group=4\n" \
	"driver serial id=1b36:0002\n"                   \
	"module bochs\n"                                 \
	"driver bochs-drm module=bochs id=1234:1111 drm\n"
#define MODULAR CARDS "vfio modular\n"
#define BUILTIN CARDS "vfio builtin\n"
#define ALL_THREE "bind 0000:01:00.0\nbind 0000:03:00.0\nbind 0000:04:00.0\n"

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

static void start(const char *machine, const char *config, const char *image)
{
	bench_start(&bench, &(struct bench_texts){ machine, NULL, config, image });
	fake = bench.fake;
}

static int finish(void **state)
{
	const char *wrong = bench_check(&bench);

	(void)state;
	if (wrong)
		fail_msg("%s", wrong);
	bench_stop(&bench);
	return 0;
}

static void expect(const char *address, enum result result, enum step step, int error)
{
	const struct verdict *got = bench_at(&bench, address);

	if (got->result != result || got->step != step || got->error != error)
		fail_msg("%s: result %d, step %d, error %d", address, got->result,
			 got->step, got->error);
}

/* Nothing is loaded, and nothing is unbound, where the driver cannot come. */
static void test_no_module(void **state)
{
	(void)state;
	start(MODULAR, ALL_THREE, "module /lib/modules/fake/vfio.ko\n");
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_ISOLATED, STEP_LOAD, ENOENT);
	expect("0000:03:00.0", RESULT_RESTORED, STEP_LOAD, ENOENT);
	assert_int_equal(fake_called(fake, FAKE_LOAD, "", NULL), 0);
	assert_int_equal(fake_at(fake, "0000:03:00.0")->lost_count, 0);
}

static void test_no_image(void **state)
{
	(void)state;
	start(MODULAR, ALL_THREE, "");
	bench_apply(&bench);
	expect("0000:03:00.0", RESULT_RESTORED, STEP_LOAD, ENOENT);
}

/* One driver that is missing costs its own targets only. */
static void test_one_driver_missing(void **state)
{
	(void)state;
	start(MODULAR, "bind 0000:01:00.0 driver=mlx5_vfio_pci\nbind 0000:03:00.0\n",
	      NULL);
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_ISOLATED, STEP_LOAD, ENOENT);
	expect("0000:03:00.0", RESULT_BOUND, STEP_NONE, 0);
}

static void test_one_driver_fails(void **state)
{
	(void)state;
	start(MODULAR "module mlx5-vfio-pci needs=vfio-pci-core error=ENOEXEC\n"
		      "driver mlx5-vfio-pci module=mlx5-vfio-pci\n",
	      "bind 0000:03:00.0 driver=mlx5-vfio-pci\nbind 0000:01:00.0\n",
	      FAKE_VFIO_IMAGE "module /lib/modules/fake/mlx5-vfio-pci.ko\n");
	bench_apply(&bench);
	expect("0000:03:00.0", RESULT_RESTORED, STEP_REGISTER, ENOEXEC);
	expect("0000:01:00.0", RESULT_BOUND, STEP_NONE, 0);
	assert_string_equal(fake_driver_at(fake, "0000:03:00.0"), "serial");
}

/* What builds on a module that fails is lost; a driver that is there already is not. */
static void test_registered_goes_on(void **state)
{
	(void)state;
	start(BUILTIN "module mlx5-common error=ENOEXEC\n"
		      "module mlx5-vfio-pci needs=mlx5-common\n"
		      "driver mlx5-vfio-pci module=mlx5-vfio-pci\n",
	      "bind 0000:03:00.0 driver=mlx5-vfio-pci\nbind 0000:01:00.0\n",
	      "module /lib/modules/fake/mlx5-common.ko\n"
	      "module /lib/modules/fake/mlx5-vfio-pci.ko\n");
	bench_apply(&bench);
	expect("0000:03:00.0", RESULT_RESTORED, STEP_LOAD, ENOEXEC);
	expect("0000:01:00.0", RESULT_BOUND, STEP_NONE, 0);
	assert_int_equal(fake_at(fake, "0000:03:00.0")->lost_count, 0);
}

/* Taken from vfio-pci for a variant that fails: vfio-pci takes nothing unasked. */
static void test_back_to_vfio(void **state)
{
	(void)state;
	start(BUILTIN "module mlx5-vfio-pci error=ENOEXEC\n"
		      "driver mlx5-vfio-pci module=mlx5-vfio-pci\n",
	      "bind 0000:01:00.0\n", NULL);
	bench_apply(&bench);
	bench_plan(&bench,
		   &(struct bench_texts){
			   .config = "bind 0000:01:00.0 driver=mlx5-vfio-pci\n",
			   .image = "module /lib/modules/fake/mlx5-vfio-pci.ko\n" });
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_RESTORED, STEP_REGISTER, ENOEXEC);
	assert_string_equal(fake_driver_at(fake, "0000:01:00.0"), "vfio-pci");
}

/* A whole machine of devices that hang, each in its own way: the others are bound. */
static void test_many_hang(void **state)
{
	(void)state;
	start(BUILTIN, ALL_THREE, NULL);
	fake_fault(fake, (struct fake_fault){ FAKE_WRITE, "01:00.0/driver_override",
					      FAKE_HANG, 0, 0, 1 });
	fake_fault(fake, (struct fake_fault){ FAKE_WRITE, "03:00.0/driver/unbind",
					      FAKE_HANG, 0, 0, 1 });
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_FAILED, STEP_OVERRIDE, ETIMEDOUT);
	expect("0000:03:00.0", RESULT_FAILED, STEP_UNBIND, ETIMEDOUT);
	expect("0000:04:00.0", RESULT_BOUND, STEP_NONE, 0);
	assert_int_equal(bench.children, 3);
	assert_true(bench_at(&bench, "0000:01:00.0")->is_hung);
}

/* The probe of one hangs while vfio-pci registers: which one it is cannot be told. */
static void test_register_hangs(void **state)
{
	(void)state;
	start(MODULAR, ALL_THREE, NULL);
	fake_fault(fake, (struct fake_fault){ FAKE_PROBE, "vfio-pci/0000:03:00.0",
					      FAKE_HANG, 0, 0, 1 });
	bench_apply(&bench);
	expect("0000:03:00.0", RESULT_FAILED, STEP_REGISTER, ETIMEDOUT);
	expect("0000:04:00.0", RESULT_ISOLATED, STEP_REGISTER, ETIMEDOUT);
	/* Its link was read, which never blocks; nothing of it was written. */
	assert_int_equal(fake_called(fake, FAKE_WRITE, "03:00.0/driver_override", NULL),
			 1);
}

/* Nor whether it is one that failed before, and that the driver takes all the same. */
static void test_register_hangs_on_failed(void **state)
{
	(void)state;
	start(MODULAR, ALL_THREE, NULL);
	fake_fault(fake, (struct fake_fault){ FAKE_WRITE, "03:00.0/driver/unbind",
					      FAKE_ERROR, EBUSY, 0, 1 });
	fake_fault(fake,
		   (struct fake_fault){ FAKE_LOAD, "/vfio-pci.ko", FAKE_HANG, 0, 0, 1 });
	bench_apply(&bench);
	expect("0000:03:00.0", RESULT_RESTORED, STEP_REGISTER, ETIMEDOUT);
	expect("0000:04:00.0", RESULT_ISOLATED, STEP_REGISTER, ETIMEDOUT);
}

/* One driver's module hangs: the targets of the other are bound. */
static void test_one_driver_hangs(void **state)
{
	static const char *const hangs[] = { "mlx5-vfio-pci.ko", "/vfio-pci.ko" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const char *lost = i == 0 ? "0000:03:00.0" : "0000:01:00.0";
		const char *other = i == 0 ? "0000:01:00.0" : "0000:03:00.0";

		start(MODULAR "module mlx5-vfio-pci needs=vfio-pci-core\n"
			      "driver mlx5-vfio-pci module=mlx5-vfio-pci\n",
		      "bind 0000:03:00.0 driver=mlx5-vfio-pci\nbind 0000:01:00.0\n",
		      FAKE_VFIO_IMAGE "module /lib/modules/fake/mlx5-vfio-pci.ko\n");
		fake_fault(fake, (struct fake_fault){ FAKE_LOAD, hangs[i], FAKE_HANG, 0,
						      0, 1 });
		bench_apply(&bench);
		expect(lost, i == 0 ? RESULT_RESTORED : RESULT_ISOLATED, STEP_REGISTER,
		       ETIMEDOUT);
		expect(other, RESULT_BOUND, STEP_NONE, 0);
		assert_null(bench_check(&bench));
		if (i == 0)
			bench_stop(&bench);
	}
}

static void test_restore_hangs(void **state)
{
	(void)state;
	start(MODULAR, ALL_THREE, NULL);
	fake_fault(fake, (struct fake_fault){ FAKE_PROBE, "vfio-pci/0000:03:00.0",
					      FAKE_ERROR, EINVAL, 0, 0 });
	fake_fault(fake, (struct fake_fault){ FAKE_PROBE, "serial/0000:03:00.0",
					      FAKE_HANG, 0, 0, 1 });
	bench_apply(&bench);
	expect("0000:03:00.0", RESULT_FAILED, STEP_RESTORE, ETIMEDOUT);
	expect("0000:04:00.0", RESULT_BOUND, STEP_NONE, 0);
}

/* No time is left: what was taken is given back, what was not touched stays. */
static void test_expire(void **state)
{
	struct progress progress = { .step = STEP_UNBIND, .device = NO_INDEX };

	(void)state;
	start(MODULAR, ALL_THREE, NULL);
	apply_expire(&bench.apply, &progress);
	apply_steps(&bench.apply, &progress);
	assert_true(progress.is_done);
	expect("0000:01:00.0", RESULT_ISOLATED, STEP_UNBIND, ETIMEDOUT);
	expect("0000:03:00.0", RESULT_RESTORED, STEP_UNBIND, ETIMEDOUT);
	assert_int_equal(fake_called(fake, FAKE_LOAD, "", NULL), 0);
}

static void test_conclude(void **state)
{
	struct progress progress = { .step = STEP_UNBIND, .device = NO_INDEX };

	(void)state;
	start(MODULAR, ALL_THREE, NULL);
	apply_expire(&bench.apply, &progress);
	fake_forget_calls(fake);
	apply_conclude(&bench.apply);
	expect("0000:03:00.0", RESULT_FAILED, STEP_UNBIND, ETIMEDOUT);
	assert_int_equal(bench_at(&bench, "0000:03:00.0")->is_after_known, true);
	assert_int_equal(fake_called(fake, FAKE_WRITE, "", NULL), 0);
}

#define DISPLAY                                                                \
	"device 0000:05:00.0 1002:73df 030200 group=5 bar=e0000000-e0ffffff\n" \
	"framebuffer efi-framebuffer.0 efifb e0000000-e02fffff\nvfio modular\n"

/* The display cannot be taken: the console comes back. */
static void test_framebuffer_back(void **state)
{
	(void)state;
	start(DISPLAY, "bind 0000:05:00.0+force\n", NULL);
	fake_fault(fake, (struct fake_fault){ FAKE_PROBE, "vfio-pci/", FAKE_ERROR, EINVAL,
					      0, 0 });
	bench_apply(&bench);
	expect("0000:05:00.0", RESULT_ISOLATED, STEP_PROBE, ENODEV);
	assert_true(fake->framebuffer.is_bound);
	assert_string_equal(fake->framebuffer.override, "");
	assert_int_equal(fake_called(fake, FAKE_WRITE, "efi-framebuffer.0/driver/unbind",
				     NULL),
			 1);
}

/* Once it is taken no list has it any more: the boot display is the same all the same. */
static void test_framebuffer_twice(void **state)
{
	struct bench_texts texts = { .config = "bind boot-vga+force\n" };

	(void)state;
	start(DISPLAY, texts.config, NULL);
	bench_apply(&bench);
	expect("0000:05:00.0", RESULT_BOUND, STEP_NONE, 0);
	bench_plan(&bench, &texts);
	assert_int_equal(bench_at(&bench, "0000:05:00.0")->decision, DECISION_BIND);
	bench_apply(&bench);
	expect("0000:05:00.0", RESULT_BOUND, STEP_NONE, 0);
}

/*
 * Twins, and the host's own driver has replaced the framebuffer of one: a rule for both still
 * spares it.
 */
static void test_framebuffer_replaced(void **state)
{
	struct bench_texts texts = { .config = "bind 1002:73df\n" };

	(void)state;
	start(DISPLAY
	      "device 0000:06:00.0 1002:73df 030200 group=6 bar=f0000000-f0ffffff\n"
	      "module amdgpu\ndriver amdgpu module=amdgpu id=1002:73df drm\n",
	      texts.config, NULL);
	bench_apply(&bench);
	expect("0000:06:00.0", RESULT_BOUND, STEP_NONE, 0);
	assert_int_equal(bench_at(&bench, "0000:05:00.0")->reason, REASON_BOOT_DISPLAY);
	fake->io.load(&fake->io, "/lib/modules/fake/amdgpu.ko", "");
	assert_string_equal(fake_driver_at(fake, "0000:05:00.0"), "amdgpu");
	assert_false(fake->framebuffer.is_there);
	bench_plan(&bench, &texts);
	bench_apply(&bench);
	assert_int_equal(bench_at(&bench, "0000:05:00.0")->reason, REASON_BOOT_DISPLAY);
	assert_string_equal(fake_driver_at(fake, "0000:05:00.0"), "amdgpu");
	expect("0000:06:00.0", RESULT_BOUND, STEP_NONE, 0);
}

static void test_framebuffer_stays(void **state)
{
	(void)state;
	start(DISPLAY, "bind 0000:05:00.0+force\n", NULL);
	fake_fault(fake,
		   (struct fake_fault){ FAKE_WRITE, "efi-framebuffer.0/driver/unbind",
					FAKE_ERROR, EPERM, 0, 0 });
	bench_apply(&bench);
	expect("0000:05:00.0", RESULT_ISOLATED, STEP_FRAMEBUFFER, EPERM);
	assert_true(fake->framebuffer.is_bound);
	assert_string_equal(fake->framebuffer.override, "");
}

/* Modules fail before the framebuffer is touched. */
static void test_framebuffer_kept(void **state)
{
	(void)state;
	start(DISPLAY, "bind 0000:05:00.0+force\n", "");
	bench_apply(&bench);
	expect("0000:05:00.0", RESULT_ISOLATED, STEP_LOAD, ENOENT);
	assert_int_equal(fake_called(fake, FAKE_WRITE, "efi-framebuffer.0", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test_teardown(test_no_module, finish),
		cmocka_unit_test_teardown(test_no_image, finish),
		cmocka_unit_test_teardown(test_one_driver_missing, finish),
		cmocka_unit_test_teardown(test_one_driver_fails, finish),
		cmocka_unit_test_teardown(test_registered_goes_on, finish),
		cmocka_unit_test_teardown(test_back_to_vfio, finish),
		cmocka_unit_test_teardown(test_many_hang, finish),
		cmocka_unit_test_teardown(test_register_hangs, finish),
		cmocka_unit_test_teardown(test_register_hangs_on_failed, finish),
		cmocka_unit_test_teardown(test_one_driver_hangs, finish),
		cmocka_unit_test_teardown(test_restore_hangs, finish),
		cmocka_unit_test_teardown(test_expire, finish),
		cmocka_unit_test_teardown(test_conclude, finish),
		cmocka_unit_test_teardown(test_framebuffer_back, finish),
		cmocka_unit_test_teardown(test_framebuffer_twice, finish),
		cmocka_unit_test_teardown(test_framebuffer_replaced, finish),
		cmocka_unit_test_teardown(test_framebuffer_stays, finish),
		cmocka_unit_test_teardown(test_framebuffer_kept, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
