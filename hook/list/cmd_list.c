// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * early-vfio list: its options, and what must be known before anything is shown. Knows
 * nothing of how it looks.
 */
#include <limits.h>
#include <unistd.h>

#include "arguments.h"
#include "command.h"
#include "host.h"
#include "list.h"
#include "width.h"

static const char help[] =
	"usage: early-vfio list [OPTION]...\n"
	"\n"
	"Shows the PCI devices by IOMMU group, and for each the specification that names it\n"
	"alone, wherever buses are renumbered: for the config, the kernel command line and\n"
	"other commands. Bridges have none, since they stay with their driver.\n"
	"\n"
	"  --flat            one line a device; marks: b boot display, p protected, r a rule\n"
	"                    concerns it, t twins: others have the same id; on a terminal names\n"
	"                    are cut, or left out, where there is no room\n"
	"  --json            for programs; see early-vfio-report(5)\n"
	"  --capture         the bare facts in the format of recorded machines, without\n"
	"                    serial numbers, names or network addresses, to be given away\n"
	"  --sysroot DIR     read DIR/sys, DIR/proc, DIR/etc in place of /\n"
	"  --help            this text\n"
	"\n"
	"Exit: 0 listed, 2 usage, 3 no PCI devices\n";

struct request {
	const char *sysroot;
	bool is_flat, is_json, is_capture;
};

static bool request_read(struct request *request, int argc, char **argv, int *exit_code)
{
	const struct argument options[] = {
		{ .name = "flat", .flag = &request->is_flat },
		{ .name = "json", .flag = &request->is_json },
		{ .name = "capture", .flag = &request->is_capture },
		{ .name = "sysroot", .value = &request->sysroot },
		{ .name = NULL },
	};
	struct arguments arguments = {
		.command = "list",
		.help = help,
		.options = options,
	};

	if (!arguments_read(&arguments, argc, argv, exit_code))
		return false;
	if (request->is_flat + request->is_json + request->is_capture <= 1)
		return true;
	*exit_code = arguments_refuse(&arguments, "--flat, --json, --capture",
				      "only one of them");
	return false;
}

/* Bridges behind a class that is not theirs show in their header alone. */
static int scan(struct session *session)
{
	struct inventory *inv = session->inv;
	bool has_any = false;

	if (host_scan(session))
		return EXIT_ENVIRONMENT;
	for_each_device(dev, inv) {
		has_any |= dev->is_present;
		if (dev->class >> 16 == 0x06 && !device_is_bridge(dev))
			dev->wanted |= FACT_HEADER & ~dev->known;
	}
	if (!has_any || inventory_fill(inv, &session->kernel.io, session->cmdline))
		return EXIT_ENVIRONMENT;
	return EXIT_AS_WANTED;
}

/* Protection holds whether rules count or not. */
static void read_rules(struct session *session)
{
	session_read_rules(session);
	if (session->set->settings.mode != MODE_OFF)
		return;
	session->read_texts(session);
	image_read(session->image, session->image_name, session->set);
}

static int show(struct listing *listing, const struct request *request)
{
	struct out out = fd_out(STDOUT_FILENO);

	if (request->is_json)
		list_json(listing, &out);
	else if (request->is_flat)
		list_flat(listing, &out);
	else
		list_tree(listing, &out);
	return stdout_close(&out, EXIT_AS_WANTED);
}

static int list(struct session *session, const struct request *request)
{
	static struct listing listing;
	int error;

	listing.session = session;
	listing.columns = request->is_flat && !isatty(STDOUT_FILENO) ?
				  UINT_MAX : /* for grep: nothing is cut */
				  terminal_columns(STDOUT_FILENO);
	listing.has_styles = terminal_has_styles(STDOUT_FILENO);
	if (geteuid() != 0)
		listing.kept_from_user =
			"not root: what lies on disks and where the firmware's framebuffer is "
			"was not seen, so that protection may show too little";
	groupless_ask(&listing);
	read_rules(session);
	error = session_plan(session);
	if (!error) {
		listing.report = session_report(session, REPORT_PLAN);
		listing.names = pci_names_open();
		error = show(&listing, request);
		pci_names_close(listing.names);
	}
	groupless_free(&listing);
	return error;
}

static int capture(const struct session *session)
{
	struct out out = fd_out(STDOUT_FILENO);

	list_capture(session->inv, session->cmdline, &out);
	return stdout_close(&out, EXIT_AS_WANTED);
}

int command_list(int argc, char **argv)
{
	static struct session session;
	struct request request = { .sysroot = "/" };
	int rc;

	if (!request_read(&request, argc, argv, &rc))
		return rc;
	rc = host_open(&session, request.sysroot);
	if (rc)
		return rc;
	rc = scan(&session);
	if (rc)
		complain("/sys", NO_PCI_BUS);
	else if (request.is_capture)
		rc = capture(&session);
	else
		rc = list(&session, &request);
	return rc;
}
