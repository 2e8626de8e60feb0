# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests whose root is on several disks: a suite's tree with the tools for that in a layer over
it, and the disks, made once in a helper machine by these tools. All is kept by a checksum of
what it was made from. Knows nothing of what is protected."""

import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from lib.boot import Boot
from lib.guest import BUILD, GENERATORS, BuildError, Guest, digest, place, remove
from lib.machine import Machine, disk, sata_at

TOOLS = ("cryptsetup-initramfs", "lvm2", "mdadm", "e2fsprogs", "btrfs-progs", "dosfstools",
         "iproute2")
# From Debian 13 on, what unlocks under systemd is a package of its own.
SUITE_TOOLS = {"trixie": ("systemd-cryptsetup",), "sid": ("systemd-cryptsetup",)}
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
UPDATES = {"etc/initramfs-tools/update-initramfs.conf": "update_initramfs=yes\n"}
KEY = "early-vfio's guests\n"
PASSPHRASE = "early-vfio"
ARRAY = "6561726c:792d7666:696f3a20:6d643030"
LONE_ARRAY = "6561726c:792d7666:696f3a20:6d643031"
LUKS = "6561726c-792d-7666-696f-3a206c756b73"
# For initramfs-tools and for dracut, which takes only what it takes for the building machine's.
ATTACH = "luks,initramfs,x-initrd.attach"
# Of the image that unlocks the root, and of no other, which would wait for it.
CRYPTTAB = {"etc/crypttab": f"root /dev/mapper/vg-root /etc/root.key {ATTACH}\n"}
# What belongs to stacked roots, in their disks and in their images.
FILES = {
    "etc/root.key": KEY,
    "etc/cryptsetup-initramfs/conf-hook": "KEYFILE_PATTERN=/etc/root.key\n",
    "etc/mdadm/mdadm.conf": f"ARRAY /dev/md0 UUID={ARRAY}\nARRAY /dev/md1 UUID={LONE_ARRAY}\n",
    "etc/initramfs-tools/conf.d/umask.conf": "UMASK=0077\nRESUME=none\n",
    "etc/initramfs-tools/hooks/guest-stacked*": """#!/bin/sh
[ "${1-}" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules ahci sd_mod btrfs raid1 dm_mod dm_crypt
""",
}
# Sizes in MiB; a disk is named by what is on it.
DISKS = {"btrfs1": 800, "btrfs2": 800, "md1": 700, "md2": 700, "swap": 64, "esp": 64,
         "luks": 640, "lvm": 640, "raid1": 640, "raid2": 640}
SOURCE_SIZE = "600M"
# Makes the one root that all others are copied from, where it is run, without what only takes
# its time: other boots are there for second machines and their cards.
SOURCE = """
rm -rf boot/* usr/bin/qemu-* usr/share/qemu usr/share/seabios usr/share/perl usr/share/zoneinfo
rm -rf usr/lib/x86_64-linux-gnu/perl usr/lib/x86_64-linux-gnu/gconv usr/lib/x86_64-linux-gnu/qemu
cd usr/lib/modules/*/kernel
rm -rf sound drivers/gpu drivers/media drivers/infiniband drivers/iio drivers/staging
rm -rf drivers/net/wireless drivers/net/ethernet/[!i]* drivers/scsi/[!s]* drivers/hid drivers/hwmon
cd ../../../../..
mke2fs -q -t ext4 -L guest -O ^has_journal -d . "$1" "$2"
"""
# Copies it onto each kind of disks; DISK_NAME is the disk of a name.
MAKE = f"""
array={ARRAY} lone={LONE_ARRAY} luks={LUKS} passphrase={PASSPHRASE}
set -ex""" + """
for serial in /sys/block/*/serial; do
	read -r name <"$serial" || :
	disk=${serial%/serial}
	eval "disk_$name=/dev/${disk##*/}"
done
# Nothing but device-mapper itself makes nodes here.
export DM_DISABLE_UDEV=1
modprobe -a btrfs raid1 dm_mod dm_crypt

# array NAME UUID DISK DISK: makes an array.
array() {
	mdadm --create "$1" --run --uuid="$2" --level=1 --raid-devices=2 --assume-clean \
		--bitmap=none "$3" "$4"
}
# volume GROUP DISK: makes a volume of the name root.
volume() {
	pvcreate -y "$2"
	vgcreate "$1" "$2"
	lvcreate -y -Wn -Zn -l 100%FREE -n root "$1"
}
# encrypted NAME DISK [OPTION...]: makes what the key unlocks, and unlocks it.
encrypted() {
	name=$1 disk=$2
	shift 2
	cryptsetup luksFormat -q "$@" --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "$disk" /etc/root.key
	cryptsetup open --key-file /etc/root.key "$disk" "$name"
}

array /dev/md0 "$array" "$disk_md1" "$disk_md2"
volume vg /dev/md0
encrypted stacked /dev/mapper/vg-root

