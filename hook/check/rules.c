// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What becomes of each rule: faulty, missing, pointing at something else. Knows nothing of
 * how that was decided, and of devices only where a rule's own one has gone.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "suggest.h"

static const char name[] = "rule";

/* As many as fit a line that can be read. */
#define CHOICES_MAX 4

/* What is behind the first "; " of a sentence of the core says what to do. */
static char *split_remedy(char *sentence)
{
	char *remedy = strstr(sentence, "; ");

	if (!remedy)
		return NULL;
	*remedy = '\0';
	return remedy + 2;
}

static void say_diag_of(struct check *check, struct origin origin,
			const struct diag *diag)
{
	struct text text;
	struct out *out = text_open(&text);
	char *remedy;

	if (diag->level > LEVEL_WARNING)
		return;
	out_origin(out, origin);
	out_char(out, ':');
	out_dec(out, diag->offset + 1);
	out_text(out, ": ");
	out_diag(out, diag);
	remedy = split_remedy(text_close(&text));
	finding_add(&check->findings,
		    diag->level == LEVEL_WARNING ? FINDING_WARN : FINDING_FAIL, name,
		    remedy ? remedy : "correct it: as it is, it does not count", "%s",
		    text.buf);
}

/* "FILE:LINE: SPEC", as every finding of a rule begins. */
static struct out *rule_begin(struct text *text, const struct rule *rule)
{
	struct out *out = text_open(text);

	out_origin(out, rule->origin);
	out_text(out, ": ");
	out_escaped(out, rule->text);
	out_text(out, ": ");
	return out;
}

/* The rule's own specification, for another place. */
static void out_moved(struct out *out, const struct check *check, const struct rule *rule,
		      const struct device *dev)
{
	struct spec spec = suggest_function(check->session.inv, dev);

	spec.id = rule->spec.id;
	spec.has_id = rule->spec.has_id;
	spec.class_digits = rule->spec.class_digits;
	spec.flags = rule->spec.flags;
	out_spec(out, &spec);
}

/* The directive that the rule stands in; NULL: the command line. */
static const struct directive *directive_of(const struct check *check,
					    const struct rule *rule)
{
	const struct config *config = &check->generate.config;

	for (size_t i = 0; i < config->count; i++) {
		const struct directive *item = &config->items[i];

		if (item->line == rule->origin.line &&
		    span_is(rule->origin.file, item->file) &&
		    memmem(item->text.ptr, item->text.len, rule->text.ptr,
			   rule->text.len))
			return item;
	}
	return NULL;
}

/* The same line or parameter, with the specification for another place. */
static void out_line(struct out *out, const struct check *check, const struct rule *rule,
		     const struct device *dev)
{
	const struct directive *item = directive_of(check, rule);
	struct span head = rule->is_keep ? SPAN("early-vfio.keep=") :
					   SPAN("early-vfio.bind=");
	struct span tail = { NULL, 0 };

	if (item) {
		const char *at = memmem(item->text.ptr, item->text.len, rule->text.ptr,
					rule->text.len);

		head = span_head(item->text, (size_t)(at - item->text.ptr));
		tail = span_skip(item->text, head.len + rule->text.len);
	}
	out_escaped(out, head);
	out_moved(out, check, rule, dev);
	out_escaped(out, tail);
}

/* "LINE or LINE": what to write, by where the device is now. */
static char *corrected(const struct check *check, const struct rule *rule)
{
	struct text text;
	struct out *out = text_open(&text);
	unsigned count = 0;

	out_text(out, "if it is the one that is meant, write: ");
	for_each_device(dev, check->session.inv) {
		if (!dev->is_present || !device_matches_id(dev, &rule->spec.id))
			continue;
		if (count == CHOICES_MAX) {
			out_text(out, ", ...");
			break;
		}
		out_text(out, count++ ? " or " : "");
		out_line(out, check, rule, dev);
	}
	return xspan(span_of(text_close(&text)));
}

