# SPDX-License-Identifier: GPL-2.0-or-later
"""An initramfs image, taken apart by its own suite's unmkinitramfs. Judges nothing."""

import re
import shutil
import subprocess

from lib.guest import remove

SUFFIXES = ("", ".xz", ".zst", ".gz")


class Unpacked:
    """The files of one image. It may consist of several archives, each in a tree of its own."""

    def __init__(self, guest, name, image):
        self.kernel = guest.kernel
        self.upper = guest.scratch(f"unpacked-{name}")
        remove(self.upper)
        self.upper.mkdir()
        shutil.copy(image, self.upper / "image")
        guest.must_run(self.upper, [guest.root], "unmkinitramfs", "/image", "/unpacked")
        top = self.upper / "unpacked"
        parts = sorted(path for path in top.iterdir() if re.match(r"(early|main)\d*$", path.name))
        self.trees = parts or [top]

    def close(self):
        remove(self.upper)

    def find(self, name):
        """The file of that name, or None."""
        for tree in self.trees:
            path = self.below(tree, name)
            if path.is_file():
                return path
        return None

    @staticmethod
    def below(tree, name):
        """The path of a name, without following an absolute link out of the tree."""
        path = tree
        for part in name.strip("/").split("/"):
            path = path / part
            if path.is_symlink():
                target = str(path.readlink())
                path = tree / target.lstrip("/") if target.startswith("/") else \
                    path.parent / target
        return path

    def text(self, name):
        path = self.find(name)
        return path.read_text(errors="replace") if path else ""

    def find_module(self, name):
        """The file of a module that is named without the suffix of its compression."""
        found = (self.find(f"{name}{suffix}") for suffix in SUFFIXES)
        return next((path for path in found if path), None)

    def module_files(self, name):
        """All files of that module, however compressed, in whichever archive."""
        return [f"{name}{suffix}".lstrip("/") for tree in self.trees for suffix in SUFFIXES
                if self.below(tree, f"{name}{suffix}").is_file()]

    def modprobe(self, name):
        """The files that modprobe would load for a module by the image's own index, in order."""
        tree = next(tree for tree in self.trees
                    if self.below(tree, f"lib/modules/{self.kernel}/modules.dep.bin").is_file())
        done = subprocess.run(["modprobe", "-d", tree, "-S", self.kernel, "--show-depends", name],
                              capture_output=True, text=True, check=False)
        return [line.split()[1].removeprefix(str(tree)) for line in done.stdout.splitlines()
                if line.startswith("insmod ")]

    def names(self, directory):
        """The names in a directory, in order; none where there is no such directory."""
        found = (self.below(tree, directory) for tree in self.trees)
        return sorted({path.name for place in found if place.is_dir() for path in place.iterdir()})

    def order(self, stage):
        """The names of a stage's scripts in the order in which they run."""
        return re.findall(rf"^/scripts/{stage}/(\S+) ", self.text(f"scripts/{stage}/ORDER"), re.M)
