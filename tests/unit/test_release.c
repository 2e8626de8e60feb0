// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Giving devices back over the simulated kernel: those that vfio-pci's own ids= took and the
 * rules keep, and those that somebody asks for at a prompt.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

#define CARDS                                            \
	"device 0000:01:00.0 1234:1111 038000 group=1\n" \
	"device 0000:02:00.0 1234:1111 038000 group=2\n" \
	"device 0000:03:00.0 1b36:0002 070002 group=3\n" \
	"module bochs\n"                                 \
	"driver bochs-drm module=bochs id=1234:1111 drm\n"
#define SERIAL "driver serial id=1b36:0002\n"

static struct bench bench;
static struct fake *fake;

static void start(const char *machine, const char *cmdline, const char *config)
{
	bench_start(&bench, &(struct bench_texts){ machine, cmdline, config, NULL });
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

static void expect(const char *address, enum result result, const char *driver)
{
	const struct verdict *got = bench_at(&bench, address);

	if (got->result != result || strcmp(fake_driver_at(fake, address), driver) != 0)
		fail_msg("%s: result %d, step %d, error %d, driver '%s'", address,
			 got->result, got->step, got->error,
			 fake_driver_at(fake, address));
}

/* ids= of a vfio-pci that was there before us took both; one of them is kept. */
static void test_kept(void **state)
{
	(void)state;
	start("vfio builtin ids=1234:1111\n" CARDS, "vfio-pci.ids=1234:1111",
	      "keep 0000:01:00.0\n");
	/* The command line beats the config: keep it there. */
	bench_plan(&bench,
		   &(struct bench_texts){ .cmdline = "vfio-pci.ids=1234:1111 "
						     "early-vfio.keep=0000:01:00.0" });
	assert_string_equal(fake_driver_at(fake, "0000:01:00.0"), "vfio-pci");
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_RELEASED, "");
	expect("0000:02:00.0", RESULT_BOUND, "vfio-pci");
	/* And free it stays, whoever probes. */
	fake->io.write(&fake->io, IO_DRIVERS_PROBE, SPAN("0000:01:00.0"));
	assert_string_equal(fake_driver_at(fake, "0000:01:00.0"), "");
}

/* The same id four times is four entries in the kernel's list. */
static void test_kept_repeated(void **state)
{
	(void)state;
	start("vfio builtin ids=1234:1111,1234:1111,1234:1111,1234:1111\n" CARDS,
	      "vfio-pci.ids=1234:1111,1234:1111,1234:1111,1234:1111 "
	      "early-vfio.keep=0000:01:00.0",
	      "");
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_RELEASED, "");
	assert_int_equal(fake->drivers[0].dynids.count, 0);
}

static void test_kept_by_class(void **state)
{
	(void)state;
	start("vfio builtin ids=ffffffff:1111:ffffffff:ffffffff:038000:ffff00\n" CARDS,
	      "vfio-pci.ids=ffffffff:1111:ffffffff:ffffffff:038000:ffff00 "
	      "early-vfio.keep=0000:01:00.0",
	      "");
	assert_string_equal(fake_driver_at(fake, "0000:01:00.0"), "vfio-pci");
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_RELEASED, "");
	assert_int_equal(fake->drivers[0].dynids.count, 0);
}

/* A built-in host driver takes it at once. */
static void test_kept_builtin(void **state)
{
	(void)state;
	start("vfio builtin ids=1b36:0002\n" CARDS SERIAL,
	      "vfio-pci.ids=1b36:0002 early-vfio.keep=0000:03:00.0", "");
	assert_string_equal(fake_driver_at(fake, "0000:03:00.0"), "vfio-pci");
	bench_apply(&bench);
	expect("0000:03:00.0", RESULT_RELEASED, "serial");
}

/* In a boot nothing is loaded for it: udev will, and its rules may say otherwise. */
static void test_kept_loads_nothing(void **state)
{
	(void)state;
	start("vfio builtin ids=1234:1111\n" CARDS,
	      "vfio-pci.ids=1234:1111 early-vfio.keep=0000:01:00.0", "");
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_RELEASED, "");
	assert_int_equal(fake_called(fake, FAKE_LOAD, "", NULL), 0);
	assert_int_equal(fake_called(fake, FAKE_WRITE, "01:00.0/uevent", "add"), 1);
}

static void release(const char *config)
{
	bench_plan(&bench, &(struct bench_texts){ .config = config });
	bench.plan->releases_free = true;
	fake_forget_calls(fake);
	bench_apply(&bench);
}

