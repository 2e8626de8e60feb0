// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Carrying plans out over the simulated kernel where something goes wrong that a table of
 * single faults does not tell: modules that are missing, several faults, deadlines, and the
 * firmware's framebuffer.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <early-vfio/report.h>

#include "bench.h"
#include "cards.h"

static struct bench bench;
static struct fake *fake;

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

static void expect_reason(const char *address, const char *wanted)
{
	const struct report report = { .set = bench.set,
				       .inv = bench.inv,
				       .plan = bench.plan };
	char buf[128];
	struct out out = OUT(buf);
	struct bdf bdf;

	assert_true(bdf_scan(span_of(address), &bdf));
	out_reason(&out, &report, &bench.inv->devices[inventory_find(bench.inv, bdf)]);
	out_char(&out, '\0');
	assert_string_equal(buf, wanted);
}

/* Nothing is loaded, and nothing is unbound, where the driver cannot come. */
static void test_no_module(void **state)
{
	(void)state;
	start(MODULAR, ALL_THREE, "module /lib/modules/fake/vfio.ko\n");
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_ISOLATED, STEP_LOAD, ENOENT);
	expect("0000:03:00.0", RESULT_RESTORED, STEP_LOAD, ENOENT);
	expect_reason("0000:03:00.0", "module load failed: ENOENT");
	assert_int_equal(fake_called(fake, FAKE_LOAD, "", NULL), 0);
	assert_int_equal(fake_at(fake, "0000:03:00.0")->lost_count, 0);
}

/* What only a softdep asks for is done without, be it missing or faulty. */
static void test_optional_module(void **state)
{
	static const char *const faulty[] = { "", "module reset error=ENODEV\n" };

	for (size_t i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++) {
		char machine[4096];

		if (i)
			finish(state);
		snprintf(machine, sizeof(machine), "%s%s", MODULAR, faulty[i]);
		start(machine, ALL_THREE,
		      "module /lib/modules/fake/reset.ko\n"
		      "optional /lib/modules/fake/reset.ko\n" FAKE_VFIO_IMAGE);
		bench_apply(&bench);
		expect("0000:01:00.0", RESULT_BOUND, STEP_NONE, 0);
		expect("0000:03:00.0", RESULT_BOUND, STEP_NONE, 0);
	}
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
	expect_reason("0000:03:00.0", "module load failed: mlx5-common: ENOEXEC");
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

/* It costs all targets, and is named by whoever goes on behind it. */
static void test_module_hangs(void **state)
{
	(void)state;
	start(MODULAR, ALL_THREE, NULL);
	fake_fault(fake, (struct fake_fault){ FAKE_LOAD, "/vfio-pci-core.ko", FAKE_HANG,
					      0, 0, 1 });
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_ISOLATED, STEP_LOAD, ETIMEDOUT);
	expect("0000:03:00.0", RESULT_RESTORED, STEP_LOAD, ETIMEDOUT);
	expect_reason("0000:03:00.0", "module load failed: vfio-pci-core: ETIMEDOUT");
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
		cmocka_unit_test_teardown(test_no_module, finish),
		cmocka_unit_test_teardown(test_optional_module, finish),
		cmocka_unit_test_teardown(test_no_image, finish),
		cmocka_unit_test_teardown(test_one_driver_missing, finish),
		cmocka_unit_test_teardown(test_one_driver_fails, finish),
		cmocka_unit_test_teardown(test_registered_goes_on, finish),
		cmocka_unit_test_teardown(test_back_to_vfio, finish),
		cmocka_unit_test_teardown(test_many_hang, finish),
		cmocka_unit_test_teardown(test_register_hangs, finish),
		cmocka_unit_test_teardown(test_register_hangs_on_failed, finish),
		cmocka_unit_test_teardown(test_one_driver_hangs, finish),
		cmocka_unit_test_teardown(test_module_hangs, finish),
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
