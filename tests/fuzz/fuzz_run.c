// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole run over the small machine, from its four texts: kernel command line, config, facts
 * of the image with the list of modules, and the address of an event. NUL bytes stand between
 * them. Knows nothing of what should come of it, but that what is told is so.
 */
#include <stdlib.h>

#include "bench.h"
#include "fuzz.h"
#include "report_check.h"

/* As `bind --event` does: all rules hold, but only for one device. */
static void narrow(struct inventory *inv, struct bdf bdf)
{
	for_each_device(dev, inv)
		if (!bdf_equals(dev->bdf, bdf))
			dev->verdict = (struct verdict){ .rule = RULE_NONE };
}

static void check_event(const struct fake *fake, struct bdf bdf)
{
	for (unsigned i = 0; i < fake->device_count; i++)
		fuzz_assert(bdf_equals(fake->devices[i].bdf, bdf) ||
				    (!fake->devices[i].write_count &&
				     !fake->devices[i].lost_count),
			    "an event is of one device");
}

static void run(struct bench *bench, struct span event)
{
	struct bdf bdf;
	bool is_event = bdf_scan(event, &bdf);
	const char *wrong;

	if (bench->set->settings.mode != MODE_BIND)
		return;
	if (is_event)
		narrow(bench->inv, bdf);
	bench_apply(bench);
	wrong = bench_check(bench);
	fuzz_assert(!wrong, wrong);
	if (is_event)
		check_event(bench->fake, bdf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { (const char *)data, size };
	char *cmdline = fuzz_string(&rest), *config = fuzz_string(&rest);
	char *image = fuzz_string(&rest);
	struct bench *bench = fuzz_bench();
	struct bench_texts texts = { .cmdline = cmdline,
				     .config = config,
				     .image = *image ? image : NULL };
	struct report report = { .set = bench->set,
				 .inv = bench->inv,
				 .plan = bench->plan };
	const char *wrong;

	fake_forget_calls(bench->fake);
	bench->fake->violation[0] = '\0';
	bench_plan(bench, &texts);
	fuzz_assert(!bench->error && bench->rounds < 64, "planning ends");
	run(bench, rest);
	report.kind = REPORT_RUN;
	wrong = report_check(&report);
	fuzz_assert(!wrong, wrong);
	free(cmdline);
	free(config);
	free(image);
	return 0;
}
