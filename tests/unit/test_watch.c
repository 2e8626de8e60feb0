// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The watchdog, with real children over the simulated kernel: what hangs costs its device
 * and its time, and nothing else.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench.h"

#define CARDS                                            \
	"device 0000:01:00.0 1234:1111 038000 group=1\n" \
	"device 0000:03:00.0 1b36:0002 070002 group=3\n" \
	"device 0000:04:00.0 8086:1533 020000 group=4\n" \
	"driver serial id=1b36:0002\n"
#define MODULAR CARDS "vfio modular\n"
#define BUILTIN CARDS "vfio builtin\n"
#define THREE "bind 0000:01:00.0\nbind 0000:03:00.0\nbind 0000:04:00.0\n"
#define ALL_THREE "set timeout 1\n" THREE
/* Where nothing may be waited for: a wait would be seen on the slowest machine. */
#define PATIENT "set timeout 20\n" THREE
#define AT_ONCE_MS 10000
/* Waits are counted, each of 250 ms, and a busy machine makes each of them longer. */
#define AT_LAST_MS (RUN_DEADLINE_S * 1000 + 8000)

static struct bench bench;
static struct fake *fake;

/* What on_call of a child leaves for us. */
static struct seen {
	pid_t pid;
	char stdio[3][64];
} * seen;

static int group_start(void **state)
{
	(void)state;
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return seen == MAP_FAILED ? -1 : 0;
}

static void start(const char *machine, const char *config)
{
	bench_start(&bench, &(struct bench_texts){ machine, NULL, config, NULL });
	fake = bench.fake;
	memset(seen, 0, sizeof(*seen));
}

