// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What people typed, on machines like theirs: from the text to the driver that each device
 * has in the end, and to what they are told. Knows no step in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <early-vfio/report.h>

#include "bench.h"
#include "inputs.h"
#include "table.h"

static struct bench bench;

static const struct row *row_named(const char *name)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	fail_msg("no row %s", name);
	return NULL;
}

static struct report report_of(void)
{
	return (struct report){
		.set = bench.set, .inv = bench.inv, .plan = bench.plan, .kind = REPORT_RUN
	};
}

static void out_line(void *context, enum level level, struct span line)
{
	static const char *const levels[] = { "error", "warning", "", "info", "debug" };
	struct out *out = context;

	out_text(out, levels[level - LEVEL_ERROR]);
	out_text(out, ": ");
	out_span(out, line);
	out_char(out, '\n');
}

/* All of the log, each line behind its level. */
static const char *log_text(void)
{
	static char text[32768];
	struct report report = report_of();
	struct out all = OUT(text);

	report_lines(&report, 0, out_line, &all);
	out_char(&all, '\0');
	assert_false(all.overflow);
	return text;
}

static struct span outcome_text(char *buf, size_t cap)
{
	static const char *const decisions[] = { "none",   "bind", "keep", "protect",
						 "refuse", "skip", "defer" };
	struct out out = { .buf = buf, .cap = cap };

	for_each_device(dev, bench.inv) {
		int at = fake_find(bench.fake, dev->bdf);
		int driver = at < 0 ? -1 : bench.fake->devices[at].driver;

		if (dev->verdict.rule == RULE_NONE)
			continue;
		out_bdf(&out, dev->bdf);
		out_char(&out, ' ');
		out_text(&out, decisions[dev->verdict.decision]);
		out_char(&out, ' ');
		out_text(&out, driver < 0 ? "-" : bench.fake->drivers[driver].name);
		out_char(&out, '\n');
	}
	return out_done(&out);
}

/* Return: how many of the row's words are not as they should be. */
static unsigned count_unsaid(const struct row *row)
{
	const char *log = log_text();
	unsigned count = 0;

	for (size_t i = 0; i < SAYS_MAX && row->says[i]; i++) {
		bool is_unwanted = row->says[i][0] == '!';

		if ((strstr(log, row->says[i] + is_unwanted) != NULL) != is_unwanted)
			continue;
		print_error("%s: %s in:\n%s", row->name, row->says[i], log);
		count++;
	}
	return count;
}

static unsigned count_options(const struct row *row)
{
	int module = fake_find_module(bench.fake, SPAN("vfio-pci"));

	if (!row->options ||
	    (module >= 0 && strstr(bench.fake->modules[module].options, row->options)))
		return 0;
	print_error("%s: %s does not reach vfio-pci\n", row->name, row->options);
	return 1;
}

static unsigned try_row(const struct row *row)
{
	struct bench_texts texts = { row->machine, row->cmdline, row->config,
				     row->image };
	char buf[1024];
	struct report report;
	unsigned wrong;
	const char *state;

	bench_start(&bench, &texts);
	bench_apply(&bench);
	report = report_of();
	wrong = row_differs(row->name, span_of(row->cmdline),
			    outcome_text(buf, sizeof(buf)), row->outcome);
	wrong += count_unsaid(row) + count_options(row);
	if (report_exit_code(&report) != row->exit) {
		print_error("%s: exit %d\n", row->name, report_exit_code(&report));
		wrong++;
	}
	state = bench_check(&bench);
	if (state) {
		print_error("%s: %s\n", row->name, state);
		wrong++;
	}
	bench_stop(&bench);
	return wrong;
}

static void test_rows(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		wrong += try_row(&rows[i]);
	assert_int_equal(wrong, 0);
}

/* Case 18: first the framebuffer goes, then the device; and it stays gone for simpledrm. */
static void test_framebuffer_first(void **state)
{
	int unbound, loaded;

	(void)state;
	bench_start(&bench, &(struct bench_texts){ .machine = APU VFIO,
						   .config = "bind 0000:c3:00.0\n" });
	bench_apply(&bench);
	unbound = fake_when(bench.fake, FAKE_WRITE, "simple-framebuffer.0/driver/unbind");
	loaded = fake_when(bench.fake, FAKE_LOAD, "/vfio-pci.ko");
	assert_true(unbound >= 0 && unbound < loaded);
	fake_register_framebuffer_driver(bench.fake, "simpledrm");
	assert_false(bench.fake->framebuffer.is_bound);
	bench_stop(&bench);
}

/* Case 21: what is built in is not loaded, and each device is probed and read back. */
static void test_built_in(void **state)
{
	const struct row *row = row_named("21: vfio-pci is built in");

	(void)state;
	bench_start(&bench, &(struct bench_texts){ row->machine, row->cmdline, "", "" });
	bench_apply(&bench);
	assert_int_equal(fake_called(bench.fake, FAKE_LOAD, "", NULL), 0);
	assert_int_equal(fake_called(bench.fake, FAKE_WRITE, IO_DRIVERS_PROBE, NULL), 2);
	assert_int_equal(fake_called(bench.fake, FAKE_LIST, "drivers/vfio-pci", NULL), 2);
	bench_stop(&bench);
}

/* Case 4: nothing at all is written to what stands in place of what was expected. */
static void test_guard_writes_nothing(void **state)
{
	const struct row *row = row_named("4: the guard does not hold");

	(void)state;
	bench_start(&bench,
		    &(struct bench_texts){ row->machine, row->cmdline, "", NULL });
	bench_apply(&bench);
	assert_int_equal(fake_called(bench.fake, FAKE_WRITE, "", NULL), 0);
	assert_int_equal(fake_called(bench.fake, FAKE_LOAD, "", NULL), 0);
	bench_stop(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_framebuffer_first),
		cmocka_unit_test(test_built_in),
		cmocka_unit_test(test_guard_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
