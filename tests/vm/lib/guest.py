# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests: a suite's root tree, our package installed in it by dpkg, the images that its own
generator builds for a configuration, the disk to boot from. All is kept by a checksum of what it
was made from. Knows nothing of booting."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from lib.damage import damaged_extra

TOP = Path(__file__).resolve().parents[3]
BUILD = TOP / "build"
VM = TOP / "tests" / "vm"
SUITES = ("bookworm", "trixie", "sid")
# What makes the images. dracut does it with systemd in them, or with its own init.
GENERATORS = ("initramfs-tools", "dracut", "dracut-plain")
# Files of the host's tree by which a generator becomes what it is here.
SETTINGS = {"dracut-plain": {
    "etc/dracut.conf.d/plain.conf": 'omit_dracutmodules+=" systemd "\n'}}
# dracut's images let root in without a password: the guests have none that sulogin would take.
UNLOCKED = {"usr/lib/dracut/modules.d/99unlocked/module-setup.sh*": """#!/bin/bash
check() { return 0; }
install() { sed -i 's/^root:[^:]*:/root::/' "$initdir/etc/passwd"; }
"""}
# dracut leaves our module out.
BARE = {"etc/dracut.conf.d/bare.conf": 'omit_dracutmodules+=" early-vfio "\n'}


class BuildError(Exception):
    """A step of making a guest failed; the text is its output."""


def find_package():
    """The one package that `make deb` leaves."""
    found = sorted(BUILD.glob("early-vfio_*.deb"))
    if len(found) != 1:
        raise BuildError(f"expected one build/early-vfio_*.deb, found {len(found)}: make deb")
    return found[0]


