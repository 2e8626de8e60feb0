// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * early-vfio generate: its options, and where its texts go. Knows nothing of how they are
 * made.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arguments.h"
#include "command.h"
#include "extra.h"
#include "generate.h"
#include "host.h"

static const char help[] =
	"usage: early-vfio generate --kernel VERSION --output FILE [OPTION]...\n"
	"       early-vfio generate --kernel VERSION... --cpio FILE [OPTION]...\n"
	"\n"
	"Writes what the binder needs in an image: the merged config, and the facts about the\n"
	"kernel's modules and about what is to be protected on this machine.\n"
	"\n"
	"  --kernel VERSION  the kernel of the image; with --cpio there may be several\n"
	"  --output FILE     the facts; the config goes beside it, with .conf for .image.\n"
	"                    Where FILE is a directory: etc/early-vfio.image and\n"
	"                    etc/early-vfio.conf in it\n"
	"  --cpio FILE       an extra initrd for an image of any make, with the binder and the\n"
	"                    modules: boot it with rdinit=/early-vfio/binder; - is\n"
	"                    standard output\n"
	"  --strict          write nothing, and fail, where anything must be left out\n"
	"  --no-host         the image is for another machine: protect nothing of this one\n"
	"  --sysroot DIR     read DIR/etc, DIR/lib/modules, DIR/sys, DIR/proc in place of /\n"
	"  --help            this text\n"
	"\n"
	"Exit: 0 written, 1 --strict and something was wrong, 2 usage, 3 environment\n";

#define KERNELS_MAX 64
/* So much of a kernel's version is uname's. */
#define RELEASE_MAX 64

struct request {
	struct names kernels;
	const char *output, *cpio, *sysroot;
	bool is_strict, is_hostless;
};

/* It becomes part of paths and a word of a line. */
static bool is_kernel_name(const char *name)
{
	if (!*name || *name == '.' || *name == '-' || strlen(name) > RELEASE_MAX)
		return false;
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || *name == '/')
			return false;
	return true;
}

static int request_check(const struct request *request, const struct arguments *arguments)
{
	const struct names *kernels = &request->kernels;
	const char *file = request->cpio ? request->cpio : request->output;

	if (!kernels->count)
		return arguments_refuse(arguments, "--kernel", "missing");
	for (size_t i = 0; i < kernels->count; i++)
		if (!is_kernel_name(kernels->items[i]))
			return arguments_refuse(arguments, kernels->items[i],
						"not the version of a kernel");
	if (request->cpio && request->output)
		return arguments_refuse(arguments, "--cpio",
					"not together with --output");
	if (!request->cpio && kernels->count > 1)
		return arguments_refuse(arguments, kernels->items[1],
					"several kernels only with --cpio");
	if (!file || !*file)
		return arguments_refuse(arguments, request->cpio ? "--cpio" : "--output",
					"missing");
	return EXIT_AS_WANTED;
}

