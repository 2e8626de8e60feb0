// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * early-vfio verify: its options, and how its findings are printed. Knows nothing of images.
 */
#include <stdlib.h>
#include <unistd.h>

#include "arguments.h"
#include "command.h"
#include "file.h"
#include "verify/verify.h"

#define COLUMNS 80

static const char help[] =
	"usage: early-vfio verify [OPTION]... IMAGE\n"
	"\n"
	"Reads a built initramfs, or the one in a unified kernel image, and says whether the\n"
	"binder, its config, its modules and their order are right, and those of now.\n"
	"\n"
	"  --kernel VERSION  the kernel that the image is for; else as its name says, or itself\n"
	"  --quiet           only what is wrong\n"
	"  --json            the findings as JSON\n"
	"  --sysroot DIR     compare with the system below DIR in place of /\n"
	"  --help            this text\n"
	"\n"
	"Exit: 0 right, 1 something is wrong, 2 usage, 3 the image cannot be read\n";

struct request {
	const char *kernel, *sysroot, *image;
	bool is_quiet, is_json;
};

static bool request_read(struct request *request, int argc, char **argv, int *exit_code)
{
	const struct argument options[] = {
		{ .name = "kernel", .value = &request->kernel },
		{ .name = "quiet", .flag = &request->is_quiet },
		{ .name = "json", .flag = &request->is_json },
		{ .name = "sysroot", .value = &request->sysroot },
		{ .name = NULL },
	};
	struct arguments arguments = {
		.command = "verify",
		.help = help,
		.options = options,
		.operands_max = 1,
		.asks = "which image?",
	};

	if (!arguments_read(&arguments, argc, argv, exit_code))
		return false;
	request->image = arguments.operands[0];
	return true;
}

static void print_json(const struct request *request, const struct findings *findings,
		       struct out *out)
{
	out_text(out, "{\"version\": 1, \"image\": ");
	out_json(out, span_of(request->image));
	out_text(out, ", \"findings\": ");
	findings_json(findings, out);
	out_text(out, "}\n");
}

int command_verify(int argc, char **argv)
{
	static struct session session;
	struct request request = { .sysroot = "/" };
	struct findings findings = { 0 };
	struct out out;
	int rc;

	if (!request_read(&request, argc, argv, &rc))
		return rc;
	session.options.sysroot = request.sysroot;
	rc = session_open(&session);
	if (rc)
		return rc;
	rc = verify_file(&session, request.image, request.kernel, &findings);
	if (!rc && findings_worst(&findings) == FINDING_FAIL)
		rc = EXIT_NOT_AS_WANTED;
	out = fd_out(STDOUT_FILENO);
	if (request.is_json)
		print_json(&request, &findings, &out);
	else
		findings_print(&findings, request.is_quiet ? FINDING_WARN : FINDING_PASS,
			       COLUMNS, &out);
	findings_free(&findings);
	return stdout_close(&out, rc);
}
