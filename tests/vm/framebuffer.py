# SPDX-License-Identifier: GPL-2.0-or-later
"""The firmware's framebuffer in booted machines: the display that firmware used is taken by its
address, under UEFI and under a BIOS. Knows nothing of how a guest is made and booted.

No host driver of the display is loaded, so that what is on the framebuffer is there to the end,
but in the one boot that looks at what is known once it has been replaced. The display is
0000:00:10.0; as VGA it has class 0300, as bochs-display 0380. QEMU has none of class 0302, and its
BIOS uses none of class 0380: these are the simulated kernel's."""

import re
from dataclasses import dataclass, field
from functools import partial

from lib.boot import Boot, boot_dir
from lib.guest import SUITES, BuildError, Guest
from lib.job import Job
from lib.machine import Machine, VGA, card
from lib.tap import Group
from lib.unified import firmware
from lib.vm import VmError

DISPLAY = "0000:00:10.0"
OTHER = ("-device", "bochs-display,bus=pcie.0,addr=10.0")
# The kernel's number of a VESA mode with 1024x768 pixels of 16 bits.
BIOS_MODE = "vga=791"
# The removal of a device is told before the driver is taken from it.
CMDLINE = ('console=tty0 console=ttyS0 modprobe.blacklist=bochs '
           'dyndbg="func bus_remove_device +p"')
GOES, COMES = "Console: switching to colour dummy", "Console: switching to colour frame buffer"
SAYS = f"early-vfio: {DISPLAY} is the boot display: the console ends here; to get it back, boot " \
       "with early-vfio.mode=off"

# A line each: the platform device with its driver and override, what is in memory, the console's.
STATE = """
for dir in /sys/bus/platform/devices/*-framebuffer.0; do
	[ -d "$dir" ] || continue
	read -r override <"$dir/driver_override"
	driver=$(readlink "$dir/driver")
	echo "device ${dir##*/} ${driver##*/} $override"
done
sed -n 's/.* : \\(BOOTFB\\|efifb\\|vesafb\\)$/memory \\1/p' /proc/iomem
sed 's/^/console /' /proc/fb
"""
# What this machine's user would do by hand, with the framebuffer in its place.
BY_HAND = f"""
set -e
modprobe vfio-pci
echo vfio-pci >/sys/bus/pci/devices/{DISPLAY}/driver_override
echo {DISPLAY} >/sys/bus/pci/drivers_probe
"""
IN_VM = f"/usr/lib/guest/second-qemu {DISPLAY}"
# QEMU's words where the BAR is not to be had; it goes on without.
NO_MAP = "Failed to mmap"


@dataclass(frozen=True)
class Row:
    """One boot. The state of the framebuffer is the lines of STATE."""

    name: str
    is_uefi: bool
    devices: tuple
    drivers: dict                 # address: driver in the booted system
    state: tuple                  # in the booted system
    rules: str = ""
    cmdline: str = ""
    results: dict = field(default_factory=dict)  # address: result in the report
    goes: bool = True             # the console leaves the framebuffer in the image
    comes_back: bool = False      # ... and comes back in it
    is_removed: bool = False      # the kernel itself removes the platform device
    is_mapped: bool | None = None  # in a VM's hand the display is mapped; None: not tried
    before_vm: str = "true"       # a script
    released: tuple | None = None  # the state after early-vfio release
    is_daily: bool = False


EFI = ("device efi-framebuffer.0 efi-framebuffer (null)", "memory efifb", "console 0 EFI VGA")
VESA = ("device vesa-framebuffer.0 vesa-framebuffer (null)", "memory vesafb",
        "console 0 VESA VGA")
TAKEN = f"early-vfio.bind={DISPLAY}"

