// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What follows from the plan of the merged config here and now: what brings a kept device is
 * protected for it, and rules that are refused because of what is protected are left out.
 * Decides nothing: the plan does.
 */
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "protect/sysfs.h"

/* Too large for the stack, and another than the session's, whose command line counts. */
static struct ruleset rules;

/* The rules of the texts so far, as they are in one profile. */
static void read_rules(struct generate *generate, struct span profile)
{
	struct session *session = generate->session;

	ruleset_init(&rules);
	rules.settings.profile = profile;
	config_read(generate->config_text, session->config_name, &rules);
	image_read(generate->image_text, session->image_name, &rules);
}

/* What stands on the way to a device takes it along, as VMD does: bridges alone do not. */
static void protect_path(struct generate *generate, const struct device *kept)
{
	struct io *io = &generate->session->kernel.io;
	struct device functions[FUNCTIONS_MAX];
	size_t count = FUNCTIONS_MAX;
	char address[BDF_TEXT_MAX] = "";
	struct out out = OUT(address);
	struct path link;
	char *path;

	out_bdf(&out, kept->bdf);
	path = sysfs_resolve(io, device_path(&link, kept->bdf, ""));
	if (path && sysfs_functions(io, path, functions, &count))
		for (size_t i = 0; i < count; i++)
			if (!bdf_equals(functions[i].bdf, kept->bdf))
				protection_add(&generate->protection, &functions[i],
					       "leads to what is kept", address);
	free(path);
}

static bool has_keep(void)
{
	for (size_t r = 0; r < rules.rule_count; r++)
		if (rules.rules[r].is_keep)
			return true;
	return false;
}

void generate_protect_kept(struct generate *generate)
{
	struct session *session = generate->session;
	struct ruleset *of_session = session->set;

	generate_write(generate);
	/* What is kept is kept in all profiles. */
	read_rules(generate, SPAN(""));
	session->set = &rules;
	if (has_keep() && session_plan(session) == EXIT_AS_WANTED)
		for_each_device(dev, session->inv)
			if (dev->verdict.decision == DECISION_KEEP)
				protect_path(generate, dev);
	session->set = of_session;
}

static void only_rule(size_t only, bool *was_refused)
{
	for (size_t r = 0; r < rules.rule_count; r++) {
		was_refused[r] = rules.rules[r].is_refused;
		if (r != only && !rules.rules[r].is_keep)
			rules.rules[r].is_refused = true;
	}
}

static void all_rules(const bool *was_refused)
{
	for (size_t r = 0; r < rules.rule_count; r++)
		rules.rules[r].is_refused = was_refused[r];
}

static struct directive *directive_of(struct config *config, const struct rule *rule)
{
	for (size_t i = 0; i < config->count; i++) {
		struct directive *item = &config->items[i];

		if (!item->is_left_out && item->line == rule->origin.line &&
		    span_is(rule->origin.file, item->file) &&
		    memmem(item->text.ptr, item->text.len, rule->text.ptr,
			   rule->text.len))
			return item;
	}
	return NULL;
}

/* "0000:02:00.0 holds / (nvme0n1p2)" */
static void out_why(struct out *out, const struct session *session, size_t device)
{
	const struct protect *protect =
		&rules.protects[session->inv->devices[device].verdict.arg];

	out_bdf(out, session->inv->devices[device].bdf);
	out_char(out, ' ');
	out_span(out, protect->reason);
}

static const char *advice(const struct rule *rule, bool is_refused)
{
	if (!is_refused)
		return "kept by the host; the rule counts for what else it names";
	if (rule->is_ids)
		return "left out; to take it all the same, write it with +force behind bind "
		       "in /etc/early-vfio.conf";
	return "left out; add +force to take it all the same";
}

/* @others: how many more are protected; the first stands for them */
static void say_protected(struct generate *generate, const struct rule *rule,
			  size_t device, size_t others, bool is_refused)
{
	struct out *out = say_begin(&generate->say);

	out_origin(out, rule->origin);
	out_text(out, ": ");
	out_escaped(out, rule->text);
	out_text(out, ": ");
	out_why(out, generate->session, device);
	if (others) {
		out_text(out, ", and ");
		out_dec(out, (uint32_t)others);
		out_text(out, " more");
	}
	out_text(out, ": ");
	out_text(out, advice(rule, is_refused));
	say_end(&generate->say);
}

static void leave_out(struct generate *generate, const struct rule *rule, size_t device)
{
	struct directive *item = directive_of(&generate->config, rule);
	char why[1024] = "";
	struct out out = OUT(why);

	generate->say.faults++;
	out_why(&out, generate->session, device);
	out_char(&out, '\0');
	why[sizeof(why) - 1] = '\0';
	if (item)
		config_leave_out(&generate->config, item, rule->text, why);
}

/* With this rule alone: is all that it reaches protected, or some, or nothing? */
static void weigh_rule(struct generate *generate, const struct rule *rule)
{
	const struct session *session = generate->session;
	size_t protected = 0, others = 0, first = 0;

	for (size_t i = session->inv->count; i-- > 0;) {
		const struct verdict *verdict = &session->inv->devices[i].verdict;

		if (verdict->rule == RULE_NONE || &rules.rules[verdict->rule] != rule)
			continue;
		if (verdict->decision == DECISION_PROTECT) {
			protected++;
			first = i;
		} else if (verdict->decision != DECISION_SKIP) {
			others++;
		}
	}
	if (!protected)
		return;
	say_protected(generate, rule, first, protected - 1, !others);
	if (!others)
		leave_out(generate, rule, first);
}

static bool has_protected(const struct session *session)
{
	for (size_t i = 0; i < session->inv->count; i++)
		if (session->inv->devices[i].verdict.decision == DECISION_PROTECT)
			return true;
	return false;
}

/* A verdict names one rule: where any is protected, each rule is weighed by itself. */
static void weigh_rules(struct generate *generate, struct span profile)
{
	static bool was_refused[RULES_MAX];

	if (session_plan(generate->session) || !has_protected(generate->session))
		return;
	for (size_t r = 0; r < rules.rule_count; r++) {
		const struct rule *rule = &rules.rules[r];
		const struct directive *item;

		if (rule->is_keep || rule->is_refused || rule->is_faulty)
			continue;
		item = directive_of(&generate->config, rule);
		/* Those of no profile are weighed once. */
		if (!item || !span_equals(directive_profile(item), profile))
			continue;
		only_rule(r, was_refused);
		if (session_plan(generate->session) == EXIT_AS_WANTED)
			weigh_rule(generate, rule);
		all_rules(was_refused);
	}
}

static void weigh_profile(struct generate *generate, struct span profile)
{
	struct session *session = generate->session;
	struct ruleset *of_session = session->set;

	read_rules(generate, profile);
	session->set = &rules;
	weigh_rules(generate, profile);
	session->set = of_session;
}

/* Each once, none of them first. The directives may change while they are weighed. */
static void find_profiles(const struct config *config, struct names *profiles)
{
	names_add(profiles, SPAN(""));
	for (size_t i = 0; i < config->count; i++)
		if (!config->items[i].is_left_out)
			names_add(profiles, directive_profile(&config->items[i]));
	names_settle(profiles);
}

void generate_refuse_protected(struct generate *generate)
{
	unsigned faults = generate->say.faults;
	struct names profiles = { 0 };

	find_profiles(&generate->config, &profiles);
	for (size_t i = 0; i < profiles.count; i++)
		weigh_profile(generate, span_of(profiles.items[i]));
	names_free(&profiles);
	if (generate->say.faults > faults)
		generate_write(generate);
}
