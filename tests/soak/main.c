// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random schedules, one after the other, until one breaks a property: that one is shown, with
 * the seed that repeats it. Knows nothing of schedules or properties but their names.
 *
 *   soak --count N [--seed N]    so many schedules, from a seed on
 *   soak --seed N                that one, and all about it
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "soak.h"

static void show_text(const char *what, const char *text)
{
	printf("---- %s\n", what);
	for (; *text; text++)
		if ((*text >= ' ' && *text <= '~') || *text == '\n')
			putchar(*text);
		else
			printf("\\x%02x", (unsigned char)*text);
	if (text[-1] != '\n')
		putchar('\n');
}

static void show_faults(const struct schedule *schedule)
{
	printf("---- faults\n");
	for (size_t i = 0; i < schedule->count; i++) {
		const struct planted *planted = &schedule->planted[i];

		printf("%s at call %u of %s, %s\n", fault_kinds[planted->kind],
		       planted->fault.skip + 1, planted->path,
		       planted->fault.times ? "once" : "from then on");
	}
}

static void show_verdicts(const struct soak *soak)
{
	printf("---- verdicts\n");
	for_each_device(dev, soak->bench.inv) {
		char address[BDF_TEXT_MAX];
		struct out out = OUT(address);
		const struct verdict *verdict = &dev->verdict;

		if (verdict->rule == RULE_NONE)
			continue;
		out_bdf(&out, dev->bdf);
		printf("%.*s decision %d reason %d result %d step %d error %d%s\n",
		       (int)out.len, address, verdict->decision, verdict->reason,
		       verdict->result, verdict->step, verdict->error,
		       verdict->is_hung ? " hung" : "");
	}
}

static void show_calls(const struct fake *fake)
{
	static const char *const ops[] = { "read",   "link", "list", "write",
					   "exists", "load", "probe" };

	printf("---- what was done, without reads\n");
	for (unsigned i = 0; i < fake->trace_count; i++) {
		const struct fake_call *call = &fake->trace[i];
		unsigned op = 0;

		while (call->op >> (op + 1))
			op++;
		if (call->op & (FAKE_WRITE | FAKE_LOAD | FAKE_PROBE))
			printf("%s %s %s\n", ops[op], call->path, call->text);
	}
}

static void show(const struct soak *soak)
{
	const struct world *world = &soak->world;

	show_text("machine", world->machine);
	show_text(world->is_late ? "command line (late, behind udev)" : "command line",
		  world->cmdline);
	show_text("config", world->config[0] ? world->config : "\n");
	show_text("image", world->image[0] ? world->image : "\n");
	show_faults(&soak->schedule);
	show_verdicts(soak);
	show_calls(soak->bench.fake);
}

static void show_counts(const struct soak *soak, unsigned long count)
{
	printf("schedules: %lu\n", count);
	for (unsigned i = 0; i < fault_kind_count; i++)
		printf("fault: %lu %s\n", soak_fired(i), fault_kinds[i]);
	for (unsigned i = 0; i < PROPERTY_COUNT; i++)
		printf("property: %lu %s\n", soak->checked[i], property_names[i]);
}

static int run_many(struct soak *soak, uint64_t seed, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		if (soak_run(soak, seed + i))
			continue;
		show(soak);
		printf("BROKEN: %s: %s\nto repeat: --seed %" PRIu64 "\n",
		       property_names[soak->broken], soak->wrong, seed + i);
		return 1;
	}
	show_counts(soak, count);
	return 0;
}

int main(int argc, char **argv)
{
	static struct soak soak;
	unsigned long count = 0;
	uint64_t seed = 0;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--seed") == 0)
			seed = strtoull(argv[i + 1], NULL, 0);
		else if (strcmp(argv[i], "--count") == 0)
			count = strtoul(argv[i + 1], NULL, 0);
	}
	soak_start(&soak);
	if (count)
		return run_many(&soak, seed, count);
	if (soak_run(&soak, seed))
		show(&soak);
	return soak.wrong[0] ? run_many(&soak, seed, 1) : 0;
}