static void test_asked_with_udev(void **state)
{
	(void)state;
	start(CARDS "vfio modular\nudev\n", "", "bind 0000:01:00.0\n");
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_BOUND, "vfio-pci");
	release("keep 0000:01:00.0\n");
	expect("0000:01:00.0", RESULT_RELEASED, "bochs-drm");
	assert_int_equal(fake_called(fake, FAKE_LOAD, "pci:v", NULL), 0);
}

static void test_asked_without_udev(void **state)
{
	(void)state;
	start(CARDS "vfio modular\n", "", "bind 0000:01:00.0\n");
	bench_apply(&bench);
	release("keep 0000:01:00.0\n");
	expect("0000:01:00.0", RESULT_RELEASED, "bochs-drm");
	assert_int_equal(fake_called(fake, FAKE_LOAD, "pci:v00001234d00001111", NULL), 1);
}

/* What holds a device and does nothing with it lets it go as well. */
static void test_asked_of_stub(void **state)
{
	(void)state;
	start(CARDS
	      "module pci-stub\ndriver pci-stub module=pci-stub\nvfio modular\nudev\n",
	      "", "bind 0000:01:00.0 driver=pci-stub\n");
	bench_plan(&bench, &(struct bench_texts){
				   .config = "bind 0000:01:00.0 driver=pci-stub\n",
				   .image = "module /lib/modules/fake/pci-stub.ko\n" });
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_BOUND, "pci-stub");
	release("keep 0000:01:00.0\n");
	expect("0000:01:00.0", RESULT_RELEASED, "bochs-drm");
}

static void test_asked_builtin(void **state)
{
	(void)state;
	start(CARDS SERIAL "vfio modular\n", "", "bind 0000:03:00.0\n");
	bench_apply(&bench);
	expect("0000:03:00.0", RESULT_BOUND, "vfio-pci");
	release("keep 0000:03:00.0\n");
	expect("0000:03:00.0", RESULT_RELEASED, "serial");
	assert_int_equal(fake_called(fake, FAKE_WRITE, "uevent", NULL), 0);
}

/* Isolated, so that no driver has it: giving it back clears the override. */
static void test_asked_isolated(void **state)
{
	(void)state;
	start(CARDS "vfio modular\n", "", "bind 0000:01:00.0\n");
	fake_fault(fake, (struct fake_fault){ FAKE_PROBE, "vfio-pci/", FAKE_ERROR, EINVAL,
					      0, 0 });
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_ISOLATED, "");
	release("keep 0000:01:00.0\n");
	expect("0000:01:00.0", RESULT_RELEASED, "bochs-drm");
}

/* It is the host's already, and what was to keep the host's driver off is still there. */
static void test_asked_of_host(void **state)
{
	(void)state;
	start(CARDS SERIAL "vfio modular\n", "", "");
	fake->io.write(&fake->io, "sys/bus/pci/devices/0000:03:00.0/driver_override",
		       SPAN("vfio-pci"));
	release("keep 0000:03:00.0\n");
	expect("0000:03:00.0", RESULT_RELEASED, "serial");
	assert_string_equal(fake->devices[2].override, "");
	assert_int_equal(fake_called(fake, FAKE_WRITE, "unbind", NULL), 0);
	assert_int_equal(fake_called(fake, FAKE_WRITE, "uevent", NULL), 0);
}

/* The driver comes by the event where the probe itself did not come through. */
static void test_asked_and_probe_fails(void **state)
{
	(void)state;
	start(CARDS "vfio modular\nudev\n", "", "bind 0000:01:00.0\n");
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_BOUND, "vfio-pci");
	fake_fault(fake, (struct fake_fault){ FAKE_WRITE, "drivers_probe", FAKE_ERROR,
					      EAGAIN, 0, 0 });
	release("keep 0000:01:00.0\n");
	expect("0000:01:00.0", RESULT_RELEASED, "bochs-drm");
	assert_int_equal(fake_called(fake, FAKE_WRITE, "01:00.0/uevent", "add"), 1);
}

static void test_asked_framebuffer(void **state)
{
	(void)state;
	start("device 0000:05:00.0 1002:73df 038000 group=5 bar=e0000000-e0ffffff\n"
	      "device 0000:06:00.0 1002:73df 038000 group=6 bar=f0000000-f0ffffff\n"
	      "framebuffer vesa-framebuffer.0 vesafb e0000000-e02fffff\nvfio modular\n",
	      "", "bind 0000:05:00.0+force\nbind 0000:06:00.0\n");
	bench_apply(&bench);
	assert_false(fake->framebuffer.is_bound);
	/* Another card's release does not bring it back. */
	release("keep 0000:06:00.0\n");
	assert_false(fake->framebuffer.is_bound);
	release("keep 0000:05:00.0\n");
	expect("0000:05:00.0", RESULT_RELEASED, "");
	assert_true(fake->framebuffer.is_bound);
	assert_string_equal(fake->framebuffer.override, "");
}

