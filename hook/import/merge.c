// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From what other set-ups say to lines of ours: the plan decides what comes of each, and what
 * is there gets its guard. Knows nothing of formats and files.
 */
#include "merge.h"

/* Too large for the stack. */
static struct ruleset old;

struct merge {
	const struct desk *desk;
	struct choices *choices;
	struct say *say;
	unsigned left_out;
};

static void add_rules(struct merge *merge, const struct source *source)
{
	for (size_t i = 0; i < source->found.count; i++) {
		const struct import_item *item = &source->found.items[i];
		struct rule rule = { .spec = item->spec,
				     .source = SOURCE_CONFIG,
				     .text = item->text };

		if (item->kind != IMPORT_DEVICE)
			continue;
		rule.origin = (struct origin){ span_of(source->path), item->line };
		if (old.rule_count == RULES_MAX)
			merge->left_out++;
		else
			ruleset_add(&old, &rule);
	}
}

static bool is_general(const struct spec *spec)
{
	return !spec_is_placed(spec) && !spec_is_bare_id(spec);
}

static void choose(struct merge *merge, struct choice choice, const struct rule *rule)
{
	for (size_t i = 0; i < merge->choices->count; i++)
		if (spec_equals(&merge->choices->items[i].spec, &choice.spec))
			return;
	choice.origin = rule->origin;
	choice_add(merge->choices, &choice);
}

/* "/etc/modprobe.d/vfio.conf:1: 10de:2684: " */
static struct out *begin(struct merge *merge, const struct rule *rule)
{
	struct out *out = say_begin(merge->say);

	out_origin(out, rule->origin);
	out_text(out, ": ");
	out_escaped(out, rule->text);
	out_text(out, ": ");
	return out;
}

static void say_left_out(struct merge *merge, const struct rule *rule,
			 const struct device *dev)
{
	struct report report = session_report(merge->desk->session, REPORT_PLAN);
	struct out *out = begin(merge, rule);

	merge->left_out++;
	out_text(out, "left out: ");
	out_bdf(out, dev->bdf);
	out_char(out, ' ');
	out_hex(out, dev->vendor, 4);
	out_char(out, ':');
	out_hex(out, dev->device, 4);
	out_text(out, dev->verdict.reason == REASON_GUARD ? " is " : " ");
	out_reason(out, &report, dev);
	say_end(merge->say);
}

/* One device that the rule got in the plan. */
static void weigh_device(struct merge *merge, const struct rule *rule,
			 const struct device *dev)
{
	const struct verdict *verdict = &dev->verdict;

	if (verdict->decision == DECISION_DEFER)
		return;
	if (verdict->decision != DECISION_BIND && verdict->reason != REASON_NO_GROUP)
		say_left_out(merge, rule, dev);
	else if (!is_general(&rule->spec))
		choose(merge, choice_of(merge->desk->session->inv, dev, &rule->spec),
		       rule);
}

/* What is not there now is taken over as it stands. */
static void weigh_missing(struct merge *merge, const struct rule *rule)
{
	struct out *out = begin(merge, rule);

	choose(merge, (struct choice){ .spec = rule->spec }, rule);
	if (rule->result.state == RULE_DEFERRED)
		out_text(out, "not there yet: taken over as it is");
	else
		out_text(out, "no such device is there: taken over as it is");
	if (rule->result.elsewhere_count) {
		out_text(out, "; one of that id is at ");
		out_bdf(out, rule->result.elsewhere);
	}
	say_end(merge->say);
}

static void weigh_rule(struct merge *merge, size_t r)
{
	const struct rule *rule = &old.rules[r];
	const struct inventory *inv = merge->desk->session->inv;

	if (is_general(&rule->spec))
		choose(merge, (struct choice){ .spec = rule->spec }, rule);
	else if (rule->result.state == RULE_MISSING ||
		 rule->result.state == RULE_DEFERRED)
		weigh_missing(merge, rule);
	for_each_device(dev, inv)
		if (dev->verdict.rule == r)
			weigh_device(merge, rule, dev);
}

unsigned sources_merge(const struct sources *sources, const struct desk *desk,
		       struct choices *choices, struct say *say)
{
	struct merge merge = { .desk = desk, .choices = choices, .say = say };

	ruleset_init(&old);
	for (size_t s = 0; s < sources->count; s++)
		add_rules(&merge, &sources->items[s]);
	image_read(desk->session->image, desk->session->image_name, &old);
	desk_plan(desk, &old);
	for (size_t r = 0; r < old.rule_count; r++)
		weigh_rule(&merge, r);
	return merge.left_out;
}
