// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Templates and the items they name: each value of the report has its words here, the same in
 * log, table and JSON. Decides nothing.
 */
#include <string.h>

#include "words.h"

/* Words in the order of their enums, each closed by a NUL. */
static const char decisions[] = "none\0bind\0keep\0protect\0refuse\0skip\0defer";
static const char outcomes[] =
	"free\0not bound\0kept\0protected\0left alone\0skipped\0deferred";
static const char results[] = "\0bound\0failed\0restored\0isolated\0released";
static const char steps[] =
	"\0remove_id\0driver_override\0module load\0unbind\0framebuffer\0"
	"driver load\0probe\0read back\0restore\0release";
static const char states[] = "ok\0missing\0deferred\0refused\0faulty";

_Static_assert(DECISION_DEFER == 6 && RESULT_RELEASED == 5 && STEP_RELEASE == 10 &&
		       RULE_FAULTY == 4,
	       "the words above follow the enums");

const char *nth(const char *words, unsigned n)
{
	while (n--)
		words += strlen(words) + 1;
	return words;
}

static void out_nth(struct out *out, const char *words, unsigned n)
{
	out_text(out, nth(words, n));
}

struct subject subject_device(const struct report *report, const struct device *dev)
{
	uint16_t rule = dev->verdict.rule;

	return (struct subject){ .report = report,
				 .device = dev,
				 .rule = rule == RULE_NONE ? NULL :
							     &report->set->rules[rule] };
}

struct subject subject_rule(const struct report *report, const struct rule *rule)
{
	return (struct subject){ .report = report, .rule = rule };
}

bool report_shows(const struct report *report, const struct device *dev)
{
	return dev->verdict.rule != RULE_NONE || (report->all && dev->is_present);
}

static void out_foreign(struct out *out, const struct subject *subject, struct span text)
{
	if (subject->is_raw)
		out_span(out, text);
	else
		out_escaped(out, text);
}

static void out_outcome(struct out *out, const struct report *report,
			const struct verdict *verdict)
{
	if (report->kind == REPORT_PLAN && verdict->decision == DECISION_BIND)
		out_text(out, "would be bound");
	else if (verdict->result != RESULT_NONE)
		out_nth(out, results, verdict->result);
	else
		out_nth(out, outcomes, verdict->decision);
}

static void out_protect(struct out *out, const struct subject *subject, char letter)
{
	uint32_t line = subject->device ? subject->device->verdict.arg : subject->number;
	const struct protect *protect = &subject->report->set->protects[line];

	if (letter == 'P')
		out_bdf(out, protect->bdf);
	else
		out_foreign(out, subject, protect->reason);
}

static uint16_t driver_of(const struct device *dev, char letter)
{
	const struct verdict *verdict = &dev->verdict;

	if (letter == 'w')
		return verdict->driver_wanted;
	if (letter == 'b' && verdict->rule != RULE_NONE)
		return verdict->driver_before;
	if (letter != 'b' && verdict->is_after_known)
		return verdict->driver_after;
	return letter == 'A' ? DRIVER_NONE : dev->driver;
}

static void out_identity(struct out *out, const struct device *dev, char letter)
{
	if (!dev->is_present)
		return;
	if (letter == 'c') {
		out_hex(out, dev->class, 6);
	} else if (letter == 'i') {
		out_hex(out, dev->vendor, 4);
		out_char(out, ':');
		out_hex(out, dev->device, 4);
	} else if ((dev->known & FACT_GROUP) && dev->group != GROUP_NONE) {
		out_dec(out, (uint32_t)dev->group);
	}
}

static void out_device_item(struct out *out, const struct subject *subject, char letter)
{
	const struct device *dev = subject->device;
	const struct verdict *verdict = &dev->verdict;

	switch (letter) {
	case 'a':
		out_bdf(out, dev->bdf);
		return;
	case 'i':
	case 'c':
	case 'g':
		out_identity(out, dev, letter);
		return;
	case 'D':
		out_nth(out, decisions, verdict->decision);
		return;
	case 'v':
		out_outcome(out, subject->report, verdict);
		return;
	case 'R':
		out_nth(out, results, verdict->result);
		return;
	case 'S':
		out_nth(out, steps, verdict->step);
		return;
	case 'E':
		if (verdict->error)
			out_errno(out, verdict->error);
		return;
	}
	out_foreign(out, subject,
		    span_of(driver_name(subject->report->inv, driver_of(dev, letter))));
}

static void out_rule_item(struct out *out, const struct subject *subject, char letter)
{
	const struct rule *rule = subject->rule;

	if (!rule)
		return;
	if (letter == 'o')
		out_origin(out, rule->origin);
	else if (letter == 't')
		out_foreign(out, subject, rule->text);
	else
		out_nth(out, states, rule->result.state);
}

void out_item(struct out *out, const struct subject *subject, char letter)
{
	switch (letter) {
	case 'o':
	case 't':
	case 'T':
		out_rule_item(out, subject, letter);
		return;
	case 'p':
	case 'P':
		out_protect(out, subject, letter);
		return;
	case 'k':
		out_foreign(out, subject, subject->report->inv->machine.iommu_off);
		return;
	case 'K':
		out_foreign(out, subject, subject->report->kernel);
		return;
	case 'n':
		out_dec(out, subject->number);
		return;
	}
	out_device_item(out, subject, letter);
}

void out_json_or_null(struct out *out, struct span text)
{
	if (text.len)
		out_json(out, text);
	else
		out_text(out, "null");
}

static void out_json_item(struct out *out, const struct subject *subject, char kind,
			  char letter)
{
	struct subject raw = *subject;
	char buf[REPORT_LINE_MAX];
	struct out text = OUT(buf);

	raw.is_raw = true;
	out_item(&text, &raw, letter);
	if (kind == '#' && text.len)
		out_span(out, out_done(&text));
	else
		out_json_or_null(out, out_done(&text));
}

void out_words(struct out *out, const struct subject *subject, const char *template)
{
	for (; *template; template ++) {
		if (*template != '%') {
			out_char(out, *template);
			continue;
		}
		template ++;
		if (*template != '"' && *template != '#') {
			out_item(out, subject, *template);
			continue;
		}
		out_json_item(out, subject, template[0], template[1]);
		template ++;
	}
}
