// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bind and release: the devices that the operands name, now. The same plan, guards and steps
 * as at boot.
 */
#include <unistd.h>

#include <early-vfio/session.h>

static int change(struct session *session, bool is_release)
{
	struct report report;
	struct out out;
	int error;

	if (geteuid() != 0) {
		complain("root", "only root may change drivers");
		return EXIT_ENVIRONMENT;
	}
	if (!session_read_operands(session, is_release))
		return EXIT_USAGE;
	session->plan->releases_free = is_release;
	error = session_plan(session);
	if (error)
		return error;
	apply_watched(&(struct apply){
		.io = &session->kernel.io,
		.set = session->set,
		.inv = session->inv,
		.plan = session->plan,
		.cmdline = session->cmdline,
	});
	report = session_report(session, REPORT_RUN);
	out = stdout_open();
	if (session->options.is_json)
		report_json(&report, &out);
	else
		report_table(&report, &out);
	return stdout_close(&out, report_exit_code(&report));
}

int command_bind(struct session *session)
{
	return change(session, false);
}

int command_release(struct session *session)
{
	return change(session, true);
}
