// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each device that a rule concerns will have at the next boot, and has now. Knows
 * nothing of how that was decided.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char name[] = "device";

bool is_target(const struct device *dev)
{
	return dev->verdict.decision == DECISION_BIND;
}

static void out_device(struct out *out, const struct device *dev)
{
	out_bdf(out, dev->bdf);
	out_char(out, ' ');
	out_hex(out, dev->vendor, 4);
	out_char(out, ':');
	out_hex(out, dev->device, 4);
}

/* Bound as wanted, or to be bound at the next boot. */
static void say_target(struct check *check, const struct device *dev)
{
	const struct inventory *inv = check->session.inv;
	const struct verdict *verdict = &dev->verdict;
	const char *wanted = driver_name(inv, verdict->driver_wanted);
	const char *now = driver_name(inv, dev->driver);
	struct text text, remedy;

	out_device(text_open(&text), dev);
	if (dev->driver == verdict->driver_wanted) {
		finding_add(&check->findings, FINDING_PASS, name, NULL, "%s is with %s%s",
			    text_close(&text), wanted,
			    verdict->takes_console ?
				    "; the console ends with it at boot" :
				    "");
		return;
	}
	out_text(text_open(&remedy), "reboot, or take it now: early-vfio bind ");
	out_bdf(&remedy.out, dev->bdf);
	finding_add(&check->findings, FINDING_WARN, name, text_close(&remedy),
		    "%s is with %s now, and %s is wanted", text_close(&text),
		    *now ? now : "no driver", wanted);
}

/* The remedy for this machine and its boot loader, where the core knows only the parameter. */
static char *group_remedy(const struct check *check, const struct device *dev)
{
	switch (dev->verdict.arg) {
	case REMEDY_INTEL_ON:
		return loader_add(&check->loader, check->io, "intel_iommu=on");
	case REMEDY_REMOVE_OFF:
		return loader_remove(&check->loader,
				     check->session.inv->machine.iommu_off);
	case REMEDY_FIRMWARE:
		return xspan(span_of("turn VT-d, AMD-Vi or the SMMU on in the firmware "
				     "setup"));
	}
	return xspan(span_of("no IOMMU of this machine serves it: take the rule out"));
}

/* The core's reason, and behind its first "; " what to do. */
static void say_refused(struct check *check, const struct device *dev,
			enum finding_level level)
{
	struct report report = session_report(&check->session, REPORT_STATUS);
	const struct rule *rule = &check->session.set->rules[dev->verdict.rule];
	struct text text;
	struct out *out = text_open(&text);
	char *advice, *remedy;

	out_origin(out, rule->origin);
	out_text(out, ": ");
	out_device(out, dev);
	out_text(out, " is left to the host: ");
	out_reason(out, &report, dev);
	advice = strstr(text_close(&text), "; ");
	if (advice)
		*advice = '\0';
	remedy = dev->verdict.reason == REASON_NO_GROUP ?
			 group_remedy(check, dev) :
			 xspan(span_of(
				 advice ? advice + 2 :
					  "take the rule out, or name another device"));
	finding_add(&check->findings, level, name, remedy, "%s", text.buf);
	free(remedy);
}

/* Some other's program, or the kernel's own ids=, has given it away. */
static void say_taken(struct check *check, const struct device *dev)
{
	struct text text, remedy;

	out_device(text_open(&text), dev);
	out_text(text_open(&remedy), "give it back now: early-vfio release ");
	out_bdf(&remedy.out, dev->bdf);
	finding_add(&check->findings, FINDING_WARN, name, text_close(&remedy),
		    "%s is with %s, and the host is to have it", text_close(&text),
		    driver_name(check->session.inv, dev->driver));
}

/* What one rule spares of several that it names may be all right. */
static enum finding_level level_of(const struct check *check, const struct device *dev)
{
	const struct rule *rule = &check->session.set->rules[dev->verdict.rule];

	if (dev->verdict.reason == REASON_BOOT_DISPLAY && rule->result.bind_count)
		return FINDING_WARN;
	return FINDING_FAIL;
}

static void check_device(struct check *check, const struct device *dev)
{
	switch (dev->verdict.decision) {
	case DECISION_BIND:
		say_target(check, dev);
		return;
	case DECISION_PROTECT:
	case DECISION_REFUSE:
		say_refused(check, dev, level_of(check, dev));
		break;
	}
	if (plan_releases(check->session.inv, check->session.plan, dev))
		say_taken(check, dev);
}

void check_devices(struct check *check)
{
	if (!check->has_bus)
		return;
	for_each_device(dev, check->session.inv)
		if (dev->verdict.rule != RULE_NONE)
			check_device(check, dev);
}
