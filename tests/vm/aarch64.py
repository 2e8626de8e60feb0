# SPDX-License-Identifier: GPL-2.0-or-later
"""The main scenario on aarch64 behind an SMMUv3: the binder is cross-built against that
architecture's klibc, and started as process 1 from an extra initrd, before a small image that has
nothing of ours. Knows nothing of the other guests."""

import json
import lzma
import re
import shutil
import subprocess
import sys
from pathlib import Path

from lib.guest import BUILD, TOP, BuildError, digest
from lib.job import Job
from lib.tap import Group
from lib.vm import Vm, VmError

sys.path.insert(0, str(TOP / "tests/hook"))

from image import cpio

SUITE = "trixie"
PACKAGES = "linux-image-arm64,busybox-static,libklibc-dev"
DIR = BUILD / "guest/arm64"
# Host drivers of the two functions of each card.
HOST_MODULES = ("bochs", "snd-hda-intel")
CONFIG = "bind 1234:1111@0000:00:02.0/00.0+slot\n"
LIMIT_S = 300
INIT = """#!/bin/busybox sh
# Loads the host's drivers as an image of any make would, and tells which device is with which.
/bin/busybox --install -s /bin
mkdir -p /proc /sys /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in /modules/*; do
	insmod "$module"
done
for device in /sys/bus/pci/devices/*; do
	driver=$(readlink "$device/driver") group=$(readlink "$device/iommu_group")
	echo "device ${device##*/} ${driver##*/} ${group##*/}"
done
echo "report $(tr -d '\\n' </dev/.early-vfio/report.json)"
dmesg | sed -n 's/.*early-vfio: /log /p'
echo end of facts
poweroff -f
"""


def must_run(*command, **kwargs):
    done = subprocess.run(list(map(str, command)), check=False, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **kwargs)
    if done.returncode:
        raise BuildError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


def prepare():
    """The tree of that architecture: packages unpacked, nothing of them run."""
    recipe = digest(SUITE, PACKAGES)
    if (DIR / "recipe").exists() and (DIR / "recipe").read_text() == recipe:
        return DIR / "root"
    shutil.rmtree(DIR, ignore_errors=True)
    DIR.mkdir(parents=True)
    must_run("mmdebstrap", "--mode=root", "--variant=extract", "--architectures=arm64",
             f"--include={PACKAGES}", SUITE, DIR / "root")
    must_run("depmod", "-b", DIR / "root/usr", kernel_of(DIR / "root"))
    (DIR / "recipe").write_text(recipe)
    return DIR / "root"


def kernel_of(root):
    (version,) = [path.name for path in (root / "usr/lib/modules").iterdir()]
    return version


def load_order(modules, names):
    """Files of modules and of what they need, in the order in which they can be loaded."""
    needs = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        path, _, rest = line.partition(":")
        needs[path] = rest.split()
    order = []
    for name in names:
        (path,) = [path for path in needs if Path(path).name.startswith(f"{name}.ko")]
        for needed in [*reversed(needs[path]), path]:
            if needed not in order:
                order.append(needed)
    return order


def base_image(root):
    """An image with the host's drivers and nothing of ours."""
    modules = root / "usr/lib/modules" / kernel_of(root)
    files = {"bin": None, "modules": None, "init": (INIT.encode(), 0o755),
             "bin/busybox": ((root / "usr/bin/busybox").read_bytes(), 0o755)}
    for number, path in enumerate(load_order(modules, HOST_MODULES)):
        data = (modules / path).read_bytes()
        if path.endswith(".xz"):
            data = lzma.decompress(data)
        files[f"modules/{number:03}.ko"] = data
    return cpio(files)


def extra_image(root, work):
    """The extra initrd, made by the host program for that tree's kernel."""
    system = work / "system"
    (system / "etc").mkdir(parents=True)
    (system / "lib").mkdir()
    (system / "lib/modules").symlink_to(root / "usr/lib/modules")
    (system / "etc/early-vfio.conf").write_text(CONFIG)
    must_run(TOP / "tests/cross/build", root, "aarch64-linux-gnu",
             system / "usr/lib/early-vfio/binder", cwd=TOP)
    must_run(BUILD / "host/early-vfio", "generate", "--no-host", "--sysroot", system, "--kernel",
             kernel_of(root), "--cpio", work / "extra.cpio")
    return (work / "extra.cpio").read_bytes()


def arguments(root, image):
    result = ["-M", "virt,gic-version=3,iommu=smmuv3", "-cpu", "cortex-a72", "-m", "1024",
              "-kernel", root / "boot" / f"vmlinuz-{kernel_of(root)}", "-initrd", image,
              "-append", "console=ttyAMA0 quiet panic=-1 rdinit=/early-vfio/binder"]
    for port in (1, 2):
        result += ["-device", f"pcie-root-port,id=rp{port},bus=pcie.0,addr={port}.0,slot={port},"
                   f"chassis={port}",
                   "-device", f"bochs-display,bus=rp{port},addr=0.0,multifunction=on",
                   "-device", f"intel-hda,bus=rp{port},addr=0.1"]
    return result


def check(group, console):
    found = dict(re.findall(r"^device (\S+) (\S*) \S*\r?$", console, re.M))
    for address, driver in (("0000:01:00.0", "bochs-drm"), ("0000:01:00.1", "snd_hda_intel"),
                            ("0000:02:00.0", "vfio-pci"), ("0000:02:00.1", "vfio-pci")):
        group.ok(found.get(address) == driver, f"{address} is with {driver}", console)
    text = re.search(r"^report (\{.*\})", console, re.M)
    if group.ok(text, "the report survived /init", console):
        results = {device["address"]: device["result"]
                   for device in json.loads(text.group(1))["devices"]}
        group.ok(results == {"0000:02:00.0": "bound", "0000:02:00.1": "bound"},
                 "and tells the same", results)
    group.ok(re.search(r"^log 0000:02:00\.0 1234:1111 bound to vfio-pci", console, re.M),
             "the log says so", console)


def run():
    group = Group("aarch64 rdinit")
    work = BUILD / "vm/aarch64"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        root = prepare()
        (work / "initrd").write_bytes(base_image(root) + extra_image(root, work))
        with Vm(arguments(root, work / "initrd"), work / "serial.log", LIMIT_S,
                "qemu-system-aarch64") as vm:
            vm.expect(re.compile(rb"end of facts"))
            check(group, vm.console())
    except (BuildError, VmError, OSError, ValueError) as error:
        group.ok(False, "runs", f"{type(error).__name__}: {error}\nsee {work}/serial.log")
    return group


def jobs():
    return [Job(f"{SUITE} arm64", "aarch64", False, run)]
