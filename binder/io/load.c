// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loading one module: by the kernel itself, and by modprobe only where the kernel cannot
 * decompress the file or where all that is known is an alias. Knows nothing of which modules
 * there are or in what order they belong.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
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

static const char *const suffixes[] = { "", ".xz", ".zst", ".gz" };
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

/* The options as words of their own. They are cut in place. */
static size_t words_cut(char *text, size_t len, char **words, size_t max)
{
	struct span rest = { text, len }, word;
	size_t count = 0;

	while (count < max && span_next_word(&rest, &word)) {
		char *start = text + (word.ptr - text);

		/* Behind a word is a blank or the terminator, and both may go. */
		start[word.len] = '\0';
		words[count++] = start;
	}
	return count;
}

static void modprobe_exec(char **argv)
{
	int fd = open("/dev/null", O_RDWR);

	for (int i = 0; i < 3 && fd >= 0; i++)
		dup2(fd, i);
	/* Where the watchdog ends us, nothing may go on loading. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	argv[0] = (char *)"/sbin/modprobe";
	execv(argv[0], argv);
	argv[0] = (char *)"/usr/sbin/modprobe";
	execv(argv[0], argv);
	_exit(127);
}

/* Return 0, or -ENOEXEC where modprobe is missing or does not succeed. */
static int modprobe(struct span name, const char *options)
{
	char text[IO_PATH_MAX], words[1024];
	char *argv[WORDS_MAX + 4] = { NULL, (char *)"-q", text };
	size_t len = strlen(options);
	int status;
	pid_t pid;

	if (name.len >= sizeof(text) || len >= sizeof(words))
		return -E2BIG;
	memcpy(text, name.ptr, name.len);
	text[name.len] = '\0';
	memcpy(words, options, len + 1);
	words_cut(words, len, argv + 3, WORDS_MAX);
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
