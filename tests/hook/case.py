# SPDX-License-Identifier: GPL-2.0-or-later
"""One test: its root tree, runs of the program over it, and what they wrote. Knows nothing of what
is tested."""

import os
import subprocess
from pathlib import Path

from tree import Machine, Module, kernel

PROGRAM = os.environ.get("EARLY_VFIO_HOST", "build/asan/early-vfio")
VERSION = "6.1.0-test"

# Debian 12's, as far as vfio goes.
MODULES = (
    Module("virt/lib/irqbypass.ko", exports=["irq_bypass"]),
    Module("drivers/vfio/vfio.ko", exports=["vfio"]),
    Module("drivers/vfio/vfio_virqfd.ko", exports=["virqfd"]),
    Module("drivers/vfio/vfio_iommu_type1.ko", needs=["vfio"]),
    Module("drivers/vfio/pci/vfio-pci-core.ko", exports=["core"],
           needs=["vfio", "virqfd", "irq_bypass"]),
    Module("drivers/vfio/pci/vfio-pci.ko", needs=["core"],
           info=["alias=vfio_pci:v*d*sv*sd*bc*sc*i*"]),
)


class Skipped(Exception):
    """The test cannot run here, and why."""


class Case:
    kernels = {}

    def __init__(self, name, top):
        self.name, self.top = name, top
        self.tree = Machine(str(top / name / "root"))
        self.image = str(top / name / "out/etc/early-vfio.image")
        os.makedirs(os.path.dirname(self.image))
        self.status = self.stdout = self.stderr = None

    def use_kernel(self, name, *args, **kwargs):
        """The modules of a kernel, made once for all tests that use it."""
        where = self.top / "kernels" / name
        if name not in Case.kernels:
            kernel(str(where), *args, **kwargs)
            Case.kernels[name] = where
        self.tree.link("lib/modules", str(where / "lib/modules"))

    def run(self, *args, program=PROGRAM, **kwargs):
        done = subprocess.run([program, *args], capture_output=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL, **kwargs)
        self.status = done.returncode
        self.stdout = done.stdout.decode(errors="replace")
        self.stderr = done.stderr.decode(errors="replace")
        assert "Sanitizer" not in self.stderr and "runtime error" not in self.stderr
        return self

    def generate(self, *args, status=0, version=VERSION):
        if not os.path.lexists(self.tree.path("lib/modules")):
            self.use_kernel("debian12", VERSION, MODULES)
        self.run("generate", "--kernel", version, "--sysroot", self.tree.root,
                 "--output", self.image, *args)
        assert self.status == status, f"exit {self.status}, not {status}"
        return self

    def text(self, suffix):
        path = Path(self.image).with_suffix(suffix)
        return path.read_text(encoding="utf-8") if path.exists() else None

    def lines(self, suffix, word=None):
        """The lines of an output without comments; those that start with a word, without it."""
        lines = [line for line in (self.text(suffix) or "").splitlines() if line[:1] != "#"]
        if word is None:
            return lines
        return [line[len(word) + 1:] for line in lines if line.split(" ")[0] == word]

    def image_has(self, word, *expected):
        found = self.lines(".image", word)
        assert found == list(expected), f"{word} lines are\n" + "\n".join(found)

    def config_is(self, *expected):
        """The config's lines, but for the blanks that keep columns right."""
        found = [line.lstrip(" ") for line in self.lines(".conf")]
        assert found == list(expected), "the config is\n" + "\n".join(found)

    def says(self, *parts):
        """A line of stderr has all parts."""
        assert any(all(part in line for part in parts) for line in self.stderr.splitlines()), \
            f"no line says {parts}"

    def is_silent(self):
        assert self.stderr == "", "something was said"

    def state(self):
        return (f"-- exit {self.status}\n-- stderr\n{self.stderr}-- config\n{self.text('.conf')}"
                f"-- image\n{self.text('.image')}")
