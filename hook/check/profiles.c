// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which profiles of the config this look leaves out, and one that the config has not. Knows
 * nothing of their rules.
 */
#include <stdlib.h>

#include "check.h"

static const char name[] = "rule";

/* Has a directive before `index` the same profile? */
static bool is_met(const struct config *config, size_t index, struct span profile)
{
	for (size_t i = 0; i < index; i++)
		if (span_equals(directive_profile(&config->items[i]), profile))
			return true;
	return false;
}

/* "a, b", each once; to be freed. */
static char *names_of(const struct config *config)
{
	char *names = xspan(SPAN(""));

	for (size_t i = 0; i < config->count; i++) {
		struct span profile = directive_profile(&config->items[i]);
		struct text text;
		char *longer;

		if (!profile.len || is_met(config, i, profile))
			continue;
		out_escaped(text_open(&text), profile);
		longer = xformat("%s%s%s", names, *names ? ", " : "", text_close(&text));
		free(names);
		names = longer;
	}
	return names;
}

/* A name that was typed wrongly: the boot takes only what is of no profile. */
static void see_active(struct check *check, struct span active)
{
	const struct config *config = &check->generate.config;
	struct text text;
	char *names;

	if (!active.len || is_met(config, config->count, active))
		return;
	names = names_of(config);
	out_escaped(text_open(&text), active);
	finding_add(&check->findings, FINDING_WARN, name,
		    "write one of the config's names behind early-vfio.profile=",
		    "profile %s: no bind line has it; the config has %s",
		    text_close(&text), *names ? names : "none");
	free(names);
}

/* Their faults are found all the same; what they take is planned in their boots. */
void check_profiles(struct check *check)
{
	const struct config *config = &check->generate.config;
	struct span active = check->session.set->settings.profile;

	see_active(check, active);
	for (size_t i = 0; i < config->count; i++) {
		struct span profile = directive_profile(&config->items[i]);
		struct text text;

		if (!profile.len || span_equals(profile, active) ||
		    is_met(config, i, profile))
			continue;
		out_escaped(text_open(&text), profile);
		finding_add(&check->findings, FINDING_PASS, name, NULL,
			    "profile %s is for other boots; look at it with: early-vfio "
			    "check --profile %s",
			    text_close(&text), text.buf);
	}
}
