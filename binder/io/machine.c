// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Facts of the machine as a whole: why a device may have no IOMMU group.
 * Knows nothing of single devices, nor of what the facts are used for.
 */
#include <early-vfio/rules.h>
#include <early-vfio/scan.h>

/* Hygon's are AMD's, IOMMU included. */
#define VENDORS "GenuineIntel\0AuthenticAMD\0HygonGenuine\0"

static enum cpu_vendor cpu_read(struct io *io)
{
	char buf[512];
	struct span rest = io_text(io, "proc/cpuinfo", buf, sizeof(buf)), word;

	while (span_next_word(&rest, &word)) {
		int vendor = keyword_find(word, VENDORS);

		if (vendor >= 0)
			return vendor ? CPU_AMD : CPU_INTEL;
	}
	return CPU_UNKNOWN;
}

static void see_group(void *context, struct span name)
{
	bool *has_groups = context;

	(void)name;
	*has_groups = true;
}

static bool has_table(struct io *io)
{
	static const char *const names = "DMAR\0IVRS\0IORT\0";

	for (const char *name = names; *name; name += sizeof("DMAR"))
		if (path_exists(io, "sys/firmware/acpi/tables/", span_of(name)))
			return true;
	return false;
}

static bool is_on(char c)
{
	return c == 'Y' || c == 'y' || c == '1';
}

static bool list_has(struct span list, const char *word)
{
	struct span field;

	while (span_next_field(&list, ',', &field))
		if (span_is(field, word))
			return true;
	return false;
}

/*
 * What the command line says of unsafe no-IOMMU mode, for a module that comes later, and the
 * parameter that keeps this processor's IOMMU off; empty: none does.
 * Source: intel_iommu_setup(), parse_amd_iommu_options(), iommu_setup() of the kernel.
 */
static void cmdline_fill(struct machine *machine, struct span cmdline)
{
	struct param param;

	while (cmdline_next(&cmdline, &param)) {
		if (span_is_name(param.name, "vfio.enable_unsafe_noiommu_mode"))
			machine->allows_noiommu =
				!param.has_value ||
				(param.value.len > 0 && is_on(param.value.ptr[0]));
		else if ((span_is(param.name, "iommu") ||
			  (machine->cpu != CPU_AMD &&
			   span_is_name(param.name, "intel_iommu")) ||
			  (machine->cpu != CPU_INTEL &&
			   span_is_name(param.name, "amd_iommu"))) &&
			 list_has(param.value, "off"))
			machine->iommu_off = param.whole;
	}
}

void machine_fill(struct machine *machine, struct io *io, struct span cmdline)
{
	char value;

	*machine = (struct machine){ .cpu = cpu_read(io) };
	io->list(io, "sys/kernel/iommu_groups/", see_group, &machine->has_groups);
	machine->has_iommu_table = has_table(io);
	cmdline_fill(machine, cmdline);
	/* The module, where it is there already, knows better. */
	if (io->read(io, "sys/module/vfio/parameters/enable_unsafe_noiommu_mode", &value,
		     1) == 1)
		machine->allows_noiommu = is_on(value);
}
