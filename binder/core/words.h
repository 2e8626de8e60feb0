/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Templates: the sentences of log, table and JSON with places for what they speak of.
 * Nothing outside core/ includes it.
 */
#ifndef EARLY_VFIO_WORDS_H
#define EARLY_VFIO_WORDS_H

#include <early-vfio/report.h>

/* What a template speaks of, and where its words go. */
struct sentence {
	struct out *out;
	const struct report *report;
	const struct device *device; /* or NULL */
	const struct rule *rule;     /* or NULL */
	uint32_t number;
	enum level level;
	bool is_raw; /* text as it is, for JSON to escape */
};

/* Speak of a device and of the rule that its verdict goes back to. */
void about(struct sentence *s, const struct device *dev);

/*
 * One item by its letter; nothing where it is unknown.
 *   of the device   a address  i id  c class  g group  b driver before  d driver now
 *                   A driver after  w driver wanted  D decision  v what became of it
 *                   R result  S step  E error  p what its protect line says  P its address
 *   of the rule     o origin  t text as written  T state  e where its device is instead
 *   else            k what turns the IOMMU off  K kernel  n the number
 *                   f how to take it against a guard
 */
void say_item(struct sentence *s, char letter);

/*
 * A template: %LETTER is an item, %"LETTER the item as a JSON string or null, %#LETTER the
 * bare item or null.
 */
void say(struct sentence *s, const char *template);

/* The reason of the device's verdict. */
void say_reason(struct sentence *s);

/* The word (or template) number `n` of a literal in which a NUL closes each. */
const char *nth(const char *words, unsigned n);

/* A JSON string, or null where it is empty. */
void out_json_or_null(struct out *out, struct span text);

/* Of devices that a rule concerns, and under --all of all that are there. */
bool report_shows(const struct report *report, const struct device *dev);

#endif