ROWS = (
    # vfio-pci leaves the framebuffer of this class in its place.
    Row("efifb-other", True, OTHER, {DISPLAY: "vfio-pci"},
        (f"device efi-framebuffer.0  early-vfio-{DISPLAY}",), cmdline=TAKEN,
        results={DISPLAY: "bound"}, is_mapped=True, released=EFI, is_daily=True),
    Row("efifb-vga", True, VGA, {DISPLAY: "vfio-pci"}, (), cmdline=TAKEN,
        results={DISPLAY: "bound"}, is_removed=True, is_mapped=True),
    Row("vesafb-vga", False, VGA, {DISPLAY: "vfio-pci"}, (), cmdline=f"{BIOS_MODE} {TAKEN}",
        results={DISPLAY: "bound"}, is_removed=True, is_mapped=True, is_daily=True),
    Row("vesafb-elsewhere", False, (*VGA, *card(1)),
        {DISPLAY: None, "0000:01:00.0": "vfio-pci", "0000:01:00.1": "vfio-pci"}, VESA,
        cmdline=f"{BIOS_MODE} early-vfio.bind=0000:01:00.0+slot",
        results={"0000:01:00.0": "bound", "0000:01:00.1": "bound"}, goes=False),
    # Firmware uses the card behind a root port.
    Row("efifb-elsewhere", True, (*OTHER, *card(1)), {DISPLAY: "vfio-pci", "0000:01:00.0": None},
        EFI, cmdline=TAKEN, results={DISPLAY: "bound"}, goes=False),
    # The module is loaded, and is of no driver of PCI devices.
    Row("efifb-back", True, OTHER, {DISPLAY: None}, EFI, rules=f"bind {DISPLAY} driver=dummy\n",
        results={DISPLAY: "isolated"}, comes_back=True, is_mapped=False, before_vm=BY_HAND),
    Row("vesafb-back", False, VGA, {DISPLAY: None}, VESA, rules=f"bind {DISPLAY} driver=dummy\n",
        cmdline=BIOS_MODE, results={DISPLAY: "isolated"}, comes_back=True),
)


class FirmwareBoot(Boot):
    """A boot by UEFI firmware, which starts the kernel that QEMU hands to it."""

    def kernel_arguments(self, line):
        return [*firmware(), *super().kernel_arguments(line)]


def find(lines, text, start=0):
    """The number of the first line from `start` on that has the text; None: there is none."""
    return next((number for number, line in enumerate(lines[start:], start) if text in line),
                None)


def second(line):
    """When the kernel said the line; 0 where it is not the kernel's."""
    found = re.match(r"\[ *(\d+\.\d+)\]", line)
    return float(found.group(1)) if found else 0


def check_last(group, console, said, goes):
    """The console, which is quiet, has nothing behind this line of the log before that one."""
    between = [line for line in console.splitlines() if second(said) < second(line) < second(goes)]
    group.ok(not between, "and is the last line on it", "\n".join(between))


def check_order(group, row, facts, console):
    """What happened to the console, by the kernel's log."""
    lines = facts.dmesg.splitlines()
    group.ok(find(lines, COMES) is not None, "the firmware's framebuffer has the console",
             facts.dmesg)
    said, goes = find(lines, SAYS), find(lines, GOES, find(lines, COMES) or 0)
    if not row.goes:
        group.ok(goes is None and said is None, "and keeps it", facts.dmesg)
        return
    if group.ok(None not in (said, goes) and said < goes,
                "how to get the console back is said before it goes", facts.dmesg):
        check_last(group, console, lines[said], lines[goes])
    removed = find(lines, "'platform': remove device ")
    if row.is_removed:
        group.ok(None not in (removed, goes) and goes < removed,
                 "it goes before the kernel removes the framebuffer", facts.dmesg)
    else:
        group.ok(removed is None, "the framebuffer's device stays", facts.dmesg)
    back = goes and find(lines, COMES, goes)
    expected = row.comes_back or row.released is not None
    group.ok((back is not None) == expected,
             f"the console {'comes back' if expected else 'stays away'}", facts.dmesg)


def check_state(group, facts, command, expected):
    _, output = facts.command(command)
    group.ok(tuple(output.splitlines()) == expected, f"{command}: {'; '.join(expected) or 'none'}",
             f"{output}\n{facts.dmesg}")


def check_vm(group, row, facts):
    """A VM takes the display, and maps its BARs where nothing else claims them."""
    status, output = facts.command("state-2-vm")
    group.ok(status == 0, "a VM takes the display", output)
    group.ok((NO_MAP not in output) == row.is_mapped,
             f"and {'maps' if row.is_mapped else 'cannot map'} its memory", output)


