// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report as a table for people. Decides nothing.
 */
#include "words.h"

/* Each column but the last: the item in it (words.h) and its width with the gap behind. */
static const struct column {
	const char *title;
	char letter;
	uint8_t width;
} columns[] = {
	{ "ADDRESS", 'a', 13 }, { "ID", 'i', 10 },     { "CLASS", 'c', 7 },
	{ "GROUP", 'g', 6 },	{ "DRIVER", 'd', 15 }, { "WANTED", 'w', 9 },
	{ "RESULT", 'v', 11 },
};

/* The cells of one row; the titles where there is no subject. */
static void table_row(struct out *out, const struct subject *subject)
{
	size_t start = out_at(out);
	unsigned end = 0;

	for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++) {
		size_t cell = out_at(out);

		if (!subject)
			out_text(out, columns[c].title);
		else if (columns[c].letter == 'v' && subject->report->kind == REPORT_PLAN)
			out_item(out, subject, 'D');
		else
			out_item(out, subject, columns[c].letter);
		if (out_at(out) == cell)
			out_char(out, '-');
		end += columns[c].width;
		/* what is too wide pushes the rest of its row */
		if (out_at(out) - start >= end)
			out_char(out, ' ');
		out_pad(out, start, end);
	}
}

void report_notes(const struct report *report, struct out *out)
{
	struct report_cursor cursor = { .skips_devices = true };
	enum level level;

	for (;;) {
		char buf[REPORT_LINE_MAX];
		struct out text = OUT(buf);

		if (!report_next(report, &cursor, &text, &level))
			return;
		if (level == LEVEL_DEBUG && !report->set->settings.is_debug)
			continue;
		out_text(out, level == LEVEL_ERROR   ? "error: " :
			      level == LEVEL_WARNING ? "warning: " :
						       "note: ");
		out_span(out, out_done(&text));
		out_char(out, '\n');
	}
}

void report_table(const struct report *report, struct out *out)
{
	bool has_title = false;

	for_each_device(dev, report->inv) {
		struct subject subject = subject_device(report, dev);

		if (!report_shows(report, dev))
			continue;
		if (!has_title) {
			table_row(out, NULL);
			out_text(out, "REASON\n");
			has_title = true;
		}
		table_row(out, &subject);
		if (subject.rule)
			out_reason(out, report, dev);
		else
			out_text(out, "no rule");
		out_char(out, '\n');
	}
	if (!has_title)
		out_text(out, "no rule names a device that is present\n");
	report_notes(report, out);
}
