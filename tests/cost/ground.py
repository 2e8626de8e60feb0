# SPDX-License-Identifier: GPL-2.0-or-later
"""Made-up machines for the shipped binder to run in, with files for a kernel, and what counts
there. Judges nothing."""

import shutil
import subprocess
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

from planning import total

HERE = Path(__file__).resolve().parent
BINDER = Path("build/klibc/early-vfio").resolve()
MEASURE = Path("build/klibc/bench-measure").resolve()
# Its driver's module is loaded by the stand-in for modprobe, which binds as the kernel would.
IMAGE = "module vfio-pci\\n"


def load_sysfs_tree():
    loader = SourceFileLoader("sysfs_tree", str(HERE.parent / "ns" / "sysfs-tree"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


sysfs_tree = load_sysfs_tree()


def address(number):
    return f"0000:{number // 32:02x}:{number % 32:02x}.0"


def ids(count):
    """Rules that each name one device, for which the bus has to be looked at."""
    return [f"bind 8086:{0x1000 + number:04x}" for number in range(count)]


def places(count):
    return [f"bind {address(number)}" for number in range(count)]


class Ground:
    """Where the binder runs; each time in a machine as new."""

    addresses = [address(number) for number in range(1024)]
    binder_kib = BINDER.stat().st_size >> 10
    bare = None  # the instructions of a bare loop, for a device

    def __init__(self, work):
        self.tree, self.out = work / "tree", work / "out"

    def run(self, command, devices, rules, *wrapper, driver="-"):
        """Runs the binder under another command, in a machine of so many devices that have that
        driver. Return: what is said; all targets are bound after a run."""
        shutil.rmtree(self.tree, ignore_errors=True)
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()
        machine = sysfs_tree.Machine(
            f"{self.addresses[number]} 020000 8086:{0x1000 + number:04x} - {driver} {number}"
            for number in range(devices))
        sysfs_tree.build(str(self.tree), machine,
                         {"config": "\\n".join(rules) + "\\n", "image": IMAGE})
        done = subprocess.run(["unshare", "-m", HERE / "inside", self.tree, *wrapper, BINDER,
                               command], check=True, stdout=subprocess.PIPE, text=True)
        bound = len(list(self.tree.glob("sys/devices/pci0000:00/*/driver")))
        if driver == "-" and bound != (len(rules) if command == "run" else 0):
            raise RuntimeError(f"{command} left {bound} devices bound")
        return done.stdout

    def instructions(self, *what):
        """Those of the binder and its child, outside the kernel."""
        self.run(*what, "valgrind", "-q", "--tool=callgrind",
                 f"--callgrind-out-file={self.out}/%p")
        return sum(map(total, self.out.iterdir()))

    def calls(self, *what):
        """The system calls of both, without what another program does that they start."""
        self.run(*what, "strace", "-f", "-qq", "-b", "execve", "-e", "signal=none",
                 "-o", self.out / "calls")
        lines = (self.out / "calls").read_text().splitlines()
        return [line.split(None, 1)[1] for line in lines if "resumed>" not in line]

    def kib(self, *what):
        """The memory that was faulted in, where no other program is started for a driver."""
        return int(self.run(*what, MEASURE, driver="vfio-pci").splitlines()[-1].split()[3])

    @staticmethod
    def first_device(calls):
        """The index of the first call that names a device."""
        return next(number for number, line in enumerate(calls) if '"0000:' in line)
