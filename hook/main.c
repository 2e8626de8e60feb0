// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The host program: which command. All else is elsewhere.
 */
#include <string.h>

#include "command.h"
#include "generate.h"
#include "help.h"

static const char usage[] =
	"usage: early-vfio COMMAND [OPTION]... [SPEC]...\n"
	"\n"
	"Gives chosen PCI devices to vfio-pci at boot, before the host's drivers take them.\n"
	"\n"
	"  list            the devices, and what to write to choose one\n"
	"  plan            what the next boot would do\n"
	"  status          what each device has, and what it should have\n"
	"  bind SPEC...    give devices to vfio-pci now\n"
	"  release SPEC... give devices back to the host's drivers now\n"
	"  add SPEC...     write lines for devices into the config\n"
	"  remove SPEC...  take lines of the config out again\n"
	"  import          lines for what other set-ups take\n"
	"  check           what would make the next boot or a VM's start fail\n"
	"  generate        write the config and the facts of an image\n"
	"  unpack DIR      the modules of an image that is being made, not compressed\n"
	"  verify IMAGE    is a built image right and current\n"
	"\n"
	"  --help          this text; behind a command, its options\n"
	"  --version       the version\n"
	"\n"
	"SPEC: 0000:01:00.0, 10de:2684@0000:01:00.0+slot, 10de:2684, class=0300@not-boot-vga\n"
	"exit: 0 as wanted, 1 not as wanted, 2 usage or config, 3 environment\n";

/* Those that both programs have. */
static const char names[] = "plan\0status\0bind\0release\0";
static const struct command commands[] = {
	{ command_plan, READS_ONLY },
	{ command_status, READS_ONLY },
	{ command_bind, NEEDS_OPERANDS },
	{ command_release, NEEDS_OPERANDS },
};

/* Its own, which read their own arguments. */
static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} own_commands[] = {
	{ "list", command_list },     { "add", command_add },
	{ "remove", command_remove }, { "import", command_import },
	{ "check", command_check },   { "generate", command_generate },
	{ "verify", command_verify }, { "unpack", command_unpack },
};

int main(int argc, char **argv)
{
	static struct session session = {
		.read_texts = host_read_texts,
		.print_metrics = report_prometheus,
	};
	const char *help;

	for (size_t i = 0; i < sizeof(own_commands) / sizeof(own_commands[0]); i++)
		if (argc > 1 && strcmp(argv[1], own_commands[i].name) == 0)
			return own_commands[i].run(argc - 1, argv + 1);
	help = argc > 1 ? shared_help(argv[1]) : NULL;
	return command_dispatch(names, commands, &session, argv + 1, help ? help : usage);
}
