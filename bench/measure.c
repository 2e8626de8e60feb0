// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a command and prints how long it took by the clock in microseconds, how much memory
 * was resident at most in KiB, its exit status, and how much was faulted in, in KiB. It is
 * small itself, because until exec the child's memory is ours. Knows nothing of what it runs.
 *
 * The kernel counts what is resident in lots of pages, and to it a small program may have
 * none: then it is told how much was faulted in, which is no less than what was resident but
 * for pages of the program's file that came with others.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct timeval start, end;
	struct rusage usage;
	int status;
	long kib, faulted;
	pid_t pid;

	if (argc < 2)
		return 2;
	gettimeofday(&start, NULL);
	pid = fork();
	if (!pid) {
		execv(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		return 3;
	gettimeofday(&end, NULL);
	faulted = (usage.ru_minflt + usage.ru_majflt) * 4;
	kib = usage.ru_maxrss ? usage.ru_maxrss : faulted;
	printf("%ld %ld %d %ld\n",
	       (long)(end.tv_sec - start.tv_sec) * 1000000 + end.tv_usec - start.tv_usec,
	       kib, status >> 8, faulted);
	return 0;
}
