// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * early-vfio add: shows what the plan would do with a device, and writes a line for it. Knows
 * nothing of how a line gets into the file.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "choice.h"
#include "command.h"
#include "conf.h"
#include "names.h"
#include "say.h"
#include "settle.h"
#include "suggest.h"
#include "write.h"

static const char help[] =
	"usage: early-vfio add [OPTION]... SPEC...\n"
	"\n"
	"Shows what the next boot would do with the devices that SPEC names, and writes a line\n"
	"for each into /etc/early-vfio.conf. An address or an id becomes a line that holds for\n"
	"that device alone, wherever buses are numbered anew; what is general stays general.\n"
	"Nothing is written where any of them is protected; +force behind SPEC overrules that.\n"
	"\n"
	"  --dry-run      show it, and write nothing\n"
	"  --sysroot DIR  the system below DIR in place of /\n"
	"  --help         this text\n"
	"\n"
	"SPEC: 0000:01:00.0, 10de:2684, 10de:2684@0000:01:00.0+slot, class=0300@not-boot-vga\n"
	"Exit: 0 it is in the file, 1 refused, 2 usage, 3 environment\n";

struct add {
	const char *sysroot;
	bool is_dry_run;
	struct desk desk;
	struct ruleset *asked;
	struct choices choices; /* all, then those that are new */
	struct pci_access *names;
	struct say say;
	struct out out;
	struct names lines;
	bool is_refused;
};

static bool add_read(struct add *add, struct arguments *arguments, int argc, char **argv,
		     int *exit_code)
{
	const struct argument options[] = {
		{ .name = "dry-run", .flag = &add->is_dry_run },
		{ .name = "sysroot", .value = &add->sysroot },
		{ .name = NULL },
	};

	*arguments = (struct arguments){
		.command = "add",
		.help = help,
		.options = options,
		.operands_max = SIZE_MAX,
		.asks = "which device?",
	};
	return arguments_read(arguments, argc, argv, exit_code);
}

static void out_specs(struct add *add, const struct choices *offers)
{
	for (size_t i = 0; i < offers->count; i++) {
		const struct choice *choice = &offers->items[i];
		const struct inventory *inv = add->desk.session->inv;
		const struct device *dev = &inv->devices[inventory_find(inv, choice->at)];
		char *line = choice_line(inv, add->names, choice,
					 dev->is_boot_vga ? "the boot display" : "");

		/* The same without the directive. */
		say_note(&add->say, "  early-vfio add %s", line + strlen("bind "));
		free(line);
	}
}

/* The guarded specifications of all devices with the id. */
static void say_offers(struct add *add, const struct rule *rule)
{
	const struct inventory *inv = add->desk.session->inv;
	struct choices offers = { 0 };

	for_each_device(dev, inv)
		if (dev->is_present && device_matches_id(dev, &rule->spec.id)) {
			struct spec spec = suggest_spec(inv, dev);

			spec.flags |= rule->spec.flags;
			choice_add(&offers, &(struct choice){ .spec = spec,
							      .at = dev->bdf,
							      .has_device = true });
		}
	out_specs(add, &offers);
	choices_free(&offers);
}

static void say_fault_of(struct add *add, const struct rule *rule,
			 enum choice_fault fault)
{
	char text[SPEC_TEXT_MAX];

	add->is_refused = true;
	spec_text(&rule->spec, text);
	if (fault == CHOICE_SEVERAL) {
		say_note(&add->say,
			 "%s: devices in several slots have this id; choose from:", text);
		say_offers(add, rule);
	} else if (fault == CHOICE_NOT_YET) {
		say_note(&add->say,
			 "%s: this function is not there yet; write what it will be: "
			 "VENDOR:DEVICE@%s",
			 text, text);
	} else if (spec_is_bare_id(&rule->spec)) {
		say_note(
			&add->say,
			"%s: no such device is there; to choose one that will come, write "
			"%s@ADDRESS",
			text, text);
	} else {
		say_note(
			&add->say,
			"%s: no device is there; see early-vfio list, or write VENDOR:DEVICE@%s for "
			"one that will come",
			text, text);
	}
}

