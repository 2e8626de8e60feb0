// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bind and release: the devices that the operands name, now, or the one that an event is of.
 * The same plan, guards and steps as at boot.
 */
#include <sys/stat.h>
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
		complain("root", "only root changes drivers");
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

/* All rules hold, but only for one device. */
static void narrow(struct session *session, struct bdf bdf)
{
	for_each_device(dev, session->inv)
		if (!bdf_equals(dev->bdf, bdf))
			dev->verdict = (struct verdict){ .rule = RULE_NONE };
}

/*
 * What udev saw: take the device if that is what run would have done. Says nothing of what no
 * rule concerns.
 */
static int take_event(struct session *session)
{
	struct report report;
	struct bdf bdf;
	int at;

	if (!bdf_scan(span_of(*session->options.operands), &bdf)) {
		complain(*session->options.operands, "no address");
		return EXIT_USAGE;
	}
	session_read_rules(session);
	if (session->set->settings.mode != MODE_BIND || session_plan(session))
		return EXIT_AS_WANTED;
	narrow(session, bdf);
	at = inventory_find(session->inv, bdf);
	if (at < 0 || !session->inv->devices[at].is_present)
		return EXIT_AS_WANTED;
	session_apply(session);
	/* Where there is no directory for it nobody looks. */
	if (session->inv->devices[at].verdict.decision == DECISION_BIND)
		mkdir(LATE, 0700);
	report = session_report(session, REPORT_RUN);
	log_report(&report, REPORT_DEVICES);
	return EXIT_AS_WANTED;
}

int command_bind(struct session *session)
{
	session->plan->is_now = true;
	return session->options.flags & OPTION_EVENT ? take_event(session) :
						       change(session, false);
}

int command_release(struct session *session)
{
	return change(session, true);
}
