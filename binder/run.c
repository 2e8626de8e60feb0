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

/* In the directory for the run. */
#define REPORT "report.json"

/* Complete or not at all: a reader never sees half a report. */
static int write_report(const struct report *report)
{
	struct out out;
	int fd;

	if (chdir(RUN_DIR))
		return -errno;
	fd = open(REPORT ".new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		  0644);
	if (fd < 0)
		return -errno;
	out = fd_out(fd);
	report_json(report, &out);
	out_flush(&out);
	close(fd);
	if (out.overflow)
		return -ENOSPC;
	if (rename(REPORT ".new", REPORT))
		return -errno;
	return 0;
}

static void report_save(const struct report *report)
{
	char buf[REPORT_LINE_MAX];
	struct out text = OUT(buf);
	int error = write_report(report);

	if (!error)
		return;
	out_text(&text, "no " RUN_DIR "/" REPORT ": ");
	out_errno(&text, -error);
	log_line(LEVEL_WARNING, out_done(&text));
}

static int say_off(struct session *session)
{
	struct report report = session_report(session, REPORT_PLAN);

	log_report(&report, REPORT_NOTES);
	log_line(LEVEL_WARNING, SPAN("early-vfio.mode=off: nothing is taken"));
	if (session->set->has_cmdline_ids &&
	    driver_is_registered(&session->kernel.io, "vfio-pci"))
		log_line(LEVEL_ERROR,
			 SPAN("but vfio-pci is built in: remove vfio-pci.ids= too"));
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

/*
 * What the image's script does about it is told by the exit code, and by a file where it is
 * a unit of systemd's, which is not told another's exit code.
 */
static int outcome(const struct session *session, int exit_code)
{
	if (!exit_code || !session->set->settings.shell_on_failure)
		return exit_code;
	close(open(RUN_DIR "/shell", O_WRONLY | O_CREAT | O_NOFOLLOW, 0644));
	return EXIT_SHELL;
}

int run_finish(struct session *session)
{
	enum mode mode = session->set->settings.mode;
	struct report report =
		session_report(session, mode == MODE_PLAN ? REPORT_PLAN : REPORT_RUN);

	/* While there still is one to show it. */
	log_report(&report, REPORT_CONSOLE);
	if (report.kind == REPORT_RUN && has_work(session))
		session_apply(session);
	log_report(&report, ~REPORT_CONSOLE);
	report_save(&report);
	return outcome(session, report_exit_code(&report));
}

int command_run(struct session *session)
{
	int error;

	session_read_rules(session);
	if (session->set->settings.mode == MODE_OFF)
		return say_off(session);
	mkdir(RUN_DIR, 0755); /* without it there is no report, and that is said */
	error = session_plan(session);
	if (error) {
		log_line(LEVEL_ERROR, SPAN(NO_PCI_BUS));
		return outcome(session, error);
	}
	return run_finish(session);
}
