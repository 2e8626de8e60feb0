// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Has every installed kernel what taking a device needs: vfio's modules, and the drivers that
 * rules name. Knows nothing of images.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char name[] = "modules";

/* Too large for the stack. */
static struct modules modules;

/* Without an index nothing can be found, and no module is ever loaded. */
static void say_no_index(struct check *check, const struct installed_kernel *kernel)
{
	char *remedy =
		kernel_is_bootable(kernel) ?
			xformat("run depmod %s", kernel->version) :
			xformat("remove %s, where no kernel of that version is to come",
				kernel->modules);

	finding_add(&check->findings,
		    kernel_is_bootable(kernel) ? FINDING_FAIL : FINDING_WARN, name,
		    remedy, "%s has no modules.dep.bin: %s", kernel->modules,
		    kernel_is_bootable(kernel) ? "no module can be loaded" :
						 "a rest of a kernel that is gone");
	free(remedy);
}

/* Adds a name to a list of words, once. */
static void missing_add(struct text *missing, struct span module)
{
	if (missing->out.len)
		out_text(&missing->out, ", ");
	out_escaped(&missing->out, module);
}

static void want(struct text *missing, const char *module)
{
	if (modules_add(&modules, module) == MODULE_MISSING)
		missing_add(missing, span_of(module));
}

/* The drivers that rules name, each once. */
static void want_drivers(const struct check *check, struct text *missing)
{
	const struct ruleset *set = check->session.set;

	for (size_t r = 0; r < set->rule_count; r++) {
		struct span driver = set->rules[r].driver;
		char *module;
		bool is_known = !driver.len || set->rules[r].is_refused;

		for (size_t i = 0; i < r && !is_known; i++)
			is_known = span_equals_name(driver, set->rules[i].driver);
		if (is_known)
			continue;
		module = xspan(driver);
		want(missing, module);
		free(module);
	}
}

static void say_missing(struct check *check, const struct installed_kernel *kernel,
			const char *missing)
{
	char *remedy = xformat("install the package of kernel %s that has them, or boot "
			       "another kernel",
			       kernel->version);

	finding_add(&check->findings,
		    kernel_is_bootable(kernel) ? FINDING_FAIL : FINDING_WARN, name,
		    remedy, "kernel %s has no %s, as a module or built in",
		    kernel->version, missing);
	free(remedy);
}

static void look_at(struct check *check, const struct installed_kernel *kernel,
		    const struct modprobe *modprobe)
{
	struct text missing;

	text_open(&missing);
	modules.modprobe = modprobe;
	modules.sysroot_len = strlen(check->sysroot);
	want(&missing, "vfio-pci");
	want(&missing, "vfio_iommu_type1");
	want_drivers(check, &missing);
	if (missing.out.len)
		say_missing(check, kernel, text_close(&missing));
	else
		finding_add(&check->findings, FINDING_PASS, name, NULL,
			    "kernel %s has vfio%s", kernel->version,
			    modules.count ? "" : ", built in");
	modules_free(&modules);
}

static void check_kernel(struct check *check, const struct installed_kernel *kernel)
{
	struct modprobe modprobe;
	char *dir;

	if (!kernel->has_index) {
		say_no_index(check, kernel);
		return;
	}
	dir = xformat("%s%s", check->sysroot, kernel->modules);
	if (modprobe_open(&modprobe, check->sysroot, dir) == 0)
		look_at(check, kernel, &modprobe);
	modprobe_close(&modprobe);
	free(dir);
}

void check_modules(struct check *check)
{
	for (size_t i = 0; i < check->kernels.count; i++)
		check_kernel(check, &check->kernels.items[i]);
	if (!check->kernels.count)
		finding_add(&check->findings, FINDING_WARN, name,
			    "in a container look on the host: its kernel counts",
			    "no kernel's modules are installed below /lib/modules");
}
