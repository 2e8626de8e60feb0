// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Facts of the machine as a whole: why a device may have no IOMMU group.
 * Knows nothing of single devices, nor of what the facts are used for.
 */
#include <early-vfio/rules.h>
#include <early-vfio/scan.h>

static enum cpu_vendor cpu_read(struct io *io)
{
	char buf[512];
	ssize_t len = io->read(io, "proc/cpuinfo", buf, sizeof(buf));
	struct span rest = { buf, len > 0 ? (size_t)len : 0 }, line;

	while (span_next_line(&rest, &line)) {
		if (!span_starts(line, "vendor_id"))
			continue;
		line = span_trim(line);
		if (span_ends(line, "GenuineIntel"))
			return CPU_INTEL;
		/* Hygon's are AMD's, IOMMU included. */
		if (span_ends(line, "AuthenticAMD") || span_ends(line, "HygonGenuine"))
			return CPU_AMD;
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
	return io->exists(io, "sys/firmware/acpi/tables/DMAR") == 0 ||
	       io->exists(io, "sys/firmware/acpi/tables/IVRS") == 0 ||
	       io->exists(io, "sys/firmware/acpi/tables/IORT") == 0;
}

static bool is_on(char c)
{
	return c == 'Y' || c == 'y' || c == '1';
}

/* As the module has it, or as the command line will have it once the module is there. */
static bool noiommu_read(struct io *io, struct span cmdline)
{
	struct param param;
	bool allows = false;
	char value;

	if (io->read(io, "sys/module/vfio/parameters/enable_unsafe_noiommu_mode", &value,
		     1) == 1)
		return is_on(value);
	while (cmdline_next(&cmdline, &param))
		if (span_is_name(param.name, "vfio.enable_unsafe_noiommu_mode"))
			allows = !param.has_value ||
				 (param.value.len > 0 && is_on(param.value.ptr[0]));
	return allows;
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
 * The parameter that keeps this processor's IOMMU off; empty: none does. Of each vendor's
 * own parameter the last one counts, `iommu=off` cannot be taken back.
 * Source: intel_iommu_setup(), parse_amd_iommu_options(), iommu_setup() of the kernel.
 */
static struct span iommu_off_find(struct span cmdline, enum cpu_vendor cpu)
{
	struct span own_off = SPAN("");
	struct param param;

	while (cmdline_next(&cmdline, &param)) {
		bool is_own =
			(cpu != CPU_AMD && span_is_name(param.name, "intel_iommu")) ||
			(cpu != CPU_INTEL && span_is_name(param.name, "amd_iommu"));

		if (span_is_name(param.name, "iommu") && list_has(param.value, "off"))
			return param.whole;
		if (is_own && list_has(param.value, "off"))
			own_off = param.whole;
		else if (is_own && list_has(param.value, "on"))
			own_off = SPAN("");
	}
	return own_off;
}

void machine_fill(struct machine *machine, struct io *io, struct span cmdline)
{
	*machine = (struct machine){ .cpu = cpu_read(io) };
	io->list(io, "sys/kernel/iommu_groups", see_group, &machine->has_groups);
	machine->has_iommu_table = has_table(io);
	machine->allows_noiommu = noiommu_read(io, cmdline);
	machine->iommu_off = iommu_off_find(cmdline, machine->cpu);
}
