// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * early-vfio import: what other set-ups take, in lines of ours. Knows nothing of formats.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "advice.h"
#include "arguments.h"
#include "command.h"
#include "edit/conf.h"
#include "edit/settle.h"
#include "edit/write.h"
#include "merge.h"
#include "names.h"

static const char help[] =
	"usage: early-vfio import [OPTION]... [FILE]...\n"
	"\n"
	"Shows what other set-ups on this system take for virtual machines, and the lines for\n"
	"/etc/early-vfio.conf that take the same: vfio-pci.ids= in the files of boot loaders\n"
	"and in modprobe.d, driverctl, rd.qubes.hide_pci=, Unraid's vfio-pci.cfg, and scripts\n"
	"with lists of addresses. A device that is there gets a guarded line. What of the old\n"
	"set-up may go afterwards is named, and left alone. With FILE, that is read alone.\n"
	"\n"
	"  --write        append the lines to /etc/early-vfio.conf\n"
	"  --sysroot DIR  the system below DIR in place of /; not for FILE\n"
	"  --help         this text\n"
	"\n"
	"Exit: 0 all was understood, 1 not all, 2 usage, 3 environment\n";

struct importer {
	const char *sysroot;
	bool is_to_write;
	struct desk desk;
	struct sources sources;
	struct choices choices;
	struct names lines;
	struct say say;
	struct out out;
	unsigned amiss; /* what was not understood or is left to the host */
};

static bool importer_read(struct importer *importer, struct arguments *arguments,
			  int argc, char **argv, int *exit_code)
{
	const struct argument options[] = {
		{ .name = "write", .flag = &importer->is_to_write },
		{ .name = "sysroot", .value = &importer->sysroot },
		{ .name = NULL },
	};

	*arguments = (struct arguments){
		.command = "import",
		.help = help,
		.options = options,
		.operands_max = SIZE_MAX,
	};
	return arguments_read(arguments, argc, argv, exit_code);
}

static bool sources_read(struct importer *importer, char **files)
{
	bool is_read = true;

	if (!*files)
		sources_find(&importer->sources, &importer->desk.session->kernel.io);
	for (; *files; files++) {
		int rc = source_add_file(&importer->sources, *files);

		if (!rc)
			continue;
		is_read = false;
		complain(*files, strerror(-rc));
	}
	return is_read;
}

/* "/etc/default/grub:7:40: " */
static void out_place(struct out *out, const struct source *source,
		      const struct import_item *item)
{
	out_origin(out, (struct origin){ span_of(source->path), item->line });
	out_char(out, ':');
	out_dec(out, item->column);
	out_text(out, ": ");
}

static void say_item(struct importer *importer, const struct source *source,
		     const struct import_item *item)
{
	struct out *out = say_begin(&importer->say);

	importer->amiss += item->kind == IMPORT_UNREAD;
	out_place(out, source, item);
	if (item->diag.code) {
		out_diag(out, &item->diag);
	} else {
		out_escaped(out, span_head(item->text, 100));
		out_text(out, item->text.len ? ": " : "");
		out_text(out, item->why);
	}
	say_end(&importer->say);
}

static void out_item(struct importer *importer, const struct source *source,
		     const struct import_item *item)
{
	struct out *out = &importer->out;

	out_text(out, "  ");
	out_place(out, source, item);
	out_text(out, item->what);
	out_text(out, ": ");
	out_escaped(out, item->text);
	out_char(out, '\n');
}

static size_t out_found(struct importer *importer)
{
	size_t count = 0;

	for (size_t s = 0; s < importer->sources.count; s++) {
		const struct source *source = &importer->sources.items[s];

		for (size_t i = 0; i < source->found.count; i++) {
			const struct import_item *item = &source->found.items[i];

			if (item->kind != IMPORT_DEVICE)
				continue;
			if (!count++)
				out_text(&importer->out, "found:\n");
			out_item(importer, source, item);
		}
	}
	return count;
}

/* What an ordinary user may not read, for one. */
static void say_unread(struct importer *importer)
{
	const struct names *unread = &importer->sources.unread;

	for (size_t i = 0; i < unread->count; i++)
		say_note(&importer->say, "%s: what it names is not looked at%s",
			 unread->items[i],
			 geteuid() == 0 ? "" : "; run it as root to have all");
	importer->amiss += (unsigned)unread->count;
}

