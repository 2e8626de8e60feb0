// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Process 1, by rdinit=: the run in a child with file systems of its own, then the image's
 * /init, whatever became of the child. Knows nothing of devices.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "binder.h"

/* The run ends within its own deadline; this is for one that does not. */
#define WAIT_MS ((RUN_DEADLINE_S + 15) * 1000)

/* Where it is mounted, and what. */
static const char mounts[][2][9] = {
	{ "proc", "proc" },
	{ "sys", "sysfs" },
	{ "dev", "devtmpfs" },
};

#define MOUNTS (sizeof(mounts) / sizeof(mounts[0]))

/* In the child: a root that has all that run looks for, and only what is ours. */
static void enter(void)
{
	struct utsname kernel;
	struct path image;

	for (size_t i = 0; i < MOUNTS; i++) /* what is missing, the run says */
		mount(mounts[i][1], mounts[i][0], mounts[i][1], 0, NULL);
	mknod("dev/kmsg", S_IFCHR | 0600, makedev(1, 11));
	/* It outlives this root and the next: /run does not. */
	mkdir("dev/.early-vfio", 0755);
	uname(&kernel);
	path_of(&image, "etc/", span_of(kernel.release), ".image");
	if (chroot(".") == 0) {
		if (link(image.text, "etc/early-vfio.image") == 0)
			return;
		/* The config is for all kernels; what is protected is told for each. */
		log_line(LEVEL_ERROR, SPAN("extra initrd for other kernels; none taken"));
	}
	_exit(EXIT_ENVIRONMENT);
}

/* Until the child has ended; one that hangs in the kernel is left behind. */
static void child_await(pid_t pid, int end)
{
	struct pollfd event = { .fd = end, .events = POLLIN };
	int status = -1;

	if (poll(&event, 1, WAIT_MS) > 0)
		waitpid(pid, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status) == EXIT_SHELL)
		log_line(LEVEL_ERROR, SPAN("no shell yet: the boot goes on"));
}

void init_start(char **argv)
{
	int fds[2];
	pid_t pid = -1;

	if (chdir(EXTRA_TOP) == 0 && pipe2(fds, O_CLOEXEC) == 0)
		pid = fork();
	if (pid == 0) {
		/* In place of its input, which none of its own children keeps. */
		dup2(fds[1], STDIN_FILENO);
		close(fds[1]);
		enter();
		return;
	}
	if (pid > 0) {
		close(fds[1]);
		child_await(pid, fds[0]);
	}
	for (size_t i = 0; i < MOUNTS; i++)
		umount2(mounts[i][0], MNT_DETACH);
	(void)!chdir("/");
	argv[0] = (char *)"/init";
	execv(argv[0], argv);
	_exit(EXIT_ENVIRONMENT); /* there is none: the kernel says so as ever */
}