static void out_elsewhere(struct out *out, const struct rule *rule)
{
	out_text(out, "it is now at ");
	out_bdf(out, rule->result.elsewhere);
	if (rule->result.elsewhere_count < 2)
		return;
	out_text(out, ", or one of ");
	out_dec(out, rule->result.elsewhere_count);
	out_text(out, " of its id");
}

/* Another device may be where it was, or none. */
static const struct device *stands_there(const struct check *check,
					 const struct rule *rule)
{
	int at = rule->result.is_resolved ?
			 inventory_find(check->session.inv, rule->result.at) :
			 -1;

	if (at < 0 || !check->session.inv->devices[at].is_present)
		return NULL;
	return &check->session.inv->devices[at];
}

/* For a device that is nowhere. */
static const char *gone_remedy(const struct rule *rule)
{
	if (!rule->origin.file.len)
		return "see early-vfio list; take it off the kernel's command line";
	if (rule->is_ids)
		return "see early-vfio list; take it out of ids=";
	return "see early-vfio list; take the line out, or add \"optional\" where the "
	       "device may be missing";
}

/* The rule names nothing that is there: where is it, and what is in its place? */
static void say_gone(struct check *check, const struct rule *rule)
{
	const struct device *other = stands_there(check, rule);
	struct text text;
	struct out *out = rule_begin(&text, rule);
	char *remedy = NULL;

	if (other) {
		out_bdf(out, other->bdf);
		out_text(out, " is ");
		out_hex(out, other->vendor, 4);
		out_char(out, ':');
		out_hex(out, other->device, 4);
		out_text(out, " there, and left alone; ");
	} else {
		out_text(out, "no such device there; ");
	}
	if (rule->result.elsewhere_count) {
		out_elsewhere(out, rule);
		remedy = corrected(check, rule);
	} else {
		out_text(out, "nothing of that id is present");
	}
	finding_add(&check->findings,
		    rule->is_keep || rule->is_optional ? FINDING_WARN : FINDING_FAIL,
		    name, remedy ? remedy : gone_remedy(rule), "%s", text_close(&text));
	free(remedy);
}

static void say_missing(struct check *check, const struct rule *rule)
{
	struct text text;
	struct out *out = rule_begin(&text, rule);

	if (rule->is_optional || rule->is_keep) {
		out_text(out, "no such device now, which may be");
		finding_add(&check->findings, FINDING_PASS, name, NULL, "%s",
			    text_close(&text));
		return;
	}
	out_text(out, "no such device");
	finding_add(&check->findings, FINDING_FAIL, name, gone_remedy(rule), "%s",
		    text_close(&text));
}

static void say_deferred(struct check *check, const struct rule *rule)
{
	struct text text;
	struct out *out = rule_begin(&text, rule);

	out_text(out, "not there yet; it is taken when it appears");
	finding_add(&check->findings, rule->is_optional ? FINDING_PASS : FINDING_WARN,
		    name,
		    "a virtual function comes with its driver: write their number to "
		    "sriov_numvfs of the physical one",
		    "%s", text_close(&text));
}

/* Names neither an id alone nor a class: it has one place. */
static bool is_placed(const struct rule *rule)
{
	return rule->spec.where == WHERE_ADDRESS || rule->spec.where == WHERE_PATH;
}

static void check_rule(struct check *check, const struct rule *rule)
{
	const struct rule_result *result = &rule->result;
	bool has_lost_place = is_placed(rule) && rule->spec.has_id &&
			      !result->match_count;

	if (rule->is_faulty)
		say_diag_of(check, rule->origin, &rule->diag);
	else if (result->state == RULE_DEFERRED)
		say_deferred(check, rule);
	else if (has_lost_place &&
		 (result->elsewhere_count || stands_there(check, rule)) &&
		 !rule->is_refused)
		say_gone(check, rule);
	else if (result->state == RULE_MISSING)
		say_missing(check, rule);
}

void check_rules(struct check *check)
{
	const struct ruleset *set = check->session.set;

	for (size_t i = 0; i < set->note_count; i++)
		say_diag_of(check, set->notes[i].origin, &set->notes[i].diag);
	if (!check->has_bus)
		return;
	for (size_t r = 0; r < set->rule_count; r++)
		check_rule(check, &set->rules[r]);
}
