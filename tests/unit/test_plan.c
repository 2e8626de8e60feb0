// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan over machines as text: a row is a machine, what was asked for, and the verdicts.
 * A verdict line reads "ADDRESS decision", or "ADDRESS decision driver" for targets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <early-vfio/report.h>

#include "machine.h"

static struct ruleset set;
static struct inventory inv;
static struct device devices[DEVICES_MAX];
static struct plan plan;

struct row {
	const char *name;
	const char *machine;
	const char *cmdline;
	const char *config;
	const char *image;
	const char *verdicts; /* of every device that a rule concerns, by address */
	const char *says;     /* a piece of some line of the log; NULL: not looked at */
	int exit_code;	      /* of the plan */
};

/* Two equal cards with their audio functions, behind root ports, the first firmware's. */
#define TWINS                                                       \
	"# boot-vga: 0000:01:00.0\n"                                \
	"# bridge: 0000:00:01.0 01\n"                               \
	"# bridge: 0000:00:02.0 02\n"                               \
	"0000:00:01.0 0604 8086:1901 - pcieport 1\n"                \
	"0000:00:02.0 0604 8086:1905 - pcieport 2\n"                \
	"0000:00:14.0 0c0330 8086:a2af - xhci_hcd 3\n"              \
	"0000:01:00.0 030000 10de:2684 1043:8888 nouveau 1\n"       \
	"0000:01:00.1 040300 10de:22ba 1043:8888 snd_hda_intel 1\n" \
	"0000:02:00.0 030000 10de:2684 1043:8888 - 2\n"             \
	"0000:02:00.1 040300 10de:22ba 1043:8888 - 2\n"

#define NVMES                                      \
	"0000:03:00.0 010802 2646:5024 - nvme 5\n" \
	"0000:04:00.0 010802 2646:5024 - nvme 6\n" \
	"0000:05:00.0 020000 8086:1533 - igb 7\n"

/* The twin of a disk that is behind a controller, whose driver is not loaded yet. */
#define VMD_TO_COME "0000:02:00.0 010802 144d:a80a - nvme 8\n"
#define VMD_PROTECTED                                        \
	"protect 0000:00:0e.0 8086:467f holds / (nvme0n1)\n" \
	"protect 10000:e2:00.0 144d:a80a holds / (nvme0n1)\n"

/* A controller whose driver brings a domain: all of its group. */
#define VMD                                             \
	"# bridge: 10000:e0:06.0 e1\n"                  \
	"0000:00:0e.0 010400 8086:467f - vmd 9\n"       \
	"0000:00:0e.1 010601 8086:7ae2 - ahci 9\n"      \
	"0000:00:17.0 010601 8086:7ae2 - ahci 10\n"     \
	"10000:e0:06.0 060400 8086:464d - pcieport 9\n" \
	"10000:e1:00.0 010802 1c5c:1959 - nvme 9\n"     \
	"10000:e2:00.0 010802 144d:a80a - nvme 9\n"

#define NO_IOMMU "0000:01:00.0 030000 10de:2684 - nouveau -\n"

