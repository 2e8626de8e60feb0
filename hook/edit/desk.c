// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What commands that change the config start from: the machine, the rules that the next boot
 * will have, and what one rule more would mean. Decides nothing: the plan does.
 */
#include <stdlib.h>

#include "conf.h"
#include "desk.h"

/* Too large for the stack. */
static struct ruleset rules, alone;
static struct verdict before[DEVICES_MAX];
static size_t own_count; /* of rules, before any was taken */

static void rules_read(struct session *session)
{
	struct span no_profile = { NULL, 0 };

	cmdline_read(session->cmdline, &rules);
	/* What goes for this boot alone is not asked about. */
	rules.settings.ignore_config = false;
	rules.settings.profile = no_profile;
	session->read_texts(session);
	config_read(session->config, session->config_name, &rules);
	image_read(session->image, session->image_name, &rules);
	own_count = rules.rule_count;
}

void desk_plan(const struct desk *desk, struct ruleset *set)
{
	desk->session->set = set;
	if (desk->has_bus)
		session_plan(desk->session);
}

/* The verdicts that all rules so far come to. */
static void plan_rules(const struct desk *desk)
{
	const struct inventory *inv = desk->session->inv;

	desk_plan(desk, &rules);
	for (size_t i = 0; i < inv->count; i++)
		before[i] = inv->devices[i].verdict;
}

int desk_open(struct desk *desk, struct session *session, const char *sysroot,
	      bool needs_bus)
{
	int rc;

	*desk = (struct desk){ .session = session, .rules = &rules };
	desk->root = host_root(sysroot);
	if (!desk->root)
		return EXIT_ENVIRONMENT;
	rc = host_open(session, sysroot);
	if (rc)
		return rc;
	desk->has_bus = host_scan(session) == EXIT_AS_WANTED;
	if (!desk->has_bus && needs_bus) {
		complain("/sys", NO_PCI_BUS);
		return EXIT_ENVIRONMENT;
	}
	ruleset_init(&rules);
	rules_read(session);
	if (!session->image.len) {
		complain("modprobe.d", "unreadable, so it is not known what to protect");
		return EXIT_ENVIRONMENT;
	}
	plan_rules(desk);
	return EXIT_AS_WANTED;
}

void desk_close(struct desk *desk)
{
	free(desk->root);
	for (size_t r = own_count; r < rules.rule_count; r++)
		free((char *)rules.rules[r].text.ptr);
	rules.rule_count = own_count = 0;
}

const char *spec_text(const struct spec *spec, char text[SPEC_TEXT_MAX])
{
	struct out out = { .buf = text, .cap = SPEC_TEXT_MAX - 1 };

	out_spec(&out, spec);
	text[out.len] = '\0';
	return text;
}

static struct rule rule_of(const struct spec *spec)
{
	return (struct rule){
		.spec = *spec,
		.source = SOURCE_CONFIG,
		.origin = { .file = SPAN(CONF_NAME) },
	};
}

void desk_try(const struct desk *desk, const struct spec *spec)
{
	struct rule rule = rule_of(spec);

	ruleset_init(&alone);
	ruleset_add(&alone, &rule);
	desk_plan(desk, &alone);
}

bool desk_reaches(const struct device *dev)
{
	const struct verdict *verdict = &dev->verdict;

	return dev->is_present && verdict->rule != RULE_NONE &&
	       verdict->reason != REASON_GUARD && verdict->decision != DECISION_SKIP;
}

bool rule_is_own(const struct rule *rule)
{
	return span_is(rule->origin.file, CONF_NAME) ||
	       span_starts(rule->origin.file, "/etc/early-vfio.conf.d/");
}

const struct rule *desk_same(const struct desk *desk, const struct spec *spec)
{
	for (size_t r = 0; r < desk->rules->rule_count; r++) {
		const struct rule *rule = &desk->rules->rules[r];

		if (!rule->is_faulty && !rule->is_keep && !rule->is_ids &&
		    rule_is_own(rule) && spec_equals(&rule->spec, spec))
			return rule;
	}
	return NULL;
}

/* Without an IOMMU group now the device is refused, and yet the rule is there. */
static bool is_taken(const struct verdict *verdict)
{
	return verdict->rule != RULE_NONE &&
	       (verdict->decision == DECISION_BIND || verdict->reason == REASON_NO_GROUP);
}

const struct rule *desk_cover(const struct desk *desk, const struct spec *spec)
{
	const struct inventory *inv = desk->session->inv;
	const struct rule *cover = NULL;
	size_t count = inv->count;

	desk_try(desk, spec);
	if (inv->count != count) {
		/* A record was added for an empty place, and the others have moved. */
		plan_rules(desk);
		desk_try(desk, spec);
	}
	for (size_t i = 0; i < inv->count; i++) {
		if (!desk_reaches(&inv->devices[i]))
			continue;
		if (!is_taken(&before[i]))
			return NULL;
		/* One that is not in our files is the weaker cover. */
		if (!cover || rule_is_own(cover))
			cover = &desk->rules->rules[before[i].rule];
	}
	return cover;
}

