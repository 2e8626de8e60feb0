# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots of images whose files are damaged or cannot do what they should, and those that give a
shell then. Knows nothing of how it is booted and compared; see lib/scenario.py."""

from lib.damage import damage
from lib.guest import UNLOCKED
from lib.machine import Machine, PCI_SERIAL, card
from lib.scenario import Scenario

CARD1, CARD2 = "0000:01:00.0", "0000:02:00.0"

# What becomes of our files in an image.
NULS = """
printf 'bind 1234:1111@0000:01:00.0\\n\\000\\377keep\\000 =\\033[31m\\nbind' >"$conf"
printf 'module\\nprotect 0 1 2\\n\\000\\n' >"$image"
"""
EMPTY = """
: >"$conf"
: >"$image"
"""
HUGE = """
{
	printf 'bind 1234:1111@0000:02:00.0\\n'
	yes '# padding' | head -c 10485760
	printf 'bind 1234:1111@0000:01:00.0\\n'
} >"$conf"
"""
NO_MODULES = """
printf 'module /lib/modules/none/%s.ko\\n' vfio vfio-pci-core vfio-pci >"$image"
"""
# What is no file counts as none.
OTHER_KERNEL = """
mkdir "$image"
"""
# Of the driver that has a device already, and of one that has none yet.
TWO_RULES = {"etc/early-vfio.conf": "bind 1b36:0002\nbind 1234:1111@0000:02:00.0\n"}
# What initramfs-tools has copied becomes an unsigned module of another kernel: not by its release,
# which counts for nothing where symbols have versions.
MISMATCHED = """#!/bin/sh
[ "${1-}" != prereqs ] || exit 0
find "$DESTDIR" -name vfio-pci-core.ko -exec \\
	env LC_ALL=C sed -i 's/\\(vermagic=[^ ]* \\)SMP/\\1UP /; s/~Module signature/~No signature----/' {} +