static const struct row rows[] = {
	{ "nothing asked", TWINS, "quiet", "", "", "", NULL, 0 },
	{ "guarded address with +slot", TWINS, "", "bind 10de:2684@0000:02:00.0+slot\n",
	  "", "0000:02:00.0 bind vfio-pci\n0000:02:00.1 bind vfio-pci\n", "2 to bind",
	  0 },
	{ "bare address is one function", TWINS, "", "bind 0000:02:00.0\n", "",
	  "0000:02:00.0 bind vfio-pci\n",
	  "0000:02:00.1 10de:22ba of a target's slot stays", 0 },
	{ "path through a root port", TWINS, "early-vfio.bind=0000:00:02.0/00.0+slot", "",
	  "", "0000:02:00.0 bind vfio-pci\n0000:02:00.1 bind vfio-pci\n", NULL, 0 },
	{ "path through what is no bridge", TWINS, "early-vfio.bind=0000:05:02.0/00.0",
	  "", "", "", "no such device", 1 },
	{ "+group takes endpoints and no bridge", TWINS,
	  "early-vfio.bind=0000:02:00.0+group", "", "",
	  "0000:02:00.0 bind vfio-pci\n0000:02:00.1 bind vfio-pci\n", NULL, 0 },
	{ "what +group of one rule reaches is not the next one's", TWINS, "",
	  "bind 0000:02:00.0+group\nkeep 0000:02:00.1\n", "",
	  "0000:02:00.0 bind vfio-pci\n0000:02:00.1 keep\n", NULL, 0 },
	{ "a group of a number that the kernel never gives is none",
	  "0000:05:00.0 020000 8086:1533 - igb 8192\n",
	  "early-vfio.bind=0000:05:00.0+group", "", "", "0000:05:00.0 bind vfio-pci\n",
	  NULL, 0 },
	{ "a bare id spares the boot display's slot", TWINS,
	  "vfio-pci.ids=10de:2684,10de:22ba", "", "",
	  "0000:01:00.0 refuse\n0000:01:00.1 refuse\n"
	  "0000:02:00.0 bind vfio-pci\n0000:02:00.1 bind vfio-pci\n",
	  "10de:2684@0000:01:00.0+slot or 10de:2684@0000:02:00.0+slot", 1 },
	{ "a bare id with +force takes both", TWINS, "early-vfio.bind=10de:2684+force",
	  "", "", "0000:01:00.0 bind vfio-pci\n0000:02:00.0 bind vfio-pci\n",
	  "0000:01:00.0 is the boot display: the console ends here", 0 },
	{ "an explicit rule beside a bare id", TWINS, "",
	  "bind 10de:2684\nbind 10de:2684@0000:01:00.0\n", "",
	  "0000:01:00.0 bind vfio-pci\n0000:02:00.0 bind vfio-pci\n", NULL, 0 },
	{ "boot-vga names it, which is a choice", TWINS, "early-vfio.bind=boot-vga+slot",
	  "", "", "0000:01:00.0 bind vfio-pci\n0000:01:00.1 bind vfio-pci\n",
	  "the console ends here", 0 },
	{ "not-boot-vga", TWINS, "early-vfio.bind=not-boot-vga+slot", "", "",
	  "0000:02:00.0 bind vfio-pci\n0000:02:00.1 bind vfio-pci\n", NULL, 0 },
	{ "not-boot-vga where nothing says which it is",
	  "0000:01:00.0 030000 10de:2684 - - 1\n0000:02:00.0 030000 10de:2684 - - 2\n",
	  "early-vfio.bind=not-boot-vga", "", "", "", "no such device", 1 },
	{ "class=03 spares the boot display", TWINS, "early-vfio.bind=class=03", "", "",
	  "0000:01:00.0 refuse\n0000:02:00.0 bind vfio-pci\n", NULL, 1 },
	{ "a lone boot display is bound, and said last",
	  "# boot-vga: 0000:01:00.0\n0000:01:00.0 030000 1002:73df - - 4\n",
	  "vfio-pci.ids=1002:73df", "", "", "0000:01:00.0 bind vfio-pci\n",
	  "early-vfio.mode=off", 0 },
	{ "a display that is not VGA, by its framebuffer",
	  "# framebuffer: 0000:01:00.0\n0000:01:00.0 038000 1002:1586 - - 4\n"
	  "0000:02:00.0 038000 1002:1586 - - 5\n",
	  "vfio-pci.ids=1002:1586", "", "",
	  "0000:01:00.0 refuse\n0000:02:00.0 bind vfio-pci\n", NULL, 1 },
	{ "keep beats bind in one source", TWINS, "",
	  "bind 10de:2684+force\nkeep 0000:01:00.0\n", "",
	  "0000:01:00.0 keep\n0000:02:00.0 bind vfio-pci\n", NULL, 0 },
	{ "the command line beats the config's keep", TWINS,
	  "early-vfio.bind=0000:01:00.1", "keep 0000:01:00.1\n", "",
	  "0000:01:00.1 bind vfio-pci\n", NULL, 0 },
	{ "the command line keeps what the config binds", TWINS,
	  "early-vfio.keep=0000:02:00.1", "bind 0000:02:00.0+slot\n", "",
	  "0000:02:00.0 bind vfio-pci\n0000:02:00.1 keep\n", NULL, 0 },
	{ "what brings a kept device is refused", VMD,
	  "early-vfio.bind=0000:00:0e.0+force,class=0106",
	  "bind 144d:a80a\nkeep 10000:e1:00.0\n", "",
	  "0000:00:0e.0 refuse\n0000:00:0e.1 refuse\n0000:00:17.0 bind vfio-pci\n"
	  "10000:e1:00.0 keep\n10000:e2:00.0 bind vfio-pci\n",
	  "0000:00:0e.0 8086:467f left alone with vmd: brings what is kept", 1 },
	{ "what is kept keeps nothing behind it", VMD, "early-vfio.bind=10000:e1:00.0",
	  "keep 0000:00:0e.0\n", "", "0000:00:0e.0 keep\n10000:e1:00.0 bind vfio-pci\n",
	  NULL, 0 },
	{ "config=off", TWINS, "early-vfio.config=off early-vfio.bind=0000:02:00.1",
	  "bind 0000:02:00.0\n", "", "0000:02:00.1 bind vfio-pci\n", NULL, 0 },
	{ "another profile", TWINS, "", "bind 0000:02:00.0 profile=gaming\n", "", "",
	  NULL, 0 },
	{ "this profile", TWINS, "early-vfio.profile=gaming",
	  "bind 0000:02:00.0 profile=gaming\n", "", "0000:02:00.0 bind vfio-pci\n", NULL,
	  0 },
	{ "a bridge is skipped", TWINS, "early-vfio.bind=0000:00:02.0", "", "",
	  "0000:00:02.0 skip\n", "bridges stay with their driver", 1 },
	{ "a guard that does not hold says where the device is", NVMES,
	  "early-vfio.bind=8086:1533@0000:03:00.0", "", "", "0000:03:00.0 refuse\n",
	  "it is now at 0000:05:00.0", 1 },
	{ "a guard at an empty address", NVMES, "early-vfio.bind=8086:1533@0000:09:00.0",
	  "", "", "", "it is now at 0000:05:00.0", 1 },
	{ "an empty address, optional", NVMES, "", "bind 0000:09:00.0 optional\n", "", "",
	  NULL, 0 },
	{ "a function that is not there yet", NVMES, "early-vfio.bind=0000:05:00.1", "",
	  "", "0000:05:00.1 defer\n", "not there yet", 1 },
	{ "a function that may come, or has moved", NVMES,
	  "early-vfio.bind=8086:1533@0000:03:00.1", "", "", "0000:03:00.1 defer\n",
	  "not there yet; it is now at 0000:05:00.0", 1 },
	{ "protected by address and id", NVMES, "vfio-pci.ids=2646:5024", "",
	  "protect 0000:04:00.0 2646:5024 holds / (nvme1n1p2)\n",
	  "0000:03:00.0 bind vfio-pci\n0000:04:00.0 protect\n", "holds / (nvme1n1p2)",
	  1 },
	{ "protected, but forced", NVMES, "early-vfio.bind=0000:04:00.0+force", "",
	  "protect 0000:04:00.0 2646:5024 holds /\n", "0000:04:00.0 bind vfio-pci\n",
	  NULL, 0 },
	{ "+slot does not pass a protect line", NVMES, "early-vfio.bind=2646:5024+slot",
	  "", "protect 0000:04:00.0 2646:5024 holds /\n",
	  "0000:03:00.0 bind vfio-pci\n0000:04:00.0 protect\n", NULL, 1 },
	{ "vfio-pci by the name of its module", NVMES, "",
	  "bind 0000:03:00.0 driver=vfio_pci\nbind 0000:05:00.0 driver=VFIO-PCI\n", "",
	  "0000:03:00.0 bind vfio-pci\n0000:05:00.0 bind vfio-pci\n", NULL, 0 },
	{ "a protected device has moved: its id is protected", NVMES,
	  "early-vfio.bind=0000:03:00.0", "", "protect 0000:05:00.0 2646:5024 holds /\n",
	  "0000:03:00.0 protect\n", "all of that id are left alone", 1 },
	{ "what VMD brings has not moved where vmd is not loaded yet",
	  VMD_TO_COME "0000:00:0e.0 010400 8086:467f - - 9\n",
	  "early-vfio.bind=144d:a80a@0000:02:00.0", "", VMD_PROTECTED,
	  "0000:02:00.0 bind vfio-pci\n", NULL, 0 },
	{ "but it has where its controller is gone", VMD_TO_COME,
	  "early-vfio.bind=144d:a80a@0000:02:00.0", "", VMD_PROTECTED,
	  "0000:02:00.0 protect\n", "10000:e2:00.0 is not what it was", 1 },
	{ "or another is in its place",
	  VMD_TO_COME "0000:00:0e.0 010400 8086:467f - vmd 9\n"
		      "10000:e2:00.0 010802 1c5c:1959 - nvme 9\n",
	  "early-vfio.bind=144d:a80a@0000:02:00.0", "", VMD_PROTECTED,
	  "0000:02:00.0 protect\n", "10000:e2:00.0 is not what it was", 1 },
	{ "config=off leaves protect lines in force", NVMES,
	  "early-vfio.config=off early-vfio.bind=0000:04:00.0", "",
	  "protect 0000:04:00.0 2646:5024 holds /\n", "0000:04:00.0 protect\n", NULL, 1 },
	{ "the last USB controller stays", TWINS, "early-vfio.bind=class=0c03", "", "",
	  "0000:00:14.0 refuse\n", "last USB controller", 1 },
	{ "the last USB controller by address", TWINS, "early-vfio.bind=0000:00:14.0", "",
	  "", "0000:00:14.0 refuse\n", NULL, 1 },
	{ "the last USB controller, forced", TWINS, "early-vfio.bind=0000:00:14.0+force",
	  "", "", "0000:00:14.0 bind vfio-pci\n", NULL, 0 },
	{ "USB in a target display's slot counts for nothing",
	  TWINS "0000:02:00.2 0c0330 10de:1ad8 - xhci_hcd 2\n",
	  "early-vfio.bind=0000:02:00.0+slot", "", "",
	  "0000:02:00.0 bind vfio-pci\n0000:02:00.1 bind vfio-pci\n"
	  "0000:02:00.2 bind vfio-pci\n",
	  NULL, 0 },
	{ "two USB controllers: the lower address stays",
	  TWINS "0000:06:00.0 0c0330 1b21:2142 - xhci_hcd 9\n",
	  "early-vfio.bind=class=0c03", "", "",
	  "0000:00:14.0 refuse\n0000:06:00.0 bind vfio-pci\n", NULL, 1 },
	{ "a USB device controller is no host",
	  TWINS "0000:06:00.0 0c03fe 1b21:2142 - - 9\n", "early-vfio.bind=0000:06:00.0",
	  "", "", "0000:06:00.0 bind vfio-pci\n", NULL, 0 },
	{ "no IOMMU group: the firmware", NO_IOMMU, "early-vfio.bind=0000:01:00.0", "",
	  "", "0000:01:00.0 refuse\n", "in the firmware setup", 1 },
	{ "pci-stub needs no group", NO_IOMMU, "", "bind 0000:01:00.0 driver=pci-stub\n",
	  "", "0000:01:00.0 bind pci-stub\n", NULL, 0 },
	{ "a device without group among groups, where a driver brings it",
	  "0000:00:01.0 060400 1b36:000c - pcieport 1\n"
	  "0000:01:00.0 030000 1002:67df - - -\n",
	  "early-vfio.bind=0000:01:00.0", "", "", "0000:01:00.0 bind vfio-pci\n", "", 0 },
	{ "an Intel display without group among groups",
	  "0000:00:02.0 030000 8086:4692 - i915 -\n0000:00:1f.3 040300 8086:7ad0 - - 8\n",
	  "early-vfio.bind=0000:00:02.0", "", "", "0000:00:02.0 refuse\n",
	  "intel_iommu=on", 1 },
	{ "driver=auto takes the variant", NVMES, "",
	  "bind 0000:05:00.0 driver=auto\nbind 0000:03:00.0 driver=auto\n",
	  "alias vfio_pci:v00008086d00001533sv*sd*bc*sc*i* igb_vfio_pci\n",
	  "0000:03:00.0 bind vfio-pci\n0000:05:00.0 bind igb_vfio_pci\n", NULL, 0 },
	{ "ids of modprobe.d, replaced by the command line's", NVMES,
	  "vfio-pci.ids=8086:1533", "from /etc/modprobe.d/vfio.conf:1\nids 2646:5024\n",
	  "", "0000:05:00.0 bind vfio-pci\n", NULL, 0 },
	{ "ids of modprobe.d", NVMES, "",
	  "from /etc/modprobe.d/vfio.conf:1\nids 8086:1533\n", "",
	  "0000:05:00.0 bind vfio-pci\n", NULL, 0 },
	{ "a group with a foreign driver",
	  "0000:16:00.0 030000 10de:1e84 - vfio-pci 15\n"
	  "0000:16:00.1 040300 10de:10f8 - vfio-pci 15\n"
	  "0000:16:00.2 0c0330 10de:1ad8 - xhci_hcd 15\n"
	  "0000:16:00.3 0c8000 10de:1ad9 - - 15\n0000:00:14.0 0c0330 8086:a2af - xhci_hcd 3\n",
	  "vfio-pci.ids=10de:1e84,10de:10f8", "", "",
	  "0000:16:00.0 bind vfio-pci\n0000:16:00.1 bind vfio-pci\n",
	  "group 15 cannot be given to a VM: 0000:16:00.2 stays with xhci_hcd", 0 },
	{ "a group with a function that nothing drives yet",
	  "0000:16:00.0 020000 8086:1521 - - 15\n0000:17:00.0 010802 8086:f1a5 - - 15\n",
	  "early-vfio.bind=0000:16:00.0", "", "", "0000:16:00.0 bind vfio-pci\n",
	  "group 15 also holds 0000:17:00.0 (1 of 1)", 0 },
	{ "groups with more of them",
	  "0000:16:00.0 020000 8086:1521 - - 15\n0000:16:00.1 020000 8086:1521 - - 16\n"
	  "0000:17:00.0 010802 8086:f1a5 - - 16\n0000:18:00.0 010802 8086:f1a5 - - 15\n"
	  "0000:19:00.0 010802 8086:f1a5 - - 16\n0000:1a:00.0 060100 8086:a305 - - 16\n",
	  "early-vfio.bind=0000:16:00.0,0000:16:00.1", "", "",
	  "0000:16:00.0 bind vfio-pci\n0000:16:00.1 bind vfio-pci\n",
	  "group 16 also holds 0000:17:00.0 (1 of 2); a driver would spoil it; "
	  "+group takes all\n"
	  "group 15 also holds 0000:18:00.0 (1 of 1)",
	  0 },
	{ "a faulty rule, and the rest", TWINS,
	  "early-vfio.bind=0000:02:00.9,0000:02:00.1", "", "",
	  "0000:02:00.1 bind vfio-pci\n", "cmdline:", 2 },
	{ "the long form of the kernel, by class and mask",
	  TWINS "0000:00:02.1 030000 8086:4692 - - 12\n",
	  "vfio-pci.ids=8086:ffffffff:ffffffff:ffffffff:30000:ff0000", "", "",
	  "0000:00:02.1 bind vfio-pci\n", NULL, 0 },
};

