// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan and status: what would be done, and what is. Nothing here writes to the system.
 */
#include <unistd.h>

#include <early-vfio/session.h>

int session_print(const struct session *session, enum report_kind kind)
{
	struct report report = session_report(session, kind);
	struct out out = fd_out(STDOUT_FILENO);
	unsigned flags = session->options.flags;
	int exit_code;

	if ((flags & OPTION_PROMETHEUS) && !session->print_metrics) {
		complain("--prometheus", "only on the host");
		return EXIT_USAGE;
	}
	if (flags & OPTION_JSON)
		report_json(&report, &out);
	else if (flags & OPTION_PROMETHEUS)
		session->print_metrics(&report, &out);
	else
		report_table(&report, &out);
	exit_code = stdout_close(&out, report_exit_code(&report));
	if (session->set->settings.mode == MODE_OFF)
		complain("early-vfio.mode=off", "nothing is taken");
	return exit_code;
}

int command_plan(struct session *session)
{
	int error;

	session_read_rules(session);
	error = session_plan(session);
	return error ? error : session_print(session, REPORT_PLAN);
}

/* The driver that each device has now stands for what became of it. */
static void read_results(struct session *session)
{
	for_each_device(dev, session->inv) {
		struct verdict *verdict = &dev->verdict;

		verdict->driver_after = verdict->driver_before;
		verdict->is_after_known = verdict->rule != RULE_NONE;
		if (verdict->decision == DECISION_BIND &&
		    verdict->driver_after == verdict->driver_wanted)
			verdict->result = RESULT_BOUND;
	}
}

int command_status(struct session *session)
{
	int error;

	session_read_rules(session);
	error = session_plan(session);
	if (error)
		return error;
	read_results(session);
	return session_print(session, REPORT_STATUS);
}