/* From what was asked for to what is to be written. */
static void choose(struct add *add)
{
	const struct desk *desk = &add->desk;

	desk_plan(desk, add->asked);
	for (size_t r = 0; r < add->asked->rule_count; r++) {
		const struct rule *rule = &add->asked->rules[r];
		enum choice_fault fault =
			choices_make(desk->session->inv, rule, &add->choices);

		if (fault)
			say_fault_of(add, rule, fault);
	}
}

/* Of what is there already, say what stands against it. */
static void refuse_present(struct add *add)
{
	for (size_t i = 0; i < add->choices.count; i++) {
		const struct choice *choice = &add->choices.items[i];

		if (desk_same(&add->desk, &choice->spec))
			add->is_refused |= choice_refuse(&add->desk, choice, &add->say);
	}
}

/* Leave what is new in the list; what the rest of the system says against that is said. */
static void settle(struct add *add)
{
	refuse_present(add);
	if (!choices_settle(&add->desk, &add->choices, &add->out)) {
		say_note(&add->say, "there is no room for more rules");
		add->is_refused = true;
	}
}

static void make_lines(struct add *add)
{
	for (size_t i = 0; i < add->choices.count; i++) {
		const struct choice *choice = &add->choices.items[i];
		char *line = choice_line(add->desk.session->inv, add->names, choice, "");

		names_add(&add->lines, span_of(line));
		free(line);
		if (choice->gained_slot)
			say_note(
				&add->say,
				"+slot was added: the other functions of a graphics card "
				"go with it");
	}
}

static void out_lines(struct add *add, const char *title)
{
	out_text(&add->out, title);
	for (size_t i = 0; i < add->lines.count; i++) {
		out_text(&add->out, "  ");
		out_text(&add->out, add->lines.items[i]);
		out_char(&add->out, '\n');
	}
}

static int conclude(struct add *add)
{
	int rc;

	if (add->is_refused) {
		say_note(&add->say, "nothing was written");
		return EXIT_NOT_AS_WANTED;
	}
	if (!add->lines.count)
		return EXIT_AS_WANTED;
	if (add->is_dry_run) {
		out_lines(add, "\nto be added to " CONF_NAME ":\n");
		return EXIT_AS_WANTED;
	}
	rc = lines_write(add->desk.root, &add->lines);
	if (rc)
		return rc;
	out_lines(add, "\nadded to " CONF_NAME ":\n");
	out_text(&add->out, "next: ");
	out_rebuild(&add->desk, &add->out);
	out_text(&add->out, "\n");
	return EXIT_AS_WANTED;
}

static void say_unprotected(struct add *add)
{
	struct span why = add->desk.rules->unprotected;

	if (why.len)
		say_note(&add->say, "nothing is protected here: %.*s", (int)why.len,
			 why.ptr);
}

static int add_all(struct add *add)
{
	say_unprotected(add);
	choose(add);
	if (!add->is_refused)
		settle(add);
	if (!add->is_refused) {
		make_lines(add);
		for (size_t i = 0; i < add->choices.count; i++)
			add->is_refused |= choice_refuse(
				&add->desk, &add->choices.items[i], &add->say);
		if (add->choices.count)
			desk_print(&add->desk, &add->out);
	}
	out_flush(&add->out);
	return stdout_close(&add->out, conclude(add));
}

int command_add(int argc, char **argv)
{
	static struct session session;
	static struct ruleset asked;
	struct add add = { .sysroot = "/", .asked = &asked };
	struct arguments arguments;
	int rc;

	if (!add_read(&add, &arguments, argc, argv, &rc))
		return rc;
	say_open(&add.say, stderr);
	if (!operands_read(arguments.operands, &asked))
		return EXIT_USAGE;
	rc = desk_open(&add.desk, &session, add.sysroot, true);
	if (!rc) {
		add.names = pci_names_open();
		add.out = fd_out(STDOUT_FILENO);
		rc = add_all(&add);
		pci_names_close(add.names);
	}
	desk_close(&add.desk);
	choices_free(&add.choices);
	names_free(&add.lines);
	return rc;
}
