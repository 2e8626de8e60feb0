// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's log: one record a line, each within the kernel's limits. Knows nothing of what
 * the lines say.
 */
#include <fcntl.h>
#include <unistd.h>

#include <early-vfio/session.h>

/* The kernel drops lines after some ten for each time /dev/kmsg is opened. */
#define LINES_PER_OPEN 8

/* One more than the descriptor, which stays open to the end of the process; 0: not open. */
static int kmsg;

static void kmsg_open(void)
{
	static unsigned lines;

	if (kmsg && ++lines <= LINES_PER_OPEN)
		return;
	if (kmsg)
		close(kmsg - 1);
	kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC) + 1;
	lines = 1;
}

void log_line(enum level level, struct span text)
{
	char buf[REPORT_LINE_MAX + 32];
	struct out line = OUT(buf);

	kmsg_open();
	if (kmsg) {
		out_char(&line, '<');
		out_dec(&line, level);
		out_char(&line, '>');
	}
	out_text(&line, "early-vfio: ");
	out_span(&line, text);
	out_char(&line, '\n');
	/* There is nowhere left to say that this failed. */
	if (write(kmsg ? kmsg - 1 : STDERR_FILENO, line.buf, line.len) < 0)
		return;
}

static void log_one(void *context, enum level level, struct span text)
{
	const struct report *report = context;

	log_line(report->set->settings.is_debug ? LEVEL_ERROR : level, text);
}

void log_report(const struct report *report, unsigned skips)
{
	report_lines(report, skips, log_one, (void *)report);
}
