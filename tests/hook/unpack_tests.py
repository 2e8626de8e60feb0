# SPDX-License-Identifier: GPL-2.0-or-later
"""The modules of an image that is being made, in the place of their compressed files."""

import gzip
import lzma
import os
import shutil
import subprocess
from pathlib import Path

from case import Skipped

TOP = "lib/modules/6.1.0-test/kernel"
ELF = b"\177ELF"


def compress(data, suffix):
    if suffix == ".xz":
        return lzma.compress(data, check=lzma.CHECK_CRC32)
    if suffix == ".gz":
        return gzip.compress(data)
    if not shutil.which("zstd"):
        raise Skipped("no zstd")
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def content(name):
    """A module with a signature behind it, as far as anything here looks at it."""
    return ELF + name.encode() * 3000 + b"~Module signature appended~\n"


class Tree:
    """What becomes an image: its facts, and the files of its modules."""

    def __init__(self, case, names, suffix=".xz", facts=None):
        self.case, self.suffix = case, suffix
        self.top = Path(case.tree.path("image"))
        self.write("etc/early-vfio.image", (facts or "".join(
            f"module /{TOP}/{name}.ko x=1\n" for name in names)).encode())
        for name in names:
            self.write(f"{TOP}/{name}.ko{suffix}", compress(content(name), suffix))

    def path(self, name):
        return self.top / name

    def write(self, name, data):
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1_000_000_000, 1_000_000_000))

    def unpack(self, status=0):
        self.case.run("unpack", str(self.top))
        assert self.case.status == status, f"exit {self.case.status}, not {status}"

    def files(self):
        """The names of all files of modules, without what is before them."""
        return sorted(path.name for path in (self.top / "lib").rglob("*") if not path.is_dir())

    def is_plain(self, name):
        path = self.path(f"{TOP}/{name}.ko")
        assert path.read_bytes() == content(name), f"{name} has other bytes"
        assert path.stat().st_mtime == 1_000_000_000, f"{name} has another time"
        assert path.stat().st_mode & 0o777 == 0o644, f"{name} has another mode"


def test_every_byte_in_the_place_of_the_compressed_file(case):
    for suffix in (".xz", ".zst", ".gz"):
        tree = Tree(case, ["drivers/vfio/vfio", "drivers/vfio/pci/vfio-pci"], suffix)
        tree.unpack()
        case.is_silent()
        assert tree.files() == ["vfio-pci.ko", "vfio.ko"], tree.files()
        tree.is_plain("drivers/vfio/vfio")
        tree.is_plain("drivers/vfio/pci/vfio-pci")
        tree.unpack()
        assert tree.files() == ["vfio-pci.ko", "vfio.ko"], "again is not the same as once"
        shutil.rmtree(tree.top)


def test_only_what_the_image_loads(case):
    tree = Tree(case, ["vfio"])
    tree.write(f"{TOP}/other.ko.xz", compress(content("other"), ".xz"))
    tree.write(f"{TOP}/fw.xz", b"no module at all")
    tree.unpack()
    assert tree.files() == ["fw.xz", "other.ko.xz", "vfio.ko"], tree.files()


def test_one_file_a_module_where_it_was_put_in_twice(case):
    tree = Tree(case, ["vfio"])
    tree.write(f"{TOP}/vfio.ko", content("vfio"))
    tree.write(f"{TOP}/vfio.ko.zst", b"of whatever kind")
    tree.unpack()
    assert tree.files() == ["vfio.ko"], tree.files()
    tree.is_plain("vfio")


def test_what_cannot_be_unpacked_stays(case):
    whole = compress(content("bad"), ".xz")
    for name, data in (("cut", whole[:-20]), ("flipped", whole[:40] + b"\0\0\0\0" + whole[44:]),
                       ("unknown", b"neither compressed nor a module"), ("empty", b""),
                       ("no module", compress(b"text", ".xz"))):
        tree = Tree(case, ["good", "last"])
        tree.write("etc/early-vfio.image", "".join(
            f"module /{TOP}/{module}.ko\n" for module in ("good", "bad", "last")).encode())
        tree.write(f"{TOP}/bad.ko.xz", data)
        tree.unpack(status=1)
        case.says(f"/{TOP}/bad.ko: ")
        assert tree.files() == ["bad.ko.xz", "good.ko", "last.ko"], (name, tree.files())
        assert tree.path(f"{TOP}/bad.ko.xz").read_bytes() == data, name
        shutil.rmtree(tree.top)


def test_large_modules_stay_compressed(case):
    large = ELF + os.urandom(1 << 20)
    tree = Tree(case, ["first", "large", "last"])
    tree.write(f"{TOP}/large.ko.xz", compress(large, ".xz"))
    tree.unpack()
    case.is_silent()
    assert tree.files() == ["first.ko", "large.ko.xz", "last.ko"], tree.files()


