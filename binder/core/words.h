/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Templates: the sentences of log, table and JSON with places for what they speak of.
 * Nothing outside core/ includes it.
 */
#ifndef EARLY_VFIO_WORDS_H
#define EARLY_VFIO_WORDS_H

#include <early-vfio/report.h>

/* What a template speaks of. */
struct subject {
	const struct report *report;
	const struct device *device; /* or NULL */
	const struct rule *rule;     /* or NULL */
	uint32_t number;
	bool is_raw; /* text as it is, for JSON to escape */
};

/* Of a device and the rule that its verdict goes back to. */
struct subject subject_device(const struct report *report, const struct device *dev);
struct subject subject_rule(const struct report *report, const struct rule *rule);
/* Of devices that a rule concerns, and under --all of all that are there. */
bool report_shows(const struct report *report, const struct device *dev);

/* The word (or template) number `n` of a literal in which a NUL closes each. */
const char *nth(const char *words, unsigned n);

/*
 * One item by its letter; nothing where it is unknown.
 *   of the device   a address  i id  c class  g group  b driver before  d driver now
 *                   A driver after  w driver wanted  D decision  v what became of it
 *                   R result  S step  E error  p what its protect line says  P its address
 *   of the rule     o origin  t text as written  T state
 *   else            k what turns the IOMMU off  K kernel  n the number
 */
void out_item(struct out *out, const struct subject *subject, char letter);

/*
 * A template: %LETTER is an item, %"LETTER the item as a JSON string or null, %#LETTER the
 * bare item or null.
 */
void out_words(struct out *out, const struct subject *subject, const char *template);

/* A JSON string, or null where it is empty. */
void out_json_or_null(struct out *out, struct span text);

#endif
