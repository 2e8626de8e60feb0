// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything that can block, in one child; this process only waits, and never longer than
 * the deadlines. What hangs is given up and never touched again, and a new child goes on with
 * the rest. Knows nothing of the steps.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applier.h"

#define TICK_MS 250
/* The last seconds are kept for giving back what was taken and not bound. */
#define RESERVE_MS 5000
#define DEADLINE_MS (RUN_DEADLINE_S * 1000)

struct watch {
	struct apply *apply;
	struct progress *progress;
	uint32_t elapsed_ms, limit_ms;
};

enum outcome { OUTCOME_ENDED, OUTCOME_HUNG, OUTCOME_LATE };

/* One mapping for all that parent and child share. */
struct shared {
	struct memory memory;
	struct progress progress;
};

struct memory *memory_shared_alloc(void)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return shared == MAP_FAILED ? NULL : &shared->memory;
}

static struct progress *progress_of(struct inventory *inv)
{
	char *memory = (char *)inv - offsetof(struct shared, memory.inv);

	return &((struct shared *)(void *)memory)->progress;
}

/* One that hangs holds on to what it has: let that not be a console or a pipe. */
static void child_run(struct watch *watch)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3; fd++)
		if (null < 0)
			close(fd);
		else
			dup2(null, fd);
	apply_steps(watch->apply, watch->progress);
	_exit(0);
}

/* Start a child. *end becomes readable when it ends, however it does. */
static int child_start(struct watch *watch, pid_t *pid, int *end)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	*pid = fork();
	if (*pid == 0)
		child_run(watch);
	close(fds[1]);
	*end = fds[0];
	if (*pid > 0)
		return 0;
	close(fds[0]);
	return -EAGAIN;
}

static enum outcome child_wait(struct watch *watch, int end)
{
	const struct settings *settings = &watch->apply->set->settings;
	struct pollfd event = { .fd = end, .events = POLLIN };
	uint32_t ticks = watch->progress->ticks, still_ms = 0;

	for (;;) {
		if (poll(&event, 1, TICK_MS) > 0)
			return OUTCOME_ENDED;
		watch->elapsed_ms += TICK_MS;
		still_ms += TICK_MS;
		if (ticks != watch->progress->ticks)
			still_ms = 0;
		ticks = watch->progress->ticks;
		if (still_ms >= settings->timeout_s * 1000)
			return OUTCOME_HUNG;
		if (watch->elapsed_ms >= watch->limit_ms)
			return OUTCOME_LATE;
	}
}

/* An end without is_done is a crash: the kernel's, under us, holding the device's lock. */
static void child_end(struct watch *watch, pid_t pid, enum outcome outcome)
{
	int status;

	if (watch->progress->is_done) {
		waitpid(pid, &status, 0);
		return;
	}
	/* However fast children end, there is an end to them. */
	watch->elapsed_ms += TICK_MS;
	kill(pid, SIGKILL);
	/* It may never die: it is not waited for. */
	waitpid(pid, &status, WNOHANG);
	apply_give_up(watch->apply, watch->progress,
		      outcome == OUTCOME_ENDED ? EIO : ETIMEDOUT);
	if (outcome == OUTCOME_LATE) {
		apply_expire(watch->apply, watch->progress);
		watch->limit_ms += RESERVE_MS;
	}
}

/* Children, one after the other, until one is done or the time is. */
static void watch_run(struct watch *watch)
{
	while (!watch->progress->is_done && watch->elapsed_ms < DEADLINE_MS) {
		pid_t pid = -1;
		int end = -1;

		if (child_start(watch, &pid, &end) < 0) {
			apply_steps(watch->apply, watch->progress);
			return;
		}
		child_end(watch, pid, child_wait(watch, end));
		close(end);
	}
	if (!watch->progress->is_done)
		apply_conclude(watch->apply);
}

void apply_watched(struct apply *apply)
{
	struct watch watch = {
		.apply = apply,
		.progress = progress_of(apply->inv),
		.limit_ms = DEADLINE_MS - RESERVE_MS,
	};

	*watch.progress = (struct progress){ .step = STEP_OVERRIDE, .device = NO_INDEX };
	watch_run(&watch);
}
