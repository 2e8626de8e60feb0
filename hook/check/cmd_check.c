// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * early-vfio check: its options, the order of its checks, and how findings are printed.
 * Knows nothing of what the checks look at.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "check.h"
#include "command.h"
#include "host.h"
#include "width.h"

static const char help[] =
	"usage: early-vfio check [OPTION]...\n"
	"\n"
	"Looks for all that would make the next boot, or the start of a VM, fail: IOMMU,\n"
	"modules, rules, groups, images, leftovers of other set-ups. Changes nothing.\n"
	"\n"
	"  --json          the findings as JSON; see early-vfio-report(5)\n"
	"  --quiet         only what is wrong\n"
	"  --profile NAME  look at a boot with early-vfio.profile=NAME\n"
	"  --sysroot DIR   look at the system below DIR in place of /\n"
	"  --help          this text\n"
	"\n"
	"Exit: 0 nothing would fail, 1 something would, 2 usage, 3 no PCI bus\n";

struct request {
	const char *sysroot, *profile;
	bool is_json, is_quiet;
};

static bool request_read(struct request *request, int argc, char **argv, int *exit_code)
{
	const struct argument options[] = {
		{ .name = "json", .flag = &request->is_json },
		{ .name = "quiet", .flag = &request->is_quiet },
		{ .name = "profile", .value = &request->profile },
		{ .name = "sysroot", .value = &request->sysroot },
		{ .name = NULL },
	};
	struct arguments arguments = {
		.command = "check",
		.help = help,
		.options = options,
	};

	return arguments_read(&arguments, argc, argv, exit_code);
}

/*
 * In the order in which they are read: what the rest needs stands first. Images come last,
 * for verify leaves no rules and no plan.
 */
static void (*const checks[])(struct check *check) = {
	check_iommu,	    check_remapping, check_modules,	check_command_line,
	check_rules,	    check_profiles,  check_devices,	check_groups,
	check_last_boot,    check_ids,	     check_modprobe,	check_overrides,
	check_module_lists, check_scripts,   check_permissions, check_protection,
	check_images,
};

/* The rules of all sources, also where early-vfio.mode=off keeps them from counting. */
static void read_rules(struct check *check, const char *profile)
{
	struct session *session = &check->session;

	cmdline_read(session->cmdline, session->set);
	if (profile)
		session->set->settings.profile = span_of(profile);
	if (generate_texts(&check->generate) == EXIT_AS_WANTED) {
		session->config = check->generate.config_text;
		session->image = check->generate.image_text;
	}
	if (!session->set->settings.ignore_config)
		config_read(session->config, session->config_name, session->set);
	image_read(session->image, session->image_name, session->set);
	check->has_rules = session->set->rule_count || session->set->note_count;
}

static void prepare(struct check *check, const char *release, const char *profile)
{
	struct session *session = &check->session;

	check->io = &session->kernel.io;
	check->generate.session = session;
	check->generate.sysroot = check->sysroot;
	check->generate.kernel = release;
	check->generate.is_for_host = true;
	read_rules(check, profile);
	check->has_bus = host_scan(session) == EXIT_AS_WANTED &&
			 session_plan(session) == EXIT_AS_WANTED;
	kernels_find(&check->kernels, check->io);
	loader_find(&check->loader, check->io, session->cmdline, session->release);
	log_read(check);
}

static void run_checks(struct check *check)
{
	if (!check->has_bus)
		finding_add(
			&check->findings, FINDING_FAIL, "bus",
			"mount /sys; a machine or container without PCI has no device "
			"to give away",
			"no PCI bus can be seen");
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](check);
	if (!check->has_rules)
		finding_add(&check->findings, FINDING_WARN, "config",
			    "early-vfio list shows what there is, early-vfio add ADDRESS "
			    "chooses it, and early-vfio import takes over what other "
			    "set-ups have",
			    "no device is chosen, so none will be taken");
	else if (!is_root())
		finding_add(
			&check->findings, FINDING_WARN, "config", AS_ROOT,
			"the kernel's log, the firmware's tables and some images can be read by root "
			"only, so what needs them was left out");
}

static unsigned count_of(const struct findings *findings, enum finding_level level)
{
	unsigned count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->items[i].level == level;
	return count;
}

static void print_json(const struct check *check, struct out *out)
{
	static const char *const keys[] = { "{\"pass\": ", ", \"warn\": ",
					    ", \"fail\": " };

	out_text(out, "{\"version\": 1, \"kernel\": ");
	if (check->session.release.len)
		out_json(out, check->session.release);
	else
		out_text(out, "null");
	out_text(out, ",\n \"findings\": ");
	findings_json(&check->findings, out);
	out_text(out, ",\n \"summary\": ");
	for (size_t level = 0; level < 3; level++) {
		out_text(out, keys[level]);
		out_dec(out, count_of(&check->findings, (enum finding_level)level));
	}
	out_text(out, "}}\n");
}

static void out_count(struct out *out, unsigned count, const char *one, const char *many)
{
	out_dec(out, count);
	out_text(out, count == 1 ? one : many);
}

static void print_summary(const struct findings *findings, struct out *out)
{
	unsigned warned = count_of(findings, FINDING_WARN);
	unsigned failed = count_of(findings, FINDING_FAIL);

	out_dec(out, count_of(findings, FINDING_PASS));
	out_text(out, " passed, ");
	out_count(out, warned, " warning, ", " warnings, ");
	out_count(out, failed, " failure\n", " failures\n");
}

static int print(const struct check *check, const struct request *request)
{
	struct out out = fd_out(STDOUT_FILENO);
	int exit_code = EXIT_AS_WANTED;

	if (!check->has_bus)
		exit_code = EXIT_ENVIRONMENT;
	else if (findings_worst(&check->findings) == FINDING_FAIL)
		exit_code = EXIT_NOT_AS_WANTED;
	if (request->is_json) {
		print_json(check, &out);
	} else {
		findings_print(&check->findings,
			       request->is_quiet ? FINDING_WARN : FINDING_PASS,
			       terminal_columns(STDOUT_FILENO), &out);
		print_summary(&check->findings, &out);
	}
	return stdout_close(&out, exit_code);
}

static void check_free(struct check *check)
{
	findings_free(&check->findings);
	kernels_free(&check->kernels);
	loader_free(&check->loader);
	generate_free(&check->generate);
	free((char *)check->log.ptr);
}

int command_check(int argc, char **argv)
{
	static struct check check; /* too large for the stack */
	struct request request = { .sysroot = "/" };
	char *root, *release;
	int rc;

	if (!request_read(&request, argc, argv, &rc))
		return rc;
	/* What libkmod cannot read in modprobe.d is for modprobe to say. */
	setenv("KMOD_LOG", "2", 0);
	root = host_root(request.sysroot);
	if (!root)
		return EXIT_ENVIRONMENT;
	check.sysroot = root;
	rc = host_open(&check.session, request.sysroot);
	if (!rc) {
		release = xspan(check.session.release);
		prepare(&check, release, request.profile);
		run_checks(&check);
		rc = print(&check, &request);
		check_free(&check);
		free(release);
	}
	free(root);
	return rc;
}
