/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people typed, each with a machine like theirs and with what they needed. Only data;
 * knows nothing of how it is tried. The numbers are those of the reports.
 */
#ifndef TESTS_UNIT_INPUTS_H
#define TESTS_UNIT_INPUTS_H

#include "fake.h"

#define SAYS_MAX 5

struct row {
	const char *name, *machine, *cmdline, *config, *image;
	const char *outcome;	    /* ADDRESS DECISION DRIVER, of what rules concern */
	const char *says[SAYS_MAX]; /* in lines of the log; behind "!": in none */
	int exit;
	const char *options; /* that vfio-pci was loaded with; NULL: not loaded, or any */
};

#define VFIO "vfio modular\n"
#define BRIDGED "device 0000:00:01.1 1022:1634 060400 group=12 bridge=07\n"

#define CROWDED                                                              \
	BRIDGED "device 0000:02:00.0 2646:2263 010802 group=12\n"            \
		"device 0000:03:00.0 1022:43c8 010601 group=12\n"            \
		"device 0000:04:00.0 10ec:8168 020000 group=12\n"            \
		"device 0000:07:00.0 10de:2504 030000 group=12 boot-vga=0\n" \
		"device 0000:07:00.1 10de:228e 040300 group=12\n"            \
		"driver pcieport class=060400\ndriver nvme class=010802\n"   \
		"driver ahci class=010601\ndriver r8169 id=10ec:8168\n"      \
		"driver snd_hda_intel class=040300\n" VFIO

#define TWINS                                                       \
	"device 0000:03:00.0 1002:67df 030000 group=1 boot-vga=1\n" \
	"device 0000:03:00.1 1002:aaf0 040300 group=1\n"            \
	"device 0000:0a:00.0 1002:67df 030000 group=2 boot-vga=0\n" \
	"device 0000:0a:00.1 1002:aaf0 040300 group=2\n"            \
	"driver snd_hda_intel class=040300\nmodule amdgpu\n"        \
	"driver amdgpu module=amdgpu id=1002:67df drm\n" VFIO
#define TWINS_SPARED                                                 \
	"0000:03:00.0 refuse -\n0000:03:00.1 refuse snd_hda_intel\n" \
	"0000:0a:00.0 bind vfio-pci\n0000:0a:00.1 bind vfio-pci\n"

#define CARRIED_OVER                                                \
	"device 0000:00:02.0 8086:4692 030000 group=1 boot-vga=1\n" \
	"device 0000:05:00.0 8086:1528 020000 group=2\n"            \
	"device 0000:05:00.1 8086:1528 020000 group=3\n"            \
	"device 0000:08:00.0 8086:125c 020000 group=4\n"            \
	"device 0000:09:00.0 8086:125c 020000 group=5\n"            \
	"driver i915 id=8086:4692 drm\ndriver igc id=8086:125c\n" VFIO

#define FOUR_FUNCTIONS                                               \
	"device 0000:00:14.0 8086:a2af 0c0330 group=3\n"             \
	"device 0000:26:00.0 10de:1e84 030000 group=15 boot-vga=0\n" \
	"device 0000:26:00.1 10de:10f8 040300 group=15\n"            \
	"device 0000:26:00.2 10de:1ad8 0c0330 group=15\n"            \
	"device 0000:26:00.3 10de:1ad9 0c8000 group=15\n"            \
	"driver xhci_hcd class=0c0330\n" VFIO

#define SPOILED                                                      \
	"device 0000:00:14.0 8086:a2af 0c0330 group=3\n"             \
	"device 0000:16:00.0 10de:1e84 030000 group=15 boot-vga=0\n" \
	"device 0000:16:00.1 10de:10f8 040300 group=15\n"            \
	"device 0000:16:00.2 10de:1ad8 0c0330 group=15\n"            \
	"device 0000:16:00.3 10de:1ad9 0c8000 group=15\n"            \
	"driver xhci_hcd class=0c0330\n" VFIO

