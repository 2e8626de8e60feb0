// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Carrying plans out over the simulated kernel where all goes well: which driver each device
 * ends with, in which order, and at what price.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

/* Two equal cards with audio, host drivers as modules, a serial card with a built-in one. */
#define TWINS                                              \
	"device 0000:01:00.0 1234:1111 038000 group=1\n"   \
	"device 0000:01:00.1 8086:2668 040300 group=1\n"   \
	"device 0000:02:00.0 1234:1111 038000 group=2\n"   \
	"device 0000:02:00.1 8086:2668 040300 group=2\n"   \
	"device 0000:03:00.0 1b36:0002 070002 group=3\n"   \
	"driver serial id=1b36:0002\n"                     \
	"module bochs\n"                                   \
	"driver bochs-drm module=bochs id=1234:1111 drm\n" \
	"module snd_hda_intel\n"                           \
	"driver snd_hda_intel module=snd_hda_intel id=8086:2668\n"
#define MODULAR TWINS "vfio modular\n"
#define BUILTIN TWINS "vfio builtin\n"

static struct bench bench;
static struct fake *fake;

static void start(const char *machine, const char *cmdline, const char *config)
{
	bench_start(&bench, &(struct bench_texts){ machine, cmdline, config, NULL });
	fake = bench.fake;
	fake_forget_calls(fake);
}

static void start_image(const char *machine, const char *config, const char *image)
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

static void expect(const char *address, enum result result, const char *driver)
{
	const struct verdict *verdict = bench_at(&bench, address);

	if (verdict->result != result ||
	    strcmp(fake_driver_at(fake, address), driver) != 0)
		fail_msg("%s: result %d (step %d, error %d), driver '%s'", address,
			 verdict->result, verdict->step, verdict->error,
			 fake_driver_at(fake, address));
}

static void test_modular(void **state)
{
	(void)state;
	start(MODULAR, "", "bind 1234:1111@0000:02:00.0+slot\n");
	bench_apply(&bench);
	expect("0000:02:00.0", RESULT_BOUND, "vfio-pci");
	expect("0000:02:00.1", RESULT_BOUND, "vfio-pci");
	/* The twin is free for udev, and the built-in driver keeps what it has. */
	assert_string_equal(fake_driver_at(fake, "0000:01:00.0"), "");
	assert_string_equal(fake_override_at(fake, "0000:01:00.0"), "");
	assert_string_equal(fake_driver_at(fake, "0000:03:00.0"), "serial");
	/* Now the host drivers come: too late for one, in time for the other. */
	fake_module_load(fake, fake_find_module(fake, SPAN("bochs")), "");
	assert_string_equal(fake_driver_at(fake, "0000:01:00.0"), "bochs-drm");
	assert_string_equal(fake_driver_at(fake, "0000:02:00.0"), "vfio-pci");
	assert_int_equal(fake_at(fake, "0000:02:00.0")->host_count, 0);
}

static void test_modular_price(void **state)
{
	unsigned modules, bound = 2;

	(void)state;
	bench_start(&bench, &(struct bench_texts){
				    MODULAR, "", "bind 0000:03:00.0\nbind 0000:02:00.1\n",
				    NULL });
	fake = bench.fake;
	bench_apply(&bench);
	expect("0000:03:00.0", RESULT_BOUND, "vfio-pci");
	modules = 5 * 4;
	if (fake->syscalls > modules + 14 * bound + 10)
		fail_msg("%u system calls", fake->syscalls);
	/* Registering has bound them: nobody was probed for, nor asked once more. */
	assert_int_equal(fake_called(fake, FAKE_WRITE, "drivers_probe", NULL), 0);
	assert_int_equal(fake_called(fake, FAKE_LINK, "02:00.1/driver", NULL), 1);
	assert_int_equal(fake_called(fake, FAKE_LIST, "drivers/vfio-pci", NULL), 1);
}

static void test_builtin_price(void **state)
{
	(void)state;
	bench_start(&bench,
		    &(struct bench_texts){ BUILTIN, "", "bind 0000:03:00.0\n", NULL });
	fake = bench.fake;
	bench_apply(&bench);
	expect("0000:03:00.0", RESULT_BOUND, "vfio-pci");
	assert_int_equal(fake_called(fake, FAKE_LOAD, "", NULL), 0);
	if (fake->syscalls > 14 + 10)
		fail_msg("%u system calls", fake->syscalls);
}