static void read_rules(const struct row *row)
{
	ruleset_init(&set);
	cmdline_read(span_of(row->cmdline), &set);
	if (!set.settings.ignore_config)
		config_read(span_of(row->config), SPAN("/etc/early-vfio.conf"), &set);
	image_read(span_of(row->image), SPAN("/etc/early-vfio.image"), &set);
}

static void print_verdicts(struct out *out)
{
	static const char *const words[] = { "none",   "bind", "keep", "protect",
					     "refuse", "skip", "defer" };

	for_each_device(dev, &inv) {
		const struct verdict *verdict = &dev->verdict;

		if (verdict->rule == RULE_NONE)
			continue;
		out_bdf(out, dev->bdf);
		out_char(out, ' ');
		out_text(out, words[verdict->decision]);
		if (verdict->driver_wanted) {
			out_char(out, ' ');
			out_text(out, driver_name(&inv, verdict->driver_wanted));
		}
		out_char(out, '\n');
	}
	out_char(out, '\0');
}

static struct report plan_report(void)
{
	return (struct report){ .set = &set, .inv = &inv, .plan = &plan };
}

static void print_line(void *context, enum level level, struct span line)
{
	struct out *out = context;

	(void)level;
	out_span(out, line);
	out_char(out, '\n');
}

static void print_log(struct out *out)
{
	struct report report = plan_report();

	report_lines(&report, 0, print_line, out);
	out_char(out, '\0');
}

