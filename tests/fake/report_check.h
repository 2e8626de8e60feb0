/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What holds for every report, whatever was typed and whatever went wrong: it can be shown
 * on a console and read by a program. Knows nothing of what it should say.
 */
#ifndef EARLY_VFIO_TESTS_REPORT_CHECK_H
#define EARLY_VFIO_TESTS_REPORT_CHECK_H

#include <early-vfio/report.h>

/* NULL, or what is wrong with the lines of the log, the table or the JSON. */
const char *report_check(const struct report *report);

/* Printable ASCII throughout, without line feeds: what reaches a log. */
bool is_clean_line(struct span line);
/* One JSON value, and nothing behind it but blanks. */
bool is_json(struct span text);
/*
 * Read a string member of the report's entry for a device.
 * Return: true where the entry is there; *value is empty for null.
 */
bool json_of_device(struct span json, struct bdf bdf, const char *key,
		    struct span *value);

#endif