static void say_found(struct importer *importer)
{
	for (size_t s = 0; s < importer->sources.count; s++) {
		const struct source *source = &importer->sources.items[s];

		for (size_t i = 0; i < source->found.count; i++) {
			const struct import_item *item = &source->found.items[i];

			if (item->kind == IMPORT_UNREAD || item->diag.code)
				say_item(importer, source, item);
		}
		if (!source->found.dropped)
			continue;
		importer->amiss++;
		say_note(&importer->say,
			 "%s: more than can be imported at once: %zu left", source->path,
			 source->found.dropped);
	}
}

static char *line_of(const struct importer *importer, struct pci_access *names,
		     const struct choice *choice)
{
	char *remark = xformat("from %.*s:%u", (int)choice->origin.file.len,
			       choice->origin.file.ptr, choice->origin.line);
	char *line = choice_line(importer->desk.session->inv, names, choice, remark);

	free(remark);
	/* The name of a file may hold anything. */
	for (char *at = line; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	return line;
}

/* What a keep of the config stands against is not written: it would do nothing. */
static void make_lines(struct importer *importer)
{
	struct pci_access *names = pci_names_open();

	for (size_t i = 0; i < importer->choices.count; i++) {
		const struct choice *choice = &importer->choices.items[i];
		char *line;

		if (choice_refuse(&importer->desk, choice, &importer->say)) {
			importer->amiss++;
			continue;
		}
		line = line_of(importer, names, choice);
		names_add(&importer->lines, span_of(line));
		free(line);
	}
	pci_names_close(names);
}

static void out_lines(struct importer *importer)
{
	out_text(&importer->out, importer->is_to_write ? "\nadded to " CONF_NAME ":\n" :
							 "\nlines for " CONF_NAME
							 " (--write appends them):\n");
	for (size_t i = 0; i < importer->lines.count; i++) {
		out_text(&importer->out, "  ");
		out_text(&importer->out, importer->lines.items[i]);
		out_char(&importer->out, '\n');
	}
}

static int write_lines(struct importer *importer)
{
	int rc = EXIT_AS_WANTED;

	if (!importer->lines.count)
		return rc;
	out_flush(&importer->out);
	if (importer->is_to_write)
		rc = lines_write(importer->desk.root, &importer->lines);
	if (!rc)
		out_lines(importer);
	return rc;
}

static int conclude(struct importer *importer)
{
	int rc = write_lines(importer);

	if (rc)
		return rc;
	advice_print(&importer->sources, &importer->desk, &importer->out);
	return importer->amiss ? EXIT_NOT_AS_WANTED : EXIT_AS_WANTED;
}

static int import_all(struct importer *importer)
{
	size_t count = out_found(importer);

	out_flush(&importer->out);
	say_unread(importer);
	say_found(importer);
	if (!count)
		out_text(&importer->out,
			 "no other set-up was found that names a device\n");
	importer->amiss += sources_merge(&importer->sources, &importer->desk,
					 &importer->choices, &importer->say);
	if (!choices_settle(&importer->desk, &importer->choices, &importer->out)) {
		importer->amiss++;
		say_note(&importer->say, "there is no room for more rules");
	}
	make_lines(importer);
	if (importer->choices.count) {
		out_char(&importer->out, '\n');
		desk_print(&importer->desk, &importer->out);
	}
	return stdout_close(&importer->out, conclude(importer));
}

int command_import(int argc, char **argv)
{
	static struct session session;
	struct importer importer = { .sysroot = "/" };
	struct arguments arguments;
	int rc;

	if (!importer_read(&importer, &arguments, argc, argv, &rc))
		return rc;
	say_open(&importer.say, stderr);
	rc = desk_open(&importer.desk, &session, importer.sysroot, true);
	if (!rc && !sources_read(&importer, arguments.operands))
		rc = EXIT_ENVIRONMENT;
	if (!rc) {
		importer.out = fd_out(STDOUT_FILENO);
		rc = import_all(&importer);
	}
	sources_free(&importer.sources);
	choices_free(&importer.choices);
	names_free(&importer.lines);
	desk_close(&importer.desk);
	return rc;
}
