# SPDX-License-Identifier: GPL-2.0-or-later
"""What `generate` protects in booted machines, and that a rule for the id of what they stand on
takes only the twin. Knows nothing of how disks are made; see lib/stacked.py.

The image of such a boot has the protect lines that are expected, and then generate has to make
the very same ones of the machine that came up."""

from dataclasses import dataclass
from functools import partial

from lib.boot import boot_dir
from lib.guest import SUITES, BuildError
from lib.job import Job
from lib.machine import e1000e_at, nvme, nvme_at, sata_at
from lib.protected import GENERATE, NAMES, given, names_in, protect_line
from lib.stacked import CRYPTTAB, StackedBoot, StackedGuest, StackedMachine
from lib.tap import Group
from lib.vm import VmError

NVME, SATA, NIC = "1b36:0010", "8086:2922", "8086:10d3"

IS_STACKED = """
[ "$(findmnt -no SOURCE /)" = /dev/mapper/root ] || exit
types=$(lsblk -rnso TYPE /dev/mapper/root | sort -u | tr '\\n' ' ')
echo "$types"
[ "$types" = 'crypt disk lvm raid1 ' ]
"""
USE_DISKS = """
set -e
btrfs filesystem show / | grep 'Total devices 2 '
. /usr/lib/guest/commands/names >/run/names
on() {
	while read -r address name; do
		[ "$address" != "$1" ] || printf '%s\\n' "$name"
	done </run/names
}
swapon "/dev/$(on 0000:03:00.0)"
mkdir -p /boot/efi
mount -t vfat "/dev/$(on 0000:00:13.0)" /boot/efi
ip link add bond0 type bond mode active-backup
ip link set "$(on 0000:00:14.0)" master bond0
ip link set "$(on 0000:00:15.0)" master bond0
ip link add link bond0 name bond0.7 type vlan id 7
ip link add br0 type bridge
ip link set bond0.7 master br0
ip link set bond0 up
ip link set bond0.7 up
ip link set br0 up
ip address add 192.0.2.2/24 dev br0
ip route add default via 192.0.2.1
ip route
"""


@dataclass(frozen=True)
class Row:
    """One boot. In reasons, NAME stands for the kernel's name of what is on the function."""

    name: str
    disks: tuple      # which of the guest's disks the machine has
    machine: object   # a function of their paths
    files: dict       # of the host's tree that the image is built with
    use: str          # a script that puts to use what is not in use by itself
    protect: dict     # address: (id, reason)
    drivers: dict     # address: driver in the booted system
    suites: tuple     # CHECK_FULL: all


ROWS = (
    Row("btrfs", ("btrfs1", "btrfs2", "swap", "esp"),
        lambda btrfs1, btrfs2, swap, esp: StackedMachine(
            nvme(1, "btrfs1", btrfs1) + nvme(2, "btrfs2", btrfs2) + nvme(3, "swap", swap)
            + nvme(4, "twin") + nvme_at("13.0", "esp", esp)
            + e1000e_at("14.0") + e1000e_at("15.0") + e1000e_at("16.0")),
        {"etc/early-vfio.conf": f"bind {NVME}\nbind {NIC}\n"}, USE_DISKS,
        {"0000:00:13.0": (NVME, "holds the ESP (NAME)"),
         "0000:00:14.0": (NIC, "carries the default route (NAME)"),
         "0000:00:15.0": (NIC, "carries the default route (NAME)"),
         "0000:01:00.0": (NVME, "holds / (NAME)"),
         "0000:02:00.0": (NVME, "holds / (NAME)"),
         "0000:03:00.0": (NVME, "holds swap (NAME)")},
        {"0000:00:13.0": "nvme", "0000:00:14.0": "e1000e", "0000:00:15.0": "e1000e",
         "0000:00:16.0": "vfio-pci", "0000:01:00.0": "nvme", "0000:02:00.0": "nvme",
         "0000:03:00.0": "nvme", "0000:04:00.0": "vfio-pci"},
        ("trixie",)),
    # The machine has a controller of that kind by itself, 0000:00:1f.2, with no disk.
    Row("luks-lvm-md", ("md1", "md2"),
        lambda md1, md2: StackedMachine(
            sata_at("13.0", "md1", md1) + sata_at("14.0", "md2", md2) + sata_at("15.0", "twin")),
        {"etc/early-vfio.conf": f"bind {SATA}\n", **CRYPTTAB}, IS_STACKED,
        {"0000:00:13.0": (SATA, "holds / (NAME)"), "0000:00:14.0": (SATA, "holds / (NAME)")},
        {"0000:00:13.0": "ahci", "0000:00:14.0": "ahci", "0000:00:15.0": "vfio-pci",
         "0000:00:1f.2": "vfio-pci"},
        ("trixie",)),
)


def protect_lines(row, names):
    return [protect_line(address, *what, names) for address, what in sorted(row.protect.items())]


def check_row(group, row, boot):
    """What came of the boot, and what generate made of it."""
    facts = boot.facts
    for address, driver in row.drivers.items():
        found = facts.driver(address)
        group.ok(found == driver, f"{address} is with {driver}",
                 f"it is with {found}\n{facts.files['devices']}")
    own = facts.own_lines()
    for address, (ids, reason) in row.protect.items():
        text = f"{address} {ids} protected: {reason.replace('NAME', 'disk')}"
        group.ok(any(text in line for line in own), f"the log says: {text}", "\n".join(own))
    status, output = facts.command("protect-1-use")
    group.ok(status == 0, "what is not in use by itself is put to use", output)
    names = names_in(facts)
    status, output = facts.command("protect-2-generate")
    found = sorted(output.splitlines())
    group.ok(status == 0 and found == protect_lines(row, names),
             f"generate protects {', '.join(row.protect)} with these reasons, and says nothing",
             "\n".join([output, "expected:", *protect_lines(row, names)]))


def run_row(suite, row, package):
    group = Group(f"{suite} {row.name}")
    commands = {"names": NAMES, "protect-1-use": row.use, "protect-2-generate": GENERATE}
    guest = StackedGuest(suite, package)
    try:
        guest.prepare()
        files = row.files | given(*protect_lines(row, {}))
        machine = row.machine(*map(guest.stacked_disk, row.disks))
        boot = StackedBoot(guest, row.name, machine, guest.image(row.name, files),
                           commands=commands)
        boot.run()
        if group.ok(boot.facts and not boot.fault, "boots through",
                    f"{boot.console}\n{boot.fault}"):
            check_row(group, row, boot)
    except (BuildError, VmError, OSError, KeyError, ValueError) as error:
        group.ok(False, "runs", f"{type(error).__name__}: {error}")
    if group.failed:
        group.lines.append(f"  {group.name}: see {boot_dir(guest, row.name)}/serial.log")
    return group


def jobs(package):
    """A job for each row and suite."""
    return [Job(f"{suite} initramfs-tools", row.name, suite in row.suites,
                partial(run_row, suite, row, package))
            for row in ROWS for suite in SUITES]
