// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's log: one record a line, each within the kernel's limits. Knows nothing of what
 * the lines say.
 */
#include <fcntl.h>
#include <unistd.h>

#include "binder.h"

/* The kernel drops lines after some ten for each time /dev/kmsg is opened. */
#define LINES_PER_OPEN 8

static int log_fd(struct log *log)
{
	if (log->fd >= 0 && ++log->lines <= LINES_PER_OPEN)
		return log->fd;
	if (log->fd >= 0)
		close(log->fd);
	log->fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	log->lines = 1;
	return log->fd;
}

void log_line(struct log *log, enum level level, struct span text)
{
	char buf[REPORT_LINE_MAX + 32];
	struct out line = OUT(buf);
	int fd = log_fd(log);

	if (fd >= 0) {
		out_char(&line, '<');
		out_dec(&line, level);
		out_char(&line, '>');
	}
	out_text(&line, "early-vfio: ");
	out_span(&line, text);
	out_char(&line, '\n');
	if (write(fd < 0 ? STDERR_FILENO : fd, line.buf, line.len) < 0)
		log->lines = LINES_PER_OPEN; /* try a new one next time */
}

void log_report(const struct report *report)
{
	struct log log = { .fd = -1 };
	struct report_cursor cursor = { 0 };
	enum level level;

	for (;;) {
		char buf[REPORT_LINE_MAX];
		struct out text = OUT(buf);

		if (!report_next(report, &cursor, &text, &level))
			break;
		if (level != LEVEL_DEBUG || report->set->settings.is_debug)
			log_line(&log, level, out_done(&text));
	}
	if (log.fd >= 0)
		close(log.fd);
}