array /dev/md1 "$lone" "$disk_raid1" "$disk_raid2"
volume single "$disk_lvm"
encrypted luks "$disk_luks" --uuid "$luks"
printf '%s' "$passphrase" | cryptsetup luksAddKey --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
	--key-file /etc/root.key "$disk_luks" -

for disk in /dev/mapper/stacked /dev/md1 /dev/mapper/single-root /dev/mapper/luks; do
	e2image -rap "$disk_source" "$disk"
done
cryptsetup close luks
vgchange -an single
mdadm --stop /dev/md1
cryptsetup close stacked
vgchange -an vg
mdadm --stop /dev/md0

mkswap "$disk_swap"
mkfs.vfat "$disk_esp"
mkdir -p /mnt/btrfs
mkfs.btrfs -q -f -L guest -d raid1 -m raid1 "$disk_btrfs1" "$disk_btrfs2"
mount "$disk_btrfs1" /mnt/btrfs
cp -ax /. /mnt/btrfs
umount /mnt/btrfs
sync
"""


@dataclass(frozen=True)
class StackedMachine(Machine):
    """A machine whose root is on other devices of its own, or on these of the guest's disks,
    which are at SATA controllers, 8086:2922, from 0000:00:13.0 on, one each."""

    disks: tuple = ()

    def root_arguments(self, root):
        return sum((sata_at(f"{0x13 + number:x}.0", name, root / f"{name}.img")
                    for number, name in enumerate(self.disks)), ())


class LayeredGuest(Guest):
    """One suite, with more packages in a layer over its tree, and with our package installed."""

    suffix = ""        # of its directory's name
    packages = ()
    suite_packages = {}  # suite to more of them
    files = {}         # what the tree has besides

    def __init__(self, suite, package, generator=GENERATORS[0]):
        super().__init__(suite, package, generator)
        self.base = Guest(suite, package)
        self.dir = BUILD / "guest" / f"{suite}-{self.suffix}"
        self.tools = self.dir / "tools"

    def prepare(self):
        """As for every guest, after the suite's own."""
        self.base.prepare()
        with self.lock():
            recipe = digest((self.base.dir / "recipe").read_bytes(), Path(__file__).read_bytes(),
                            *self.all_packages())
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
        self.prepare_generator(self.base.dir)

    def all_packages(self):
        return (*self.packages, *self.suite_packages.get(self.suite, ()))

    def trees(self):
        return [self.tools, self.root]

    def make_disk(self):
        """The suite's own disk will do."""

    def make_disks(self):
        """Nor are there others."""

    @property
    def disk(self):
        return self.base.disk

    def make_tools(self):
        self.tools.mkdir(parents=True)
        log = self.must_run(self.tools, [self.root], "sh", "-c", INSTALL, "sh",
                            *self.all_packages())
        (self.dir / "tools.log").write_text(log)
        for beside in ("work", "root"):
            shutil.rmtree(f"{self.tools}.{beside}", ignore_errors=True)
        place(self.tools, UPDATES | self.files)


class StackedGuest(LayeredGuest):
    """The same with the tools that such roots need, and the disks."""

    suffix = "stacked"
    packages = TOOLS
    suite_packages = SUITE_TOOLS
    files = FILES

    @property
    def disk(self):
        """Where the disks are."""
        return self.dir

    def stacked_disk(self, name):
        return self.dir / f"{name}.img"

    def make_disks(self):
        """Boot the tree with the tools, and have it copy itself."""
        upper, source = self.dir / "source", self.dir / "source.img"
        self.must_run(upper, self.trees(), "sh", "-ec", SOURCE, "sh", source, SOURCE_SIZE,
                      beside=True)
        remove(upper)
        boot = self.boot_maker(source)
        if not boot.facts:
            # The emulated kernel was seen to die here. No test has begun: it tells nothing of us.
            print(f"{boot.console[-4096:]}\n{self.suite}: making the disks: {boot.fault};"
                  " once more", file=sys.stderr)
            boot = self.boot_maker(source)
        source.unlink()
        status, output = boot.facts.command("make") if boot.facts else (-1, boot.console)
        (self.dir / "disks.log").write_text(output)
        if status != 0:
            raise BuildError(f"{self.suite}: the disks could not be made: {boot.fault}\n{output}")

    def boot_maker(self, source):
        """Boot a helper machine with empty disks that copies the source onto them.
        Return: the boot, without facts if the machine died."""
        devices = disk("source", f"file={source},readonly=on", "f.0")
        for slot, (name, size) in enumerate(DISKS.items()):
            path = self.stacked_disk(name)
            path.write_bytes(b"")
            os.truncate(path, size << 20)
            devices += disk(name, f"file={path},cache=unsafe", f"{5 + slot:x}.0")
        # The label is on two disks.
        return Boot(self, "disks", Machine(tuple(devices)), self.base.installed_image(),
                    "root=/dev/disk/by-id/virtio-root", commands={"make": MAKE}, root=source,
                    limit_s=900).run()


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