"""
# The same for dracut, whose modules have numbers: half of it, however it is compressed.
TRUNCATED = """#!/bin/bash
check() { return 0; }
install() {
	local core

	for core in /usr/lib/modules/"$kernel"/kernel/drivers/vfio/pci/vfio-pci-core.ko*; do
		head -c 9000 "$core" >"$core.half"
		mv "$core.half" "$core"
	done
}
"""
SECOND = {"etc/early-vfio.conf": "bind 1234:1111@0000:02:00.0\n"}


def around(before, behind):
    """Scripts of an image that run before us and behind us."""
    script = "#!/bin/sh\n[ \"${1-}\" != prereqs ] || exit 0\n"
    top = "etc/initramfs-tools/scripts/init-top"
    return {f"{top}/a-odd*": script + before, f"{top}/early-vfio-odd*": script + behind}


CONFIGS = {
    # The mount of klibc wants all of it.
    "read-only-run": SECOND | around("mount -t tmpfs -o remount,ro tmpfs /run\n",
                                     "mount -t tmpfs -o remount,rw tmpfs /run\n"),
    "no-run": SECOND | around("mkdir /hold && mount -o move /run /hold && mv /run /away\n",
                              "mv /away /run && mount -o move /hold /run\n"),
    "no-log": SECOND | around("mv /dev/kmsg /dev/away\n", "mv /dev/away /dev/kmsg\n"),
    "no-sysfs": SECOND | around("umount -l /sys\n", "mount -t sysfs sysfs /sys\n"),
    "none": {},
    "unlocked": UNLOCKED,
    "damaged": damage(NULS),
    "empty": damage(EMPTY),
    "huge": damage(HUGE),
    "other-kernel": SECOND | damage(OTHER_KERNEL),
    "no-modules": TWO_RULES | damage(NO_MODULES),
    "mismatched": TWO_RULES | {"etc/initramfs-tools/hooks/zz-damage*": MISMATCHED},
    "truncated": TWO_RULES | {
        "usr/lib/dracut/modules.d/01damage/module-setup.sh*": TRUNCATED},
}

MISSING = "early-vfio.bind=1234:1111@0000:02:00.0"
SERIAL = Machine(card(2) + PCI_SERIAL)
NOT_LOADED = {
    "log": (r"0000:00:11\.0 1b36:0002 restored with serial: module load failed: [a-z_-]+: ENOENT",
            r"0000:02:00\.0 1234:1111 isolated: module load failed: [a-z_-]+: ENOENT"),
    "report": {"0000:00:11.0": ("bind", "restored"), CARD2: ("bind", "isolated")},
}


def twice(name, drivers, machine=Machine(card(1) + card(2)), **expected):
    """Boots of an image that is damaged as the configuration of that name says, and of an extra
    initrd that is."""
    for is_extra in (False, True):
        yield Scenario(f"rdinit-{name}" if is_extra else name, machine, drivers, image=name,
                       is_extra=is_extra, is_daily=name == "damaged" and not is_extra,
                       status=None, **expected)


SCENARIOS = (
    # No driver has anything yet, and behind the shell all goes on.
    Scenario(
        "on-failure", Machine(card(1)), {CARD1: "bochs-drm"}, image="unlocked", status=None,
        planted="a device that is asked for is not there",
        cmdline=f"{MISSING} early-vfio.on-failure=shell SYSTEMD_SULOGIN_FORCE=1",
        places=("trixie initramfs-tools", "trixie dracut"),
        log=(r"1234:1111@0000:02:00\.0: no such device there",),
        dialogue=((("early-vfio status", 1, "no such device there"),
                   ("echo /sys/bus/pci/devices/0000:01:00.*/driver", 0, r"\.\*/driver$")),)),
    # Nobody may have a shell, and that ends no boot.
    Scenario(
        "on-failure-forbidden", Machine(card(1)), {CARD1: "bochs-drm"}, status=None,
        planted="the same, and no shell is allowed",
        cmdline=f"{MISSING} early-vfio.on-failure=shell", is_daily=False,
        log=(r"(panic=|rd\.shell=0) forbids the shell: the boot goes on",)),
    Scenario(
        "on-failure-rdinit", Machine(card(1)), {CARD1: "bochs-drm"}, status=None, is_extra=True,
        planted="the same, before there is a shell",
        cmdline=f"{MISSING} early-vfio.on-failure=shell", is_daily=False,
        log=(r"1234:1111@0000:02:00\.0: no such device there",),
        console=(r"no shell yet: the boot goes on",)),
    *twice(
        "damaged", {CARD1: None, CARD2: "bochs-drm"}, planted="both files of the image are damaged",
        log=(r"early-vfio\.conf:2:.*\\x00.*no meaning", r"early-vfio\.image:1:.*not understood",
             r"0000:01:00\.0 1234:1111 .*ENOENT")),
    Scenario(
        "read-only-run", Machine(card(1) + card(2)), {CARD1: "bochs-drm", CARD2: "vfio-pci"},
        image="read-only-run", planted="/run can only be read", generators=("initramfs-tools",),
        is_daily=False, has_report=False,
        log=(r"0000:02:00\.0 1234:1111 bound to vfio-pci", r"no /run/early-vfio/report\.json")),
    Scenario(
        "no-run", Machine(card(1) + card(2)), {CARD1: "bochs-drm", CARD2: "vfio-pci"},
        image="no-run", planted="there is no /run", generators=("initramfs-tools",),
        is_daily=False, has_report=False,
        log=(r"0000:02:00\.0 1234:1111 bound to vfio-pci",
             r"no /run/early-vfio/report\.json: ENOENT")),
    Scenario(
        "no-log", Machine(card(1) + card(2)), {CARD1: "bochs-drm", CARD2: "vfio-pci"},
        image="no-log", planted="there is no /dev/kmsg", generators=("initramfs-tools",),
        is_daily=False),
    Scenario(
        "no-sysfs", Machine(card(1) + card(2)), {CARD1: "bochs-drm", CARD2: "bochs-drm"},
        image="no-sysfs", planted="sysfs is not mounted", generators=("initramfs-tools",),
        is_daily=False, has_report=False, status=1,
        console=(r"no PCI bus; is /sys mounted",)),
    *twice("empty", {CARD1: "bochs-drm", CARD2: None}, cmdline="early-vfio.bind=0000:02:00.0",
           planted="both files of the image are empty",
           log=(r"0000:02:00\.0 1234:1111 isolated: module load failed: ENOENT",)),
    *twice("huge", {CARD1: "bochs-drm", CARD2: "vfio-pci"}, planted="the config has 10 MB",
           log=(r"early-vfio\.conf:.*too large; the rest does not count",
                r"0000:02:00\.0 1234:1111 bound to vfio-pci")),
    # Its rules are of all kernels, but nothing would be protected.
    Scenario(
        "rdinit-other-kernel", Machine(card(1) + card(2)),
        {CARD1: "bochs-drm", CARD2: "bochs-drm"}, image="other-kernel", is_extra=True,
        planted="the extra initrd is for other kernels", status=None, has_report=False,
        log=(r"extra initrd for other kernels; none taken",)),
    *twice("no-modules", {"0000:00:11.0": "serial", CARD2: None}, machine=SERIAL,
           planted="the modules are not there", **NOT_LOADED),
    Scenario(
        "mismatched", SERIAL, {"0000:00:11.0": "serial", CARD2: None}, image="mismatched",
        planted="a vfio module is another kernel's",
        status=1, generators=("initramfs-tools",), places=("bookworm initramfs-tools",),
        log=(r"0000:00:11\.0 1b36:0002 restored with serial: module load failed: [a-z_-]+: ENOEXEC",
             r"0000:02:00\.0 1234:1111 isolated: module load failed: [a-z_-]+: ENOEXEC"),
        report={"0000:00:11.0": ("bind", "restored"), CARD2: ("bind", "isolated")}),
    Scenario(
        "truncated", SERIAL, {"0000:00:11.0": "serial", CARD2: None}, image="truncated",
        planted="a vfio module is cut off",
        status=1, generators=("dracut", "dracut-plain"), is_daily=False,
        log=(r"0000:00:11\.0 1b36:0002 restored with serial: module load failed: [a-z_-]+: E",
             r"0000:02:00\.0 1234:1111 isolated: module load failed: [a-z_-]+: E"),
        report={"0000:00:11.0": ("bind", "restored"), CARD2: ("bind", "isolated")}),
)
