// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is to be said of the machine as a whole, below a list of its devices: what is missing,
 * what the rules name in vain, what could not be seen. Decides nothing.
 */
#include "list.h"
#include "width.h"

/* Functions that come later are in no list, though a rule waits for them. */
static void deferred_notes(const struct listing *listing, report_line *say, void *context)
{
	const struct session *session = listing->session;

	for_each_device(dev, session->inv) {
		char text[REPORT_LINE_MAX];
		struct out out = OUT(text);

		if (dev->is_present || dev->verdict.decision != DECISION_DEFER)
			continue;
		out_bdf(&out, dev->bdf);
		out_text(&out, " is not there yet; ");
		out_origin(&out, session->set->rules[dev->verdict.rule].origin);
		out_text(&out, " waits for it");
		say(context, LEVEL_INFO, out_done(&out));
	}
}

/* Where others have groups, the ones without are a few of the chipset, and no fault. */
static void groupless_notes(const struct listing *listing, report_line *say,
			    void *context)
{
	bool has_groups = listing->session->inv->machine.has_groups;

	for (size_t i = 0; i <= REMEDY_UNKNOWN; i++) {
		unsigned count = listing->groupless_count[i];
		char text[REPORT_LINE_MAX + 32];
		struct out out = OUT(text);

		if (!count)
			continue;
		out_dec(&out, count);
		out_text(&out, count == 1 ? " device has " : " devices have ");
		out_text(&out, listing->groupless[i]);
		say(context, has_groups ? LEVEL_INFO : LEVEL_WARNING, out_done(&out));
	}
}

static void say_joined(report_line *say, void *context, enum level level,
		       const char *head, struct span tail)
{
	char text[REPORT_LINE_MAX];
	struct out out = OUT(text);

	out_text(&out, head);
	out_span(&out, span_head(tail, REPORT_LINE_MAX - 100));
	say(context, level, out_done(&out));
}

void notes_each(const struct listing *listing, report_line *say, void *context)
{
	const struct ruleset *set = listing->session->set;

	/* What the plan says, but for single devices. */
	report_lines(&listing->report, REPORT_NOTES, say, context);
	deferred_notes(listing, say, context);
	if (set->settings.mode == MODE_OFF)
		say(context, LEVEL_WARNING,
		    SPAN("early-vfio.mode=off is on the kernel command line: no rule counts"));
	if (set->unprotected.len)
		say_joined(say, context, LEVEL_INFO,
			   "nothing is protected: ", set->unprotected);
	groupless_notes(listing, say, context);
	if (listing->kept_from_user)
		say(context, LEVEL_INFO, span_of(listing->kept_from_user));
}

struct print {
	const struct listing *listing;
	struct out *out;
	bool has_any;
};

static void print_note(void *context, enum level level, struct span text)
{
	struct print *print = context;
	const char *head = level == LEVEL_ERROR	  ? "error: " :
			   level == LEVEL_WARNING ? "warning: " :
						    "note: ";

	if (!print->has_any)
		out_char(print->out, '\n');
	print->has_any = true;
	out_text(print->out, head);
	out_wrapped(print->out, text, span_of(head).len, 2, print->listing->columns);
}

void notes_print(const struct listing *listing, struct out *out)
{
	struct print print = { .listing = listing, .out = out };

	notes_each(listing, print_note, &print);
}
