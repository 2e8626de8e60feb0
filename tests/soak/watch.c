// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The binder's own watch over its child, with a clock that moves only while it waits, and a
 * child that is this process: what hangs jumps back to where the child was started. Knows
 * nothing of the schedules.
 *
 * In the real thing child and parent share only the mapping; tests/unit/test_watch.c holds it
 * to that.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "soak.h"

static struct {
	struct fake *fake;
	struct watched watched;
	bool has_ended; /* the child, and did not hang */
} clock_now;

#define JUMP_HANG 1
#define JUMP_EXIT 3

/* Behind setjmp: 0 in the child, and what the parent of a child gets. */
static pid_t child_jumped(int value)
{
	if (value == 0) {
		clock_now.watched.children++;
		clock_now.fake->has_jump = true;
		return 0;
	}
	clock_now.fake->has_jump = false;
	clock_now.has_ended = value != JUMP_HANG;
	return 4711;
}

static _Noreturn void child_exit(int status)
{
	(void)status;
	longjmp(clock_now.fake->jump, JUMP_EXIT);
}

static int clock_wait(int timeout_ms)
{
	if (clock_now.has_ended)
		return 1;
	clock_now.watched.elapsed_ms += (uint32_t)timeout_ms;
	return 0;
}

static int nothing(void)
{
	return 0;
}

#define fork() child_jumped(setjmp(clock_now.fake->jump))
#define _exit(status) child_exit(status)
#define poll(fds, count, timeout_ms) ((void)(fds), clock_wait(timeout_ms))
#define pipe2(fds, flags) ((fds)[0] = (fds)[1] = -1, nothing())
#define open(path, flags) (nothing() - 1)
#define dup2(from, to) ((void)(from), (void)(to), nothing())
#define close(fd) ((void)(fd), nothing())
#define kill(pid, number) ((void)(pid), nothing())
#define waitpid(pid, status, flags) ((void)(pid), *(status) = nothing())

#include "../../binder/io/watch.c"

struct watched watched_run(struct bench *bench)
{
	clock_now.fake = bench->fake;
	clock_now.watched = (struct watched){ 0 };
	apply_watched(&bench->apply);
	bench->fake->has_jump = false;
	return clock_now.watched;
}