/* Every child has ended, or was ended, by now. */
static int finish(void **state)
{
	const char *wrong = bench_check(&bench);
	int status;

	(void)state;
	while (wait(&status) > 0)
		;
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

static unsigned now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

/* Run it, which must take from `least` to `most` milliseconds. */
static void run_within(unsigned least, unsigned most)
{
	unsigned start_ms = now_ms(), took_ms;

	apply_watched(&bench.apply);
	took_ms = now_ms() - start_ms;
	if (took_ms < least || took_ms > most)
		fail_msg("took %u ms", took_ms);
}

static void test_all_well(void **state)
{
	(void)state;
	start(MODULAR, PATIENT);
	run_within(0, AT_ONCE_MS);
	expect("0000:01:00.0", RESULT_BOUND, STEP_NONE, 0);
	expect("0000:03:00.0", RESULT_BOUND, STEP_NONE, 0);
	expect("0000:04:00.0", RESULT_BOUND, STEP_NONE, 0);
}

static void test_unbind_hangs(void **state)
{
	(void)state;
	start(MODULAR, ALL_THREE);
	fake_fault(fake, (struct fake_fault){ FAKE_WRITE, "03:00.0/driver/unbind",
					      FAKE_HANG, 0, 0, 1 });
	run_within(1000, AT_ONCE_MS);
	expect("0000:01:00.0", RESULT_BOUND, STEP_NONE, 0);
	expect("0000:03:00.0", RESULT_FAILED, STEP_UNBIND, ETIMEDOUT);
	expect("0000:04:00.0", RESULT_BOUND, STEP_NONE, 0);
	assert_true(bench_at(&bench, "0000:03:00.0")->is_hung);
	assert_int_equal(fake->hang_count, 1);
}

static void test_two_hang(void **state)
{
	(void)state;
	start(BUILTIN, ALL_THREE);
	fake_fault(fake, (struct fake_fault){ FAKE_WRITE, "01:00.0/driver_override",
					      FAKE_HANG, 0, 0, 1 });
	fake_fault(fake, (struct fake_fault){ FAKE_PROBE, "vfio-pci/0000:04:00.0",
					      FAKE_HANG, 0, 0, 1 });
	run_within(2000, AT_ONCE_MS);
	expect("0000:01:00.0", RESULT_FAILED, STEP_OVERRIDE, ETIMEDOUT);
	expect("0000:03:00.0", RESULT_BOUND, STEP_NONE, 0);
	expect("0000:04:00.0", RESULT_FAILED, STEP_PROBE, ETIMEDOUT);
}

static void test_module_hangs(void **state)
{
	(void)state;
	start(MODULAR, ALL_THREE);
	fake_fault(fake,
		   (struct fake_fault){ FAKE_LOAD, "/vfio-pci.ko", FAKE_HANG, 0, 0, 1 });
	run_within(1000, AT_ONCE_MS);
	expect("0000:01:00.0", RESULT_ISOLATED, STEP_REGISTER, ETIMEDOUT);
	expect("0000:03:00.0", RESULT_RESTORED, STEP_REGISTER, ETIMEDOUT);
	assert_string_equal(fake_driver_at(fake, "0000:03:00.0"), "serial");
}

/* The kernel's oops ends our child while it holds the device's lock: no wait at all. */
static void test_child_dies(void **state)
{
	(void)state;
	start(MODULAR, ALL_THREE);
	fake_fault(fake, (struct fake_fault){ FAKE_WRITE, "03:00.0/driver/unbind",
					      FAKE_CRASH, 0, 0, 1 });
	run_within(0, AT_ONCE_MS);
	expect("0000:03:00.0", RESULT_FAILED, STEP_UNBIND, EIO);
	expect("0000:01:00.0", RESULT_BOUND, STEP_NONE, 0);
	expect("0000:04:00.0", RESULT_BOUND, STEP_NONE, 0);
}

static void note_stdio(struct fake *context, enum fake_op op, const char *path)
{
	(void)context;
	(void)op;
	(void)path;
	seen->pid = getpid();
	for (int fd = 0; fd < 3; fd++) {
		char link[32];

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		if (readlink(link, seen->stdio[fd], sizeof(seen->stdio[fd]) - 1) < 0)
			abort();
	}
}

/* One that hangs for ever must not hold a console or a pipe. */
static void test_stdio(void **state)
{
	int kept[3], ends[2];

	(void)state;
	start(MODULAR, PATIENT);
	assert_int_equal(pipe(ends), 0);
	for (int fd = 0; fd < 3; fd++) {
		kept[fd] = dup(fd);
		dup2(ends[fd > 0], fd);
	}
	fake->on_call = note_stdio;
	apply_watched(&bench.apply);
	fake->on_call = NULL;
	for (int fd = 0; fd < 3; fd++) {
		dup2(kept[fd], fd);
		close(kept[fd]);
	}
	close(ends[0]);
	close(ends[1]);
	assert_int_not_equal(seen->pid, getpid());
	for (int fd = 0; fd < 3; fd++)
		assert_string_equal(seen->stdio[fd], "/dev/null");
}

static void be_slow(struct fake *context, enum fake_op op, const char *path)
{
	(void)context;
	if (op == FAKE_WRITE && strstr(path, "driver_override"))
		usleep(900 * 1000);
}

/* Slow is not stuck: each step has its own time. */
static void test_slow(void **state)
{
	(void)state;
	start(MODULAR, "set timeout 2\n" THREE);
	fake->on_call = be_slow;
	run_within(2700, AT_ONCE_MS);
	fake->on_call = NULL;
	expect("0000:01:00.0", RESULT_BOUND, STEP_NONE, 0);
	expect("0000:03:00.0", RESULT_BOUND, STEP_NONE, 0);
	expect("0000:04:00.0", RESULT_BOUND, STEP_NONE, 0);
}

static void note_pid(struct fake *context, enum fake_op op, const char *path)
{
	(void)context;
	(void)op;
	(void)path;
	seen->pid = getpid();
}

/* Without descriptors there is no child: done here, rather than not at all. */
static void test_no_child(void **state)
{
	struct rlimit old, none;

	(void)state;
	start(MODULAR, ALL_THREE);
	fake->on_call = note_pid;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	apply_watched(&bench.apply);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	fake->on_call = NULL;
	assert_int_equal(seen->pid, getpid());
	expect("0000:03:00.0", RESULT_BOUND, STEP_NONE, 0);
}

static void test_release_hangs(void **state)
{
	(void)state;
	bench_start(&bench, &(struct bench_texts){
				    "vfio builtin ids=1b36:0002,1234:1111\n" CARDS,
				    "vfio-pci.ids=1234:1111 early-vfio.keep=1b36:0002",
				    "set timeout 1\nkeep 0000:03:00.0\n", NULL });
	fake = bench.fake;
	fake_fault(fake, (struct fake_fault){ FAKE_WRITE, "03:00.0/driver/unbind",
					      FAKE_HANG, 0, 0, 1 });
	run_within(1000, AT_ONCE_MS);
	expect("0000:01:00.0", RESULT_BOUND, STEP_NONE, 0);
	expect("0000:03:00.0", RESULT_FAILED, STEP_RELEASE, ETIMEDOUT);
}

/* The whole run has an end, and what could still be given back is. */
static void test_deadline(void **state)
{
	(void)state;
	start(MODULAR, "set timeout 600\nbind 0000:01:00.0\nbind 0000:03:00.0\n");
	fake_fault(fake,
		   (struct fake_fault){ FAKE_LOAD, "/vfio-pci.ko", FAKE_HANG, 0, 0, 1 });
	run_within(20000, AT_LAST_MS);
	expect("0000:01:00.0", RESULT_ISOLATED, STEP_REGISTER, ETIMEDOUT);
	expect("0000:03:00.0", RESULT_RESTORED, STEP_REGISTER, ETIMEDOUT);
}

/* Even where giving back hangs as well. */
static void test_deadline_twice(void **state)
{
	(void)state;
	start(MODULAR, "set timeout 600\nbind 0000:01:00.0\nbind 0000:03:00.0\n");
	fake_fault(fake,
		   (struct fake_fault){ FAKE_LOAD, "/vfio-pci.ko", FAKE_HANG, 0, 0, 1 });
	fake_fault(fake, (struct fake_fault){ FAKE_WRITE, "01:00.0/driver_override",
					      FAKE_HANG, 0, 1, 1 });
	run_within(RUN_DEADLINE_S * 1000 - 1000, AT_LAST_MS);
	expect("0000:01:00.0", RESULT_FAILED, STEP_RESTORE, ETIMEDOUT);
	expect("0000:03:00.0", RESULT_FAILED, STEP_REGISTER, ETIMEDOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_all_well, finish),
		cmocka_unit_test_teardown(test_unbind_hangs, finish),
		cmocka_unit_test_teardown(test_two_hang, finish),
		cmocka_unit_test_teardown(test_module_hangs, finish),
		cmocka_unit_test_teardown(test_child_dies, finish),
		cmocka_unit_test_teardown(test_stdio, finish),
		cmocka_unit_test_teardown(test_slow, finish),
		cmocka_unit_test_teardown(test_no_child, finish),
		cmocka_unit_test_teardown(test_release_hangs, finish),
	};
	const struct CMUnitTest long_tests[] = {
		cmocka_unit_test_teardown(test_deadline, finish),
		cmocka_unit_test_teardown(test_deadline_twice, finish),
	};
	int failed = cmocka_run_group_tests(tests, group_start, NULL);

	if (getenv("CHECK_FULL"))
		failed += cmocka_run_group_tests(long_tests, group_start, NULL);
	return failed;
}
