// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is the IOMMU on, and if not, what turns it on: from groups, firmware tables and the
 * command line. Knows nothing of single devices.
 */
#include <stdlib.h>

#include "check.h"

static const char name[] = "iommu";

bool has_iommu(const struct check *check)
{
	return check->session.inv->machine.has_groups;
}

static void count_group(void *context, struct span group)
{
	(void)group;
	++*(size_t *)context;
}

static void say_on(struct check *check)
{
	size_t count = 0;

	check->io->list(check->io, "sys/kernel/iommu_groups/", count_group, &count);
	finding_add(&check->findings, FINDING_PASS, name, NULL,
		    "the IOMMU is on: %zu group%s", count, count == 1 ? "" : "s");
}

static void say_off(struct check *check, char *remedy, const char *why)
{
	finding_add(&check->findings, FINDING_FAIL, name, remedy,
		    "no IOMMU group: no device can be given to a VM; %s", why);
	free(remedy);
}

static void say_turned_off(struct check *check, struct span parameter)
{
	char *why =
		xformat("%.*s turns the IOMMU off", (int)parameter.len, parameter.ptr);

	say_off(check, loader_remove(&check->loader, parameter), why);
	free(why);
}

/* Firmware that shows nothing, or a place where firmware cannot be seen. */
static void say_no_table(struct check *check)
{
	if (!is_there(check, "/sys/firmware/acpi/tables"))
		say_off(check,
			xspan(span_of("in a container look on the host; else turn VT-d, "
				      "AMD-Vi or the SMMU on in the firmware setup")),
			"the firmware's tables cannot be seen here");
	else
		say_off(check,
			xspan(span_of("turn VT-d, AMD-Vi or the SMMU on in the firmware "
				      "setup; in a VM, give it an IOMMU device")),
			"the firmware names none (no DMAR, IVRS or IORT table)");
}

/* There is a table, nothing turns it off, and yet the kernel made no group. */
static void say_unused(struct check *check)
{
	switch (check->session.inv->machine.cpu) {
	case CPU_INTEL:
		say_off(check, loader_add(&check->loader, check->io, "intel_iommu=on"),
			"the firmware has VT-d, and this kernel leaves it off");
		return;
	case CPU_AMD:
		say_off(check,
			xspan(span_of(
				"set IOMMU to enabled (not auto) in the firmware setup; "
				"the kernel says why it could not use it: dmesg | grep "
				"AMD-Vi")),
			"the firmware has AMD-Vi, which is on by default where it works");
		return;
	default:
		say_off(check,
			xspan(span_of("see what the kernel says of it: dmesg | grep -i "
				      "-e iommu -e smmu")),
			"the firmware has one, and this kernel does not use it");
	}
}

void check_iommu(struct check *check)
{
	const struct machine *machine = &check->session.inv->machine;

	if (!check->has_bus)
		return;
	if (machine->has_groups)
		say_on(check);
	else if (machine->allows_noiommu)
		finding_add(&check->findings, FINDING_WARN, name,
			    "have it only where there is no IOMMU at all",
			    "no IOMMU group, but unsafe no-IOMMU mode is on: a VM can "
			    "reach all memory");
	else if (machine->iommu_off.len)
		say_turned_off(check, machine->iommu_off);
	else if (!machine->has_iommu_table)
		say_no_table(check);
	else
		say_unused(check);
}
