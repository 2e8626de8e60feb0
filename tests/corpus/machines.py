# SPDX-License-Identifier: GPL-2.0-or-later
"""Machine files, and sysfs trees made of them. Knows nothing of what is run over the trees."""

import atexit
import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
OWN = HERE / "own"
BINDER = os.environ.get("BINDER", str(TOP / "build/klibc/early-vfio"))
PROGRAM = os.environ.get("EARLY_VFIO_HOST", str(TOP / "build/host/early-vfio"))


# A tree is some thousand small files, there for a moment: in memory where that can be.
MEMORY = "/dev/shm"
TREES = tempfile.mkdtemp(prefix="early-vfio-",
                         dir=MEMORY if os.access(MEMORY, os.W_OK) else None)
atexit.register(shutil.rmtree, TREES, ignore_errors=True)


def load_builder():
    """The program tests/ns/sysfs-tree as a module: all trees are built in one process."""
    path = str(HERE.parent / "ns/sysfs-tree")
    loader = importlib.machinery.SourceFileLoader("sysfs_tree", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("sysfs_tree", loader))
    loader.exec_module(module)
    return module


BUILDER = load_builder()


def recorded():
    """Where recorded machines are kept, or None."""
    where = os.environ.get("EARLY_VFIO_CORPUS")
    where = Path(where) / "machines" if where else None
    return where if where and where.is_dir() else None


def find(name):
    """The file of a machine by its name: one of our own or a recorded one; None: not here."""
    for where in (OWN, recorded()):
        if where and (where / f"{name}.pci").exists():
            return where / f"{name}.pci"
    return None


def read(path):
    return BUILDER.Machine(path.read_text(encoding="utf-8").splitlines())


class Tree:
    """A machine's tree, there as long as it is used."""

    def __init__(self, name, machine, **options):
        self.root = f"{TREES}/{name}"
        shutil.rmtree(self.root, ignore_errors=True)
        BUILDER.build(self.root, machine, options)

    def config(self, text):
        os.makedirs(f"{self.root}/etc", exist_ok=True)
        Path(f"{self.root}/etc/early-vfio.conf").write_text(text, encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)


def run(*args):
    """Exit status, standard output and standard error, in the locale C.UTF-8 at 80 columns."""
    done = subprocess.run(args, capture_output=True, timeout=120, check=False,
                          stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"})
    return done.returncode, done.stdout.decode(), done.stderr.decode()
