// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the binder's report of this boot says that went wrong. Knows nothing of what the next
 * boot will do.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char name[] = "last-boot";
static const char report_file[] = "run/early-vfio/report.json";

/* The string behind "KEY": in a line of the report, from malloc; NULL: null, or not there. */
static char *member_of(struct span line, const char *key)
{
	char *quoted = xformat("\"%s\": \"", key), *value = NULL;
	const char *at = memmem(line.ptr, line.len, quoted, strlen(quoted));
	size_t len = 0;

	if (at) {
		struct span rest =
			span_skip(line, (size_t)(at - line.ptr) + strlen(quoted));

		value = xrealloc(NULL, rest.len + 1);
		for (size_t i = 0; i < rest.len && rest.ptr[i] != '"'; i++) {
			if (rest.ptr[i] == '\\' && i + 1 < rest.len &&
			    rest.ptr[i + 1] != 'u')
				i++;
			value[len++] = rest.ptr[i];
		}
		value[len] = '\0';
	}
	free(quoted);
	return value;
}

/* As it is now and by the rules of now; NULL: no rule wants it any more. */
static const struct device *target_at(const struct check *check, const char *address)
{
	const struct inventory *inv = check->session.inv;
	struct bdf bdf;
	int at;

	if (!check->has_bus || !bdf_scan(span_of(address), &bdf))
		return NULL;
	at = inventory_find(inv, bdf);
	return at >= 0 && is_target(&inv->devices[at]) ? &inv->devices[at] : NULL;
}

/* It was to be bound and was not, or was given back later in the boot. */
static bool has_failed(struct span line)
{
	char *decision = member_of(line, "decision"), *result = member_of(line, "result");
	char *step = member_of(line, "step");
	/* What was given back for want of a root device was refused by then. */
	bool is_bad = step || (result && (strcmp(result, "released") == 0 ||
					  (decision && strcmp(decision, "bind") == 0 &&
					   strcmp(result, "bound") != 0)));

	free(decision);
	free(result);
	free(step);
	return is_bad;
}

static void see_device(struct check *check, struct span line, const char *address)
{
	const struct device *dev = target_at(check, address);
	char *reason;

	if (!dev || !has_failed(line))
		return;
	reason = member_of(line, "reason");
	finding_add(
		&check->findings,
		dev->driver == dev->verdict.driver_wanted ? FINDING_WARN : FINDING_FAIL,
		name,
		"see dmesg | grep early-vfio: for what happened; where the host needs "
		"the device, take the rule out",
		"%s was not bound, or given back, at this boot: %s", address,
		reason ? reason : "no reason is known");
	free(reason);
}

/* What faulty rules there were then, and which there are now, the rules' own check says. */
static void see_line_of(struct check *check, struct span line)
{
	char *address = member_of(line, "address");

	if (address)
		see_device(check, line, address);
	free(address);
}

/* A boot that was told to leave all as it is has no report; else the binder did not run. */
static void say_no_report(struct check *check)
{
	bool has_unbound = false;

	if (!check->has_bus || check->session.set->settings.mode == MODE_OFF)
		return;
	for_each_device(dev, check->session.inv)
		has_unbound |= is_target(dev) &&
			       dev->driver != dev->verdict.driver_wanted;
	if (has_unbound)
		finding_add(&check->findings, FINDING_WARN, name,
			    "build the images anew where that is said below, and reboot",
			    "the binder did not run at this boot: there is no /%s",
			    report_file);
}

void check_last_boot(struct check *check)
{
	struct span text, rest, line;

	if (file_read(check->io, report_file, &text)) {
		say_no_report(check);
		return;
	}
	for (rest = text; span_next_line(&rest, &line);)
		see_line_of(check, line);
	free((char *)text.ptr);
}
