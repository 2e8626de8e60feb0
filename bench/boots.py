# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole boots with us and without, to where udev starts, by a clock that counts instructions. Knows
nothing of single steps."""

import re
from statistics import median

from lib.boot import Boot
from lib.guest import Guest
from lib.vm import VmError
from machine import machine, target_lines

# In both images, started after us and just before udev; at error level the quiet console has it.
MARK = {"etc/initramfs-tools/scripts/init-top/t-bench*": """#!/bin/sh
case ${1-} in
prereqs)
	echo
	exit 0
	;;
esac
echo '<3>bench: udev starts' >/dev/kmsg
"""}
# In an image without us, in our place: only the modules that we load for two targets.
MODPROBE = {"etc/initramfs-tools/modules": "vfio_iommu_type1\nvfio-pci\n",
            "etc/initramfs-tools/scripts/init-top/early-bench*": """#!/bin/sh
case ${1-} in
prereqs)
	echo
	exit 0
	;;
esac
/sbin/modprobe -a vfio_iommu_type1 vfio-pci
"""}
STARTS = re.compile(rb"\[ *([0-9.]+)\] bench: udev starts")
DEVICES = 16


class Bare(Guest):
    """The same guest without our package."""

    def lowers(self):
        return [self.root]


class ToUdev(Boot):
    """A boot that ends where udev starts."""

    seconds = None

    def talk(self, vm):
        self.seconds = float(vm.expect(STARTS).group(1))
        vm.process.kill()


def boot_time(guest, name, image):
    boot = ToUdev(guest, f"bench-{name}", machine(DEVICES), image, cmdline="loglevel=4", limit_s=600)
    try:
        boot.run(boot.talk)
    except VmError:
        pass
    if boot.seconds is None:
        raise SystemExit(f"{boot.console}\n{boot.fault}")
    return boot.seconds * 1000


def measure(guest, repeats):
    """Boot in turns. Return: the table."""
    bare = Bare(guest.suite, guest.package)
    bare.prepare()
    rules = "".join(f"bind {address}\n" for address in target_lines(2)[1:])
    images = {"without": (bare, bare.image("bench-without", MARK)),
              "without, modprobe": (bare, bare.image("bench-modprobe", MARK | MODPROBE)),
              "with, no rule": (guest, guest.image("bench-none", MARK)),
              "with, 2 targets": (guest, guest.image("bench-two",
                                                     MARK | {"etc/early-vfio.conf": rules}))}
    times = {name: [] for name in images}
    for _ in range(repeats):
        for name, (made, image) in images.items():
            times[name].append(boot_time(made, name.split(",")[0], image))
    lines = [f"\nKernel start to udev start, {repeats} boots each:\n",
             "| image | bytes | ms, median | least to most | adds ms |",
             "| --- | ---: | ---: | ---: | ---: |"]
    for name, found in times.items():
        added = median(found) - median(times["without"])
        lines.append(f"| {name} | {images[name][1].stat().st_size} | {median(found):.1f} |"
                     f" {min(found):.1f} to {max(found):.1f} | {added:.1f} |")
    return "\n".join(lines)