static bool row_holds(const struct row *row)
{
	static char verdicts[4096], log[16384];
	struct out verdicts_out = OUT(verdicts), log_out = OUT(log);
	struct report report = plan_report();

	if (machine_read(span_of(row->machine), devices, &inv))
		return false;
	read_rules(row);
	if (!plan_build(&set, &inv, false, &plan)) {
		printf("%s: facts are missing\n", row->name);
		return false;
	}
	print_verdicts(&verdicts_out);
	print_log(&log_out);
	if (!strcmp(verdicts, row->verdicts) && (!row->says || strstr(log, row->says)) &&
	    report_exit_code(&report) == row->exit_code)
		return true;
	printf("%s: exit %d, wanted %d\n%s--- wanted\n%s--- and in the log: %s\n%s",
	       row->name, report_exit_code(&report), row->exit_code, verdicts,
	       row->verdicts, row->says ? row->says : "", log);
	return false;
}

static void verdicts_are_those_of_the_design(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		wrong += !row_holds(&rows[i]);
	assert_int_equal(wrong, 0);
}

#define ROUNDS_MAX 20

/* The plan asks for what it needs, in few rounds, and then decides the same. */
static bool row_holds_lazily(const struct row *row)
{
	static struct inventory machine;
	static struct device machine_devices[DEVICES_MAX];
	static char verdicts[4096];
	struct out out = OUT(verdicts);
	unsigned rounds = 0;

	machine_read(span_of(row->machine), machine_devices, &machine);
	inventory_init(&inv, devices);
	read_rules(row);
	while (rounds++ < ROUNDS_MAX && !plan_build(&set, &inv, false, &plan))
		machine_answer(&machine, &inv);
	print_verdicts(&out);
	if (rounds < ROUNDS_MAX && !strcmp(verdicts, row->verdicts))
		return true;
	printf("%s: lazily, in %u rounds\n%s--- wanted\n%s", row->name, rounds, verdicts,
	       row->verdicts);
	return false;
}