static void test_order(void **state)
{
	int early, override, core, unbind, vfio, last;

	(void)state;
	start(MODULAR, "", "bind 1234:1111@0000:02:00.0+slot\nbind 0000:03:00.0\n");
	bench_apply(&bench);
	early = fake_when(fake, FAKE_WRITE, "0000:02:00.0/driver_override");
	override = fake_when(fake, FAKE_WRITE, "0000:03:00.0/driver_override");
	core = fake_when(fake, FAKE_LOAD, "vfio-pci-core.ko");
	unbind = fake_when(fake, FAKE_WRITE, "0000:03:00.0/driver/unbind");
	vfio = fake_when(fake, FAKE_LOAD, "/vfio-pci.ko");
	last = fake_when(fake, FAKE_LIST, "drivers/vfio-pci");
	assert_true(0 <= early && early < core);
	/* Where unbinding hangs, vfio-pci must not be made to wait for the device. */
	assert_true(core < unbind);
	assert_true(unbind < override);
	assert_true(override < vfio);
	assert_true(vfio < last);
	expect("0000:03:00.0", RESULT_BOUND, "vfio-pci");
	assert_int_equal(fake_at(fake, "0000:03:00.0")->lost_count, 1);
}

/* The kernel attaches a device of the bus only after it has told udev of it. */
static void attach_late(struct fake *of, enum fake_op op, const char *path)
{
	if (op != FAKE_WRITE || !strstr(path, "0000:02:00.0/driver_override"))
		return;
	of->on_call = NULL;
	fake_coldplug(of, fake_find(of, (struct bdf){ .bus = 2 }));
}

static void test_taken_while_looked_at(void **state)
{
	(void)state;
	start(BUILTIN, "", "bind 0000:02:00.0\n");
	fake->on_call = attach_late;
	bench_apply(&bench);
	expect("0000:02:00.0", RESULT_BOUND, "vfio-pci");
	assert_int_equal(fake_at(fake, "0000:02:00.0")->lost_count, 1);
}

/* The domain behind a controller is its driver's: it goes with it. */
static void take_domain(struct fake *of, enum fake_op op, const char *path)
{
	struct fake_device *disk = fake_at(of, "10000:e1:00.0");

	if (op != FAKE_WRITE || !strstr(path, "0000:00:0e.0/driver/unbind"))
		return;
	disk->is_gone = true;
	disk->driver = -1;
}

/* What was bound before is gone all the same, and no other's fault is it. */
static void test_domain_goes(void **state)
{
	static const struct bench_texts both = {
		.config = "bind 10000:e1:00.0\nbind 0000:00:0e.0\nbind 0000:03:00.0\n"
	};
	const struct verdict *disk;

	(void)state;
	start(BUILTIN "device 0000:00:0e.0 8086:467f 010400 group=4\n"
		      "device 10000:e1:00.0 144d:a80a 010802 group=4\n"
		      "driver vmd id=8086:467f\n",
	      "", "bind 10000:e1:00.0\n");
	bench_apply(&bench);
	expect("10000:e1:00.0", RESULT_BOUND, "vfio-pci");
	bench_plan(&bench, &both);
	fake->on_call = take_domain;
	bench_apply(&bench);
	expect("0000:00:0e.0", RESULT_BOUND, "vfio-pci");
	expect("0000:03:00.0", RESULT_BOUND, "vfio-pci");
	disk = bench_at(&bench, "10000:e1:00.0");
	assert_int_equal(disk->result, RESULT_FAILED);
	assert_int_equal(disk->error, ENODEV);
	assert_int_equal(disk->driver_after, DRIVER_NONE);
}

static void test_builtin_vfio(void **state)
{
	(void)state;
	start(BUILTIN, "", "bind 1234:1111@0000:02:00.0+slot\nbind 0000:03:00.0\n");
	bench_apply(&bench);
	expect("0000:02:00.0", RESULT_BOUND, "vfio-pci");
	expect("0000:02:00.1", RESULT_BOUND, "vfio-pci");
	expect("0000:03:00.0", RESULT_BOUND, "vfio-pci");
	/* An override alone does nothing here. */
	assert_int_equal(fake_called(fake, FAKE_WRITE, "drivers_probe", NULL), 3);
}