#define POOL                                             \
	"device 0000:06:00.0 2646:5024 010802 group=1\n" \
	"device 0000:07:00.0 2646:5024 010802 group=2\n" \
	"device 0000:42:00.0 1022:7901 010601 group=3\n" \
	"device 0000:83:00.0 2646:5024 010802 group=4\n" \
	"device 0000:84:00.0 2646:5024 010802 group=5\n" \
	"driver nvme class=010802\ndriver ahci class=010601\n" VFIO
#define POOL_IMAGE                                                         \
	FAKE_VFIO_IMAGE "protect 0000:83:00.0 2646:5024 holds / (rpool)\n" \
			"protect 0000:84:00.0 2646:5024 holds / (rpool)\n"

/* A card and its audio function, and one like it from another maker. */
#define CARD                                                        \
	"device 0000:01:00.0 10de:1c82 030000 group=1 boot-vga=0\n" \
	"device 0000:01:00.1 10de:0fb9 040300 group=1\n"            \
	"driver snd_hda_intel class=040300\n" VFIO
#define BOTH_BOUND "0000:01:00.0 bind vfio-pci\n0000:01:00.1 bind vfio-pci\n"

#define BEHIND(bus)                                                     \
	"device 0000:00:08.1 1022:14b9 060400 group=7 bridge=" bus "\n" \
	"device 0000:" bus ":00.0 1022:15bf 038000 group=8\n"           \
	"device 0000:" bus ":00.3 1022:15c0 0c0330 group=9\n"           \
	"device 0000:00:14.0 8086:a2af 0c0330 group=3\n" VFIO

#define INTEL_DISPLAYS                                                        \
	"device 0000:00:02.0 8086:4692 030000 group=1 boot-vga=1\n"           \
	"device 0000:01:00.0 10de:1c82:7377:0000 030000 group=2 boot-vga=0\n" \
	"device 0000:02:00.0 10de:1c82:1043:8613 030000 group=3 boot-vga=0\n" \
	"device 0000:03:00.0 8086:56a0 030000 group=4 boot-vga=0\n"           \
	"device 0000:04:00.0 8086:1533 020000 group=5\n" VFIO

/* A framebuffer of the firmware on a display controller that is no VGA. */
#define APU                                                                        \
	"device 0000:c3:00.0 1002:1586 038000 group=9 bar=2800000000-2fffffffff\n" \
	"framebuffer simple-framebuffer.0 simpledrm 2800000000-2801fa3fff\n"

#define LONE                                                       \
	"device 0000:0b:00.0 1002:73df 030000 group=1 boot-vga=1 " \
	"bar=e0000000-efffffff\n"                                  \
	"device 0000:0b:00.1 1002:ab28 040300 group=1\n"           \
	"device 0000:10:00.0 1002:164e 030000 group=2 boot-vga=0\n" VFIO

