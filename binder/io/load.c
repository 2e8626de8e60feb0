// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loading one module: by the kernel itself, and by modprobe only where the kernel cannot
 * decompress the file or where all that is known is an alias. Knows nothing of which modules
 * there are or in what order they belong.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <early-vfio/io.h>
#include <early-vfio/rules.h>

#ifdef __KLIBC__
int finit_module(int fd, const char *options, int flags); /* defined, but in no header */
#else
#include <sys/syscall.h>
#endif

#define INIT_COMPRESSED 4 /* MODULE_INIT_COMPRESSED_FILE */
#define WORDS_MAX 64

static const char suffixes[][sizeof(".zst")] = { "", ".xz", ".zst", ".gz" };
#define SUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))

static int module_init(int fd, const char *options, int flags)
{
#ifdef __KLIBC__
	int result = finit_module(fd, options, flags);
#else
	long result = syscall(SYS_finit_module, fd, options, flags);
#endif

	return result < 0 ? -errno : 0;
}

/* The words of a text that has a byte to spare. They are cut in place. */
static void words_cut(struct span rest, char **words, size_t max)
{
	struct span word;

	while (max-- && span_next_word(&rest, &word)) {
		*words = (char *)word.ptr;
		(*words++)[word.len] = '\0';
	}
}

/* Its output goes where that of the watched child goes: nowhere. */
static void modprobe_exec(char **argv)
{
	/* Where the watchdog ends us, nothing may go on loading. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	argv[0] = (char *)"/sbin/modprobe";
	execv(argv[0], argv);
	_exit(127);
}

/* Return 0, or -ENOEXEC where modprobe is missing or does not succeed. */
static int modprobe(struct span name, const char *options)
{
	char *argv[WORDS_MAX + 3] = { NULL, (char *)"-q" };
	char buf[IO_PATH_MAX + 1024];
	struct out words = OUT(buf);
	int status;
	pid_t pid;

	out_span(&words, name);
	out_char(&words, ' ');
	out_text(&words, options);
	out_char(&words, ' ');
	if (words.overflow)
		return -E2BIG;
	words_cut(out_done(&words), argv + 2, WORDS_MAX);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		modprobe_exec(argv);
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ENOEXEC;
}

/* Open the module's file with the first suffix that there is, the last one's first. */
static int module_open(struct kernel_io *kernel, struct span path)
{
	struct path file;

	for (unsigned i = 0; i < SUFFIXES; i++) {
		unsigned suffix = (kernel->suffix + i) % SUFFIXES;
		int fd;

		path_of(&file, "", path, suffixes[suffix]);
		if (file.out.overflow)
			return -ENAMETOOLONG;
		fd = openat(kernel->root, file.text, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			kernel->suffix = suffix;
			return fd;
		}
		if (errno != ENOENT)
			return -errno;
	}
	return -ENOENT;
}

/* What kernels say that cannot decompress at all, or not this format. */
static bool cannot_decompress(int error)
{
	return error == -EOPNOTSUPP || error == -EINVAL || error == -ENOEXEC;
}

int kernel_load(struct io *io, const char *path, const char *options)
{
	struct kernel_io *kernel = (struct kernel_io *)io;
	struct span file = span_of(path);
	bool is_compressed;
	int fd, error;

	if (!span_starts(file, "/"))
		return modprobe(file, options);
	fd = module_open(kernel, span_skip(file, 1));
	if (fd < 0)
		return fd;
	is_compressed = suffixes[kernel->suffix][0] != '\0';
	error = module_init(fd, options, is_compressed ? INIT_COMPRESSED : 0);
	close(fd);
	if (is_compressed && cannot_decompress(error) &&
	    modprobe(module_name(file), options) == 0)
		return 0;
	return error;
}