static void a_lazy_scan_decides_the_same(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		wrong += !row_holds_lazily(&rows[i]);
	assert_int_equal(wrong, 0);
}

/* Rules by address look at those addresses and their groups, and list nothing. */
static void rules_by_address_scan_nothing(void **state)
{
	static struct inventory machine;
	static struct device machine_devices[DEVICES_MAX];
	const struct row row = { .machine = TWINS,
				 .cmdline = "early-vfio.bind=10de:2684@0000:02:00.0",
				 .config = "",
				 .image = "" };

	(void)state;
	machine_read(span_of(row.machine), machine_devices, &machine);
	inventory_init(&inv, devices);
	read_rules(&row);
	while (!plan_build(&set, &inv, false, &plan))
		machine_answer(&machine, &inv);
	assert_false(inv.names_wanted);
	assert_false(inv.all_wanted);
	/* the target, its audio function and the root port of their group */
	assert_int_equal(inv.count, 3);
}

/* So many groups are spoilt that not all are noted: the last is unusable all the same. */
static void unnoted_groups_are_unusable(void **state)
{
	static char text[64 * 1024], json[512 * 1024];
	const struct row row = { .machine = text,
				 .cmdline = "early-vfio.bind=class=02",
				 .config = "",
				 .image = "" };
	struct out machine = OUT(text), out = OUT(json);
	struct report report = plan_report();

	(void)state;
	for (uint32_t group = 0; group <= PLAN_NOTES_MAX; group++)
		for (uint32_t fn = 0; fn < 2; fn++) {
			out_bdf(&machine, (struct bdf){ .domain = 0,
							.bus = (uint8_t)(group / 32),
							.dev = (uint8_t)(group % 32),
							.fn = (uint8_t)fn });
			out_text(&machine, fn ? " 010802 1b36:0010 - nvme " :
						" 020000 8086:10d3 - - ");
			out_dec(&machine, group);
			out_char(&machine, '\n');
		}
	out_char(&machine, '\0');
	assert_null(machine_read(span_of(text), devices, &inv));
	read_rules(&row);
	assert_true(plan_build(&set, &inv, false, &plan));
	assert_int_equal(plan.notes_dropped, 1);
	report_json(&report, &out);
	out_char(&out, '\0');
	assert_false(out.overflow);
	assert_non_null(strstr(json, "{\"group\": 256, \"usable\": false"));
}

