// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report as a table for people. Decides nothing.
 */
#include "words.h"

/* Each column but the last: the item in it (words.h) and its width with the gap behind. */
static const struct column {
	char title[8];
	char letter;
	uint8_t width;
} columns[] = {
	{ "ADDRESS", 'a', 13 }, { "ID", 'i', 10 },     { "CLASS", 'c', 7 },
	{ "GROUP", 'g', 6 },	{ "DRIVER", 'd', 15 }, { "WANTED", 'w', 9 },
	{ "RESULT", 'v', 11 },
};

/* The cells of one row; the titles where no device is spoken of. */
static void say_row(struct sentence *s)
{
	size_t start = out_at(s->out);
	unsigned end = 0;

	for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++) {
		size_t cell = out_at(s->out);
		char letter = columns[c].letter;

		if (letter == 'v' && s->report->kind == REPORT_PLAN)
			letter = 'D';
		if (s->device)
			say_item(s, letter);
		else
			out_text(s->out, columns[c].title);
		if (out_at(s->out) == cell)
			out_char(s->out, '-');
		end += columns[c].width;
		/* what is too wide pushes the rest of its row */
		if (out_at(s->out) - start >= end)
			out_char(s->out, ' ');
		out_pad(s->out, start, end);
	}
}

static void out_note(void *context, enum level level, struct span text)
{
	struct out *out = context;

	out_text(out, level == LEVEL_ERROR   ? "error: " :
		      level == LEVEL_WARNING ? "warning: " :
					       "note: ");
	out_span(out, text);
	out_char(out, '\n');
}

void report_notes(const struct report *report, struct out *out)
{
	report_lines(report, REPORT_NOTES, out_note, out);
}

void report_table(const struct report *report, struct out *out)
{
	struct sentence s = { .out = out, .report = report };

	for_each_device(dev, report->inv) {
		if (!report_shows(report, dev))
			continue;
		if (!s.device) {
			say_row(&s);
			say(&s, "REASON\n");
		}
		about(&s, dev);
		say_row(&s);
		if (s.rule)
			say_reason(&s);
		else
			say(&s, "no rule");
		say(&s, "\n");
	}
	if (!s.device)
		say(&s, "no rule names a device that is present\n");
	report_notes(report, out);
}
