# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of boots: a machine, a configuration, a kernel command line, and what has to come of
it. Knows nothing of how it is booted and compared; see lib/scenario.py.

The cards of the machines are 1234:1111 and 8086:2668, the host's drivers of them bochs-drm and
snd_hda_intel. Card N is behind root port 0000:00:0N.0, as 0000:0N:00.0 and .1."""

import re

from lib.boot import LIMIT_S
from lib.guest import UNLOCKED
from lib.job import PLACES
from lib.machine import Machine, PCI_SERIAL, VGA, XHCI, card, e1000e, nvme, sata_at, shared_group
from lib.scenario import Scenario

CARD1, SOUND1 = "0000:01:00.0", "0000:01:00.1"
CARD2, SOUND2 = "0000:02:00.0", "0000:02:00.1"
STANDARD_VGA = "0000:00:10.0"

SECOND = {"etc/early-vfio.conf": "bind 1234:1111@0000:02:00.0+slot\n"}
# Configurations by name: files of the host's tree that the image is built with.
CONFIGS = {
    "none": {},
    "second": SECOND,
    "shell": SECOND | UNLOCKED,
    # All drivers that a machine could need to boot are in the image, as is the default.
    "most": {
        "etc/early-vfio.conf": "bind 1234:1111@0000:01:00.0+slot\n"
                               "bind 1b36:0010@0000:02:00.0\n"
                               "bind 8086:10d3@0000:03:00.0\n"
                               "bind 8086:2922@0000:00:13.0\n"
                               "bind 1b36:000d@0000:00:14.0\n",
        "etc/initramfs-tools/conf.d/most.conf": "MODULES=most\n",
        "etc/dracut.conf.d/most.conf": 'drivers=""\nhostonly=no\n',
    },
    # dracut's images have command line files of their own.
    "own-cmdline": {
        "etc/dracut.conf.d/cmdline.conf":
            'kernel_cmdline="early-vfio.bind=1234:1111@0000:02:00.0+slot"\n'},
    "impatient": {"etc/early-vfio.conf": "bind 1234:1111@0000:02:00.0+slot\nset timeout 3\n"},
    # A module's init that waits for disks which never answer, for hours. Without scan=sync others'
    # would wait for it too.
    "hanging": {
        "etc/early-vfio.conf": "bind 1b36:0002\nbind 1234:1111@0000:02:00.0+slot\nset timeout 3\n",
        "etc/modprobe.d/hanging.conf": "softdep vfio-pci pre: scsi_debug\n"
                                       "options scsi_mod scan=sync\n"
                                       "options scsi_debug num_tgts=255 statistics=1 every_nth=1 opts=4\n",
    },
    # On no processor of ours does that module load.
    "modprobe": {"etc/modprobe.d/vfio.conf": "options vfio-pci ids=1234:1111\n"
                                             "softdep vfio-pci pre: via-rng\n"},
    "mixed": {
        "etc/early-vfio.conf": "bind 1b36:0010@0000:03:00.0\n"
                               "bind 1b36:0002\n",
        "etc/early-vfio.conf.d/moved.conf": "bind 8086:10d3@0000:01:00.0\n",
    },
}

TWINS = Machine(card(1) + card(2))
TWINS_AND_VGA = Machine(card(1) + card(2) + VGA)
AMD = Machine(card(1) + card(2), iommu="amd")
NO_IOMMU = Machine(card(1) + card(2), iommu=None)
SHARED = Machine(card(1) + shared_group(2))
# A built-in driver's device, two NVMe controllers of which one has the root, and a NIC that is
# not where the configuration expects it.
# One of each driver that an image has. The machine has a SATA controller by itself, 0000:00:1f.2.
EACH = Machine(card(1) + nvme(2, "other") + e1000e(3) + XHCI + sata_at("13.0", "other-sata") +
               ("-device", "qemu-xhci,bus=pcie.0,addr=14.0"))
MIXED = Machine(card(1) + e1000e(2) + nvme(3, "other") + PCI_SERIAL, root_port=4)

DRACUT = ("dracut", "dracut-plain")
ALL_HOST = {CARD1: "bochs-drm", SOUND1: "snd_hda_intel",
            CARD2: "bochs-drm", SOUND2: "snd_hda_intel"}
SECOND_TAKEN = ALL_HOST | {CARD2: "vfio-pci", SOUND2: "vfio-pci"}
BOTH_DISPLAYS_TAKEN = ALL_HOST | {CARD1: "vfio-pci", CARD2: "vfio-pci"}
BOUND = ("bind", "bound")
SECOND_REPORT = {CARD2: BOUND, SOUND2: BOUND}

# Both cards would have been vfio-pci's again if its ids still had them.
REPROBE = """
echo 0000:01:00.0 >/sys/bus/pci/devices/0000:01:00.0/driver/unbind
echo 0000:01:00.0 >/sys/bus/pci/drivers_probe
readlink /sys/bus/pci/devices/0000:01:00.0/driver
"""

# A machine holds the device open, stopped, once it has answered; then the host wants it back.
STUCK = """
mkfifo /run/in /run/out
qemu-system-x86_64 -M q35 -accel tcg -m 64 -nodefaults -S -display none -qmp stdio \\
	-device vfio-pci,host=0000:02:00.0 </run/in >/run/out 2>&1 &
