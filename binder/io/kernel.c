// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The running system as a struct io: a few system calls below one root, none of them
 * superfluous. Knows nothing of what the files mean.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <early-vfio/io.h>

/* 256 devices are 8 KiB of entries: one call for most machines. */
#define LIST_SIZE 16384

static struct kernel_io *kernel_of(struct io *io)
{
	return (struct kernel_io *)io;
}

/* The result of a system call, or negative errno. */
static NOINLINE ssize_t checked(ssize_t result)
{
	return result < 0 ? -errno : result;
}

/* Where a path starts from: devices have a shorter way from their directory than from the root. */
static int start_of(struct io *io, const char **path)
{
	struct kernel_io *kernel = kernel_of(io);
	size_t len = sizeof(IO_DEVICES) - 1;

	if (kernel->devices < 0 || !span_starts(span_of(*path), IO_DEVICES) ||
	    !(*path)[len])
		return kernel->root;
	*path += len;
	return kernel->devices;
}

static int open_below(struct io *io, const char *path, int flags)
{
	int start = start_of(io, &path);

	return (int)checked(openat(start, path, flags | O_CLOEXEC));
}

static ssize_t kernel_read(struct io *io, const char *path, char *buf, size_t cap)
{
	/* Nothing that stands where a file should shall hold the boot up: a FIFO. */
	int fd = open_below(io, path, O_RDONLY | O_NONBLOCK);
	ssize_t len;

	if (fd < 0)
		return fd;
	/* Once: only procfs gives less than it has, and what is long there has lines. */
	len = checked(read(fd, buf, cap));
	close(fd);
	return len;
}

struct line_feed {
	bool (*line)(void *context, struct span line);
	void *context;
	bool is_enough; /* `line` wants no more */
	bool is_cut;	/* what comes next is the rest of a line that was too long */
};

/* Hand out the complete lines in buf. Return how many bytes they were. */
static size_t give_lines(struct line_feed *feed, const char *buf, size_t len)
{
	struct span rest = { buf, len };

	while (!feed->is_enough) {
		size_t end = span_find(rest, '\n');

		if (end == rest.len)
			break;
		if (!feed->is_cut)
			feed->is_enough =
				!feed->line(feed->context, span_head(rest, end));
		feed->is_cut = false;
		rest = span_skip(rest, end + 1);
	}
	return len - rest.len;
}

static int read_lines(int fd, struct line_feed *feed)
{
	char buf[2 * IO_LINE_MAX];
	size_t len = 0, used;
	ssize_t got;

	while ((got = read(fd, buf + len, sizeof(buf) - len)) > 0) {
		len += (size_t)got;
		used = give_lines(feed, buf, len);
		if (feed->is_enough)
			return 0;
		if (len - used > IO_LINE_MAX) {
			feed->is_cut = true;
			used = len;
		}
		len -= used;
		memmove(buf, buf + used, len);
	}
	if (got == 0 && len > 0 && !feed->is_cut)
		feed->line(feed->context, (struct span){ buf, len });
	return (int)checked(got);
}

static int kernel_lines(struct io *io, const char *path,
			bool (*line)(void *context, struct span line), void *context)
{
	struct line_feed feed = { .line = line, .context = context };
	int fd = open_below(io, path, O_RDONLY);
	int error;

	if (fd < 0)
		return fd;
	error = read_lines(fd, &feed);
	close(fd);
	return error;
}

static ssize_t kernel_link(struct io *io, const char *path, char *buf, size_t cap)
{
	int start = start_of(io, &path);

	return checked(readlinkat(start, path, buf, cap));
}

static ssize_t entries_read(int fd, void *buf, size_t size)
{
#ifdef __KLIBC__
	return getdents((unsigned)fd, buf, (unsigned)size);
#else
	return getdents64(fd, buf, size);
#endif
}

static void give_entries(const char *buf, ssize_t len,
			 void (*entry)(void *context, struct span name), void *context)
{
	for (ssize_t at = 0; at < len;) {
		const struct dirent *dirent = (const void *)(buf + at);
		struct span name = span_of(dirent->d_name);

		if (keyword_find(name, ".\0..\0") < 0)
			entry(context, name);
		at += dirent->d_reclen;
	}
}

/* Not by readdir: it allocates, and klibc's scandir damages names from 11 entries on. */
static int kernel_list(struct io *io, const char *path,
		       void (*entry)(void *context, struct span name), void *context)
{
	_Alignas(struct dirent) char buf[LIST_SIZE];
	int fd = open_below(io, path, O_RDONLY | O_DIRECTORY);
	ssize_t got;

	if (fd < 0)
		return fd;
	/* The kernel leaves off where the next name has no room, or has none any more. */
	do {
		got = checked(entries_read(fd, buf, sizeof(buf)));
		give_entries(buf, got, entry, context);
	} while (got > (ssize_t)(sizeof(buf) - sizeof(struct dirent)));
	close(fd);
	return got < 0 ? (int)got : 0;
}

/* sysfs takes a value as one write: a part of it would be another value. */
static int write_whole(int fd, struct span text)
{
	ssize_t done = checked(write(fd, text.ptr, text.len));

	if (done < 0)
		return (int)done;
	return (size_t)done == text.len ? 0 : -EIO;
}

static int write_probe(struct io *io, struct span text)
{
	struct kernel_io *kernel = kernel_of(io);

	if (kernel->probe < 0) {
		int fd = open_below(io, IO_DRIVERS_PROBE, O_WRONLY);

		if (fd < 0)
			return fd;
		kernel->probe = fd;
	}
	return write_whole(kernel->probe, text);
}

static int kernel_write(struct io *io, const char *path, struct span text)
{
	int fd, error;

	if (span_is(span_of(path), IO_DRIVERS_PROBE))
		return write_probe(io, text);
	fd = open_below(io, path, O_WRONLY);
	if (fd < 0)
		return fd;
	error = write_whole(fd, text);
	close(fd);
	return error;
}

static int kernel_exists(struct io *io, const char *path)
{
	int start = start_of(io, &path);

	return (int)checked(faccessat(start, path, F_OK, 0));
}

int kernel_io_open(struct kernel_io *kernel, const char *root)
{
	int fd;

	/* A caller that closed its standard descriptors shall not have others in their place. */
	do
		fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd >= 0 && fd < 3);
	if (fd < 0)
		return -errno;
	*kernel = (struct kernel_io){
		.io = {
			.read = kernel_read,
			.lines = kernel_lines,
			.link = kernel_link,
			.list = kernel_list,
			.write = kernel_write,
			.exists = kernel_exists,
			.load = kernel_load,
		},
		.root = fd,
		.devices = openat(fd, IO_DEVICES, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.probe = -1,
	};
	return 0;
}
