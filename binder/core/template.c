// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Templates and the items they name: each value of the report has its words here, the same in
 * log, table and JSON. Decides nothing.
 */
#include "words.h"

/* Words in the order of their enums, each closed by a NUL. */
static const char *const decisions = "none\0bind\0keep\0protect\0refuse\0skip\0defer";
static const char *const outcomes =
	"free\0not bound\0kept\0protected\0left alone\0skipped\0deferred";
static const char *const results = "\0bound\0failed\0restored\0isolated\0released";
static const char *const steps =
	"\0remove_id\0driver_override\0module load\0unbind\0framebuffer\0"
	"driver load\0probe\0read back\0restore\0release";
static const char *const states = "ok\0missing\0deferred\0refused\0faulty";

_Static_assert(DECISION_DEFER == 6 && RESULT_RELEASED == 5 && STEP_RELEASE == 10 &&
		       RULE_FAULTY == 4,
	       "the words above follow the enums");

const char *nth(const char *words, unsigned n)
{
	while (n--)
		words += span_of(words).len + 1;
	return words;
}

void about(struct sentence *s, const struct device *dev)
{
	s->device = dev;
	s->rule = NULL;
	if (dev->verdict.rule != RULE_NONE)
		s->rule = &s->report->set->rules[dev->verdict.rule];
}

bool report_shows(const struct report *report, const struct device *dev)
{
	return dev->verdict.rule != RULE_NONE || (report->all && dev->is_present);
}

static void say_foreign(struct sentence *s, struct span text)
{
	if (s->is_raw)
		out_span(s->out, text);
	else
		out_escaped(s->out, text);
}

static const char *outcome_word(const struct report *report,
				const struct verdict *verdict)
{
	if (report->kind == REPORT_PLAN && verdict->decision == DECISION_BIND)
		return "would be bound";
	if (verdict->result != RESULT_NONE)
		return nth(results, verdict->result);
	return nth(outcomes, verdict->decision);
}

static void say_protect(struct sentence *s, char letter)
{
	uint32_t line = s->device ? s->device->verdict.arg : s->number;
	const struct protect *protect = &s->report->set->protects[line];

	if (letter == 'P')
		out_bdf(s->out, protect->bdf);
	else
		say_foreign(s, protect->reason);
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

static void say_identity(struct out *out, const struct device *dev, char letter)
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

static void say_of_device(struct sentence *s, char letter)
{
	const struct device *dev = s->device;
	const struct verdict *verdict = &dev->verdict;
	const char *word;

	switch (letter) {
	case 'a':
		out_bdf(s->out, dev->bdf);
		return;
	case 'i':
	case 'c':
	case 'g':
		say_identity(s->out, dev, letter);
		return;
	case 'E':
		if (verdict->error)
			out_errno(s->out, verdict->error);
		return;
	case 'D':
		word = nth(decisions, verdict->decision);
		break;
	case 'v':
		word = outcome_word(s->report, verdict);
		break;
	case 'R':
		word = nth(results, verdict->result);
		break;
	case 'S':
		word = nth(steps, verdict->step);
		break;
	default:
		word = driver_name(s->report->inv, driver_of(dev, letter));
	}
	say_foreign(s, span_of(word));
}

static void say_elsewhere(struct out *out, const struct rule_result *result)
{
	if (!result->elsewhere_count) {
		out_text(out, "no such device is present");
		return;
	}
	out_text(out, "it is now at ");
	out_bdf(out, result->elsewhere);
	if (result->elsewhere_count == 1)
		return;
	out_text(out, ", one of ");
	out_dec(out, result->elsewhere_count);
}

static void say_of_rule(struct sentence *s, char letter)
{
	const struct rule *rule = s->rule;

	if (!rule)
		return;
	if (letter == 'o')
		out_origin(s->out, rule->origin);
	else if (letter == 't')
		say_foreign(s, rule->text);
	else if (letter == 'e')
		say_elsewhere(s->out, &rule->result);
	else
		out_text(s->out, nth(states, rule->result.state));
}

void say_item(struct sentence *s, char letter)
{
	switch (letter) {
	case 'o':
	case 't':
	case 'T':
	case 'e':
		say_of_rule(s, letter);
		return;
	case 'p':
	case 'P':
		say_protect(s, letter);
		return;
	case 'k':
		say_foreign(s, s->report->inv->machine.iommu_off);
		return;
	case 'K':
		say_foreign(s, s->report->kernel);
		return;
	case 'n':
		out_dec(s->out, s->number);
		return;
	case 'f':
		out_text(s->out, "; +force takes it all the same");
		return;
	}
	say_of_device(s, letter);
}

void out_json_or_null(struct out *out, struct span text)
{
	if (text.len)
		out_json(out, text);
	else
		out_text(out, "null");
}

static void say_json(const struct sentence *s, char kind, char letter)
{
	char buf[REPORT_LINE_MAX];
	struct out text = OUT(buf);
	struct sentence raw = *s;

	raw.out = &text;
	raw.is_raw = true;
	say_item(&raw, letter);
	if (kind == '#' && text.len)
		out_span(s->out, out_done(&text));
	else
		out_json_or_null(s->out, out_done(&text));
}

void say(struct sentence *s, const char *template)
{
	while (*template) {
		const char *text = template;

		while (*template && *template != '%')
			template ++;
		out_span(s->out, (struct span){ text, (size_t)(template - text) });
		if (!*template)
			return;
		template ++;
		if (*template == '"' || *template == '#') {
			say_json(s, template[0], template[1]);
			template ++;
		} else {
			say_item(s, *template);
		}
		template ++;
	}
}
