# SPDX-License-Identifier: GPL-2.0-or-later
"""Options, outputs and exit codes of the host program."""

import os
import subprocess
from pathlib import Path

from case import VERSION


def test_help_goes_to_stdout(case):
    for args in (["--help"], ["generate", "--help"], ["-h"]):
        case.run(*args)
        assert case.status == 0 and case.stdout.startswith("usage: early-vfio") and not case.stderr


def test_version(case):
    case.run("--version")
    assert case.status == 0 and case.stdout.startswith("early-vfio ")


def test_usage_errors_exit_2_with_one_hint(case):
    rows = (
        [], ["frobnicate"], ["--frobnicate"],
        ["generate"],
        ["generate", "--kernel"],
        ["generate", "--kernel", VERSION],
        ["generate", "--output", "x"],
        ["generate", "--kernel", VERSION, "--output"],
        ["generate", "--kernel", VERSION, "--output", ""],
        ["generate", "--kernel", "", "--output", "x"],
        ["generate", "--kernel", "../6.1", "--output", "x"],
        ["generate", "--kernel", "..", "--output", "x"],
        ["generate", "--kernel", "--strict", "--output", "x"],
        ["generate", "--kernel", "6" * 65, "--cpio", "x"],
        ["generate", "--kernel", "6 1", "--output", "x"],
        ["generate", "--kernel", VERSION, "--output", "x", "more"],
        ["generate", "--kernel", VERSION, "--kernel", VERSION, "--output", "x"],
        ["generate", "--kernel", VERSION, "--output", "x", "--cpio", "x"],
        ["generate", "--kernel", VERSION, "--cpio", ""],
        ["generate", "--kernel", VERSION, "--cpio"],
        ["generate", "--kernel", VERSION, "--cpio", "x", "../6.1"],
        ["generate", "--kernel", VERSION, "--output", "x", "--frobnicate"],
        ["generate", "--kernel", VERSION, "--output", "x", "--strict=yes"],
    )
    for args in rows:
        case.run(*args)
        assert case.status == 2, f"{args}: exit {case.status}"
        assert case.stderr.count("usage: see early-vfio") == 1, args
        assert case.stderr.count("\n") == 2 and not case.stdout, args
    assert not os.path.exists("x") and not os.path.exists("x.conf")


def test_no_such_sysroot_exits_3(case):
    case.run("generate", "--kernel", VERSION, "--output", case.image, "--sysroot",
             case.tree.path("missing"))
    assert case.status == 3
    case.says("missing", "No such file")


