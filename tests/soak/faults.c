// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What can go wrong, and where: any call that a run without faults makes, each with what can
 * happen to such a call. Knows nothing of what the calls are for.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "soak.h"

#define READS (FAKE_READ | FAKE_LINK | FAKE_LIST | FAKE_EXISTS)
#define DOES (FAKE_WRITE | FAKE_LOAD | FAKE_PROBE)
#define ALL (READS | DOES)

/*
 * The calls that it can happen to. Reading what does not take the device's lock never blocks,
 * and a link is read whole or not at all.
 */
static const struct kind {
	unsigned ops;
	enum fake_action action;
	int error;
} kinds[] = {
	{ ALL, FAKE_ERROR, EBUSY },
	{ ALL, FAKE_ERROR, EIO },
	{ ALL, FAKE_ERROR, ENODEV },
	{ FAKE_READ | FAKE_LINK | FAKE_WRITE | FAKE_PROBE, FAKE_GONE, 0 },
	{ ALL, FAKE_ERROR, EINVAL },
	{ ALL, FAKE_ERROR, EPERM },
	{ ALL, FAKE_ERROR, ENOSPC },
	{ FAKE_READ, FAKE_SHORT, 0 },
	{ FAKE_READ | FAKE_LIST, FAKE_EMPTY, 0 },
	{ FAKE_READ, FAKE_GARBAGE, 0 },
	{ DOES, FAKE_HANG, 0 },
	{ READS | FAKE_WRITE | FAKE_LOAD, FAKE_ERROR, ENOENT },
	{ READS, FAKE_ERROR, ENOENT }, /* of the whole directory */
	{ FAKE_WRITE | FAKE_LOAD, FAKE_IDLE, 0 },
	{ FAKE_PROBE, FAKE_ERROR, EAGAIN },
	{ DOES, FAKE_CRASH, 0 },
};

enum { KIND_DIRECTORY = 12 };

const char *const fault_kinds[] = {
	"EBUSY",
	"EIO",
	"ENODEV",
	"pulled out",
	"EINVAL",
	"EPERM",
	"ENOSPC",
	"short read",
	"empty read",
	"garbage",
	"hang",
	"attribute missing",
	"directory missing",
	"accepted, not done",
	"driver does not bind",
	"crash",
};
const unsigned fault_kind_count = sizeof(kinds) / sizeof(kinds[0]);
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) ==
		       sizeof(fault_kinds) / sizeof(fault_kinds[0]),
	       "each has a name");

/* How often such a call went well before. */
static unsigned count_before(const struct fake_call *calls, unsigned at, enum fake_op op,
			     const char *path)
{
	unsigned count = 0;

	for (unsigned i = 0; i < at; i++)
		count += calls[i].op == op && strstr(calls[i].path, path);
	return count;
}

/*
 * Which driver a device has the kernel alone knows: were that link a lie, nobody could tell
 * what is. It goes only where the device goes. An override cannot be read back without the
 * device's lock, and the kernel has nothing to do but to store it.
 */
static bool can_happen(const struct kind *kind, const struct fake_call *call)
{
	if (call->op == FAKE_LINK && span_ends(span_of(call->path), "/driver"))
		return kind->action == FAKE_GONE || kind == &kinds[KIND_DIRECTORY];
	if (kind->action == FAKE_IDLE &&
	    span_ends(span_of(call->path), "driver_override"))
		return false;
	return (kind->ops & call->op) != 0;
}

static void plant(struct planted *planted, struct dice *dice,
		  const struct fake_call *calls, unsigned count, unsigned at)
{
	const struct kind *kind;

	do {
		planted->kind = dice_cast(dice, fault_kind_count);
		kind = &kinds[planted->kind];
	} while (!can_happen(kind, &calls[at]));
	snprintf(planted->path, sizeof(planted->path), "%s", calls[at].path);
	planted->fault = (struct fake_fault){ .ops = calls[at].op,
					      .action = kind->action,
					      .error = kind->error };
	/* Or the next that it comes to, on a way that only what goes wrong leads to. */
	planted->fault.skip =
		dice_chance(dice, 15) ?
			count_before(calls, count, calls[at].op, planted->path) :
			count_before(calls, at, calls[at].op, planted->path);
	planted->fault.times = dice_chance(dice, 60) ? 1 : 0;
	if (planted->kind == KIND_DIRECTORY) {
		char *slash = strrchr(planted->path, '/');

		if (slash)
			slash[1] = '\0';
		planted->fault.ops = READS | FAKE_WRITE;
		planted->fault.skip = 0;
		planted->fault.times = 0;
	}
}

/* What is done is rarer than what is read, and worth more. */
static unsigned any_call(struct dice *dice, const struct fake_call *calls, unsigned count)
{
	unsigned at = dice_cast(dice, count);

	for (int i = 0; i < 4 && !(calls[at].op & DOES); i++)
		at = dice_cast(dice, count);
	return at;
}

void schedule_make(struct schedule *schedule, uint64_t seed,
		   const struct fake_call *calls, unsigned count)
{
	struct dice dice = { seed ^ 0x5eedu };

	schedule->seed = seed;
	schedule->count = 0;
	if (seed % FAMILY == 0 || !count)
		return;
	schedule->count = 1 + dice_cast(&dice, 3) % PLANTED_MAX;
	for (size_t i = 0; i < schedule->count; i++)
		plant(&schedule->planted[i], &dice, calls, count,
		      any_call(&dice, calls, count));
}

void schedule_plant(struct schedule *schedule, struct fake *fake)
{
	for (size_t i = 0; i < schedule->count; i++) {
		struct planted *planted = &schedule->planted[i];

		planted->fault.path = planted->path;
		fake_fault(fake, planted->fault);
	}
}
