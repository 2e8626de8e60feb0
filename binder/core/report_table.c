// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report as a table for people, and as metrics for Prometheus. Decides nothing.
 */
#include "words.h"

struct column {
	const char *title;
	unsigned width; /* with the gap behind it */
};

static const struct column columns[] = {
	{ "ADDRESS", 13 }, { "ID", 10 },    { "CLASS", 7 },   { "GROUP", 6 },
	{ "DRIVER", 15 },  { "WANTED", 9 }, { "RESULT", 11 }, { "REASON", 0 },
};

/* A row being written: each cell starts at least one blank behind the one before. */
struct row {
	struct out *out;
	size_t start;
	unsigned column, end;
};

static void cell_end(struct row *row)
{
	unsigned width = columns[row->column++].width;

	if (row->column == sizeof(columns) / sizeof(columns[0]))
		return;
	if (row->out->len - row->start >= row->end + width)
		out_char(row->out, ' ');
	row->end += width;
	out_pad(row->out, row->start, row->end);
}

static void cell(struct row *row, struct span text)
{
	if (text.len)
		out_escaped(row->out, text);
	else
		out_char(row->out, '-');
	cell_end(row);
}

static struct row row_start(struct out *out)
{
	/* A line is shorter than the buffer, and alignment counts from its start. */
	out_flush(out);
	return (struct row){ .out = out, .start = out->len };
}

static void table_row(const struct report *report, struct out *out, size_t i)
{
	const struct device *dev = &report->inv->devices[i];
	const struct verdict *verdict = &report->plan->verdicts[i];
	uint16_t driver = verdict->is_after_known ? verdict->driver_after : dev->driver;
	struct row row = row_start(out);

	out_bdf(out, dev->bdf);
	cell_end(&row);
	if (dev->is_present)
		out_id(out, dev);
	else
		out_char(out, '-');
	cell_end(&row);
	if (dev->is_present)
		out_hex(out, dev->class, 6);
	else
		out_char(out, '-');
	cell_end(&row);
	if ((dev->known & FACT_GROUP) && dev->group != GROUP_NONE)
		out_dec(out, (uint32_t)dev->group);
	else
		out_char(out, '-');
	cell_end(&row);
	cell(&row, span_of(driver_name(report->inv, driver)));
	cell(&row, span_of(driver_name(report->inv, verdict->driver_wanted)));
	cell(&row,
	     span_of(report->kind == REPORT_PLAN ? decision_word(verdict->decision) :
						   device_word(report, i)));
	if (verdict->rule == RULE_NONE)
		out_text(out, "no rule");
	else
		out_reason(out, report, i);
	out_char(out, '\n');
}

static void table_lines(const struct report *report, struct out *out)
{
	struct report_cursor cursor = { 0 };
	enum level level;

	for (;;) {
		char buf[REPORT_LINE_MAX];
		struct out text = OUT(buf);

		if (!report_next_note(report, &cursor, &text, &level))
			return;
		if (level == LEVEL_DEBUG && !report->set->settings.is_debug)
			continue;
		out_text(out, level == LEVEL_ERROR   ? "error: " :
			      level == LEVEL_WARNING ? "warning: " :
						       "note: ");
		out_span(out, out_done(&text));
		out_char(out, '\n');
		out_flush(out);
	}
}

void report_table(const struct report *report, struct out *out)
{
	struct row row = row_start(out);
	bool is_empty = true;

	for (size_t i = 0; i < report->inv->count; i++) {
		if (report->plan->verdicts[i].rule == RULE_NONE &&
		    !(report->all && report->inv->devices[i].is_present))
			continue;
		for (size_t c = 0; is_empty && c < sizeof(columns) / sizeof(columns[0]);
		     c++)
			cell(&row, span_of(columns[c].title));
		if (is_empty)
			out_char(out, '\n');
		is_empty = false;
		table_row(report, out, i);
	}
	if (is_empty)
		out_text(out, "no device is named by a rule that is present\n");
	table_lines(report, out);
}

static void metric(struct out *out, const char *name, const char *help)
{
	out_text(out, "# HELP early_vfio_");
	out_text(out, name);
	out_text(out, help);
	out_text(out, "\n# TYPE early_vfio_");
	out_text(out, name);
	out_text(out, " gauge\n");
}

static void metric_count(struct out *out, const char *state, uint32_t count)
{
	out_text(out, "early_vfio_devices{state=\"");
	out_text(out, state);
	out_text(out, "\"} ");
	out_dec(out, count);
	out_char(out, '\n');
}

void report_prometheus(const struct report *report, struct out *out)
{
	struct plan_summary sum = report_summarize(report);

	metric(out, "device_as_wanted",
	       " Whether a target has the driver that its rule wants.");
	for (size_t i = 0; i < report->inv->count; i++) {
		const struct verdict *verdict = &report->plan->verdicts[i];

		if (verdict->decision != DECISION_BIND)
			continue;
		out_text(out, "early_vfio_device_as_wanted{address=\"");
		out_bdf(out, report->inv->devices[i].bdf);
		out_text(out, "\",id=\"");
		out_id(out, &report->inv->devices[i]);
		out_text(out, "\",wanted=");
		out_json(out, span_of(driver_name(report->inv, verdict->driver_wanted)));
		out_text(out, verdict->result == RESULT_BOUND ? "} 1\n" : "} 0\n");
	}
	metric(out, "devices", " Devices and rules by state.");
	metric_count(out, "wanted", sum.wanted);
	metric_count(out, "bound", sum.bound);
	metric_count(out, "failed", sum.failed);
	metric_count(out, "refused", sum.refused);
	metric_count(out, "missing", sum.missing);
	metric_count(out, "faulty", sum.faulty + sum.left_out);
	out_flush(out);
}