/* Asked for at a prompt, no rule says which ids the kernel was given. */
static void test_asked_ids(void **state)
{
	(void)state;
	start("vfio builtin ids=1234:1111,1234:1111\n" CARDS, "", "");
	assert_string_equal(fake_driver_at(fake, "0000:01:00.0"), "vfio-pci");
	release("keep 0000:01:00.0\n");
	expect("0000:01:00.0", RESULT_RELEASED, "bochs-drm");
	assert_string_equal(fake_driver_at(fake, "0000:02:00.0"), "vfio-pci");
}

/* remove_id that does not come back costs nobody a device. */
static void test_ids_hang(void **state)
{
	(void)state;
	start("vfio builtin ids=1234:1111\n" CARDS SERIAL,
	      "vfio-pci.ids=1234:1111 early-vfio.bind=0000:03:00.0", "");
	fake_fault(fake,
		   (struct fake_fault){ FAKE_WRITE, "remove_id", FAKE_HANG, 0, 0, 0 });
	bench_apply(&bench);
	expect("0000:01:00.0", RESULT_BOUND, "vfio-pci");
	expect("0000:03:00.0", RESULT_BOUND, "vfio-pci");
	assert_int_equal(fake->hang_count, 1);
}

struct failing {
	struct fake_fault fault;
	int error;
	bool is_hung;
};

static void test_fails(void **state)
{
	static const struct failing rows[] = {
		{ { FAKE_WRITE, "01:00.0/driver_override", FAKE_ERROR, EPERM, 0, 0 },
		  EPERM,
		  false },
		{ { FAKE_WRITE, "01:00.0/driver/unbind", FAKE_ERROR, EBUSY, 0, 0 },
		  EBUSY,
		  false },
		{ { FAKE_WRITE, "drivers_probe", FAKE_ERROR, EIO, 0, 0 }, EIO, false },
		{ { FAKE_WRITE, "01:00.0/driver/unbind", FAKE_IDLE, 0, 0, 0 },
		  EBUSY,
		  false },
		{ { FAKE_WRITE, "01:00.0/driver/unbind", FAKE_HANG, 0, 0, 1 },
		  ETIMEDOUT,
		  true },
		{ { FAKE_WRITE, "01:00.0/driver_override", FAKE_GONE, 0, 0, 1 },
		  ENOENT,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct verdict *got;
		const char *wrong;

		start("vfio builtin ids=1234:1111\n" CARDS,
		      "vfio-pci.ids=1234:1111 early-vfio.keep=0000:01:00.0", "");
		fake_fault(fake, rows[i].fault);
		bench_apply(&bench);
		got = bench_at(&bench, "0000:01:00.0");
		wrong = bench_check(&bench);
		if (got->result != RESULT_FAILED || got->step != STEP_RELEASE ||
		    got->error != rows[i].error || got->is_hung != rows[i].is_hung ||
		    wrong)
			fail_msg("row %zu: result %d, step %d, error %d: %s", i,
				 got->result, got->step, got->error, wrong ? wrong : "");
		expect("0000:02:00.0", RESULT_BOUND, "vfio-pci");
		bench_stop(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_kept, finish),
		cmocka_unit_test_teardown(test_kept_repeated, finish),
		cmocka_unit_test_teardown(test_kept_by_class, finish),
		cmocka_unit_test_teardown(test_kept_builtin, finish),
		cmocka_unit_test_teardown(test_kept_loads_nothing, finish),
		cmocka_unit_test_teardown(test_asked_with_udev, finish),
		cmocka_unit_test_teardown(test_asked_without_udev, finish),
		cmocka_unit_test_teardown(test_asked_of_stub, finish),
		cmocka_unit_test_teardown(test_asked_builtin, finish),
		cmocka_unit_test_teardown(test_asked_isolated, finish),
		cmocka_unit_test_teardown(test_asked_of_host, finish),
		cmocka_unit_test_teardown(test_asked_and_probe_fails, finish),
		cmocka_unit_test_teardown(test_asked_framebuffer, finish),
		cmocka_unit_test_teardown(test_asked_ids, finish),
		cmocka_unit_test_teardown(test_ids_hang, finish),
		cmocka_unit_test(test_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
