// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The running system behind struct io, over a directory of this test: what each call reads,
 * writes and answers.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <early-vfio/io.h>

static char root[] = "/tmp/early-vfio-kernel-XXXXXX";
static struct kernel_io kernel;
static struct io *io = &kernel.io;

static int group_start(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	return kernel_io_open(&kernel, root);
}

static int group_end(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf -- '%s'", root);
	return system(command);
}

static void make(const char *name, const char *text, size_t len)
{
	int fd = openat(kernel.root, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

static void test_open(void **state)
{
	struct kernel_io other;

	(void)state;
	assert_int_equal(kernel_io_open(&other, "/no/such/root"), -ENOENT);
	assert_true(kernel.root > 2);
}

/* Standard descriptors that are closed are filled, lest another file be taken for one. */
static void test_open_without_stdio(void **state)
{
	struct kernel_io other;
	int kept = dup(0);

	(void)state;
	assert_true(kept > 2);
	close(0);
	assert_int_equal(kernel_io_open(&other, "/"), 0);
	assert_true(other.root > 2);
	assert_true(fcntl(0, F_GETFD) >= 0);
	close(other.root);
	dup2(kept, 0);
	close(kept);
}

static void test_read(void **state)
{
	static char big[10000], got[10001];

	(void)state;
	make("small", "0x10de\n", 7);
	assert_int_equal(io->read(io, "small", got, sizeof(got)), 7);
	assert_memory_equal(got, "0x10de\n", 7);
	assert_int_equal(io->read(io, "small", got, 3), 3);
	memset(big, 'x', sizeof(big));
	make("big", big, sizeof(big));
	assert_int_equal(io->read(io, "big", got, sizeof(got)), sizeof(big));
	assert_memory_equal(got, big, sizeof(big));
	assert_int_equal(io->read(io, "missing", got, sizeof(got)), -ENOENT);
	assert_int_equal(io->read(io, ".", got, sizeof(got)), -EISDIR);
}

struct lines {
	unsigned count, stop_at;
	size_t longest;
	char last[32];
};

static bool see_line(void *context, struct span line)
{
	struct lines *lines = context;

	lines->count++;
	lines->longest = line.len > lines->longest ? line.len : lines->longest;
	snprintf(lines->last, sizeof(lines->last), "%.*s", (int)line.len, line.ptr);
	return lines->count != lines->stop_at;
}

static void test_lines(void **state)
{
	static char text[60000];
	struct lines lines = { 0 };
	size_t len = 0;

	(void)state;
	while (len < 50000)
		len += (size_t)sprintf(text + len, "%zu-%zu : line\n", len, len + 1);
	len += (size_t)sprintf(text + len, "the end");
	make("lines", text, len);
	assert_int_equal(io->lines(io, "lines", see_line, &lines), 0);
	assert_string_equal(lines.last, "the end");
	assert_true(lines.count > 2000);
	lines = (struct lines){ .stop_at = 3 };
	assert_int_equal(io->lines(io, "lines", see_line, &lines), 0);
	assert_int_equal(lines.count, 3);
	assert_int_equal(io->lines(io, "missing", see_line, &lines), -ENOENT);
}

/* Neither a line that is too long nor its rest is taken for a line. */
static void test_lines_too_long(void **state)
{
	static char text[64000];
	struct lines lines = { 0 };
	size_t len = 0;

	(void)state;
	len += (size_t)sprintf(text, "first\n");
	memset(text + len, 'y', 20000);
	len += 20000;
	len += (size_t)sprintf(text + len, "\nlast");
	make("long", text, len);
	assert_int_equal(io->lines(io, "long", see_line, &lines), 0);
	assert_int_equal(lines.count, 2);
	assert_string_equal(lines.last, "last");
	lines = (struct lines){ 0 };
	make("long", text, len - 5);
	assert_int_equal(io->lines(io, "long", see_line, &lines), 0);
	assert_int_equal(lines.count, 1);
}

static void test_link(void **state)
{
	char got[64];

	(void)state;
	assert_int_equal(symlinkat("../../drivers/vfio-pci", kernel.root, "link"), 0);
	assert_int_equal(io->link(io, "link", got, sizeof(got)), 22);
	assert_memory_equal(got, "../../drivers/vfio-pci", 22);
	assert_int_equal(io->link(io, "missing", got, sizeof(got)), -ENOENT);
}

struct names {
	unsigned count, damaged;
	unsigned char seen[1000];
};

static void see_name(void *context, struct span name)
{
	struct names *names = context;
	uint32_t number;

	names->count++;
	if (name.len != 11 || !dec_scan(span_skip(name, 8), 999, &number))
		names->damaged++;
	else
		names->seen[number]++;
}

/* More than one call's worth; klibc's own scandir damages names from 11 on. */
static void test_list(void **state)
{
	static struct names names;

	(void)state;
	assert_int_equal(mkdirat(kernel.root, "many", 0755), 0);
	for (unsigned i = 0; i < 1000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "many/0000:00:%03u", i);
		make(name, "", 0);
	}
	assert_int_equal(io->list(io, "many", see_name, &names), 0);
	assert_int_equal(names.count, 1000);
	assert_int_equal(names.damaged, 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(names.seen[i], 1);
	assert_int_equal(io->list(io, "missing", see_name, &names), -ENOENT);
	assert_int_equal(io->list(io, "many/0000:00:000", see_name, &names), -ENOTDIR);
}

static void test_write(void **state)
{
	char got[64];

	(void)state;
	make("target", "", 0);
	assert_int_equal(io->write(io, "target", SPAN("vfio-pci")), 0);
	assert_int_equal(io->read(io, "target", got, sizeof(got)), 8);
	assert_memory_equal(got, "vfio-pci", 8);
	/* sysfs makes no files, and neither may a typing error. */
	assert_int_equal(io->write(io, "missing", SPAN("x")), -ENOENT);
	assert_int_equal(io->exists(io, "missing"), -ENOENT);
	assert_int_equal(io->write(io, "many", SPAN("x")), -EISDIR);
}

/* The one file that stays open is written again and again. */
static void test_write_probe(void **state)
{
	char got[64];
	int fd;

	(void)state;
	assert_int_equal(io->write(io, IO_DRIVERS_PROBE, SPAN("x")), -ENOENT);
	mkdirat(kernel.root, "sys", 0755);
	mkdirat(kernel.root, "sys/bus", 0755);
	mkdirat(kernel.root, "sys/bus/pci", 0755);
	make(IO_DRIVERS_PROBE, "", 0);
	assert_int_equal(io->write(io, IO_DRIVERS_PROBE, SPAN("one,")), 0);
	fd = kernel.probe;
	assert_int_equal(io->write(io, IO_DRIVERS_PROBE, SPAN("two")), 0);
	assert_int_equal(kernel.probe, fd);
	assert_int_equal(io->read(io, IO_DRIVERS_PROBE, got, sizeof(got)), 7);
	assert_memory_equal(got, "one,two", 7);
}

/* A write that does not all go is an error: a part of a value is another value. */
static void test_write_full(void **state)
{
	struct kernel_io real;

	(void)state;
	assert_int_equal(kernel_io_open(&real, "/"), 0);
	assert_int_equal(real.io.write(&real.io, "dev/full", SPAN("x")), -ENOSPC);
	close(real.root);
}

static void test_exists(void **state)
{
	(void)state;
	make("there", "", 0);
	assert_int_equal(io->exists(io, "there"), 0);
	assert_int_equal(io->exists(io, "."), 0);
	assert_int_equal(io->exists(io, "nowhere"), -ENOENT);
}

static void test_load(void **state)
{
	char name[300];

	(void)state;
	assert_int_equal(io->load(io, "/no-such-module.ko", ""), -ENOENT);
	memset(name, 'm', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(io->load(io, name, ""), -ENAMETOOLONG);
	/* What is no module fails, and modprobe is not asked for a plain file. */
	make("plain.ko", "no module", 9);
	assert_true(io->load(io, "/plain.ko", "") < 0);
	assert_int_equal(kernel.suffix, 0);
	/* The suffix that was found is tried first from then on. */
	make("other.ko.zst", "no module", 9);
	assert_true(io->load(io, "/other.ko", "") < 0);
	assert_int_equal(kernel.suffix, 2);
	assert_true(io->load(io, "/plain.ko", "") < 0);
	assert_int_equal(kernel.suffix, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_open_without_stdio),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_lines_too_long),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_probe),
		cmocka_unit_test(test_write_full),
		cmocka_unit_test(test_exists),
		cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, group_start, group_end);
}