static const struct row rows[] = {
	{ "1: a GPU in a crowded group",
	  CROWDED,
	  "iommu=pt amd_iommu=on vfio_pci.ids=10de:2504,10de:228e vfio_pci.disable_vga=1",
	  "",
	  NULL,
	  "0000:07:00.0 bind vfio-pci\n0000:07:00.1 bind vfio-pci\n",
	  { "0000:02:00.0 stays with nvme", "0000:03:00.0 stays with ahci",
	    "0000:04:00.0 stays with r8169", "!pcieport", "!0000:00:01.1" },
	  0,
	  "disable_vga=1" },
	{ "1: the whole group only where it is said",
	  CROWDED,
	  "early-vfio.bind=0000:07:00.0+group",
	  "",
	  NULL,
	  "0000:02:00.0 bind vfio-pci\n0000:03:00.0 bind vfio-pci\n"
	  "0000:04:00.0 bind vfio-pci\n"
	  "0000:07:00.0 bind vfio-pci\n0000:07:00.1 bind vfio-pci\n",
	  { "!cannot be given" },
	  0,
	  NULL },
	{ "2: two equal cards, one drives the screen",
	  TWINS,
	  "vfio-pci.ids=1002:67df,1002:aaf0",
	  "",
	  NULL,
	  TWINS_SPARED,
	  { "1002:67df@0000:03:00.0+slot", "1002:67df@0000:0a:00.0+slot" },
	  1,
	  NULL },
	{ "2: the same by modprobe.d",
	  TWINS,
	  "quiet",
	  "ids 1002:67df,1002:aaf0\n",
	  NULL,
	  TWINS_SPARED,
	  { "1002:67df@0000:0a:00.0+slot" },
	  1,
	  NULL },
	{ "2: as the guarded specification has it",
	  TWINS,
	  "",
	  "bind 1002:67df@0000:0a:00.0+slot\n",
	  NULL,
	  "0000:0a:00.0 bind vfio-pci\n0000:0a:00.1 bind vfio-pci\n",
	  { "!boot display" },
	  0,
	  NULL },
	{ "3: functions that are not there yet",
	  CARRIED_OVER,
	  "",
	  "bind 8086:1528@0000:05:00.0,8086:1528@0000:05:00.1\n"
	  "bind 8086:125c@0000:08:00.0,8086:125c@0000:09:00.0\n"
	  "bind 8086:4692@0000:00:02.1,8086:4692@0000:00:02.2\n",
	  NULL,
	  "0000:00:02.1 defer -\n0000:00:02.2 defer -\n0000:05:00.0 bind vfio-pci\n"
	  "0000:05:00.1 bind vfio-pci\n0000:08:00.0 bind vfio-pci\n"
	  "0000:09:00.0 bind vfio-pci\n",
	  { "0000:00:02.1 deferred", "!no such device" },
	  1,
	  NULL },
	{ "4: the guard does not hold",
	  "device 0000:05:00.0 2646:5024 010802 group=1\ndriver nvme class=010802\n" VFIO,
	  "early-vfio.bind=8086:1528@0000:05:00.0",
	  "",
	  NULL,
	  "0000:05:00.0 refuse nvme\n",
	  { "0000:05:00.0 2646:5024", "8086:1528@0000:05:00.0" },
	  1,
	  NULL },
	{ "4: and it has moved",
	  "device 0000:05:00.0 2646:5024 010802 group=1\n"
	  "device 0000:06:00.0 8086:1528 020000 group=2\ndriver nvme class=010802\n" VFIO,
	  "early-vfio.bind=8086:1528@0000:05:00.0",
	  "",
	  NULL,
	  "0000:05:00.0 refuse nvme\n",
	  { "it is now at 0000:06:00.0" },
	  1,
	  NULL },
	{ "5: one function forgotten",
	  FOUR_FUNCTIONS,
	  "",
	  "ids 10de:1e84,10de:10f8,10de:1ad9\n",
	  NULL,
	  "0000:26:00.0 bind vfio-pci\n0000:26:00.1 bind vfio-pci\n"
	  "0000:26:00.3 bind vfio-pci\n",
	  { "0000:26:00.2 stays with xhci_hcd" },
	  0,
	  NULL },
	{ "5: the slot is taken from a driver that is built in",
	  FOUR_FUNCTIONS,
	  "early-vfio.bind=10de:1e84+slot",
	  "",
	  NULL,
	  "0000:26:00.0 bind vfio-pci\n0000:26:00.1 bind vfio-pci\n"
	  "0000:26:00.2 bind vfio-pci\n0000:26:00.3 bind vfio-pci\n",
	  { "!stays with" },
	  0,
	  NULL },
	{ "6: one function spoils the group, and not the one without a driver",
	  SPOILED,
	  "",
	  "bind 0000:16:00.0,0000:16:00.1\n",
	  NULL,
	  "0000:16:00.0 bind vfio-pci\n0000:16:00.1 bind vfio-pci\n",
	  { "group 15 cannot be given to a VM: 0000:16:00.2 stays with xhci_hcd",
	    "!group 15 cannot be given to a VM: 0000:16:00.3" },
	  0,
	  NULL },
	{ "7: a bridge in the group",
	  "device 0000:04:00.0 1022:43ea 060400 group=15 bridge=05\n"
	  "device 0000:05:00.0 8086:1528 020000 group=15\n"
	  "driver pcieport class=060400\n" VFIO,
	  "",
	  "bind 0000:05:00.0\n",
	  NULL,
	  "0000:05:00.0 bind vfio-pci\n",
	  { "!cannot be given", "!0000:04:00.0" },
	  0,
	  NULL },
	{ "8: the boot pool has twins",
	  POOL,
	  "vfio-pci.ids=1cc1:8201,2646:5024,8086:2700,1bb1:5018",
	  "",
	  POOL_IMAGE,
	  "0000:06:00.0 bind vfio-pci\n0000:07:00.0 bind vfio-pci\n"
	  "0000:83:00.0 protect nvme\n0000:84:00.0 protect nvme\n",
	  { "0000:83:00.0 2646:5024 protected with nvme: holds / (rpool)" },
	  1,
	  NULL },
	{ "8: the pool has moved to other slots",
	  POOL,
	  "vfio-pci.ids=2646:5024",
	  "",
	  FAKE_VFIO_IMAGE "protect 0000:85:00.0 2646:5024 holds / (rpool)\n",
	  "0000:06:00.0 protect nvme\n0000:07:00.0 protect nvme\n"
	  "0000:83:00.0 protect nvme\n0000:84:00.0 protect nvme\n",
	  { "rebuild the image" },
	  1,
	  NULL },
	{ "9: a comma between vendor and device",
	  CARD,
	  "",
	  "ids 10de,1c82\n",
	  FAKE_VFIO_IMAGE,
	  "",
	  { "10de:1c82" },
	  2,
	  NULL },
	{ "9: and the rest of the list counts",
	  CARD,
	  "vfio-pci.ids=10de,1c82,10de:0fb9",
	  "",
	  NULL,
	  "0000:01:00.1 bind vfio-pci\n",
	  { "10de:1c82" },
	  2,
	  NULL },
	{ "10: a blank behind the comma",
	  CARD,
	  "quiet vfio-pci.ids=10de:1c82, 10de:0fb9 splash",
	  "",
	  NULL,
	  "0000:01:00.0 bind vfio-pci\n",
	  { "10de:0fb9" },
	  0,
	  NULL },
	{ "11: a comma at the end",
	  CARD,
	  "",
	  "ids 10de:1c82,10de:0fb9,\n",
	  NULL,
	  BOTH_BOUND,
	  { "!comma" },
	  0,
	  NULL },
	{ "11: one id four times",
	  CARD,
	  "vfio-pci.ids=10de:1c82,10de:1c82,10de:1c82,10de:1c82",
	  "",
	  NULL,
	  "0000:01:00.0 bind vfio-pci\n",
	  { "info: cmdline:24: 10de:1c82: given more than once" },
	  0,
	  NULL },
	{ "12: two digits of function",
	  CARD,
	  "early-vfio.bind=0000:01:00.00",
	  "",
	  NULL,
	  "0000:01:00.0 bind vfio-pci\n",
	  { "01:00.0" },
	  0,
	  NULL },
	{ "12: and a function that is none",
	  CARD,
	  "early-vfio.bind=0000:01:00.08",
	  "",
	  NULL,
	  "",
	  { "0 to 7" },
	  2,
	  NULL },
	{ "13: a path, whatever the bus is called",
	  BEHIND("c1"),
	  "",
	  "bind 0000:00:08.1/00.3\n",
	  NULL,
	  "0000:c1:00.3 bind vfio-pci\n",
	  { "!error" },
	  0,
	  NULL },
	{ "13: and when it is called otherwise",
	  BEHIND("c2"),
	  "",
	  "bind 0000:00:08.1/00.3\n",
	  NULL,
	  "0000:c2:00.3 bind vfio-pci\n",
	  { "!error" },
	  0,
	  NULL },
	{ "14: both spellings of the parameter",
	  CARD,
	  "vfio-pci.ids=10de:1c82 vfio_pci.ids=10de:0fb9",
	  "",
	  NULL,
	  BOTH_BOUND,
	  { "all count; the kernel takes the last" },
	  0,
	  NULL },
	{ "14: ids on the command line replace those of modprobe.d",
	  CARD,
	  "vfio-pci.ids=10de:1c82",
	  "ids 10de:0fb9\n",
	  NULL,
	  "0000:01:00.0 bind vfio-pci\n",
	  { "replaced" },
	  0,
	  NULL },
	{ "15: quotes around the parameter",
	  CARD,
	  "root=ZFS=rpool/ROOT/pve-1 boot=zfs \"vfio-pci.ids=10de:1c82,10de:0fb9\"",
	  "",
	  NULL,
	  BOTH_BOUND,
	  { "!quote" },
	  0,
	  NULL },
	{ "15: quotes around the value",
	  CARD,
	  "vfio-pci.ids=\"10de:1c82,10de:0fb9\"",
	  "",
	  NULL,
	  BOTH_BOUND,
	  { "!quote" },
	  0,
	  NULL },
	{ "15: one lone quote",
	  CARD,
	  "vfio-pci.ids=10de:1c82,10de:0fb9\"",
	  "",
	  NULL,
	  BOTH_BOUND,
	  { "quote" },
	  0,
	  NULL },
	{ "15: and quotes in the config",
	  CARD,
	  "",
	  "bind \"10de:1c82,10de:0fb9\"\r\n",
	  NULL,
	  BOTH_BOUND,
	  { "quote" },
	  0,
	  NULL },
	{ "16: hex as the kernel takes it",
	  CARD,
	  "vfio-pci.ids=0x10DE:0x1C82,10DE:fb9",
	  "",
	  NULL,
	  BOTH_BOUND,
	  { "!error" },
	  0,
	  NULL },
	{ "17: sub-ids, and a class with its mask",
	  INTEL_DISPLAYS,
	  "vfio-pci.ids=10de:1c82:7377:0000,"
	  "8086:ffffffff:ffffffff:ffffffff:30000:ff0000",
	  "",
	  NULL,
	  "0000:00:02.0 refuse -\n0000:01:00.0 bind vfio-pci\n0000:03:00.0 bind vfio-pci\n",
	  { "boot display" },
	  1,
	  NULL },
	{ "18: a framebuffer on a display that is no VGA",
	  APU VFIO,
	  "amd_iommu=on iommu=pt video=efifb:off early-vfio.bind=0000:c3:00.0",
	  "",
	  NULL,
	  "0000:c3:00.0 bind vfio-pci\n",
	  { "0000:c3:00.0 is the boot display" },
	  0,
	  NULL },
	{ "18: and by what firmware used",
	  APU VFIO,
	  "early-vfio.bind=boot-vga",
	  "",
	  NULL,
	  "0000:c3:00.0 bind vfio-pci\n",
	  { "early-vfio.mode=off" },
	  0,
	  NULL },
	{ "19: domains",
	  "device 0004:41:00.0 15b3:101e 020000 group=1\n"
	  "device 3f7a:00:00.0 15b3:1016 020000 group=2\n"
	  "device 10000:e1:00.0 8086:0a54 010802 group=3\n" VFIO,
	  "early-vfio.bind=10000:e1:00.0,0004:41:00.0",
	  "bind 3f7a:00:00.0\n",
	  NULL,
	  "0004:41:00.0 bind vfio-pci\n3f7a:00:00.0 bind vfio-pci\n"
	  "10000:e1:00.0 bind vfio-pci\n",
	  { "!error" },
	  0,
	  NULL },
	{ "20: the display that firmware used, by id",
	  LONE,
	  "",
	  "ids 1002:73df,1002:ab28\n",
	  NULL,
	  "0000:0b:00.0 bind vfio-pci\n0000:0b:00.1 bind vfio-pci\n",
	  { "0000:0b:00.0 is the boot display: the console ends here" },
	  0,
	  NULL },
	{ "21: vfio-pci is built in",
	  "device 0000:28:00.0 10de:1e84 030000 group=1 boot-vga=0\n"
	  "device 0000:28:00.1 10de:10f8 040300 group=1\n"
	  "driver snd_hda_intel class=040300\nvfio builtin\n",
	  "early-vfio.bind=0000:28:00.0,0000:28:00.1",
	  "",
	  "",
	  "0000:28:00.0 bind vfio-pci\n0000:28:00.1 bind vfio-pci\n",
	  { "!error" },
	  0,
	  NULL },
	{ "a parameter with a letter left out",
	  CARD,
	  "vfio-pc.ids=10de:1c82",
	  "",
	  NULL,
	  "",
	  { "vfio-pci.ids" },
	  0,
	  NULL },
	{ "another driver's parameter",
	  CARD,
	  "pci-stub.ids=10de:1c82",
	  "",
	  NULL,
	  "",
	  { "vfio-pci.ids" },
	  0,
	  NULL },
	{ "an address without its function",
	  CARD,
	  "early-vfio.bind=01:00",
	  "",
	  NULL,
	  "",
	  { "01:00.0" },
	  2,
	  NULL },
	{ "an address where an id belongs",
	  CARD,
	  "vfio-pci.ids=0000:01:00.0,10de:0fb9",
	  "",
	  NULL,
	  "0000:01:00.1 bind vfio-pci\n",
	  { "0000:01:00.0" },
	  2,
	  NULL },
	{ "every device there is",
	  CARD,
	  "early-vfio.bind=*:*",
	  "",
	  NULL,
	  "",
	  { "every device" },
	  2,
	  NULL },
	{ "9: a comma, with 0x and capitals",
	  CARD,
	  "vfio-pci.ids=0x10DE,0x1C82,10de:0fb9",
	  "",
	  NULL,
	  "0000:01:00.1 bind vfio-pci\n",
	  { "0x10DE,0x1C82", "write 0x10DE:0x1C82" },
	  2,
	  NULL },
	{ "10: a blank for the comma, in the config",
	  CARD,
	  "",
	  "bind 10de:1c82 10de:0fb9\n",
	  NULL,
	  "",
	  { "error: config:1:16: 10de:0fb9: the rest of a list?" },
	  2,
	  NULL },
	{ "10: semicolons between ids",
	  CARD,
	  "vfio-pci.ids=10de:1c82;10de:0fb9",
	  "",
	  NULL,
	  "0000:01:00.0 bind vfio-pci\n",
	  { ";10de:0fb9: ignored, as the kernel does; a comma ends an id" },
	  0,
	  NULL },
	{ "a line that means nothing",
	  CARD,
	  "",
	  "bind=10de:1c82\n",
	  NULL,
	  "",
	  { "error: config:1:1: bind=10de:1c82: no such directive", "1 faulty" },
	  2,
	  NULL },
	{ "a colon for the equals sign",
	  CARD,
	  "vfio-pci.ids:10de:1c82",
	  "",
	  NULL,
	  "",
	  { "write vfio-pci.ids" },
	  0,
	  NULL },
	{ "ids by another name",
	  CARD,
	  "vfio_pci.device_ids=10de:1c82",
	  "",
	  NULL,
	  "",
	  { "write vfio-pci.ids" },
	  0,
	  NULL },
};

#endif
