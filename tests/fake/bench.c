// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs over a simulated kernel, as the binder's commands make them. Knows nothing of what a
 * test expects.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	inventory_init(bench->inv, bench->inv->devices);
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
	bench->inv->devices = memory->devices;
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
	return &bench->inv->devices[at].verdict;
}

static const char *name_of(const struct fake *fake, const struct fake_device *dev)
{
	return dev->driver < 0 ? "" : fake->drivers[dev->driver].name;
}

bool bench_may_come(const struct bench *bench, const struct fake_device *dev,
		    const struct verdict *verdict)
{
	return verdict->driver_after == DRIVER_NONE && dev->driver >= 0 &&
	       bench->fake->drivers[dev->driver].module >= 0 &&
	       !driver_is_vfio(span_of(name_of(bench->fake, dev)));
}

/* The state that a result promises. */
static const char *check_result(const struct bench *bench, size_t i,
				const struct fake_device *dev)
{
	const struct verdict *verdict = &bench->inv->devices[i].verdict;
	const char *wanted = driver_name(bench->inv, verdict->driver_wanted);
	const char *before = driver_name(bench->inv, verdict->driver_before);
	const char *driver = name_of(bench->fake, dev);

	switch ((enum result)verdict->result) {
	case RESULT_BOUND:
		if (strcmp(driver, wanted) != 0)
			return "bound, but not so";
		return verdict->error || verdict->step ? "bound with an error" : NULL;
	case RESULT_ISOLATED:
		return driver[0] || strcmp(dev->override, wanted) != 0 ?
			       "isolated, but not so" :
			       NULL;
	case RESULT_RESTORED:
		if (strcmp(driver, before) != 0 && !bench_may_come(bench, dev, verdict))
			return "restored, but not to its driver";
		return dev->override[0] && strcmp(dev->override, before) != 0 ?
			       "restored with an override" :
			       NULL;
	case RESULT_RELEASED:
		return driver_is_vfio(span_of(driver)) || dev->override[0] ?
			       "released, but not so" :
			       NULL;
	case RESULT_FAILED:
		return verdict->error && verdict->step ? NULL : "failed without a reason";
	case RESULT_NONE:
		return verdict->decision == DECISION_BIND ? "a target without a result" :
							    NULL;
	}
	return "no such result";
}

/* With what brought it, and that may be behind the last look at it. */
static bool was_pulled_along(const struct fake *fake, struct bdf bdf)
{
	for (unsigned i = 0; i < fake->device_count; i++) {
		int controller = fake->devices[i].controller;

		if (bdf_equals(fake->devices[i].bdf, bdf) && controller >= 0)
			return fake->devices[controller].is_gone;
	}
	return false;
}

static const char *check_device(const struct bench *bench, size_t i)
{
	const struct verdict *verdict = &bench->inv->devices[i].verdict;
	int at = fake_find(bench->fake, bench->inv->devices[i].bdf);
	const struct fake_device *dev;

	if (at < 0)
		return verdict->result == RESULT_BOUND &&
				       !was_pulled_along(bench->fake,
							 bench->inv->devices[i].bdf) ?
			       "bound, but gone" :
			       NULL;
	dev = &bench->fake->devices[at];
	if (verdict->decision != DECISION_BIND &&
	    !plan_releases(bench->inv, bench->plan, &bench->inv->devices[i]) &&
	    (dev->lost_count || dev->write_count))
		return "touched, though nobody asked for it";
	if (verdict->is_hung)
		return verdict->result == RESULT_FAILED ? NULL : "hung, but not failed";
	if (verdict->is_after_known && !bench_may_come(bench, dev, verdict) &&
	    strcmp(driver_name(bench->inv, verdict->driver_after),
		   name_of(bench->fake, dev)) != 0)
		return "has another driver than is told";
	return check_result(bench, i, dev);
}

const char *bench_check(const struct bench *bench)
{
	static char text[256];

	if (bench->fake->violation[0] != '\0')
		return bench->fake->violation;
	for (size_t i = 0; i < bench->inv->count; i++) {
		const char *wrong = check_device(bench, i);
		char address[BDF_TEXT_MAX];
		struct out out = OUT(address);

		if (!wrong)
			continue;
		out_bdf(&out, bench->inv->devices[i].bdf);
		snprintf(text, sizeof(text), "%.*s: %s", (int)out.len, address, wrong);
		return text;
	}
	return NULL;
}
