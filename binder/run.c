// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * run: what the image does at every boot. Whatever happens it says so and ends; it never
 * decides, and never stops the boot.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "binder.h"

#define REPORT_DIR "/run/early-vfio"

/* Complete or not at all: a reader never sees half a report. */
static int write_report(const struct report *report)
{
	struct out out;
	int fd;

	if (mkdir(REPORT_DIR, 0755) && errno != EEXIST)
		return -errno;
	fd = open(REPORT_DIR "/report.json.new",
		  O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	out = fd_out(fd);
	report_json(report, &out);
	out_flush(&out);
	close(fd);
	if (out.overflow)
		return -ENOSPC;
	if (rename(REPORT_DIR "/report.json.new", REPORT_DIR "/report.json"))
		return -errno;
	return 0;
}

void report_save(const struct report *report)
{
	char buf[REPORT_LINE_MAX];
	struct out text = OUT(buf);
	int error = write_report(report);

	if (!error)
		return;
	out_text(&text, REPORT_DIR "/report.json cannot be written: ");
	out_errno(&text, -error);
	log_line(LEVEL_WARNING, out_done(&text));
}

static int say_off(struct session *session)
{
	struct io *io = &session->kernel.io;

	log_line(LEVEL_WARNING, SPAN("early-vfio.mode=off: nothing is taken"));
	if (session->set->has_cmdline_ids &&
	    !io->exists(io, "sys/bus/pci/drivers/vfio-pci"))
		log_line(
			LEVEL_ERROR,
			SPAN("but vfio-pci is built in and has read vfio-pci.ids= itself: "
			     "remove that too"));
	return EXIT_AS_WANTED;
}

static bool has_work(const struct session *session)
{
	for_each_device(dev, session->inv)
		if (dev->verdict.decision == DECISION_BIND ||
		    plan_releases(session->inv, session->plan, dev))
			return true;
	return false;
}

int command_run(struct session *session)
{
	struct report report;
	int error;

	session_read_rules(session);
	if (session->set->settings.mode == MODE_OFF)
		return say_off(session);
	error = session_plan(session);
	if (error) {
		log_line(LEVEL_ERROR, SPAN(NO_PCI_BUS));
		return error;
	}
	report = session_report(session, session->set->settings.mode == MODE_PLAN ?
						 REPORT_PLAN :
						 REPORT_RUN);
	if (report.kind == REPORT_RUN && has_work(session))
		session_apply(session);
	log_report(&report);
	report_save(&report);
	return report_exit_code(&report);
}