def digest(*parts):
    """A short name for what was made from these parts."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(b"%d " % len(data))
        total.update(data)
    return total.hexdigest()[:16]


def place(tree, files):
    """Write files below a tree; a name that ends in "*" becomes an executable without it."""
    for name, text in files.items():
        path = tree / name.rstrip("*")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if name.endswith("*") else 0o644)


def remove(*trees):
    for tree in trees:
        for path in (tree, Path(f"{tree}.work"), Path(f"{tree}.root")):
            shutil.rmtree(path, ignore_errors=True)


class Guest:
    """One suite and generator, with one package of ours installed."""

    def __init__(self, suite, package, generator=GENERATORS[0]):
        self.suite = suite
        self.generator = generator
        self.package = Path(package)
        self.dir = BUILD / "guest" / suite
        self.root = self.dir / "root"
        self.made = None

    @property
    def name(self):
        return f"{self.suite} {self.generator}"

    @property
    def is_dracut(self):
        return self.generator != GENERATORS[0]

    @contextmanager
    def lock(self):
        """One process and thread at a time makes things of this suite."""
        self.dir.parent.mkdir(parents=True, exist_ok=True)
        with open(f"{self.dir}.lock", "w", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def scratch(self, name):
        """A place for a tree; generators of one suite do not get in each other's way."""
        return self.made / f"{self.generator}-{name}"

    def run(self, upper, lowers, *command, beside=False):
        """Run a command in stacked trees; see tests/vm/overlay. Return: the finished process,
        standard error in its output."""
        where = ["--beside"] if beside else []
        stack = ":".join(str(lower) for lower in lowers)
        return subprocess.run(
            [VM / "overlay", *where, upper, stack, *command], check=False, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def must_run(self, upper, lowers, *command, beside=False):
        """The same for what has to succeed."""
        done = self.run(upper, lowers, *command, beside=beside)
        if done.returncode != 0:
            raise BuildError(f"{self.suite}: {' '.join(map(str, command))}:"
                             f" exit {done.returncode}\n{done.stdout}")
        return done.stdout

    def prepare(self):
        """Make the root tree where it is missing or old, install our package in a layer over
        it, and put dracut in the place of initramfs-tools in one more where it is wanted."""
        with self.lock():
            made = subprocess.run([VM / "guest", self.suite], check=False)
            if made.returncode != 0:
                raise BuildError(f"{self.suite}: the guest could not be made")
            key = digest((self.dir / "recipe").read_bytes(), self.package.read_bytes())
            self.made = self.dir / "made" / key
            if not (self.made / "done").exists():
                remove(self.dir / "made")
                self.install()
                (self.made / "done").touch()
        self.prepare_generator(self.dir)

    def prepare_generator(self, kept):
        """Put dracut in the place of initramfs-tools where it is wanted, with the package that a
        suite's directory keeps."""
        with self.lock():
            if self.is_dracut and not (self.made / "dracut.done").exists():
                self.switch(*(kept / "dracut").iterdir())
                (self.made / "dracut.done").touch()

    def install(self):
        layer = self.made / "layer"
        layer.mkdir(parents=True)
        shutil.copy(self.package, self.made / "early-vfio.deb")
        (layer / "root").mkdir(mode=0o700)
        shutil.copy(self.package, layer / "root" / "early-vfio.deb")
        log = self.must_run(layer, self.trees(), "dpkg", "-i", "/root/early-vfio.deb")
        (self.made / "install.log").write_text(log)
        self.make_disk()

    def switch(self, package):
        """Change the generator as an administrator does, with our package installed before."""
        layer = self.made / "dracut"
        remove(layer)
        (layer / "root").mkdir(mode=0o700, parents=True)
        shutil.copy(package, layer / "root" / "dracut.deb")
        below = self.lowers()[1:]
        log = self.must_run(layer, below, "dpkg", "--force-depends", "-r", "initramfs-tools")
        log += self.must_run(layer, below, "dpkg", "-i", "/root/dracut.deb")
        (self.made / "dracut.log").write_text(log)

    def make_disk(self):
        """The disk with the installed tree, labelled "guest"; it is booted with snapshot=on."""
        upper = self.made / "disk"
        lowers = [self.made / "layer", self.root]
        self.must_run(upper, lowers, "mke2fs", "-q", "-t", "ext4", "-L", "guest",
                      "-O", "^has_journal", "-d", ".", self.disk, "1280M", beside=True)
        remove(upper)

    @property
    def disk(self):
        return self.made / "root.img"

    @property
    def kernel(self):
        """The one kernel version that is installed."""
        (version,) = os.listdir(self.root / "usr/lib/modules")
        return version

    @property
    def vmlinuz(self):
        return self.root / "boot" / f"vmlinuz-{self.kernel}"

    @property
    def packs_modules(self):
        """Are the kernel's modules files that are compressed?"""
        return any((self.root / "usr/lib/modules").glob("*/kernel/drivers/vfio/vfio.ko.*"))

    def trees(self):
        """The trees below our package's layer, the topmost first."""
        return [self.root]

    def lowers(self):
        layers = [self.made / "dracut"] if self.is_dracut else []
        return [*layers, self.made / "layer", *self.trees()]

    def initrd(self, tree):
        return Path(tree) / "boot" / f"initrd.img-{self.kernel}"

    def installed_image(self):
        """The image that installing a package left behind, ours or the generator's, by its
        trigger."""
        if self.generator in SETTINGS:
            return self.image("installed", {})
        return self.initrd(self.lowers()[0])

    def image(self, name, files):
        """The image that the generator makes of these files of the host's tree."""
        files = files | SETTINGS.get(self.generator, {})
        with self.lock():
            key = digest(self.generator, *(part for item in sorted(files.items())
                                           for part in item))
            kept = self.made / f"{name}-{key}.img"
            if not kept.exists():
                self.build_image(kept, files)
            return kept

    def bare_image(self):
        """An image of the generator with nothing of ours; the lock is held."""
        if not self.is_dracut:
            return self.initrd(self.root)
        files = BARE | SETTINGS.get(self.generator, {})
        kept = self.made / f"bare-{self.generator}.img"
        if not kept.exists():
            self.build_image(kept, files)
        return kept

    def extra_image(self, name, files):
        """An extra initrd of these files, and behind it an image with nothing of ours, as the
        README has it."""
        with self.lock():
            key = digest("extra first", self.generator,
                         *(part for item in sorted(files.items()) for part in item))
            kept = self.made / f"{name}-{key}.img"
            if not kept.exists():
                upper = kept.with_suffix("")
                remove(upper)
                place(upper, files)
                self.must_run(upper, self.lowers(), "early-vfio", "generate", "--no-host",
                              "--kernel", self.kernel, "--cpio", "/boot/extra.cpio")
                image = b""
                for archive in ((upper / "boot/extra.cpio").read_bytes(),
                                damaged_extra(self, upper), self.bare_image().read_bytes()):
                    # The kernel looks for the next archive at multiples of four bytes.
                    image += b"\0" * (-len(image) % 4) + archive
                kept.write_bytes(image)
                remove(upper)
            return kept

    def build_command(self):
        """The generator's command that makes the image anew."""
        if self.is_dracut:
            return ["dracut", "--force", f"/boot/{self.initrd('/').name}", self.kernel]
        return ["update-initramfs", "-u", "-k", self.kernel]

    def build_image(self, kept, files):
        upper = kept.with_suffix("")
        remove(upper)
        place(upper, files)
        log = self.must_run(upper, self.lowers(), *self.build_command())
        kept.with_suffix(".log").write_text(log)
        self.initrd(upper).rename(kept)
        remove(upper)