def check_row(group, row, boot):
    facts = boot.facts
    for address, driver in row.drivers.items():
        found = facts.driver(address)
        group.ok(found == driver, f"{address} is with {driver}",
                 f"it is with {found}\n{facts.files['devices']}\n{facts.dmesg}")
    report = facts.report() or {"devices": ()}
    results = {device["address"]: device["result"] for device in report["devices"]}
    group.ok(results == row.results, f"report: {row.results}", report)
    group.ok((SAYS in boot.console) == row.goes, "the console says so, or nothing", boot.console)
    check_order(group, row, facts, boot.console)
    check_state(group, facts, "state-1", row.state)
    if row.is_mapped is not None:
        check_vm(group, row, facts)
    if row.released is not None:
        status, output = facts.command("state-3-release")
        group.ok(status == 0, "it is released", output)
        check_state(group, facts, "state-4", row.released)


# Of two equal cards the rule takes the one that firmware did not use, at the second time too. It
# uses the one behind a root port.
NATIVE_RULE = {"etc/early-vfio.conf": "bind 1234:1111\n"}
NATIVE = {DISPLAY: "vfio-pci", "0000:01:00.0": "bochs-drm"}
AGAIN = "/usr/lib/early-vfio/binder run\n" + "".join(
    f"readlink /sys/bus/pci/devices/{address}/driver\n" for address in NATIVE)


def run_native(guest):
    """The display's own driver has replaced the framebuffer when the binder runs again."""
    group = Group(f"{guest.name} efifb-native")
    try:
        boot = FirmwareBoot(guest, "efifb-native", Machine((*OTHER, *card(1))),
                            guest.image("efifb-native", NATIVE_RULE), "console=tty0 console=ttyS0",
                            NATIVE_RULE, {"again": AGAIN, "state": STATE})
        boot.run()
        if group.ok(boot.facts and not boot.fault, "boots through",
                    f"{boot.console}\n{boot.fault}"):
            for address, driver in NATIVE.items():
                group.ok(boot.facts.driver(address) == driver, f"{address} is with {driver}",
                         boot.facts.dmesg)
            check_state(group, boot.facts, "state", ("console 0 bochs-drmdrmfb",))
            _, output = boot.facts.command("again")
            found = [line.rpartition("/")[2] for line in output.splitlines() if "/" in line]
            group.ok(found == list(NATIVE.values()), "a second run leaves them so",
                     f"{output}\n{boot.facts.dmesg}")
    except (BuildError, VmError, OSError, KeyError) as error:
        group.ok(False, "runs", f"{type(error).__name__}: {error}")
    return group


def commands_of(row):
    commands = {"state-1": STATE}
    if row.is_mapped is not None:
        commands["state-2-vm"] = f"{row.before_vm}\n{IN_VM}"
    if row.released is not None:
        commands |= {"state-3-release": f"early-vfio release {DISPLAY}", "state-4": STATE}
    return commands


def run_row(guest, row):
    group = Group(f"{guest.name} {row.name}")
    if row.comes_back:
        group.planted = "the boot display cannot be bound to the driver that is asked for"
        group.ended = "booted through, with the console back on the framebuffer"
    files = {"etc/early-vfio.conf": row.rules} if row.rules else {}
    try:
        image = guest.image(row.name, files) if files else guest.installed_image()
        kind = FirmwareBoot if row.is_uefi else Boot
        boot = kind(guest, row.name, Machine(row.devices), image, f"{CMDLINE} {row.cmdline}",
                    files, commands_of(row))
        boot.run()
        if group.ok(boot.facts and not boot.fault, "boots through",
                    f"{boot.console}\n{boot.fault}"):
            check_row(group, row, boot)
    except (BuildError, VmError, OSError, KeyError) as error:
        group.ok(False, "runs", f"{type(error).__name__}: {error}")
    if group.failed:
        group.lines.append(f"  {group.name}: see {boot_dir(guest, row.name)}/serial.log")
    return group


def jobs(package):
    """A job for each row and suite."""
    native = [Job(guest.name, "efifb-native", False, partial(run_native, guest), guest)
              for suite in SUITES for guest in [Guest(suite, package)]]
    return native + [Job(f"{suite} initramfs-tools", row.name, row.is_daily and suite == "trixie",
                partial(run_row, guest, row), guest)
            for suite in SUITES for guest in [Guest(suite, package)]
            for row in ROWS]
