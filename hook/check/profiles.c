// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which profiles of the config this look leaves out. Knows nothing of their rules.
 */
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

/* Their faults are found all the same; what they take is planned in their boots. */
void check_profiles(struct check *check)
{
	const struct config *config = &check->generate.config;
	struct span active = check->session.set->settings.profile;

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
