/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan in words: log lines, the table, JSON version 1, Prometheus. Knows nothing of files.
 */
#ifndef EARLY_VFIO_REPORT_H
#define EARLY_VFIO_REPORT_H

#include <early-vfio/plan.h>

enum report_kind {
	REPORT_PLAN,   /* what would be done */
	REPORT_RUN,    /* what was done */
	REPORT_STATUS, /* what is: the driver of each device against the one wanted */
};

struct report {
	const struct ruleset *set;
	const struct inventory *inv;
	const struct plan *plan;
	struct span kernel; /* release of the running kernel */
	enum report_kind kind;
	bool all; /* devices that no rule concerns too */
};

/*
 * Stages, a bit each: what to skip for notes alone, that is devices and summary, for devices alone, and for the
 * console's line alone.
 */
#define REPORT_NOTES (1u << 3 | 1u << 4)
#define REPORT_DEVICES (~(1u << 3))
#define REPORT_CONSOLE (~(1u << 5))

#define REPORT_LINE_MAX 900

/* Gets a line of the log, without prefix and LF. */
typedef void report_line(void *context, enum level level, struct span text);

/* Hand the lines of the log out, but for the stages to skip; the most important come last. */
void report_lines(const struct report *report, unsigned skips, report_line *line,
		  void *context);

/* The reason of a verdict in words, with the remedy. */
void out_reason(struct out *out, const struct report *report, const struct device *dev);

void report_json(const struct report *report, struct out *out);
/* address, id, class, group, driver, wanted, result, reason: aligned, at most 80 columns + reason */
void report_table(const struct report *report, struct out *out);
/* The lines that stand neither for a device nor for the summary: "error: …", "warning: …". */
void report_notes(const struct report *report, struct out *out);
void report_prometheus(const struct report *report, struct out *out);

struct plan_summary {
	uint32_t wanted, bound, failed, refused; /* devices */
	uint32_t amiss;				 /* devices that are not as wanted */
	uint32_t missing, faulty, left_out;	 /* rules */
	uint32_t unmet; /* rules that bind nothing, left_out included */
};

struct plan_summary report_summarize(const struct report *report);

/* 0 as wanted, 1 some device is not as wanted, 2 a rule is faulty. */
int report_exit_code(const struct report *report);

#endif