static void test_twice(void **state)
{
	static const struct bench_texts texts = {
		.config = "bind 1234:1111@0000:02:00.0+slot\nbind 0000:03:00.0\n"
	};

	(void)state;
	start(MODULAR, "", texts.config);
	bench_apply(&bench);
	bench_plan(&bench, &texts);
	fake_forget_calls(fake);
	bench_apply(&bench);
	expect("0000:02:00.0", RESULT_BOUND, "vfio-pci");
	expect("0000:03:00.0", RESULT_BOUND, "vfio-pci");
	/* The override, so that it stays; is there the driver, and what does it have? */
	assert_int_equal(fake->call_count, 3 + 2);
	assert_int_equal(fake_called(fake, FAKE_WRITE, "driver_override", "vfio-pci"), 3);
}

static void test_nothing(void **state)
{
	(void)state;
	start(MODULAR, "", "");
	bench_apply(&bench);
	assert_int_equal(fake->call_count, 0);
}

static const char *options_of(const char *module)
{
	return fake->modules[fake_find_module(fake, span_of(module))].options;
}

static void test_options(void **state)
{
	(void)state;
	start_image(MODULAR, "bind 0000:02:00.0\n",
		    "module /lib/modules/fake/irqbypass.ko\n"
		    "module /lib/modules/fake/vfio.ko\n"
		    "module /lib/modules/fake/vfio_iommu_type1.ko\n"
		    "module /lib/modules/fake/vfio-pci-core.ko\n"
		    "module /lib/modules/fake/vfio-pci.ko disable_idle_d3=1\n");
	bench.apply.cmdline = SPAN("quiet vfio_pci.disable_vga=1 vfio-pci.ids=1234:1111 "
				   "vfio_iommu_type1.allow_unsafe_interrupts=1");
	bench_apply(&bench);
	expect("0000:02:00.0", RESULT_BOUND, "vfio-pci");
	assert_non_null(strstr(options_of("vfio-pci"), "disable_idle_d3=1"));
	assert_non_null(strstr(options_of("vfio-pci"), "disable_vga=1"));
	assert_null(strstr(options_of("vfio-pci"), "1234:1111"));
	/* What modprobe would put in front is undone. */
	assert_non_null(strstr(options_of("vfio-pci"), " ids="));
	assert_non_null(
		strstr(options_of("vfio_iommu_type1"), "allow_unsafe_interrupts=1"));
	/* The twin of the same id is not vfio-pci's. */
	assert_string_equal(fake_driver_at(fake, "0000:01:00.0"), "");
}

static void test_partly_loaded(void **state)
{
	(void)state;
	start(MODULAR, "", "bind 0000:02:00.0\n");
	fake_module_load(fake, fake_find_module(fake, SPAN("irqbypass")), "");
	fake_module_load(fake, fake_find_module(fake, SPAN("vfio")), "");
	bench_apply(&bench);
	expect("0000:02:00.0", RESULT_BOUND, "vfio-pci");
	assert_int_equal(fake_called(fake, FAKE_LOAD, "irqbypass", NULL), 0);
	assert_int_equal(fake_called(fake, FAKE_LOAD, "vfio-pci-core", NULL), 1);
}

/* The kernel writes the names of modules with `_` alone. */
static void test_core_loaded(void **state)
{
	(void)state;
	start(MODULAR, "", "bind 0000:02:00.0\n");
	fake_module_load(fake, fake_find_module(fake, SPAN("irqbypass")), "");
	fake_module_load(fake, fake_find_module(fake, SPAN("vfio")), "");
	fake_module_load(fake, fake_find_module(fake, SPAN("vfio-pci-core")), "");
	bench_apply(&bench);
	expect("0000:02:00.0", RESULT_BOUND, "vfio-pci");
	assert_int_equal(fake_called(fake, FAKE_LOAD, "vfio-pci-core", NULL), 0);
}

/* Somebody loads it between our look and our call. */
static void test_loaded_meanwhile(void **state)
{
	(void)state;
	start(MODULAR, "", "bind 0000:02:00.0\n");
	fake_module_load(fake, fake_find_module(fake, SPAN("irqbypass")), "");
	fake_fault(fake, (struct fake_fault){ .ops = FAKE_EXISTS,
					      .path = "sys/module/irqbypass",
					      .action = FAKE_ERROR,
					      .error = ENOENT });
	bench_apply(&bench);
	expect("0000:02:00.0", RESULT_BOUND, "vfio-pci");
	assert_int_equal(fake_called(fake, FAKE_LOAD, "irqbypass", NULL), 1);
}

#define VARIANT                                                  \
	MODULAR "device 0000:04:00.0 15b3:101e 020000 group=4\n" \
		"module mlx5-vfio-pci needs=vfio-pci-core\n"     \
		"driver mlx5_vfio_pci module=mlx5-vfio-pci\n"
