// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One schedule from its seed: the run, the run after it, the release, each with its checks.
 * Knows nothing of what is checked.
 */
#include <string.h>

#include "soak.h"

static unsigned long fired[32];

unsigned long soak_fired(unsigned kind)
{
	return fired[kind];
}

/* The calls of the family's run without faults. */
static struct {
	uint64_t seed;
	bool is_valid;
	unsigned count;
	struct fake_call calls[FAKE_TRACE];
	struct bound bound;
} family;

static void forget_counts(struct fake *fake)
{
	for (unsigned i = 0; i < fake->device_count; i++)
		fake->devices[i].lost_count = fake->devices[i].host_count =
			fake->devices[i].write_count = fake->devices[i].came_count = 0;
}

/* As udev leaves it, where the run comes late. */
static void boot(struct soak *soak)
{
	struct fake *fake = soak->bench.fake;

	fake_reset(fake, soak->world.machine);
	memset(fake->fired, 0, sizeof(fake->fired));
	if (soak->world.is_late)
		for (unsigned i = 0; i < fake->device_count; i++)
			fake_coldplug(fake, (int)i);
	fake_forget_calls(fake);
	forget_counts(fake);
	fake->hang_count = 0;
}

static struct bench_texts texts_of(const struct soak *soak)
{
	return (struct bench_texts){ .cmdline = soak->world.cmdline,
				     .config = soak->world.config,
				     .image = soak->world.image };
}

static void run(struct soak *soak)
{
	struct bench_texts texts = texts_of(soak);

	snapshot_take(&soak->before, &soak->bench);
	soak->bench.plan->releases_free = false;
	bench_plan(&soak->bench, &texts);
	soak->watched = watched_run(&soak->bench);
}

static void note_family(struct soak *soak, uint64_t seed)
{
	const struct fake *fake = soak->bench.fake;

	family.seed = seed;
	family.is_valid = true;
	family.count = fake->trace_count;
	memcpy(family.calls, fake->trace, fake->trace_count * sizeof(fake->trace[0]));
	bound_note(&family.bound, soak->bench.inv);
}

static void count_fired(const struct soak *soak)
{
	for (size_t i = 0; i < soak->schedule.count; i++)
		fired[soak->schedule.planted[i].kind] += soak->bench.fake->fired[i];
}

/* Is it as if nothing had gone wrong, for those who come next? */
static bool is_sound(const struct soak *soak)
{
	const struct fake *fake = soak->bench.fake;

	for (unsigned i = 0; i < fake->device_count; i++)
		if (fake->devices[i].is_stuck || fake->devices[i].is_wedged)
			return false;
	return fake->hang_count == 0;
}

/* What the plan made targets, behind what is listed already. */
static void list_targets(const struct soak *soak, struct out *out)
{
	for_each_device(dev, soak->bench.inv) {
		if (dev->verdict.decision != DECISION_BIND)
			continue;
		out_text(out, out->len ? "," : "early-vfio.keep=");
		out_bdf(out, dev->bdf);
	}
}

/* As the command of that name: what the list names, and nothing else. */
static void release(struct soak *soak, const char *targets)
{
	struct bench_texts texts = { .cmdline = targets, .image = soak->world.image };

	soak->bench.plan->releases_free = true;
	bench_plan(&soak->bench, &texts);
	soak->watched = watched_run(&soak->bench);
}

/* Another process comes, and does not know what hangs: it loses its time to it once more. */
static void run_beside(struct soak *soak)
{
	soak->bench.fake->fault_count = 0;
	fake_wedge(soak->bench.fake);
	forget_counts(soak->bench.fake);
	run(soak);
	check_run(soak);
}

static void run_again(struct soak *soak, const struct snapshot *first)
{
	static struct snapshot once;
	bool was_clean = soak->is_clean;
	char targets[4096];
	struct out out = OUT(targets);

	list_targets(soak, &out);
	snapshot_take(&once, &soak->bench);
	soak->bench.fake->fault_count = 0;
	forget_counts(soak->bench.fake);
	soak->is_clean = true;
	run(soak);
	check_run(soak);
	if (was_clean)
		check_again(soak, &once);
	/* With a twin gone the second run may have chosen others. */
	list_targets(soak, &out);
	if (!out.len)
		return;
	out_char(&out, '\0');
	release(soak, targets);
	check_released(soak, first);
}

/* The machine and the wish of the family, and the calls to go wrong. */
static void prepare(struct soak *soak, uint64_t seed)
{
	uint64_t first = seed - seed % FAMILY;

	if (family.is_valid && family.seed == first)
		return;
	world_build(&soak->world, first);
	boot(soak);
	run(soak);
	note_family(soak, first);
}

bool soak_run(struct soak *soak, uint64_t seed)
{
	static struct snapshot first;

	soak->wrong[0] = '\0';
	prepare(soak, seed);
	schedule_make(&soak->schedule, seed, family.calls, family.count);
	boot(soak);
	schedule_plant(&soak->schedule, soak->bench.fake);
	snapshot_take(&first, &soak->bench);
	soak->is_clean = soak->schedule.count == 0;
	run(soak);
	count_fired(soak);
	check_run(soak);
	check_alone(soak, &family.bound);
	if (!soak->wrong[0] && is_sound(soak))
		run_again(soak, &first);
	else if (!soak->wrong[0])
		run_beside(soak);
	return !soak->wrong[0];
}

void soak_start(struct soak *soak)
{
	bench_start(&soak->bench, &(struct bench_texts){ .machine = "vfio builtin\n" });
}
