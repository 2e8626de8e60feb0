// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * driverctl's overrides for devices that early-vfio decides about: its udev rule sets them
 * once more, behind us. Knows nothing of other tools.
 */
#include <stdlib.h>

#include "check.h"

static const char name[] = "leftover";

/* The device of an entry, where a rule of ours concerns it. */
static const struct device *device_of(const struct check *check, const char *entry)
{
	struct bdf bdf;
	int at;

	if (!bdf_scan(span_of(entry), &bdf))
		return NULL;
	at = inventory_find(check->session.inv, bdf);
	if (at < 0 || check->session.inv->devices[at].verdict.rule == RULE_NONE)
		return NULL;
	return &check->session.inv->devices[at];
}

static void say_entry(struct check *check, const struct device *dev, const char *entry,
		      const char *driver)
{
	const char *wanted = driver_name(check->session.inv, dev->verdict.driver_wanted);
	bool is_same = is_target(dev) && span_is_name(span_of(driver), wanted);
	char *remedy = xformat("run driverctl unset-override %s", entry);

	finding_add(&check->findings, is_same ? FINDING_WARN : FINDING_FAIL, name, remedy,
		    is_same ?
			    "/etc/driverctl.d/%s (%s) is needless: early-vfio binds it" :
			    "/etc/driverctl.d/%s gives the device to %s after boot, "
			    "against early-vfio's rules",
		    entry, driver);
	free(remedy);
}

void check_overrides(struct check *check)
{
	struct names names;

	names_read(check->io, "etc/driverctl.d", &names);
	for (size_t i = 0; i < names.count && check->has_bus; i++) {
		const struct device *dev = device_of(check, names.items[i]);
		char *path = xformat("etc/driverctl.d/%s", names.items[i]);
		char driver[64];

		if (dev && file_word(check->io, path, driver, sizeof(driver)) == 0)
			say_entry(check, dev, names.items[i], driver);
		free(path);
	}
	names_free(&names);
}