#define VARIANT_IMAGE FAKE_VFIO_IMAGE "module /lib/modules/fake/mlx5-vfio-pci.ko\n"

static void test_variant(void **state)
{
	(void)state;
	start_image(VARIANT,
		    "bind 0000:04:00.0 driver=mlx5_vfio_pci\nbind 0000:02:00.0\n",
		    VARIANT_IMAGE);
	bench_apply(&bench);
	expect("0000:04:00.0", RESULT_BOUND, "mlx5_vfio_pci");
	expect("0000:02:00.0", RESULT_BOUND, "vfio-pci");
}

/* A driver in the image that nobody wants is not loaded. */
static void test_variant_unwanted(void **state)
{
	(void)state;
	start_image(VARIANT, "bind 0000:02:00.0\n", VARIANT_IMAGE);
	bench_apply(&bench);
	expect("0000:02:00.0", RESULT_BOUND, "vfio-pci");
	assert_int_equal(fake_called(fake, FAKE_LOAD, "mlx5", NULL), 0);
}

static void head(char *buf, size_t size, const char *class, const char *more)
{
	snprintf(buf, size,
		 "device 0000:05:00.0 1002:73df %s group=5 bar=e0000000-e0ffffff %s\n"
		 "device 0000:06:00.0 1002:73df 038000 group=6 bar=f0000000-f0ffffff\n"
		 "framebuffer efi-framebuffer.0 efifb e0000000-e02fffff\n"
		 "vfio modular\n",
		 class, more);
}

static void test_framebuffer(void **state)
{
	static const struct {
		const char *class, *more;
	} rows[] = { { "030000", "boot-vga=1" }, { "030200", "" }, { "038000", "" } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char machine[512];

		head(machine, sizeof(machine), rows[i].class, rows[i].more);
		start(machine, "", "bind 0000:05:00.0+force\n");
		bench_apply(&bench);
		expect("0000:05:00.0", RESULT_BOUND, "vfio-pci");
		assert_false(fake->framebuffer.is_bound);
		/* Not even a driver that comes later takes it. */
		fake_register_framebuffer_driver(fake, "simpledrm");
		assert_false(fake->framebuffer.is_bound);
		assert_int_equal(fake_called(fake, FAKE_WRITE,
					     "efi-framebuffer.0/driver/unbind", NULL),
				 1);
		assert_null(bench_check(&bench));
		if (i < 2)
			bench_stop(&bench);
	}
}

static void test_framebuffer_elsewhere(void **state)
{
	char machine[512];

	(void)state;
	head(machine, sizeof(machine), "038000", "");
	start(machine, "", "bind 0000:06:00.0\n");
	bench_apply(&bench);
	expect("0000:06:00.0", RESULT_BOUND, "vfio-pci");
	assert_true(fake->framebuffer.is_bound);
	assert_string_equal(fake->framebuffer.override, "");
}

/* The kernel says that it is not the boot display: then it need not be looked for. */
static void test_framebuffer_not_asked(void **state)
{
	(void)state;
	start("device 0000:05:00.0 1002:73df 030000 group=5 boot-vga=0\nvfio modular\n",
	      "", "bind 0000:05:00.0\n");
	bench_apply(&bench);
	expect("0000:05:00.0", RESULT_BOUND, "vfio-pci");
	assert_int_equal(fake_called(fake, FAKE_READ, "proc/iomem", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_modular, finish),
		cmocka_unit_test_teardown(test_modular_price, finish),
		cmocka_unit_test_teardown(test_builtin_price, finish),
		cmocka_unit_test_teardown(test_order, finish),
		cmocka_unit_test_teardown(test_taken_while_looked_at, finish),
		cmocka_unit_test_teardown(test_domain_goes, finish),
		cmocka_unit_test_teardown(test_builtin_vfio, finish),
		cmocka_unit_test_teardown(test_twice, finish),
		cmocka_unit_test_teardown(test_nothing, finish),
		cmocka_unit_test_teardown(test_options, finish),
		cmocka_unit_test_teardown(test_partly_loaded, finish),
		cmocka_unit_test_teardown(test_core_loaded, finish),
		cmocka_unit_test_teardown(test_loaded_meanwhile, finish),
		cmocka_unit_test_teardown(test_variant, finish),
		cmocka_unit_test_teardown(test_variant_unwanted, finish),
		cmocka_unit_test_teardown(test_framebuffer, finish),
		cmocka_unit_test_teardown(test_framebuffer_elsewhere, finish),
		cmocka_unit_test_teardown(test_framebuffer_not_asked, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
