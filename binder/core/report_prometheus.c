// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report as metrics for Prometheus: text format 0.0.4. Decides nothing.
 */
#include "words.h"

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
	struct sentence s = { .out = out, .report = report };

	metric(out, "device_as_wanted",
	       " Whether a target has the driver that its rule wants.");
	for_each_device(dev, report->inv) {
		if (dev->verdict.decision != DECISION_BIND)
			continue;
		about(&s, dev);
		say(&s,
		    "early_vfio_device_as_wanted{address=\"%a\",id=\"%i\",wanted=%\"w} ");
		say(&s, dev->verdict.result == RESULT_BOUND ? "1\n" : "0\n");
	}
	metric(out, "devices", " Devices and rules by state.");
	metric_count(out, "wanted", sum.wanted);
	metric_count(out, "bound", sum.bound);
	metric_count(out, "failed", sum.failed);
	metric_count(out, "refused", sum.refused);
	metric_count(out, "missing", sum.missing);
	metric_count(out, "faulty", sum.faulty + sum.left_out);
}
