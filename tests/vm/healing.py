# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots whose root is on LUKS, LVM, RAID, a USB disk or the network, behind a controller that a
rule has taken, and one whose passphrase is long in coming. Knows nothing of how disks are made and
of how it is booted and compared; see lib/stacked.py and lib/scenario.py."""

import re
import time

from late import BESIDE_SCRIPT
from lib.boot import LIMIT_S
from lib.job import PLACES
from lib.machine import Machine, UsbMachine, card, e1000e_at, nvme
from lib.network import NetworkGuest
from lib.protected import given, protect_line
from lib.scenario import Scenario
from lib.scenario import jobs as scenario_jobs
from lib.stacked import ATTACH, LUKS, PASSPHRASE, StackedGuest, StackedMachine

SATA, XHCI, NIC = "8086:2922", "1b36:000d", "8086:10d3"
# Of the disks, and the one that every machine has by itself.
ROOT, SECOND, OWN = "0000:00:13.0", "0000:00:14.0", "0000:00:1f.2"
CARD, TWIN = "0000:02:00.0", "0000:04:00.0"
KEY_S = 61  # after the prompt, the passphrase

PROMPT = re.compile(rb"(?i)(unlock disk|passphrase|password)[^\r\n]*:")
NO_ROOT = "the root device did not appear"
# What is asked for to be in images of dracut, whatever the building machine has.
DRACUT = 'add_drivers+=" ahci sd_mod raid1 dm_mod dm_crypt "\nadd_dracutmodules+=" crypt lvm mdraid "\n'
USB_DRIVERS = """#!/bin/sh
[ "${1-}" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules usb_storage sd_mod
"""
# The real boot script of a root on NFS, and in the place of what mounts it at last one that takes
# the disk: there is no server.
NFS = """#!/bin/sh
[ "${1-}" != prereqs ] || exit 0
rm -f "$DESTDIR"/bin/nfsmount "$DESTDIR"/usr/bin/nfsmount
cat >"$DESTDIR/bin/nfsmount" <<'end'
#!/bin/sh
for where in "$@"; do :; done
modprobe ext4
exec mount -t ext4 /dev/disk/by-label/guest "$where"
end
chmod 755 "$DESTDIR/bin/nfsmount"
"""


# dracut's own modules for such a root, and the same in the place of what mounts it.
NETROOT = """#!/bin/bash
depends() {
	echo nfs
}
install() {
	rm -f "$initdir"/sbin/mount.nfs "$initdir"/usr/sbin/mount.nfs
	cat >"$initdir/usr/sbin/mount.nfs" <<'end'
#!/bin/sh
modprobe ext4
exec mount -t ext4 /dev/disk/by-label/guest "$2"
end
	chmod 755 "$initdir/usr/sbin/mount.nfs"
}
"""


def config(rule, dracut="", crypttab=None, wait_s=3):
    """The files that an image is built with, for a rule beside the card's, and an encrypted
    disk."""
    files = {"etc/early-vfio.conf": f"{rule}\nbind 1234:1111@{CARD}+slot\nset root-wait {wait_s}\n",
             "etc/dracut.conf.d/disks.conf": dracut}
    return files | ({"etc/crypttab": crypttab} if crypttab else {})


CONFIGS = {
    "luks": config(f"bind {SATA}@{ROOT}+force",
                   DRACUT + 'install_items+=" /etc/root.key /etc/crypttab "\n',
                   f"root UUID={LUKS} /etc/root.key {ATTACH}\n"),
    # The root was at another controller of the same kind when the image was built.
    "lvm": config(f"bind {SATA}@{ROOT}", DRACUT) |
    given(protect_line(SECOND, SATA, "holds /", {})),
    "raid": config(f"bind {SATA}", DRACUT),
    "usb": config(f"bind {XHCI}@{ROOT}+force", 'add_drivers+=" usb_storage sd_mod "\n', wait_s=1) |
    {"etc/initramfs-tools/hooks/guest-usb*": USB_DRIVERS},
    "nfs": config(f"bind {NIC}@{ROOT}", wait_s=1) | {
        "etc/initramfs-tools/hooks/zz-guest-nfs*": NFS},
    "netroot": config(f"bind {NIC}@{ROOT}", wait_s=1) | {
        "usr/lib/dracut/modules.d/99guest-nfs/module-setup.sh*": NETROOT},
    "resume": config("bind 1b36:0010"),
    "resume-beside": config("bind 1b36:0010", wait_s=10) | BESIDE_SCRIPT,
    "passphrase": config("bind 1b36:0010", DRACUT + 'install_items+=" /etc/crypttab "\n',
                         f"root UUID={LUKS} none {ATTACH}\n") | {
                             # Half of what the passphrase takes, for a machine that is slow.
                             "etc/early-vfio.conf": "bind 1b36:0010\nset root-wait 30\n"},
}


def late_key(group, _, vm):
    """Type the passphrase long after it was asked for."""
    vm.expect(PROMPT)
    found = vm.expect(re.compile(NO_ROOT.encode()), time.monotonic() + KEY_S)
    group.ok(not found, f"in {KEY_S} seconds nothing is given back", vm.console())
    vm.send(f"{PASSPHRASE}\n")


def heal(name, image, machine, ids, drivers, **more):
    """A boot that is without its root until these controllers are given back to their drivers;
    the card stays taken.

    ids: of the controllers; drivers: address to driver"""
    log = [rf"{address} {ids} released.*: {NO_ROOT}" for address in drivers]
    first = next(iter(drivers))
    return Scenario(
        name, machine, drivers | {CARD: "vfio-pci"}, image=image, status=1,
        planted=f"the config takes what the root is behind: {image}",
        report={address: ("refuse", "released") for address in drivers} |
        {CARD: ("bind", "bound")},
        log=(rf"{first} {ids} bound to vfio-pci", *log), console=tuple(log),
        commands={"check": ("early-vfio check", 1,
                            rf"FAIL .*{first} .*({ids} is left to the host|given back, at)")},
        **more)


def heal_stacked(name, image, disks, addresses, **more):
    """The same for a root on these disks."""
    return heal(name, image, StackedMachine(card(2), disks=disks), SATA,
                dict.fromkeys(addresses, "ahci"), **more)


def resume_gone(name, image, cmdline="", **more):
    """A boot whose root is there, and it is not what is waited for."""
    return Scenario(
        name, Machine(card(2) + nvme(4, "twin")), {CARD: "vfio-pci", TWIN: "vfio-pci"}, image=image,
        cmdline=f"{cmdline} resume=UUID=00000000-0000-0000-0000-000000000000",
        planted="what to resume from is gone", report={TWIN: ("bind", "bound")},
        console=(r"Gave up waiting for suspend/resume device",),
        generators=("initramfs-tools",), **more)


SCENARIOS = (
    heal("heal-usb", "usb", UsbMachine(card(2)), XHCI, {ROOT: "xhci_hcd"},
         places=("sid dracut-plain",)),
    resume_gone("resume-gone", "resume", places=("bookworm initramfs-tools",)),
    resume_gone("resume-gone-beside", "resume-beside", cmdline="boot=beside", is_daily=False),
    # All that the network has to have is a NIC.
    heal("heal-nfs", "nfs", Machine(card(2) + e1000e_at("13.0", "net")), NIC, {ROOT: "e1000e"},
         cmdline="root=/dev/nfs ip=dhcp nfsroot=10.0.2.2:/guest", is_daily=False,
         generators=("initramfs-tools",)),
)
NETWORK = (
    heal("heal-netroot", "netroot", Machine(card(2) + e1000e_at("13.0", "net")), NIC,
         {ROOT: "e1000e"}, cmdline="root=nfs:10.0.2.2:/guest ip=dhcp", is_daily=False,
         generators=("dracut", "dracut-plain")),
)
STACKED = (
    heal_stacked("heal-luks", "luks", ("luks",), (ROOT,), cmdline="rd.auto",
                 places=("trixie dracut",)),
    heal_stacked("heal-lvm", "lvm", ("lvm", "md1"), (ROOT,),
                 cmdline="rd.auto root=/dev/mapper/single-root", is_daily=False),
    heal_stacked("heal-raid", "raid", ("raid1", "raid2"), (ROOT, SECOND, OWN), cmdline="rd.auto",
                 is_daily=False),
    Scenario(
        "late-passphrase", StackedMachine(nvme(4, "twin"), disks=("luks",)),
        {ROOT: "ahci", TWIN: "vfio-pci"}, image="passphrase", cmdline="rd.auto",
        planted="the passphrase of the root is typed after a minute",
        report={TWIN: ("bind", "bound")}, talk=late_key, is_daily=False, limit_s=2 * LIMIT_S),
)


def jobs(package, guests):
    """A job for each scenario and each place where it can be booted.

    guests: place to guest, with roots on one disk"""
    stacked = {place: StackedGuest(*place.split()[:1], package, *place.split()[1:])
               for place in PLACES}
    # From Debian 14 on, dracut without systemd needs more for a network.
    network = {place: NetworkGuest(*place.split()[:1], package, *place.split()[1:])
               for place in PLACES if place != "sid dracut-plain"}
    return [*scenario_jobs(SCENARIOS, CONFIGS, guests),
            *scenario_jobs(NETWORK, CONFIGS, network),
            *scenario_jobs(STACKED, CONFIGS, stacked)]
