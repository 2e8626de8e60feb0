# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests whose root is on several disks: a suite's tree with the tools for that in a layer over
it, and the disks, made once in a helper machine by these tools. All is kept by a checksum of
what it was made from. Knows nothing of what is protected."""

import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from lib.boot import Boot
from lib.guest import BUILD, BuildError, Guest, digest, place, remove
from lib.machine import Machine, disk

TOOLS = ("cryptsetup-initramfs", "lvm2", "mdadm", "e2fsprogs", "btrfs-progs", "dosfstools",
         "iproute2")
# No service of theirs is to run, and the helper machine needs no image of its own.
INSTALL = """
set -e
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
printf 'update_initramfs=no\\n' >/etc/initramfs-tools/update-initramfs.conf
apt-get -q update
apt-get -y -q --no-install-recommends install "$@"
apt-get clean
rm -rf /var/lib/apt/lists /usr/sbin/policy-rc.d
"""
KEY = "early-vfio's guests\n"
ARRAY = "6561726c:792d7666:696f3a20:6d643030"
# Of the image that unlocks the root, and of no other, which would wait for it.
CRYPTTAB = {"etc/crypttab": "root /dev/mapper/vg-root /etc/root.key luks,initramfs\n"}
# What belongs to stacked roots, in their disks and in their images.
FILES = {
    "etc/root.key": KEY,
    "etc/cryptsetup-initramfs/conf-hook": "KEYFILE_PATTERN=/etc/root.key\n",
    "etc/mdadm/mdadm.conf": f"ARRAY /dev/md0 UUID={ARRAY}\n",
    "etc/initramfs-tools/conf.d/umask.conf": "UMASK=0077\nRESUME=none\n",
    "etc/initramfs-tools/update-initramfs.conf": "update_initramfs=yes\n",
    "etc/initramfs-tools/hooks/guest-stacked*": """#!/bin/sh
[ "${1-}" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules ahci sd_mod btrfs raid1 dm_mod dm_crypt
""",
}
# Sizes in MiB; a disk is named by what is on it.
DISKS = {"btrfs1": 1280, "btrfs2": 1280, "md1": 1600, "md2": 1600, "swap": 64, "esp": 64}
# Copies the running root onto what the disks are stacked to; DISK_NAME is the disk of a name.
MAKE = f"""
array={ARRAY}
set -ex""" + """
for serial in /sys/block/*/serial; do
	read -r name <"$serial" || :
	disk=${serial%/serial}
	eval "disk_$name=/dev/${disk##*/}"
done
mkdir -p /mnt/btrfs /mnt/stacked
modprobe -a btrfs raid1 dm_mod dm_crypt
mkswap "$disk_swap"
mkfs.vfat "$disk_esp"

mkfs.btrfs -q -f -L guest -d raid1 -m raid1 "$disk_btrfs1" "$disk_btrfs2"
mount "$disk_btrfs1" /mnt/btrfs
cp -ax /. /mnt/btrfs
umount /mnt/btrfs

mdadm --create /dev/md0 --run --uuid="$array" --level=1 --raid-devices=2 --assume-clean \
	--bitmap=none "$disk_md1" "$disk_md2"
# Nothing but device-mapper itself makes nodes here.
export DM_DISABLE_UDEV=1
pvcreate -y /dev/md0
vgcreate vg /dev/md0
lvcreate -y -Wn -Zn -l 100%FREE -n root vg
cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 /dev/mapper/vg-root /etc/root.key
cryptsetup open --key-file /etc/root.key /dev/mapper/vg-root root
mke2fs -q -t ext4 -L guest -O ^has_journal /dev/mapper/root
mount /dev/mapper/root /mnt/stacked
cp -ax /. /mnt/stacked
umount /mnt/stacked
cryptsetup close root
vgchange -an vg
mdadm --stop /dev/md0
sync
"""


@dataclass(frozen=True)
class StackedMachine(Machine):
    """A machine whose root is on its other devices."""

    def root_arguments(self, root):
        return []


class StackedGuest(Guest):
    """One suite, with the tools in a layer over its tree, and with our package installed."""

    def __init__(self, suite, package):
        super().__init__(suite, package)
        self.base = Guest(suite, package)
        self.dir = BUILD / "guest" / f"{suite}-stacked"
        self.tools = self.dir / "tools"

    def prepare(self):
        """As for every guest, after the suite's own."""
        self.base.prepare()
        with self.lock():
            recipe = digest((self.base.dir / "recipe").read_bytes(), Path(__file__).read_bytes())
            kept = self.dir / "recipe"
            if not kept.exists() or kept.read_text() != recipe:
                remove(self.dir)
                self.make_tools()
                self.make_disks()
                kept.write_text(recipe)
            self.made = self.dir / "made" / digest(recipe, self.package.read_bytes())
            if not (self.made / "done").exists():
                remove(self.dir / "made")
                self.install()
                (self.made / "done").touch()

    def trees(self):
        return [self.tools, self.root]

    def make_disk(self):
        """There are disks enough."""

    def stacked_disk(self, name):
        return self.dir / f"{name}.img"

    def make_tools(self):
        self.tools.mkdir(parents=True)
        log = self.must_run(self.tools, [self.root], "sh", "-c", INSTALL, "sh", *TOOLS)
        (self.dir / "tools.log").write_text(log)
        for beside in ("work", "root"):
            shutil.rmtree(f"{self.tools}.{beside}", ignore_errors=True)
        place(self.tools, FILES)

    def make_disks(self):
        """Boot the tree with the tools, and have it copy itself."""
        upper, source = self.dir / "source", self.dir / "source.img"
        self.must_run(upper, self.trees(), "mke2fs", "-q", "-t", "ext4", "-L", "guest",
                      "-O", "^has_journal", "-d", ".", source, "1500M", beside=True)
        remove(upper)
        devices = []
        for slot, (name, size) in enumerate(DISKS.items()):
            path = self.stacked_disk(name)
            path.write_bytes(b"")
            os.truncate(path, size << 20)
            devices += disk(name, f"file={path},cache=unsafe", f"{0x10 + slot:x}.0")
        boot = Boot(self, "disks", Machine(tuple(devices)), self.base.installed_image(),
                    commands={"make": MAKE}, root=source, limit_s=900)
        boot.run()
        source.unlink()
        status, output = boot.facts.command("make") if boot.facts else (-1, boot.console)
        (self.dir / "disks.log").write_text(output)
        if status != 0:
            raise BuildError(f"{self.suite}: the disks could not be made: {boot.fault}\n{output}")


class StackedBoot(Boot):
    """A boot of such a guest: our package is not on the disks, so it is brought."""

    def pack(self, path):
        super().pack(path)
        deb = path.with_suffix(".deb.tar")
        with open(deb, "wb") as file:
            subprocess.run(["dpkg-deb", "--fsys-tarfile", self.guest.package], stdout=file,
                           check=True)
        with tarfile.open(deb) as package, tarfile.open(path, "a") as archive:
            for member in package.getmembers():
                if not member.isdir():
                    archive.addfile(member, package.extractfile(member) if member.isfile() else None)
        deb.unlink()
