// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs over a simulated kernel, as the binder's commands make them. Knows nothing of what a
 * test expects.
 */
#include <errno.h>
#include <stdlib.h>

#include "bench.h"

/* Facts that are wanted again and again would never end. */
#define ROUNDS_MAX 64
#define CHILDREN_MAX 256

static struct span text_of(const char *text)
{
	return span_of(text ? text : "");
}

void bench_plan(struct bench *bench, const struct bench_texts *texts)
{
	struct span image = span_of(texts->image ? texts->image : FAKE_VFIO_IMAGE);

	ruleset_init(bench->set);
	inventory_init(bench->inv);
	bench->apply.cmdline = text_of(texts->cmdline);
	cmdline_read(bench->apply.cmdline, bench->set);
	config_read(text_of(texts->config), SPAN("config"), bench->set);
	image_read(image, SPAN("image"), bench->set);
	bench->error = 0;
	for (bench->rounds = 1; !plan_build(bench->set, bench->inv, false, bench->plan);
	     bench->rounds++) {
		bench->error = inventory_fill(bench->inv, &bench->fake->io,
					      bench->apply.cmdline);
		if (bench->error || bench->rounds == ROUNDS_MAX)
			break;
	}
}

void bench_start(struct bench *bench, const struct bench_texts *texts)
{
	static struct ruleset set;
	static struct memory *memory;

	if (!memory)
		memory = memory_shared_alloc();
	if (!memory)
		abort();
	*bench = (struct bench){
		.fake = fake_new(texts->machine),
		.set = &set,
		.inv = &memory->inv,
		.plan = &memory->plan,
	};
	bench->plan->releases_free = false;
	bench->apply = (struct apply){
		.io = &bench->fake->io,
		.set = bench->set,
		.inv = bench->inv,
		.plan = bench->plan,
	};
	bench_plan(bench, texts);
}

void bench_stop(struct bench *bench)
{
	fake_free(bench->fake);
}

void bench_apply(struct bench *bench)
{
	static struct progress progress; /* survives the jump */

	progress = (struct progress){ .step = STEP_OVERRIDE, .device = NO_INDEX };
	bench->fake->has_jump = true;
	bench->children = 0;
	while (!progress.is_done && bench->children < CHILDREN_MAX) {
		bench->children++;
		if (setjmp(bench->fake->jump) == 0)
			apply_steps(&bench->apply, &progress);
		else
			apply_give_up(&bench->apply, &progress, ETIMEDOUT);
	}
	bench->fake->has_jump = false;
}

const struct verdict *bench_at(const struct bench *bench, const char *address)
{
	struct bdf bdf;
	int at = bdf_scan(span_of(address), &bdf) ? inventory_find(bench->inv, bdf) : -1;

	if (at < 0)
		abort();
	return &bench->plan->verdicts[at];
}
