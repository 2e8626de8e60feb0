# SPDX-License-Identifier: GPL-2.0-or-later
"""A boot of a unified kernel image: kernel, command line and image in one program, which UEFI
firmware starts from a disk. Made by the ukify of one suite for all. Knows nothing of what is
expected."""

import shutil
import subprocess
from dataclasses import dataclass

from lib.boot import Boot
from lib.guest import BUILD, BuildError, Guest, remove

# The suite whose ukify it is; Debian 12 has none.
MAKER = "trixie"
INSTALL = """
set -e
apt-get -q update
apt-get -y -q --no-install-recommends install systemd-ukify systemd-boot-efi
apt-get clean
rm -rf /var/lib/apt/lists
"""
FIRMWARE = "/usr/share/OVMF/OVMF_{}_4M.fd"
# Where firmware looks for a program on a disk that it knows nothing of.
PROGRAM = "EFI/BOOT/BOOTX64.EFI"


def firmware():
    """QEMU's arguments for UEFI firmware that has seen no boot yet."""
    return ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={FIRMWARE.format('CODE')}",
            "-drive", f"if=pflash,unit=1,format=raw,snapshot=on,file={FIRMWARE.format('VARS')}"]


def tools(package):
    """The trees in which there is ukify, made where they are missing. Its suite's lock is held
    meanwhile."""
    guest = Guest(MAKER, package)
    guest.prepare()
    layer = guest.dir / "ukify"
    with guest.lock():
        if not (layer / "usr/bin/ukify").exists():
            remove(layer)
            guest.must_run(layer, [guest.root], "sh", "-c", INSTALL)
    return guest, [layer, guest.root]


@dataclass
class UnifiedBoot(Boot):
    """A boot whose kernel, command line and image are one file."""

    def kernel_arguments(self, line):
        esp = self.dir / "esp"
        remove(esp)
        self.make(esp / PROGRAM, line)
        return [*firmware(),
                "-drive", f"if=none,id=esp,format=raw,readonly=on,file=fat:{esp}",
                "-device", "virtio-blk-pci,bus=pcie.0,addr=1b.0,drive=esp,serial=esp,bootindex=0"]

    def make(self, path, line):
        maker, trees = tools(self.guest.package)
        upper = self.dir / "uki"
        remove(upper)
        (upper / "unify").mkdir(parents=True)
        shutil.copy(self.guest.vmlinuz, upper / "unify/linux")
        shutil.copy(self.image, upper / "unify/initrd")
        (upper / "unify/cmdline").write_text(line)
        maker.must_run(upper, trees, "ukify", "build", "--linux=/unify/linux",
                       "--initrd=/unify/initrd", "--cmdline=@/unify/cmdline",
                       f"--uname={self.guest.kernel}", "--output=/unify/uki.efi")
        path.parent.mkdir(parents=True)
        (upper / "unify/uki.efi").rename(path)
        self.verify(path)
        remove(upper)

    @staticmethod
    def verify(path):
        """The host program finds the image in the one file. That it was made for the building
        machine, nobody says."""
        done = subprocess.run([BUILD / "host" / "early-vfio", "verify", path], check=False,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if "PASS  the binder is there" not in done.stdout:
            raise BuildError(f"verify {path}: exit {done.returncode}\n{done.stdout}")