def test_help_to_a_full_device_exits_3(case):
    for args in (["--help"], ["--version"], ["generate", "--help"]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([os.environ.get("EARLY_VFIO_HOST", "build/asan/early-vfio"),
                                   *args], stdout=full, check=False)
        assert done.returncode == 3, args


def test_config_stands_beside_the_image_file(case):
    for output, config in (("a.image", "a.conf"), ("b", "b.conf"), ("c.conf.image", "c.conf.conf")):
        case.image = str(case.top / case.name / output)
        case.generate()
        assert os.path.exists(case.top / case.name / config), config
        assert os.path.exists(case.image)


def test_directory_gets_both_under_etc(case):
    image = case.image
    case.image = str(case.top / case.name / "out2")
    os.makedirs(case.image)
    case.generate()
    for name in ("etc/early-vfio.conf", "etc/early-vfio.image"):
        path = Path(case.image, name)
        assert path.stat().st_mode & 0o777 == 0o644, name
    case.image = image


def test_unwritable_output_exits_3_and_leaves_nothing(case):
    case.image = str(case.top / case.name / "missing/early-vfio.image")
    case.generate(status=3)
    case.says("early-vfio.image", "No such file")
    # The config's place is taken by a directory: neither file may appear.
    case.image = str(case.top / case.name / "taken.image")
    os.makedirs(case.top / case.name / "taken.conf")
    case.generate(status=3)
    left = [name for name in os.listdir(case.top / case.name) if name.startswith("taken")]
    assert left == ["taken.conf"], left


def test_strict_leaves_the_old_files_alone(case):
    case.tree.write("etc/early-vfio.conf", "bind 10de:2684\n")
    case.generate("--strict")
    before = {name: (os.stat(case.image).st_ino, case.text(name)) for name in (".conf", ".image")}
    case.tree.write("etc/early-vfio.conf", "bind 10de:26zz\n")
    case.generate("--strict", status=1)
    case.says("nothing was written", "1 fault")
    after = {name: (os.stat(case.image).st_ino, case.text(name)) for name in (".conf", ".image")}
    assert before == after
    case.generate()
    assert case.text(".conf") != before[".conf"][1]


def test_the_same_twice_is_the_same(case):
    case.tree.write("etc/early-vfio.conf", "bind 10de:2684\n")
    case.generate()
    before = case.text(".conf"), case.text(".image")
    case.generate()
    assert before == (case.text(".conf"), case.text(".image"))
    assert sorted(os.listdir(os.path.dirname(case.image))) == ["early-vfio.conf",
                                                               "early-vfio.image"]


def test_a_boot_that_was_told_to_take_nothing(case):
    """Why none of the rules is shown is said."""
    case.tree.pci("pci0000:00/0000:02:00.0", "1b36:0010")
    case.tree.write("etc/early-vfio.conf", "bind 0000:02:00.0\n")
    for command in ("plan", "status"):
        case.run(command, "--sysroot", case.tree.root)
        assert "0000:02:00.0" in case.stdout and "mode=off" not in case.stderr
    case.tree.write("proc/cmdline", "quiet early-vfio.mode=off\n")
    for command in ("plan", "status"):
        case.run(command, "--sysroot", case.tree.root)
        assert "0000:02:00.0" not in case.stdout
        case.says("early-vfio.mode=off", "nothing is taken")


def test_columns_are_those_of_the_file(case):
    """Whoever reads the merged config: the host's plan, and the binder in the image."""
    case.tree.write("etc/early-vfio.conf", "# one\n\tbind  0x10de:1c82 # card\n")
    case.tree.write("etc/modprobe.d/vfio.conf",
                    "options vfio-pci disable_vga=1 \\\n  ids=1234:1111,1234:1111\n")
    places = ("/etc/early-vfio.conf:2:8: 0x10de", "/etc/modprobe.d/vfio.conf:2:17: 1234:1111")
    case.tree.pci("pci0000:00/0000:02:00.0", "1b36:0010")
    case.generate()
    case.run("plan", "--sysroot", case.tree.root)
    for place in places:
        assert place in case.stdout, case.stdout
    for name in (".conf", ".image"):
        case.tree.write("etc/early-vfio" + name, case.text(name))
    case.run("plan", "--sysroot", case.tree.root, program="build/asan/early-vfio-binder")
    for place in places:
        assert place in case.stdout, case.stdout


def test_the_binder_reads_what_was_written(case):
    """Origins survive, and neither file gives it cause for a note."""
    case.tree.write("etc/early-vfio.conf", "# one\n\nbind 1b36:0010@0000:02:00.0\nbind 1:zz\n")
    case.tree.write("etc/modprobe.d/vfio.conf", "#\noptions vfio-pci ids=1234:1111\n")
    case.generate()
    image = case.tree
    for name in (".conf", ".image"):
        image.write("etc/early-vfio" + name, case.text(name))
    image.pci("pci0000:00/0000:02:00.0", "1b36:0010")
    case.run("plan", "--json", "--sysroot", image.root, program="build/asan/early-vfio-binder")
    for origin in ("/etc/early-vfio.conf:3", "/etc/early-vfio.conf:4", "/etc/modprobe.d/vfio.conf:2"):
        assert f'"{origin}"' in case.stdout, case.stdout
    assert "not understood" not in case.stdout
