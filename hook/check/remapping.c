// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Are interrupts remapped, without which the kernel gives no device to a VM on x86. Knows
 * nothing of single devices.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char name[] = "interrupt-remapping";

/* Source: drivers/vfio/vfio_iommu_type1.c, which looks at both. */
#define UNSAFE "allow_unsafe_interrupts"

enum remapping { REMAPPING_UNKNOWN, REMAPPING_OFF, REMAPPING_ON };

/* What the chip of one interrupt is called: IR- in front is interrupt remapping. */
static enum remapping remapping_of_irq(struct check *check, const char *number)
{
	char *path = xformat("sys/kernel/irq/%s/chip_name", number), chip[64];
	int rc = file_word(check->io, path, chip, sizeof(chip));

	free(path);
	if (rc)
		return REMAPPING_UNKNOWN;
	if (span_starts(span_of(chip), "IR-"))
		return REMAPPING_ON;
	return span_starts(span_of(chip), "PCI-MSI") ||
			       span_starts(span_of(chip), "IO-APIC") ?
		       REMAPPING_OFF :
		       REMAPPING_UNKNOWN;
}

static enum remapping remapping_of_irqs(struct check *check)
{
	enum remapping found = REMAPPING_UNKNOWN;
	struct names names;

	names_read(check->io, "sys/kernel/irq", &names);
	for (size_t i = 0; i < names.count && found != REMAPPING_ON; i++) {
		enum remapping one = remapping_of_irq(check, names.items[i]);

		if (one != REMAPPING_UNKNOWN)
			found = one;
	}
	names_free(&names);
	return found;
}

/* An IOMMU's own interrupt is never remapped: a single OFF may be nothing else. */
static enum remapping remapping_find(struct check *check)
{
	if (log_has(check, "Enabled IRQ remapping") ||
	    log_has(check, "AMD-Vi: Interrupt remapping enabled"))
		return REMAPPING_ON;
	return remapping_of_irqs(check);
}

static bool is_yes(struct span value)
{
	return value.len && strchr("Yy1", value.ptr[0]) != NULL;
}

/* As the module has it now, or will have it. */
static bool is_unsafe_allowed(struct check *check)
{
	char value[8], *options;
	struct span rest;
	struct param param;
	bool is_allowed = false;

	if (file_word(check->io, "sys/module/vfio_iommu_type1/parameters/" UNSAFE, value,
		      sizeof(value)) == 0 &&
	    is_yes(span_of(value)))
		return true;
	for (rest = check->session.cmdline; cmdline_next(&rest, &param);)
		if (span_is_name(param.name, "vfio_iommu_type1." UNSAFE))
			is_allowed = !param.has_value || is_yes(param.value);
	if (!check->generate.modprobe.ctx)
		return is_allowed;
	options = modprobe_options(&check->generate.modprobe, "vfio_iommu_type1");
	for (rest = span_of(options); cmdline_next(&rest, &param);)
		if (span_is_name(param.name, UNSAFE))
			is_allowed = !param.has_value || is_yes(param.value);
	free(options);
	return is_allowed;
}

/* The parameter of this boot that turns it off; empty: none does. */
static struct span off_parameter(const struct check *check)
{
	struct span rest = check->session.cmdline;
	struct param param;

	while (cmdline_next(&rest, &param))
		if (span_is(param.name, "nointremap") ||
		    (span_is(param.name, "intremap") && span_starts(param.value, "off")))
			return param.whole;
	return (struct span){ NULL, 0 };
}

/* Bit 0 of the flags of an Intel machine's table, which only root may read. */
static bool firmware_lacks_it(struct check *check)
{
	char table[48];
	ssize_t len = check->io->read(check->io, "sys/firmware/acpi/tables/DMAR", table,
				      sizeof(table));

	return len > 37 && !(table[37] & 1);
}

/* Bit 3 of the extended capabilities of a VT-d unit: can it remap at all? */
static bool unit_can_remap(struct check *check, const char *unit)
{
	char *path = xformat("sys/class/iommu/%s/intel-iommu/ecap", unit), ecap[32];
	uint64_t bits = 8;

	if (file_word(check->io, path, ecap, sizeof(ecap)) == 0)
		hex_read(without_0x(span_of(ecap)), &bits);
	free(path);
	return bits & 8;
}

/* All units of the machine are needed. */
static bool hardware_lacks_it(struct check *check)
{
	struct names units;
	bool lacks_it = false;

	names_read(check->io, "sys/class/iommu", &units);
	for (size_t i = 0; i < units.count; i++)
		lacks_it |= !unit_can_remap(check, units.items[i]);
	names_free(&units);
	return lacks_it;
}

static char *remedy_for_off(struct check *check)
{
	static const char otherwise[] =
		"where all guests are trusted, put \"options vfio_iommu_type1 " UNSAFE
		"=1\" into /etc/modprobe.d/vfio.conf and build the image anew";
	struct span parameter = off_parameter(check);

	if (parameter.len)
		return loader_remove(&check->loader, parameter);
	if (hardware_lacks_it(check))
		return xformat("the IOMMU of this machine cannot: %s", otherwise);
	if (firmware_lacks_it(check))
		return xformat("the firmware's DMAR table does not offer it: turn it, or "
			       "x2APIC, on in the firmware setup; or, %s",
			       otherwise);
	return xformat("see why: dmesg | grep -i -e remap -e DMAR -e AMD-Vi; a newer "
		       "firmware may help; or, %s",
		       otherwise);
}

static void say_off(struct check *check)
{
	char *remedy;

	if (is_unsafe_allowed(check)) {
		finding_add(&check->findings, FINDING_WARN, name,
			    "do so only while all guests are trusted",
			    "interrupts are not remapped, and " UNSAFE
			    " lets VMs start all the same");
		return;
	}
	remedy = remedy_for_off(check);
	finding_add(&check->findings, FINDING_FAIL, name, remedy,
		    "interrupts are not remapped: no VM with a device will start");
	free(remedy);
}

static void say_on(struct check *check)
{
	finding_add(&check->findings, FINDING_PASS, name, NULL,
		    "interrupts are remapped");
	if (is_unsafe_allowed(check))
		finding_add(&check->findings, FINDING_WARN, name,
			    "take " UNSAFE
			    " out of /etc/modprobe.d and the kernel's command line",
			    UNSAFE " is on and not needed here: it only takes safety "
				   "away");
}

/* Other processors' interrupt controllers keep devices apart by themselves. */
void check_remapping(struct check *check)
{
	if (!check->has_bus || !has_iommu(check) ||
	    check->session.inv->machine.cpu == CPU_UNKNOWN)
		return;
	switch (remapping_find(check)) {
	case REMAPPING_ON:
		say_on(check);
		break;
	case REMAPPING_OFF:
		say_off(check);
		break;
	default:
		finding_add(&check->findings, FINDING_WARN, name,
			    is_root() ?
				    "see what the kernel says: dmesg | grep -i remap" :
				    AS_ROOT,
			    "whether interrupts are remapped cannot be seen here");
	}
}
