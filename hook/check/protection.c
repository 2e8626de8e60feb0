// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is it known what this machine starts from, so that no rule takes it? Knows nothing of how
 * that is traced.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char name[] = "protection";

/* What could not be traced, a line each. */
static void say_untraced(struct check *check, struct span notes)
{
	struct span line;

	while (span_next_line(&notes, &line)) {
		if (span_starts(line, "early-vfio: "))
			line = span_skip(line, strlen("early-vfio: "));
		finding_add(&check->findings, FINDING_WARN, name,
			    is_root() ? "keep what it stands on yourself: keep SPEC in "
					"/etc/early-vfio.conf" :
					AS_ROOT,
			    "%.*s", (int)line.len, line.ptr);
	}
}

/* The same look as for the texts, which say nothing of it. */
static void find_untraced(struct check *check)
{
	struct protection protection = { 0 };
	struct say say;
	char *notes = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&notes, &len);

	if (!stream)
		return;
	say_open(&say, stream);
	protection_find(&protection, check->io, check->sysroot, &say);
	protection_free(&protection);
	fclose(stream);
	say_untraced(check, (struct span){ notes, len });
	free(notes);
}

/* "0000:02:00.0 is protected: holds / (nvme0n1p2)" for each line of the image's facts. */
static void say_protected(struct check *check)
{
	const struct ruleset *set = check->session.set;

	for (size_t i = 0; i < set->protect_count; i++) {
		const struct protect *protect = &set->protects[i];
		struct text text;

		out_bdf(text_open(&text), protect->bdf);
		out_text(&text.out, " is protected: ");
		out_escaped(&text.out, protect->reason);
		finding_add(&check->findings, FINDING_PASS, name, NULL, "%s",
			    text_close(&text));
	}
}

void check_protection(struct check *check)
{
	const struct ruleset *set = check->session.set;

	if (!check->has_bus)
		return;
	if (set->unprotected.len) {
		finding_add(&check->findings, FINDING_WARN, name,
			    "look on the machine itself, not in a container or chroot",
			    "what this machine starts from cannot be traced here: %.*s",
			    (int)set->unprotected.len, set->unprotected.ptr);
		return;
	}
	find_untraced(check);
	say_protected(check);
	if (!set->protect_count)
		finding_add(&check->findings, FINDING_PASS, name, NULL,
			    "no PCI device carries a file system, swap or the way to the "
			    "network");
}
