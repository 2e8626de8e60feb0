# SPDX-License-Identifier: GPL-2.0-or-later
"""A root on LUKS on LVM on RAID, whose disks' controllers have an isolated twin, booted from
images of dracut; protection.py does it from those of initramfs-tools. Knows nothing of how disks
are made; see lib/stacked.py."""

from functools import partial

from lib.boot import boot_dir
from lib.guest import GENERATORS, SUITES, BuildError
from lib.job import Job
from lib.machine import sata_at
from lib.stacked import CRYPTTAB, StackedBoot, StackedGuest, StackedMachine
from lib.tap import Group
from lib.vm import VmError
from protection import IS_STACKED

NAME = "luks-lvm-md"
TWIN = "0000:00:15.0"
FILES = {
    # Where the machine is slow, so much is under the root that it is long in coming.
    "etc/early-vfio.conf": f"bind 8086:2922@{TWIN}\nset root-wait 60\n",
    "etc/dracut.conf.d/stacked.conf":
        'add_drivers+=" ahci sd_mod raid1 dm_mod dm_crypt "\n'
        'add_dracutmodules+=" crypt lvm mdraid "\n'
        'install_items+=" /etc/root.key /etc/crypttab "\n',
} | CRYPTTAB
DRIVERS = {"0000:00:13.0": "ahci", "0000:00:14.0": "ahci", "0000:00:1f.2": "ahci",
           TWIN: "vfio-pci"}


def run(suite, generator, package):
    guest = StackedGuest(suite, package, generator)
    group = Group(f"{guest.name} {NAME}")
    try:
        guest.prepare()
        disks = [guest.stacked_disk(name) for name in ("md1", "md2")]
        machine = StackedMachine(sata_at("13.0", "md1", disks[0]) +
                                 sata_at("14.0", "md2", disks[1]) + sata_at("15.0", "twin"))
        # dracut assembles what nobody names only where it is told to.
        boot = StackedBoot(guest, NAME, machine, guest.image(NAME, FILES), "rd.auto",
                           commands={"stacked": IS_STACKED}).run()
        if group.ok(boot.facts and not boot.fault, "boots through",
                    f"{boot.console}\n{boot.fault}"):
            check(group, boot.facts)
    except (BuildError, VmError, OSError, KeyError, ValueError) as error:
        group.ok(False, "runs", f"{type(error).__name__}: {error}")
    if group.failed:
        group.lines.append(f"  {group.name}: see {boot_dir(guest, NAME)}/serial.log")
    return group


def check(group, facts):
    for address, driver in DRIVERS.items():
        found = facts.driver(address)
        group.ok(found == driver, f"{address} is with {driver}",
                 f"it is with {found}\n{facts.files['devices']}")
    status, output = facts.command("stacked")
    group.ok(status == 0, "the root is on LUKS on LVM on RAID", output)


def jobs(package):
    """A job for each suite and kind of dracut's images; check-full boots them."""
    return [Job(f"{suite} {generator}", NAME, False, partial(run, suite, generator, package))
            for suite in SUITES for generator in GENERATORS[1:]]