static bool request_read(struct request *request, int argc, char **argv, int *exit_code)
{
	const struct argument options[] = {
		{ .name = "kernel", .list = &request->kernels },
		{ .name = "cpio", .value = &request->cpio },
		{ .name = "output", .value = &request->output },
		{ .name = "sysroot", .value = &request->sysroot },
		{ .name = "strict", .flag = &request->is_strict },
		{ .name = "no-host", .flag = &request->is_hostless },
		{ .name = NULL },
	};
	struct arguments arguments = {
		.command = "generate",
		.help = help,
		.options = options,
		.operands_max = KERNELS_MAX,
	};

	if (!arguments_read(&arguments, argc, argv, exit_code))
		return false;
	/* --kernel VERSION VERSION... */
	for (size_t i = 0; i < arguments.operand_count; i++) {
		if (!request->cpio) {
			*exit_code = arguments_refuse(&arguments, arguments.operands[i],
						      "unexpected argument");
			return false;
		}
		names_add(&request->kernels, span_of(arguments.operands[i]));
	}
	*exit_code = request_check(request, &arguments);
	/* The same bytes, in whatever order they were named. */
	names_settle(&request->kernels);
	return *exit_code == EXIT_AS_WANTED;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The places of both texts. */
static void places_of(const char *output, char **config, char **image)
{
	struct span stem = span_of(output);

	if (is_directory(output)) {
		char *etc = xformat("%s/etc", output);

		mkdir(etc, 0755); /* where it fails, writing below says why */
		*config = xformat("%s/early-vfio.conf", etc);
		*image = xformat("%s/early-vfio.image", etc);
		free(etc);
		return;
	}
	if (span_ends(stem, ".image"))
		stem.len -= strlen(".image");
	*config = xformat("%.*s.conf", (int)stem.len, stem.ptr);
	*image = xspan(span_of(output));
}

static void complain_written(const char *path, int error)
{
	if (error == -ENOTSUP)
		complain(path, "not a file; nothing was written");
	else
		complain(path, strerror(-error));
}

/* Both are complete before either takes its place. No fsync: they are made to be packed. */
static int write_texts(const struct generate *generate, const char *output)
{
	struct pending config = { 0 }, image = { 0 };
	char *config_path, *image_path;
	int rc;

	places_of(output, &config_path, &image_path);
	rc = pending_write(&config, config_path, generate->config_text);
	if (!rc)
		rc = pending_write(&image, image_path, generate->image_text);
	if (!rc)
		rc = pending_commit(&config);
	if (!rc)
		rc = pending_commit(&image);
	pending_drop(&config);
	pending_drop(&image);
	if (rc)
		complain_written(image_path, rc);
	free(config_path);
	free(image_path);
	return rc ? EXIT_ENVIRONMENT : EXIT_AS_WANTED;
}

/* Say what is left out. False: nothing is to be written. */
static bool may_write(struct generate *generate, const struct request *request)
{
	unsigned faults = generate->say.faults;

	if (faults && request->is_strict)
		say_note(&generate->say,
			 "nothing was written, because of the %u fault%s above", faults,
			 faults == 1 ? "" : "s");
	else if (faults)
		say_note(
			&generate->say,
			"WARNING: the image for %s goes without what is named above (%u fault%s)",
			generate->kernel, faults, faults == 1 ? "" : "s");
	return !faults || !request->is_strict;
}

static int conclude(struct generate *generate, const struct request *request)
{
	if (!may_write(generate, request))
		return EXIT_NOT_AS_WANTED;
	return write_texts(generate, request->output);
}

/* One kernel of an extra initrd. */
static int add_kernel(struct generate *generate, const struct request *request,
		      struct cpio *cpio)
{
	int rc = generate_texts(generate);

	if (rc)
		return rc;
	/* A name that is none: for that kernel it would be of no use. */
	if (!generate->has_module_dir) {
		say_note(&generate->say,
			 "nothing was written: %s is no kernel of this system",
			 generate->kernel);
		return EXIT_ENVIRONMENT;
	}
	extra_add_kernel(cpio, generate);
	return may_write(generate, request) ? EXIT_AS_WANTED : EXIT_NOT_AS_WANTED;
}

static int write_extra(struct generate *generate, const struct request *request)
{
	const struct generate model = *generate;
	struct cpio cpio;
	int rc;

	if (extra_begin(&cpio, generate->session))
		return EXIT_ENVIRONMENT;
	for (size_t i = 0; i < request->kernels.count; i++) {
		int result;

		generate_free(generate);
		*generate = model;
		generate->kernel = request->kernels.items[i];
		generate->is_again = i > 0;
		result = add_kernel(generate, request, &cpio);
		if (result) {
			extra_drop(&cpio);
			return result;
		}
	}
	rc = extra_finish(&cpio, request->cpio);
	if (rc == -ENOTSUP && strcmp(request->cpio, EXTRA_STDOUT) == 0)
		complain("standard output", "is a terminal; send it to a file or a pipe");
	else if (rc)
		complain_written(request->cpio, rc);
	return rc ? EXIT_ENVIRONMENT : EXIT_AS_WANTED;
}

static int write_image(struct generate *generate, const struct request *request)
{
	int rc = generate_texts(generate);

	return rc ? rc : conclude(generate, request);
}

int command_generate(int argc, char **argv)
{
	static struct generate generate; /* too large for the stack */
	static struct session session;
	struct request request = { .sysroot = "/" };
	char *root;
	int rc;

	if (!request_read(&request, argc, argv, &rc)) {
		names_free(&request.kernels);
		return rc;
	}
	root = host_root(request.sysroot);
	if (!root) {
		names_free(&request.kernels);
		return EXIT_ENVIRONMENT;
	}
	generate.sysroot = root;
	generate.kernel = request.kernels.items[0];
	generate.is_hostless = request.is_hostless;
	generate.session = &session;
	session.options.sysroot = request.sysroot;
	rc = session_open(&session);
	if (!rc)
		rc = request.cpio ? write_extra(&generate, &request) :
				    write_image(&generate, &request);
	generate_free(&generate);
	names_free(&request.kernels);
	free(root);
	return rc;
}