def test_many_modules_are_unpacked_up_to_a_limit(case):
    names = [f"m{number}" for number in range(5)]
    tree = Tree(case, names)
    for name in names:
        tree.write(f"{TOP}/{name}.ko.xz", compress(ELF + bytes(300 << 10), ".xz"))
    tree.unpack()
    assert tree.files() == ["m0.ko", "m1.ko", "m2.ko", "m3.ko.xz", "m4.ko.xz"], tree.files()


def test_nothing_outside_the_tree_is_touched(case):
    """A link in the tree leads, followed here, to the files of the system itself."""
    tree = Tree(case, ["vfio"])
    outside = Path(case.tree.path("lib"))
    shutil.move(tree.path("lib"), outside)
    for target in (outside, "../lib"):
        tree.path("lib").symlink_to(target)
        tree.unpack()
        assert os.listdir(outside / "modules/6.1.0-test/kernel") == ["vfio.ko.xz"]
        tree.path("lib").unlink()
    # Nor what only starts like it.
    beside = Path(f"{tree.top}-beside")
    shutil.move(outside, beside)
    tree.path("lib").symlink_to(beside)
    tree.unpack()
    assert os.listdir(beside / "modules/6.1.0-test/kernel") == ["vfio.ko.xz"]


def test_merged_usr(case):
    tree = Tree(case, ["vfio"])
    tree.path("usr").mkdir()
    shutil.move(tree.path("lib"), tree.path("usr/lib"))
    tree.path("lib").symlink_to("usr/lib")
    tree.unpack()
    tree.is_plain("vfio")


def test_links_to_modules_are_left_alone(case):
    tree = Tree(case, ["vfio"])
    shutil.move(tree.path(f"{TOP}/vfio.ko.xz"), tree.path(f"{TOP}/elsewhere.ko.xz"))
    tree.path(f"{TOP}/vfio.ko.xz").symlink_to("elsewhere.ko.xz")
    tree.unpack()
    assert tree.files() == ["elsewhere.ko.xz", "vfio.ko.xz"], tree.files()


def test_a_link_in_the_place_of_the_module_is_left_alone(case):
    """It leads to a file of this system, which is no part of the image."""
    case.tree.write("host/vfio.ko", "the host's")
    for target in (case.tree.path("host/vfio.ko"), case.tree.path("host/none.ko")):
        tree = Tree(case, ["vfio"])
        tree.path(f"{TOP}/vfio.ko").symlink_to(target)
        tree.unpack()
        case.is_silent()
        assert tree.files() == ["vfio.ko", "vfio.ko.xz"], tree.files()
        shutil.rmtree(tree.top)
    assert Path(case.tree.path("host/vfio.ko")).read_text(encoding="utf-8") == "the host's"


def test_no_space_leaves_all_as_it_was(case):
    tree = Tree(case, ["vfio"])
    large = ELF + bytes(1 << 19)
    tree.write(f"{TOP}/vfio.ko.xz", compress(large, ".xz"))
    script = ('mount -t tmpfs -o size=256k none "$1/lib/modules" || exit 77; '
              'cp -a "$1/keep/." "$1/lib/modules"; "$2" unpack "$1"; status=$?; '
              '(cd "$1/lib/modules" && find . -type f); exit $status')
    shutil.copytree(tree.path("lib/modules"), tree.path("keep"))
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", str(tree.top),
                           os.environ.get("EARLY_VFIO_HOST", "build/asan/early-vfio")],
                          capture_output=True, check=False, text=True)
    if done.returncode == 77 or "unshare" in done.stderr:
        raise Skipped("no mount namespace: " + done.stderr)
    assert done.returncode == 1 and "No space" in done.stderr, done
    assert done.stdout.split() == ["./6.1.0-test/kernel/vfio.ko.xz"], done.stdout


def test_lines_that_are_no_paths(case):
    tree = Tree(case, ["vfio"], facts="# module /x\nkernel 6.1.0-test\nmodule\nmodule vfio\n"
                "module /nothing/of/the/kind.ko\nmodule /\nmodule //\nmodule /..\n")
    tree.unpack()
    case.is_silent()
    assert tree.files() == ["vfio.ko.xz"], tree.files()


def test_no_image(case):
    os.makedirs(case.tree.path("image"))
    case.run("unpack", case.tree.path("image"))
    assert case.status == 3
    case.says("etc/early-vfio.image")
    case.run("unpack", case.tree.path("nothing"))
    assert case.status == 3
    case.run("unpack", "/")
    assert case.status == 3
    case.says("/", "the system itself")
    case.run("unpack")
    assert case.status == 2
    case.run("unpack", "a", "b")
    assert case.status == 2


def test_as_generated(case):
    """The paths are those that generate writes."""
    case.generate("--no-host", "--strict")
    tree = Tree(case, [], facts=case.text(".image"))
    paths = [line.split(" ")[0] for line in case.lines(".image", "module")]
    assert paths
    for path in paths:
        tree.write(f"{path[1:]}.xz", compress(content(path), ".xz"))
    tree.unpack()
    assert tree.files() == sorted(os.path.basename(path) for path in paths), tree.files()
