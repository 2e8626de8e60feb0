# SPDX-License-Identifier: GPL-2.0-or-later
"""Where an extra initrd goes: the same bytes however it was asked for, complete or not at all, and
nothing that is no file is replaced."""

import os
import stat
import subprocess
from pathlib import Path

from case import MODULES, PROGRAM, VERSION, Skipped
from tree import kernel

OTHER, BARE = "6.12-other", "6.13-bare"


def prepare(case):
    """Three kernels, of which one has no vfio modules. Return: the words of a command for two."""
    case.use_kernel("three", VERSION, MODULES)
    where = case.top / "kernels/three"
    if not (where / "lib/modules" / BARE).exists():
        kernel(str(where), OTHER, MODULES, suffix=".xz")
        kernel(str(where), BARE, [])
    case.tree.write("usr/lib/early-vfio/binder", b"\x7fELF binder")
    case.tree.write("etc/early-vfio.conf", "bind 10de:2684@0000:02:00.0\n")
    return make(case, VERSION, OTHER)


def make(case, *kernels):
    return ["generate", "--sysroot", case.tree.root, "--kernel", *kernels, "--cpio"]


def read(case, command, path, **kwargs):
    case.run(*command, path, **kwargs)
    assert case.status == 0, case.status
    return Path(kwargs.get("cwd", "."), path).read_bytes()


def test_the_same_bytes(case):
    """From another directory, in another order, time zone, language and mask: the same."""
    command, top = prepare(case), case.tree.path("out")
    program = os.path.abspath(PROGRAM)
    os.makedirs(top)
    first = read(case, command, f"{top}/first")
    again = make(case, OTHER, VERSION, OTHER)
    assert read(case, again, f"{top}/order") == first
    for name, value in (("TZ", "Asia/Tokyo"), ("TZ", ":"), ("LC_ALL", "tr_TR.UTF-8"),
                        ("SOURCE_DATE_EPOCH", "1"), ("HOME", "/nowhere")):
        found = read(case, command, f"{top}/{name}", env=os.environ | {name: value})
        assert found == first, (name, value)
    for mask in (0, 0o077):
        path = f"{top}/mask{mask}"
        assert read(case, command, path, preexec_fn=lambda mask=mask: os.umask(mask)) == first
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o644
    for path in ("relative", "./relative2", "../out/relative3"):
        assert read(case, command, path, cwd=top, program=program) == first, path
    os.utime(case.tree.path("usr/lib/early-vfio/binder"), (1, 1))
    os.chmod(case.tree.path("usr/lib/early-vfio/binder"), 0o700)
    assert read(case, command, f"{top}/times") == first


def test_standard_output_and_what_takes_a_stream(case):
    command, path = prepare(case), case.tree.path("file")
    expected = read(case, command, path)
    done = subprocess.run([PROGRAM, *command, "-"], capture_output=True, check=False)
    assert done.returncode == 0 and done.stdout == expected
    assert not os.path.exists("-")
    done = subprocess.run([PROGRAM, *command, "/dev/stdout"], capture_output=True, check=False)
    assert done.returncode == 0 and done.stdout == expected
    fifo = case.tree.path("fifo")
    os.mkfifo(fifo)
    with subprocess.Popen([PROGRAM, *command, fifo], stderr=subprocess.DEVNULL) as process:
        assert Path(fifo).read_bytes() == expected
    assert process.returncode == 0 and stat.S_ISFIFO(os.stat(fifo).st_mode)


def test_what_is_no_file_stays(case):
    command, node = prepare(case), case.tree.path("null")
    try:
        os.mknod(node, stat.S_IFCHR | 0o600, os.makedev(1, 3))
    except PermissionError as error:
        raise Skipped(f"no device nodes: {error}") from error
    case.run(*command, node)
    assert case.status == 0 and stat.S_ISCHR(os.stat(node).st_mode)
    case.run("generate", "--sysroot", case.tree.root, "--kernel", VERSION, "--output", node)
    assert case.status == 3 and stat.S_ISCHR(os.stat(node).st_mode)
    case.says(node, "not a file")
    full = case.tree.path("full")
    os.mknod(full, stat.S_IFCHR | 0o600, os.makedev(1, 7))
    case.run(*command, full)
    assert case.status == 3
    case.says(full, "No space left")
    # Not to be opened: this one may be somebody's disk.
    disk = case.tree.path("disk")
    os.mknod(disk, stat.S_IFBLK | 0o600, os.makedev(1, 200))
    case.run(*command, disk)
    assert case.status == 3 and stat.S_ISBLK(os.stat(disk).st_mode)
    case.says(disk, "not a file")


def test_links_stay(case):
    command, target, link = prepare(case), case.tree.path("target"), case.tree.path("link")
    Path(target).write_text("old", encoding="utf-8")
    os.symlink("target", link)
    expected = read(case, command, link)
    assert os.path.islink(link) and Path(target).read_bytes() == expected
    os.unlink(target)
    case.run(*command, link)
    assert case.status == 3 and os.path.islink(link) and not os.path.exists(target)
    case.says(link, "No such file")


def test_nothing_is_lost_where_it_fails(case):
    command, directory = prepare(case), case.tree.path("out")
    path = Path(directory, "extra.cpio")
    path.parent.mkdir()
    for words, status, says in (
            (make(case, VERSION, "9.9"), 3, "9.9 is no kernel of this system"),
            ([*make(case, BARE), str(path), "--strict"], 1, f"kernel {BARE} has no such module"),
            ([*command[:-1], "--strict", "--cpio"], 1, "/etc/early-vfio.conf:2")):
        case.tree.write("etc/early-vfio.conf", "bind 10de:2684@0000:02:00.0\n" +
                        ("bind zz\n" if "conf:2" in says else ""))
        path.write_text("old", encoding="utf-8")
        case.run(*words, *([] if "--strict" in words[-1:] else [str(path)]))
        assert case.status == status, (words, case.status)
        case.says(says)
        assert path.read_text(encoding="utf-8") == "old"
        assert os.listdir(directory) == ["extra.cpio"], os.listdir(directory)
    for place, says in ((directory, "Is a directory"), (f"{directory}/no/x", "No such file"),
                        (f"{path}/x", "Not a directory"), ("/proc/extra.cpio", "proc")):
        case.run(*make(case, VERSION), place)
        assert case.status == 3, place
        case.says(place, says)


def test_a_full_file_system(case):
    """The new one does not fit beside the old one, which stays."""
    command, top = prepare(case), case.tree.path("small")
    os.makedirs(top)
    script = ('mount -t tmpfs -o size=16k tmpfs "$1" && echo old >"$1/x" || exit 77; top=$1; shift; '
              '"$@" "$top/x"; status=$?; [ "$(cat "$top/x")" = old ] && [ "$(ls "$top")" = x ] '
              '|| exit 78; exit $status')
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", top, PROGRAM, *command],
                          capture_output=True, check=False)
    if done.returncode in (1, 77):
        raise Skipped("no mount namespace: " + done.stderr.decode())
    assert done.returncode == 3 and b"No space left" in done.stderr, done


def test_a_kernel_without_vfio_modules(case):
    """It is said, and what can be done is done: vfio may be built in there."""
    prepare(case)
    case.run(*make(case, BARE), case.tree.path("bare"))
    assert case.status == 0
    case.says("vfio-pci", f"kernel {BARE} has no such module")
    case.says("WARNING", BARE)
    assert Path(case.tree.path("bare")).read_bytes()
