# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel's package made into that of another, new kernel, small enough to be installed in an
emulated machine: Debian's own scripts, and the few modules that the guests' images have. Knows
nothing of what it is installed for."""

import shutil
import subprocess
from pathlib import Path

MODULES = ("vfio-pci", "vfio_iommu_type1", "nvme", "ext4", "virtio_pci", "virtio_blk")


def run(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def keep_modules(base, version):
    """Delete all modules below base/lib/modules but those above and what they need."""
    run("depmod", "-b", base, version)
    kept = set()
    for name in MODULES:
        shown = run("modprobe", "-d", base, "-S", version, "--show-depends", name)
        kept |= {line.split()[1] for line in shown.splitlines() if line.startswith("insmod ")}
    top = base / "lib/modules" / version / "kernel"
    # The deepest first, so that what was emptied is seen to be empty.
    for path in sorted(top.rglob("*"), reverse=True):
        if path.is_file() and str(path) not in kept:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def rename(tree, modules, version, new):
    for path in [modules, *(tree / "boot").iterdir()]:
        path.rename(path.with_name(path.name.replace(version, new)))
    # Helpers for bug reports, by the old name.
    shutil.rmtree(tree / "usr/share")
    (tree / "DEBIAN/md5sums").unlink()
    for path in (tree / "DEBIAN").iterdir():
        path.write_text(path.read_text().replace(version, new))


def make(package, version, new, kept):
    """Make the package of kernel `new`, as the file `kept`, from that of kernel `version`."""
    tree = Path(f"{kept}.tree")
    shutil.rmtree(tree, ignore_errors=True)
    run("dpkg-deb", "-R", package, tree)
    (modules,) = [path for path in (tree / "lib/modules" / version,
                                    tree / "usr/lib/modules" / version) if path.is_dir()]
    keep_modules(modules.parents[2], version)
    rename(tree, modules, version, new)
    run("dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, f"{kept}.new")
    shutil.rmtree(tree)
    Path(f"{kept}.new").rename(kept)