bool desk_take(const struct desk *desk, const struct spec *spec)
{
	struct rule rule = rule_of(spec);
	char text[SPEC_TEXT_MAX];

	if (rules.rule_count == RULES_MAX)
		return false;
	rule.text = span_of(spec_text(spec, text));
	rule.text.ptr = xspan(rule.text);
	ruleset_add(&rules, &rule);
	plan_rules(desk);
	return true;
}

/* What the next boot leaves to the host for good; a command line may be another one then. */
static bool is_refusal(const struct verdict *verdict)
{
	switch (verdict->decision) {
	case DECISION_PROTECT:
	case DECISION_SKIP:
		return true;
	case DECISION_KEEP:
		return rules.rules[verdict->rule].source == SOURCE_CONFIG;
	case DECISION_REFUSE:
		return verdict->reason != REASON_NO_GROUP;
	}
	return false;
}

const struct device *desk_refusal(const struct desk *desk, const struct spec *spec,
				  const struct bdf *at)
{
	const struct inventory *inv = desk->session->inv;
	const struct device *refused = NULL;
	bool has_other = false;

	desk_try(desk, spec);
	for (size_t i = 0; i < inv->count; i++) {
		const struct device *dev = &inv->devices[i];

		if (!dev->is_present || dev->verdict.rule == RULE_NONE ||
		    dev->verdict.reason == REASON_GUARD)
			continue;
		if (at && !bdf_equals(dev->bdf, *at))
			continue;
		if (!is_refusal(&before[i]))
			has_other = true;
		else if (!refused)
			refused = dev;
	}
	desk_plan(desk, &rules);
	return has_other ? NULL : refused;
}

/* Rules that were there before have nothing to say here. */
static void hush(struct rule *rule)
{
	rule->is_faulty = false;
	rule->is_refused = false;
	rule->is_optional = true;
	rule->result.elsewhere_count = 0;
}

static bool shares_group(const struct device *a, const struct device *b)
{
	return a->group != GROUP_NONE && a->group == b->group;
}

/* Is the note about a device beside one that is shown? */
static bool note_is_near(const struct inventory *inv, const struct plan_note *note,
			 const bool *is_shown)
{
	const struct device *about;

	if (note->device == NO_INDEX)
		return true;
	about = &inv->devices[note->device];
	for (size_t i = 0; i < inv->count; i++)
		if (is_shown[i] && (shares_group(about, &inv->devices[i]) ||
				    bdf_same_slot(about->bdf, inv->devices[i].bdf)))
			return true;
	return false;
}

static void notes_narrow(const struct inventory *inv, struct plan *plan,
			 const bool *is_shown)
{
	size_t kept = 0;

	for (size_t n = 0; n < plan->note_count; n++)
		if (note_is_near(inv, &plan->notes[n], is_shown))
			plan->notes[kept++] = plan->notes[n];
	plan->note_count = kept;
}

/* The devices that rules which were taken reach, and those that are not there yet. */
static void find_shown(const struct desk *desk, bool *is_shown)
{
	const struct inventory *inv = desk->session->inv;

	for (size_t r = own_count; r < rules.rule_count; r++) {
		desk_try(desk, &rules.rules[r].spec);
		for (size_t i = 0; i < inv->count; i++)
			is_shown[i] |= inv->devices[i].verdict.rule != RULE_NONE;
	}
}

void desk_print(const struct desk *desk, struct out *out)
{
	static bool is_shown[DEVICES_MAX];
	struct session *session = desk->session;
	struct report report;

	find_shown(desk, is_shown);
	plan_rules(desk);
	for (size_t i = 0; i < session->inv->count; i++)
		if (!is_shown[i])
			session->inv->devices[i].verdict.rule = RULE_NONE;
	for (size_t r = 0; r < own_count; r++)
		hush(&rules.rules[r]);
	rules.note_count = 0;
	notes_narrow(session->inv, session->plan, is_shown);
	report = session_report(session, REPORT_PLAN);
	report_table(&report, out);
}

void out_rebuild(const struct desk *desk, struct out *out)
{
	static const struct {
		const char *program, *command;
	} builders[] = {
		{ "update-initramfs", "update-initramfs -u" },
		{ "dracut", "dracut -f" },
		{ "mkinitcpio", "mkinitcpio -P" },
	};
	static const char *const dirs[] = { "usr/sbin", "sbin", "usr/bin", "bin" };
	struct io *io = &desk->session->kernel.io;

	for (size_t b = 0; b < sizeof(builders) / sizeof(builders[0]); b++)
		for (size_t d = 0; d < sizeof(dirs) / sizeof(dirs[0]); d++) {
			struct path path;

			if (io->exists(io, path_of(&path, dirs[d], SPAN("/"),
						   builders[b].program)))
				continue;
			out_text(out, builders[b].command);
			return;
		}
	out_text(out, "update-initramfs -u (initramfs-tools) or dracut -f (dracut)");
}