exec 3>/run/in 4</run/out
printf '%s\\n' '{"execute":"qmp_capabilities"}' '{"execute":"query-pci"}' >&3
for answer in greeting capabilities pci; do
	read -r line <&4
done
read -r start _ </proc/uptime
early-vfio release 0000:02:00.0 >/run/said; released=$?
early-vfio status; status=$?
early-vfio plan; plan=$?
/usr/lib/early-vfio/binder run; again=$?
read -r end _ </proc/uptime
echo "release $released status $status plan $plan run $again"
# Three seconds for each of what hangs, and what an emulated machine needs.
echo "$((${end%.*} - ${start%.*})) seconds" >/run/time
"""

# A second run with the modules of an image, while the module's init does not return: what the
# kernel has begun to load it takes for loaded, and goes on.
HANGING = """
early-vfio generate --kernel "$(uname -r)" --no-host --output /etc/early-vfio.image || exit
read -r state </sys/module/scsi_debug/initstate
read -r start _ </proc/uptime
early-vfio status; before=$?
early-vfio plan; plan=$?
/usr/lib/early-vfio/binder run; again=$?
early-vfio status; after=$?
read -r end _ </proc/uptime
echo "$((${end%.*} - ${start%.*})) seconds" >/run/time
echo "$state: status $before plan $plan run $again status $after"
"""

# The same assertions that the simulated kernel is held to, with the modules of an image.
CONTRACT = """
early-vfio generate --kernel "$(uname -r)" --no-host --output /run/contract.image
modules=$(sed -n 's/^module \\([^ ]*\\).*/\\1/p' /run/contract.image)
/usr/lib/guest/contract / 0000:01:00.0 0000:02:00.0 $modules
"""



# What each shell of an image can do.
SHELL = (
    ("early-vfio status", 0, r"0000:02:00\.0 .*bound"),
    ("early-vfio plan", 0, r"0000:02:00\.0 .*vfio-pci bind"),
    ("early-vfio release 0000:02:00.0", 0, r"0000:02:00\.0 .*released"),
    ("early-vfio status", 1, r"0000:02:00\.0 .*not bound"),
    ("early-vfio bind 0000:02:00.0", 0, r"0000:02:00\.0 .*bound"),
    ("early-vfio status --json", 0, r'^\{"version": 1, '),
)


def check_finds(*findings):
    """A command: `early-vfio check` fails, as the guest's own /boot holds the image of before, and
    has each of these findings."""
    script = "early-vfio check --json >/run/check.json\n[ $? -eq 1 ] || exit 9\n"
    script += "".join(f"grep -F '{text}' /run/check.json || exit 8\n" for text in findings)
    return script, 0, re.escape(findings[-1])


SCENARIOS = (
    Scenario(
        "config", TWINS, SECOND_TAKEN, image="second", places=PLACES,
        report=SECOND_REPORT, untouched=("0000:02:00",), touched=("0000:01:00",),
        log=(r"0000:02:00\.0 1234:1111 bound to vfio-pci: /etc/early-vfio\.conf:1",
             r"0000:02:00\.1 8086:2668 bound to vfio-pci: /etc/early-vfio\.conf:1"),
        commands={"second-qemu": ("/usr/lib/guest/second-qemu 0000:02:00.0", 0, "taken"),
                  "check": check_finds(
                      "the IOMMU is on", "interrupts are remapped",
                      "0000:02:00.0 1234:1111 is with vfio-pci",
                      "can be given to a VM: 0000:02:00.0, 0000:02:00.1",
                      "0000:00:18.0 is protected: holds / (", "the config has changed",
                      "the image protects nothing")}),
    Scenario(
        "systemd", TWINS, SECOND_TAKEN, image="second", is_systemd=True, is_daily=False,
        report=SECOND_REPORT,
        untouched=("0000:02:00",), touched=("0000:01:00",),
        commands={"second-qemu": ("/usr/lib/guest/second-qemu 0000:02:00.0", 0, "taken")}),
    Scenario(
        "cmdline", TWINS, SECOND_TAKEN,
        cmdline="early-vfio.bind=1234:1111@0000:02:00.0+slot",
        report=SECOND_REPORT, untouched=("0000:02:00",), touched=("0000:01:00",),
        log=(r"0000:02:00\.0 1234:1111 bound to vfio-pci: cmdline",)),
    Scenario(
        "every-driver", EACH,
        {CARD1: "vfio-pci", SOUND1: "vfio-pci", "0000:02:00.0": "vfio-pci",
         "0000:03:00.0": "vfio-pci", "0000:00:13.0": "vfio-pci", "0000:00:14.0": "vfio-pci",
         "0000:00:12.0": "xhci_hcd", "0000:00:1f.2": "ahci"}, image="most",
        untouched=("0000:01:00", "0000:02:00", "0000:03:00", "0000:00:13", "0000:00:14"),
        touched=("0000:00:12", "0000:00:1f.2"),
        report={CARD1: BOUND, SOUND1: BOUND, "0000:02:00.0": BOUND, "0000:03:00.0": BOUND,
                "0000:00:13.0": BOUND, "0000:00:14.0": BOUND}),
    Scenario(
        "own-cmdline", TWINS, SECOND_TAKEN, image="own-cmdline", generators=DRACUT,
        report=SECOND_REPORT, untouched=("0000:02:00",), touched=("0000:01:00",),
        log=(r"0000:02:00\.0 1234:1111 bound to vfio-pci: cmdline",)),
    Scenario(
        "own-cmdline-off", TWINS, ALL_HOST, image="own-cmdline", generators=DRACUT, is_daily=False,
        cmdline="early-vfio.mode=off", has_report=False, status=None,
        log=(r"early-vfio\.mode=off: nothing is taken",)),
    # What this parameter names, dracut loads before udev.
    Scenario(
        "driver-pre", TWINS, SECOND_TAKEN, image="second", generators=DRACUT,
        cmdline="rd.driver.pre=bochs,snd_hda_intel", report=SECOND_REPORT,
        untouched=("0000:02:00",), touched=("0000:01:00",)),
    Scenario(
        "ids", TWINS, BOTH_DISPLAYS_TAKEN, cmdline="vfio-pci.ids=1234:1111", status=None,
        report={CARD1: BOUND, CARD2: BOUND},
        log=(r"0000:01:00\.0 1234:1111 bound to vfio-pci",
             r"0000:02:00\.0 1234:1111 bound to vfio-pci",
             r"0000:02:00\.1 8086:2668 .*stays with the host.*\+slot")),
    Scenario(
        "ids-vga", TWINS_AND_VGA, BOTH_DISPLAYS_TAKEN | {STANDARD_VGA: "bochs-drm"},
        cmdline="vfio-pci.ids=1234:1111", status=None,
        report={CARD1: BOUND, CARD2: BOUND, STANDARD_VGA: ("refuse", None)},
        log=(r"0000:00:10\.0 1234:1111 left alone.*boot display.*1234:1111@0000:02:00\.0",)),
    Scenario(
        "modprobe", TWINS, BOTH_DISPLAYS_TAKEN, image="modprobe", status=None,
        report={CARD1: BOUND, CARD2: BOUND},
        log=(r"0000:01:00\.0 .*bound to vfio-pci: /etc/modprobe\.d/vfio\.conf",),
        commands={"softdep": ("modprobe via-rng", 1, "No such device")}),
    Scenario(
        "path", TWINS, SECOND_TAKEN, cmdline="early-vfio.bind=0000:00:02.0/00.0+slot",
        report=SECOND_REPORT, untouched=("0000:02:00",), touched=("0000:01:00",)),
    Scenario(
        "group", SHARED,
        {CARD1: "bochs-drm", "0000:02:00.0": None, "0000:03:01.0": "vfio-pci",
         "0000:03:01.1": "vfio-pci", "0000:03:02.0": "vfio-pci"},
        cmdline="early-vfio.bind=0000:03:01.0+group",
        untouched=("0000:03:01", "0000:03:02"), touched=("0000:01:00",),
        report={"0000:03:01.0": BOUND, "0000:03:01.1": BOUND, "0000:03:02.0": BOUND}),
    Scenario(
        "spoiled-group", SHARED,
        {"0000:03:01.0": "vfio-pci", "0000:03:01.1": "vfio-pci", "0000:03:02.0": "e1000"},
        cmdline="early-vfio.bind=0000:03:01.0+slot",
        log=(r"group \d+ also holds 0000:03:02\.0 \(1 of 1\)",),
        status=None, commands={"groups": ("early-vfio status || :", 0,
                                          r"group .*0000:03:02\.0.*e1000")}),
    Scenario(
        "off", TWINS, ALL_HOST, image="second", cmdline="early-vfio.mode=off", has_report=False,
        status=None, log=(r"early-vfio\.mode=off: nothing is taken",)),
    Scenario(
        "off-behind-quote", TWINS, ALL_HOST,
        planted="a lone quote before the kill switch",
        image="second", has_report=False, status=None,
        cmdline='early-vfio.bind="0000:01:00.0 early-vfio.mode=off',
        log=(r"early-vfio\.mode=off: nothing is taken",)),
    Scenario(
        "plan", TWINS, ALL_HOST, image="second", cmdline="early-vfio.mode=plan", status=1,
        report={CARD2: ("bind", None), SOUND2: ("bind", None)},
        log=(r"0000:02:00\.0 1234:1111 would be bound to vfio-pci",
             r"0000:02:00\.1 8086:2668 would be bound to vfio-pci")),
    Scenario(
        "mixed", MIXED,
        {"0000:00:11.0": "vfio-pci", "0000:03:00.0": "vfio-pci", "0000:04:00.0": "nvme",
         CARD1: "bochs-drm", "0000:02:00.0": "e1000e"},
        planted="a card is not where the config has it",
        image="mixed", status=1,
        report={"0000:00:11.0": BOUND, "0000:03:00.0": BOUND, CARD1: ("refuse", None)},
        log=(r"0000:01:00\.0 1234:1111 left alone.*8086:10d3@0000:01:00\.0"
             r".*it is now at 0000:02:00\.0",),
        console=(r"0000:01:00\.0 1234:1111 left alone",)),
    Scenario(
        "iommu-off", TWINS, ALL_HOST,
        planted="the IOMMU is turned off",
        image="second", cmdline="intel_iommu=off", status=1,
        report={CARD2: ("refuse", None), SOUND2: ("refuse", None)},
        log=(r"0000:02:00\.0 1234:1111 left alone.*remove intel_iommu=off",),
        console=(r"0000:02:00\.0 1234:1111 left alone.*remove intel_iommu=off",),
        commands={"check": check_finds("intel_iommu=off turns the IOMMU off",
                                       "boot without intel_iommu=off")}),
    Scenario(
        "no-iommu", NO_IOMMU, ALL_HOST,
        planted="there is no IOMMU",
        image="second", status=1,
        report={CARD2: ("refuse", None), SOUND2: ("refuse", None)},
        log=(r"0000:02:00\.0 1234:1111 left alone.*no IOMMU group.*firmware",),
        commands={"check": check_finds("the firmware names none")}),
    Scenario(
        "amd", AMD, SECOND_TAKEN, image="second", report=SECOND_REPORT,
        commands={"check": check_finds("interrupts are remapped")}),
    Scenario(
        "no-remapping", TWINS, SECOND_TAKEN, image="second", cmdline="intremap=off", is_daily=False,
        report=SECOND_REPORT,
        commands={"check": check_finds("interrupts are not remapped", "boot without intremap=off")}),
    Scenario(
        "amd-off", AMD, ALL_HOST,
        planted="the IOMMU is turned off",
        image="second", cmdline="amd_iommu=off", status=1,
        report={CARD2: ("refuse", None), SOUND2: ("refuse", None)},
        log=(r"0000:02:00\.0 1234:1111 left alone.*remove amd_iommu=off",)),
    Scenario(
        "kept", TWINS, ALL_HOST | {CARD2: "vfio-pci"},
        planted="vfio-pci has taken a device that is kept",
        status=None,
        cmdline="guest.vfio-first vfio-pci.ids=1234:1111 early-vfio.keep=0000:01:00.0",
        report={CARD1: ("keep", "released"), CARD2: BOUND},
        log=(r"0000:01:00\.0 1234:1111 released",),
        commands={"reprobe": (REPROBE, 0, "bochs-drm")}),
    Scenario(
        "stuck", TWINS, SECOND_TAKEN,
        planted="an unbind that does not return", is_stuck=True,
        image="impatient", status=None, report=SECOND_REPORT,
        places=("bookworm initramfs-tools", "trixie initramfs-tools", "sid initramfs-tools"),
        commands={"1-stuck": (STUCK, 0, "^release 1 status [01] plan [01] run [01]$"),
                  "2-said": ("cat /run/said", 0, r"0000:02:00\.0 .*hangs"),
                  "3-time": ("cat /run/time", 0, "^([0-9]|[1-3][0-9]) seconds$")}),
    Scenario(
        "hanging-module", Machine(card(1) + card(2) + PCI_SERIAL),
        ALL_HOST | {CARD2: None, SOUND2: None, "0000:00:11.0": "serial"},
        planted="a module's init that does not return", is_stuck=True,
        image="hanging", status=0, generators=("initramfs-tools",), is_daily=False,
        # In 6.1, to read of a device waits for its probe: so udev does, for two minutes.
        limit_s=2 * LIMIT_S,
        report=dict.fromkeys((CARD2, SOUND2), ("bind", "isolated")) |
        {"0000:00:11.0": ("bind", "restored")},
        log=(r"0000:00:11\.0 1b36:0002 restored with serial: module load failed: scsi_debug: ETIMEDOUT",
             r"0000:02:00\.0 1234:1111 isolated: module load failed: scsi_debug: ETIMEDOUT"),
        commands={"1-hanging": (HANGING, 0, "^coming: status 1 plan 0 run 0 status 0$"),
                  "2-time": ("cat /run/time", 0, "^([0-9]|1[0-9]) seconds$")}),
    Scenario(
        "contract", TWINS, ALL_HOST, programs=("klibc/contract",),
        places=("bookworm initramfs-tools", "trixie initramfs-tools", "sid initramfs-tools"),
        commands={"contract": (CONTRACT, 0, r"^contract: [1-9]\d* hold, 0 do not$")}),
    Scenario(
        "recovery-shell", TWINS, SECOND_TAKEN, image="second", cmdline="break=top,premount",
        generators=("initramfs-tools",),
        dialogue=(
            (("early-vfio status", 1, r"0000:02:00\.0 .*not bound"),
             ("early-vfio plan", 0, r"0000:02:00\.0 .*vfio-pci bind"),
             ("early-vfio bind 1234:1111@0000:01:00.0+slot", 0, r"0000:01:00\.0 .*bound"),
             ("echo /sys/bus/pci/drivers/vfio-pci/0*", 0,
              r"vfio-pci/0000:01:00\.0 .*vfio-pci/0000:01:00\.1$"),
             ("early-vfio release 0000:01:00.0+slot", 0, r"0000:01:00\.0 .*released"),
             ("echo /sys/bus/pci/drivers/vfio-pci/0*", 0, r"vfio-pci/0\*$"),
             ("echo /sys/bus/pci/drivers/bochs-drm/0*", 0, r"bochs-drm/0000:01:00\.0"),
             ("echo /sys/bus/pci/drivers/snd_hda_intel/0*", 0,
              r"snd_hda_intel/0000:01:00\.1")),
            (("early-vfio status", 0, r"0000:02:00\.0 .*bound"),
             ("early-vfio plan", 0, r"0000:02:00\.0 .*vfio-pci bind"),
             ("early-vfio release 0000:02:00.0 && udevadm settle", 0,
              r"0000:02:00\.0 .*released"),
             ("early-vfio status", 1, r"0000:02:00\.0 .*not bound"),
             ("echo /sys/bus/pci/drivers/bochs-drm/0*", 0, r"bochs-drm/0000:02:00\.0$"),
             ("early-vfio bind 0000:02:00.0", 0, r"0000:02:00\.0 .*bound"),
             ("early-vfio status", 0, r"0000:02:00\.0 .*bound")))),
    Scenario(
        "rdinit", TWINS, SECOND_TAKEN, image="second", is_extra=True, status=None,
        report=SECOND_REPORT, untouched=("0000:02:00",), touched=("0000:01:00",),
        log=(r"0000:02:00\.0 1234:1111 bound to vfio-pci: /etc/early-vfio\.conf:1",
             r"0000:02:00\.1 8086:2668 bound to vfio-pci: /etc/early-vfio\.conf:1"),
        commands={"traces": ("grep -c early-vfio /proc/mounts; test ! -e /early-vfio", 0, "^0$")}),
    Scenario(
        "rdinit-off", TWINS, ALL_HOST, image="second", is_extra=True, status=None,
        has_report=False, cmdline="early-vfio.mode=off",
        log=(r"early-vfio\.mode=off: nothing is taken",)),
    Scenario(
        "uki", TWINS, SECOND_TAKEN, image="second", is_unified=True, is_daily=False,
        report=SECOND_REPORT, untouched=("0000:02:00",), touched=("0000:01:00",)),
    Scenario(
        "uki-rdinit", TWINS, SECOND_TAKEN, image="second", is_unified=True, is_daily=False,
        is_extra=True, status=None, report=SECOND_REPORT, untouched=("0000:02:00",),
        touched=("0000:01:00",)),
    # dracut gives no shell before us.
    Scenario(
        "shell-pre-udev", TWINS, SECOND_TAKEN, image="shell", generators=DRACUT,
        cmdline="rd.break=pre-udev SYSTEMD_SULOGIN_FORCE=1",
        dialogue=(
            (("early-vfio status", 0, r"0000:02:00\.0 .*bound"),
             ("early-vfio bind 1234:1111@0000:01:00.0+slot", 0, r"0000:01:00\.0 .*bound"),
             ("echo /sys/bus/pci/drivers/vfio-pci/0*", 0,
              r"vfio-pci/0000:01:00\.0 .*vfio-pci/0000:01:00\.1 "),
             ("early-vfio release 0000:01:00.0+slot", 0, r"0000:01:00\.0 .*released")),)),
    Scenario(
        "shell-pre-mount", TWINS, SECOND_TAKEN, image="shell", generators=DRACUT, is_daily=False,
        cmdline="rd.break=pre-mount SYSTEMD_SULOGIN_FORCE=1",
        dialogue=(
            (("early-vfio status", 0, r"0000:02:00\.0 .*bound"),
             ("early-vfio release 0000:02:00.0 && udevadm settle", 0,
              r"0000:02:00\.0 .*released"),
             ("early-vfio status", 1, r"0000:02:00\.0 .*not bound"),
             ("echo /sys/bus/pci/drivers/bochs-drm/*", 0, r"bochs-drm/0000:02:00\.0"),
             ("early-vfio bind 0000:02:00.0", 0, r"0000:02:00\.0 .*bound"),
             ("early-vfio status", 0, r"0000:02:00\.0 .*bound")),)),
    # Before the root is left for; what was given back stays so, and may be taken again.
    Scenario(
        "shell-break", TWINS, SECOND_TAKEN, image="shell", generators=DRACUT, is_daily=False,
        cmdline="rd.break SYSTEMD_SULOGIN_FORCE=1", dialogue=(SHELL,)),
    # Where the root is missing for good, all is still there to be asked.
    Scenario(
        "shell-emergency", TWINS, SECOND_TAKEN, image="shell", is_daily=False,
        cmdline="root=LABEL=nowhere rd.retry=5 rd.timeout=5 SYSTEMD_SULOGIN_FORCE=1",
        dialogue=(SHELL,), ends_in_shell=True),
)
