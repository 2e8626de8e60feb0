// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bind and release: the devices that the operands name, now. The same plan, guards and steps
 * as at boot.
 */
#include <unistd.h>

#include <early-vfio/session.h>

/* What is wrong with the operands, in the words of the log. */
static int refuse_operands(const struct session *session)
{
	struct report report = session_report(session, REPORT_RUN);
	struct out out = fd_out(STDERR_FILENO);

	report_notes(&report, &out);
	out_flush(&out);
	return EXIT_USAGE;
}

static int change(struct session *session, bool is_release)
{
	int error;

	if (geteuid() != 0) {
		complain("root", "only root may change drivers");
		return EXIT_ENVIRONMENT;
	}
	session->plan->releases_free = is_release;
	if (!session_read_operands(session, is_release))
		return refuse_operands(session);
	error = session_plan(session);
	if (error)
		return error;
	session_apply(session);
	return session_print(session, REPORT_RUN);
}

int command_bind(struct session *session)
{
	return change(session, false);
}

int command_release(struct session *session)
{
	return change(session, true);
}