/* There is no record left for an address that is asked for: the plan comes to an end. */
static void more_devices_than_records(void **state)
{
	const struct row row = { .cmdline = "early-vfio.bind=0000:00:01.0",
				 .config = "",
				 .image = "protect 0001:00:00.0 144d:a80a holds /\n" };
	struct device dev = { .known = FACT_ALL };

	(void)state;
	assert_true(device_read_modalias(
		SPAN("pci:v0000144Dd0000A80Asv00000000sd00000000bc01sc08i02"), &dev));
	inventory_init(&inv, devices);
	for (uint64_t rank = 0; !inv.has_overflown; rank++)
		if (inventory_append(&inv, (struct bdf){ .rank = rank << 8 })) {
			dev.bdf.rank = rank << 8;
			inv.end[-1] = dev;
			inv.end[-1].group = (int32_t)rank;
		}
	inv.names_known = inv.all_known = inv.machine_known = true;
	read_rules(&row);
	assert_true(plan_build(&set, &inv, false, &plan));
	assert_int_equal(plan.notes[plan.note_count - 1].code,
			 PLAN_NOTE_TOO_MANY_DEVICES);
	/* What is not seen may be anything: all of that id are left alone. */
	assert_int_equal(devices[1].verdict.reason, REASON_PROTECT_MOVED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_are_those_of_the_design),
		cmocka_unit_test(a_lazy_scan_decides_the_same),
		cmocka_unit_test(rules_by_address_scan_nothing),
		cmocka_unit_test(unnoted_groups_are_unusable),
		cmocka_unit_test(more_devices_than_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
