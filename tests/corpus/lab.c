// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One plan at a time over a recorded machine, made as a lazy scan makes it, and held
 * against what was worked out for it. Knows nothing of the properties.
 */
#include <stdio.h>
#include <string.h>

#include "lab.h"

#define ROUNDS_MAX 20

bool record_read(struct record *record, const char *name, struct span text)
{
	unsigned line;

	record->name = name;
	line = machine_read(text, record->devices, &record->inv);
	if (line)
		printf("%s:%u: cannot be read\n", name, line);
	/* What a report does not say must not stand in the way of what is selected. */
	record->inv.machine.allows_noiommu = true;
	return !line;
}

struct out lab_config(struct lab *lab, const struct record *record)
{
	memset(lab->asked.anchor, 0, record->inv.count);
	memset(lab->asked.reached, 0, record->inv.count);
	lab->asked.kept = lab->asked.protected = NULL;
	lab->image[0] = '\0';
	return OUT(lab->config);
}

void out_rule(struct out *out, const char *directive, const struct device *dev)
{
	out_text(out, directive);
	out_char(out, ' ');
	out_hex(out, dev->vendor, 4);
	out_char(out, ':');
	out_hex(out, dev->device, 4);
}

void lab_plan(struct lab *lab, const struct record *record)
{
	unsigned rounds = 0;

	lab->counts[COUNT_SPECS]++;
	ruleset_init(&lab->set);
	config_read(span_of(lab->config), SPAN("conf"), &lab->set);
	image_read(span_of(lab->image), SPAN("image"), &lab->set);
	inventory_init(&lab->inv, lab->devices);
	while (!plan_build(&lab->set, &lab->inv, false, &lab->plan)) {
		if (++rounds == ROUNDS_MAX) {
			lab_wrong(lab, record, NULL, "no end of questions");
			return;
		}
		machine_answer(&record->inv, &lab->inv);
	}
}

enum decision lab_decision(const struct lab *lab, struct bdf bdf)
{
	int at = inventory_find(&lab->inv, bdf);

	if (at < 0 || lab->devices[at].verdict.rule == RULE_NONE)
		return DECISION_NONE;
	return (enum decision)lab->devices[at].verdict.decision;
}

void lab_wrong(struct lab *lab, const struct record *record, const struct device *dev,
	       const char *what)
{
	char text[BDF_TEXT_MAX];
	struct out out = OUT(text);

	if (dev)
		out_bdf(&out, dev->bdf);
	out_char(&out, '\0');
	lab->counts[COUNT_WRONG]++;
	if (lab->counts[COUNT_WRONG] <= 20)
		printf("%s: %s: %s, of:\n%s%s", record->name, text, what, lab->config,
		       lab->image);
}

bool lab_check(struct lab *lab, const struct record *record)
{
	static const char *const words[] = { "is none",	     "is bound",   "is kept",
					     "is protected", "is refused", "is skipped",
					     "is deferred" };
	unsigned long wrong = lab->counts[COUNT_WRONG];

	lab_plan(lab, record);
	oracle_decide(lab, record);
	for (size_t i = 0; i < record->inv.count; i++) {
		const struct device *dev = &record->devices[i];
		enum decision decision = lab_decision(lab, dev->bdf);

		if (decision != lab->expected[i])
			lab_wrong(lab, record, dev, words[decision]);
	}
	return wrong == lab->counts[COUNT_WRONG];
}

void lab_check_print(struct lab *lab, const struct record *record)
{
	struct span line = span_trim(span_of(lab->config)), text;
	char printed[CONFIG_MAX];
	struct out out = OUT(printed);
	struct spec spec, again;
	struct diag diag;

	text = span_skip(line, span_find(line, ' ') + 1);
	if (!spec_parse(text, &spec, &diag) || diag.code) {
		lab_wrong(lab, record, NULL, "not understood, or not without a note");
		return;
	}
	out_spec(&out, &spec);
	if (!span_equals(out_done(&out), text) ||
	    !spec_parse(out_done(&out), &again, &diag) || !spec_equals(&spec, &again))
		lab_wrong(lab, record, NULL, "is printed as something else");
}
