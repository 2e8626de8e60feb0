# SPDX-License-Identifier: GPL-2.0-or-later
"""verify: images that are right, and each way in which one can be wrong."""

import json
import lzma
import os
import shutil
import struct
import subprocess
from pathlib import Path

from case import MODULES, VERSION
from editing import Editing
from image import cpio, pack
from tree import Module, kernel

BINDER = b"\x7fELF the binder\n"
ORDER = b"""/scripts/init-top/all_generic_ide "$@"
[ -e /conf/param.conf ] && . /conf/param.conf
/scripts/init-top/early-vfio "$@"
[ -e /conf/param.conf ] && . /conf/param.conf
/scripts/init-top/udev "$@"
[ -e /conf/param.conf ] && . /conf/param.conf
"""
UNIT = b"""[Unit]
DefaultDependencies=no
Before=systemd-modules-load.service systemd-udevd.service
"""
EARLY = {"kernel": None, "kernel/x86": None, "kernel/x86/microcode.bin": b"m" * 5000}


def contents(case, layout="initramfs-tools"):
    """What an image has that was just built, as {path: content}."""
    tree = case.tree
    tree.write("usr/lib/early-vfio/binder", BINDER)
    tree.write("etc/early-vfio.conf", "bind 10de:2684@0000:01:00.0\n")
    case.generate()
    files = {
        ".": None, "bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "usr": None,
        "usr/lib/udev/rules.d/70-early-vfio.rules": b"#\n", "usr/sbin": None, "usr/lib": None, "init": (b"#!/bin/sh\n", 0o755), "etc": None,
        "usr/sbin/early-vfio": (BINDER, 0o755),
        "etc/early-vfio.conf": case.text(".conf").encode(),
        "etc/early-vfio.image": case.text(".image").encode(),
    }
    for line in case.lines(".image", "module"):
        files["usr" + line.split()[0] + ".xz"] = b"module"
    files[f"usr/lib/modules/{VERSION}"] = None
    files[f"usr/lib/modules/{VERSION}/modules.dep"] = b""
    if layout == "initramfs-tools":
        files["scripts"] = None
        files["scripts/init-top"] = None
        files["scripts/init-top/ORDER"] = ORDER
        files["scripts/init-top/early-vfio"] = (b"#!/bin/sh\n", 0o755)
        files["scripts/local-block"] = None
        files["scripts/local-block/early-vfio"] = (b"#!/bin/sh\n", 0o755)
    else:
        files["usr/lib/dracut"] = None
    return files


def systemd(files):
    files["usr/lib/systemd/systemd"] = b"\x7fELF"
    files["usr/lib/systemd/system/early-vfio.service"] = UNIT
    for unit in ("early-vfio", "early-vfio-heal"):
        path = f"usr/lib/systemd/system/sysinit.target.wants/{unit}.service"
        files[path] = f"../{unit}.service"
    return files


def verify(case, image, *args, status=0, name=f"initrd.img-{VERSION}"):
    path = case.tree.path(f"boot/{name}")
    case.tree.write(f"boot/{name}", image)
    case.run("verify", "--sysroot", case.tree.root, *args, path)
    assert case.status == status, f"exit {case.status}, not {status}:\n{case.stdout}"
    return case.stdout


def verify_files(case, files, *args, **kwargs):
    return verify(case, cpio(EARLY) + pack(cpio(files), "gzip"), *args, **kwargs)


def filled(data):
    """With zeros up to where an archive may start."""
    return data + b"\0" * (-len(data) % 4)


def finds(output, *parts):
    """One finding, over all of its lines, has all parts."""
    text = " ".join(output.split())
    for part in parts:
        assert part in text, f"nothing says {part}:\n{output}"


def test_each_compression(case):
    files = cpio(contents(case))
    met = 0
    for how in ("none", "gzip", "bzip2", "xz", "lzma", "zstd", "lz4", "lzop"):
        packed = pack(files, how)
        if packed is None:
            continue
        met += 1
        for image in (packed, cpio(EARLY) + packed, cpio(EARLY) + b"\0" * 1024 + packed,
                      packed + b"\0" * 700):
            output = verify(case, image)
            assert output.count("PASS") == 7 and "FAIL" not in output, (how, output)
    assert met >= 6


def test_archives_behind_one_another(case):
    """Compressed archives in a row, and several within one compressed stream."""
    files = contents(case)
    names = list(files)
    half = [{name: files[name] for name in part}
            for part in (names[:len(names) // 2], names[len(names) // 2:])]
    for how in ("none", "gzip", "xz", "zstd"):
        packed = [pack(cpio(part), how) for part in half]
        if packed[0] is None:
            continue
        verify(case, packed[0] + packed[1])
        verify(case, packed[0] + b"\0" * 512 + packed[1])
        if how != "none":
            verify(case, packed[0] + b"\0" * 5 + packed[1])
        verify(case, cpio(EARLY) + filled(packed[0]) + cpio(half[1]))
        verify(case, pack(cpio(half[0]) + cpio(half[1]), how))
        for other in ("gzip", "bzip2", "xz", "lzma", "zstd", "lzop"):
            behind = pack(cpio(half[1]), other)
            if behind is not None:
                verify(case, packed[0] + behind)
                verify(case, packed[0] + b"\0" * 700 + behind)


def test_archives_that_the_kernel_passes_over(case):
    """It says "broken padding" or "invalid magic" then, and what follows is not there."""
    files = contents(case)
    extra_image = extra(case, "--kernel", VERSION)
    other = cpio({path: data for path, data in files.items() if "early-vfio" not in path})
    for how in ("none", "gzip", "xz", "zstd"):
        packed = pack(other, how)
        if packed is None:
            continue
        start = len(filled(packed))
        finds(verify(case, filled(packed) + extra_image), "PASS the binder is there")
        for more in (1, 2, 3):
            image = filled(packed) + b"\0" * more + extra_image
            finds(verify(case, image, status=1), "FAIL the kernel cannot unpack archive 2, which "
                  f"starts at byte {start + more}: that is no multiple of 4")
    finds(verify(case, cpio(EARLY) + b"\0" + pack(cpio(files), "gzip"), status=1),
          f"starts at byte {len(cpio(EARLY)) + 1}: that is no multiple of 4")


def cpio_of(case, files, kind):
    """As cpio itself makes it of an archive's files."""
    root = Path(case.tree.path(f"files-{kind}"))
    root.mkdir()
    subprocess.run(["cpio", "-id", "--quiet"], cwd=root, input=cpio(files), check=True)
    names = subprocess.run(["find", "."], cwd=root, capture_output=True, check=True).stdout
    return subprocess.run(["cpio", "-o", "--quiet", "-H", kind], cwd=root, input=names,
                          capture_output=True, check=True).stdout


def test_formats_that_the_kernel_does_not_know(case):
    files = contents(case)
    whole = cpio(files)
    verify(case, cpio_of(case, files, "newc"))
    for kind in ("bin", "odc"):
        image = pack(cpio_of(case, files, kind), "gzip")
        finds(verify(case, image, status=1), "FAIL the kernel cannot unpack", "cpio -H newc")
    for check in (lzma.CHECK_CRC64, lzma.CHECK_SHA256):
        finds(verify(case, cpio(EARLY) + lzma.compress(whole, check=check), status=1),
              "FAIL the kernel cannot unpack archive 2", "xz --check=crc32")
    verify(case, lzma.compress(whole, check=lzma.CHECK_NONE))
    if shutil.which("lz4"):
        frame = subprocess.run(["lz4", "-q", "-c"], input=whole, capture_output=True, check=True)
        finds(verify(case, frame.stdout, status=1), "FAIL the kernel cannot unpack", "lz4 -l")


def test_hard_links(case):
    files = contents(case)
    shared = (BINDER, 0o755, "hard")
    files["usr/sbin/early-vfio"] = shared
    files["usr/sbin/early-vfio-too"] = shared
    verify_files(case, files)


def test_a_later_archive_replaces(case):
    """A directory sbin replaces the link sbin, as in the kernel."""
    files = contents(case)
    image = cpio(files) + cpio({"sbin": None, "sbin/other": b""})
    finds(verify(case, image, status=1), "FAIL the binder is missing")
    image = cpio(files) + cpio({"etc/early-vfio.conf": b"bind 1:2\n"})
    finds(verify(case, image, status=1), "FAIL the config has changed")


def test_truncated(case):
    files = cpio(contents(case))
    for how in ("none", "gzip", "xz", "zstd", "lz4", "bzip2"):
        packed = pack(files, how)
        if packed is None:
            continue
        whole = cpio(EARLY) + packed
        for cut in (100, len(packed) // 2, len(packed) - 60):
            length = len(whole) - cut if how != "none" else len(whole.rstrip(b"\0")) - cut
            output = verify(case, whole[:length], status=1)
            finds(output, "FAIL truncated or damaged", "update-initramfs -u -k")
    for image in (b"", b"\0" * 4096, b"this is no image, but a text\n" * 100):
        finds(verify(case, image, status=1), "FAIL truncated or damaged")


def test_damaged(case):
    packed = pack(cpio(contents(case)), "gzip")
    image = packed[:200] + bytes(byte ^ 0x55 for byte in packed[200:230]) + packed[230:]
    finds(verify(case, image, status=1), "FAIL truncated or damaged")


def test_zeros_in_place_of_an_end(case):
    """As a file is after a loss of power. That is found in the time of a few readings, not of one
    for each place where the archive could have ended."""
    packed = pack(cpio({**contents(case), "large": os.urandom(32 << 20)}), "gzip")
    image = packed[:-100000] + b"\0" * 100000
    finds(verify(case, image, status=1), "FAIL truncated or damaged")


def test_zeros_in_the_middle(case):
    """As many as a file may have that was not all written: each of them is looked at once."""
    packed = pack(cpio({**contents(case), "large": os.urandom(3 << 20)}), "gzip")
    finds(verify(case, packed[:1 << 20] + bytes(32 << 20) + packed[1 << 20:], status=1),
          "FAIL truncated or damaged")


def test_binder(case):
    files = contents(case)
    del files["usr/sbin/early-vfio"]
    finds(verify_files(case, files, status=1), "FAIL the binder is missing")
    files["usr/sbin/early-vfio"] = BINDER
    finds(verify_files(case, files, status=1), "FAIL the binder is not executable")
    files["usr/sbin/early-vfio"] = (BINDER + b"x", 0o755)
    finds(verify_files(case, files, status=1), "FAIL the binder is not the one")


def test_nothing_of_ours(case):
    contents(case)
    output = verify_files(case, {"init": b"", "conf": None, "scripts": None,
                                 "scripts/init-top": None}, status=1)
    finds(output, "FAIL nothing of early-vfio is in it", f"update-initramfs -u -k {VERSION}")
    assert output.count("FAIL") == 1


def test_module_missing(case):
    files = contents(case)
    (path,) = [path for path in files if path.endswith("/vfio-pci.ko.xz")]
    del files[path]
    finds(verify_files(case, files, status=1), "FAIL a module is missing: /lib/modules",
          "vfio-pci.ko")


def test_module_empty(case):
    """As a loss of power leaves a file from which the image was made then."""
    files = contents(case)
    (path,) = [path for path in files if path.endswith("/vfio-pci.ko.xz")]
    files[path] = b""
    finds(verify_files(case, files, status=1), "FAIL a module is empty: /lib/modules", "vfio-pci.ko")
    shared = (b"module", 0o644, "hard")
    verify_files(case, files | {path: shared, "usr/lib/other.ko.xz": shared})


def test_module_suffixes(case):
    files = contents(case)
    (path,) = [path for path in files if path.endswith("/vfio-pci.ko.xz")]
    for suffix in ("", ".zst", ".gz"):
        changed = {p: data for p, data in files.items() if p != path}
        changed[path.removesuffix(".xz") + suffix] = b"module"
        verify_files(case, changed)
    changed[path.removesuffix(".xz") + ".bz2"] = changed.pop(path.removesuffix(".xz") + ".gz")
    finds(verify_files(case, changed, status=1), "FAIL a module is missing")


def test_stale_config(case):
    files = contents(case)
    case.tree.write("etc/early-vfio.conf", "bind 10de:2684@0000:02:00.0\n")
    finds(verify_files(case, files, status=1), "FAIL the config has changed since",
          f"update-initramfs -u -k {VERSION}")


def test_config_that_cannot_be_read(case):
    """Nothing has changed then, and an image that is built now would lack it."""
    files = contents(case)
    image = cpio(EARLY) + pack(cpio(files), "gzip")
    path = case.tree.path(f"boot/initrd.img-{VERSION}")
    os.chmod(case.tree.path("etc/early-vfio.conf"), 0o600)
    case.tree.write(f"boot/initrd.img-{VERSION}", image)
    Editing(case).run_as_nobody("verify", path)
    assert case.status == 0, case.stdout
    finds(case.stdout, "WARN /etc/early-vfio.conf cannot be read", "run it as root")
    assert "has changed" not in case.stdout and "those of now" not in case.stdout
    assert "FAIL" not in verify(case, image)
    case.tree.mkdir("etc/early-vfio.conf.d/a.conf")
    output = verify(case, image, status=1)
    finds(output, "FAIL /etc/early-vfio.conf.d/a.conf cannot be read", "before any image is built")
    assert "update-initramfs" not in output


def test_stale_module_options(case):
    files = contents(case)
    case.tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci disable_vga=1\n")
    finds(verify_files(case, files, status=1), "FAIL the image is stale: other module lines")


def test_stale_softdep(case):
    """An image made where a softdep's module was as good as any other."""
    case.use_kernel("reset", VERSION, [*MODULES, Module("reset.ko")])
    case.tree.write("etc/modprobe.d/vfio.conf", "softdep vfio-pci pre: reset\n")
    files = contents(case)
    name = "etc/early-vfio.image"
    kept = [line for line in files[name].splitlines(True) if not line.startswith(b"optional ")]
    assert len(kept) == len(files[name].splitlines()) - 1
    files[name] = b"".join(kept)
    finds(verify_files(case, files, status=1), "FAIL the image is stale: other optional lines")


def test_config_missing(case):
    for name in ("conf", "image"):
        files = contents(case)
        del files[f"etc/early-vfio.{name}"]
        finds(verify_files(case, files, status=1), f"FAIL the image has no /etc/early-vfio.{name}")


def test_refused_rule_is_a_warning(case):
    files = contents(case)
    case.tree.write("etc/early-vfio.conf", "bind 10de:2684@0000:01:00.0\nbind zz\n")
    case.generate()
    for suffix in ("conf", "image"):
        files[f"etc/early-vfio.{suffix}"] = case.text("." + suffix).encode()
    finds(verify_files(case, files), "WARN a rule was left out of the image",
          "/etc/early-vfio.conf:2")


def test_script(case):
    files = contents(case)
    script = "scripts/init-top/early-vfio"
    finds(verify_files(case, files), "PASS the binder runs before udev")
    files[script] = b"#!/bin/sh\n"
    finds(verify_files(case, files, status=1), f"FAIL /{script} is not executable")
    del files[script]
    finds(verify_files(case, files, status=1), "FAIL nothing runs the binder")


def test_script_after_udev(case):
    files = contents(case)
    lines = ORDER.splitlines(keepends=True)
    files["scripts/init-top/ORDER"] = b"".join(lines[:2] + lines[4:] + lines[2:4])
    finds(verify_files(case, files, status=1), "FAIL the binder runs after udev")
    files["scripts/init-top/ORDER"] = b"".join(lines[:2] + lines[4:])
    finds(verify_files(case, files, status=1), "FAIL nothing runs the binder: it is not in")
    # A script with a longer name is not ours.
    files["scripts/init-top/ORDER"] = ORDER.replace(b"early-vfio", b"early-vfio-old")
    finds(verify_files(case, files, status=1), "FAIL nothing runs the binder: it is not in")
    # Nothing else than udev is before udev.
    files["scripts/init-top/ORDER"] = b"".join(lines[2:4])
    verify_files(case, files)


def test_wrong_kernel(case):
    case.use_kernel("pair", VERSION, MODULES)
    kernel(str(case.top / "kernels/pair"), "6.1.0-other", MODULES)
    files = contents(case)
    output = verify_files(case, files, status=1, name="initrd.img-6.1.0-other")
    finds(output, f"FAIL the image was made for kernel {VERSION}, not for 6.1.0-other")
    verify_files(case, files, "--kernel", VERSION, name="initrd.img-6.1.0-other")
    verify_files(case, files, name="initramfs.img")
    moved = {path.replace(f"modules/{VERSION}", "modules/6.1.0-other"): data
             for path, data in files.items()}
    finds(verify_files(case, moved, status=1), f"FAIL the image has no modules of kernel {VERSION}")


def test_names_that_are_no_installed_kernel(case):
    """Backups, rescue images and short names: the image itself knows what it is for."""
    files = contents(case)
    for name in (f"initrd.img-{VERSION}.bak", f"initrd.img-{VERSION}.dpkg-bak",
                 f"initrd.img-{VERSION}.old-dkms", f"initrd.img-{VERSION}~",
                 f"initramfs-{VERSION}.img.old", "initramfs-0-rescue-0123456789abcdef.img",
                 "initramfs-6.1-x86_64.img", f"initramfs-{VERSION}kdump.img"):
        output = verify_files(case, files, name=name)
        assert output.count("PASS") == 7, (name, output)
    case.tree.write("etc/early-vfio.conf", "bind 10de:2684@0000:02:00.0\n")
    finds(verify_files(case, files, status=1, name=f"initrd.img-{VERSION}.bak"),
          "FAIL the config has changed", f"update-initramfs -u -k {VERSION}")


def test_kernel_that_is_not_installed(case):
    files = contents(case)
    files = {path.replace(VERSION, "5.0"): data for path, data in files.items()}
    files["etc/early-vfio.image"] = case.text(".image").replace(VERSION, "5.0").encode()
    finds(verify_files(case, files, name="initrd.img-5.0"),
          "WARN kernel 5.0 is not installed here")


def test_protection(case):
    """Built in a chroot, looked at on the machine; then a disk that was not there before."""
    files = contents(case)
    finds(verify_files(case, files), "PASS the image protects nothing")
    tree = case.tree
    disk = tree.nvme("pci0000:00/0000:00:01.0", "144d:a80a")
    tree.mount("259:0", "/", "ext4", "/dev/nvme0n1")
    output = verify_files(case, files, status=1)
    finds(output, "FAIL the image protects nothing")
    case.generate()
    files["etc/early-vfio.image"] = case.text(".image").encode()
    verify_files(case, files)
    # Called differently, but the same.
    files["etc/early-vfio.image"] = case.text(".image").replace("nvme0n1", "nvme7n1").encode()
    verify_files(case, files)
    tree.nvme("pci0000:00/0000:00:02.0", "144d:a80b", "nvme1", minor=1)
    tree.mount("259:1", "/usr", "ext4", "/dev/nvme1n1")
    finds(verify_files(case, files, status=1),
          "FAIL the image does not protect 0000:00:02.0 144d:a80b holds /usr")
    assert disk


def test_dracut_systemd(case):
    files = systemd(contents(case, "dracut"))
    finds(verify_files(case, files), "PASS the binder runs before udev")
    unit = "usr/lib/systemd/system/early-vfio.service"
    changed = dict(files)
    changed[unit] = UNIT.replace(b"systemd-udevd.service", b"")
    finds(verify_files(case, changed, status=1),
          "FAIL early-vfio.service does not run before systemd-udevd.service")
    changed = dict(files)
    del changed["usr/lib/systemd/system/sysinit.target.wants/early-vfio.service"]
    finds(verify_files(case, changed, status=1), "FAIL nothing runs the binder", "wanted by nobody")
    del changed[unit]
    finds(verify_files(case, changed, status=1), "early-vfio.service is missing",
          "see that the generator")


def test_dracut_without_systemd(case):
    files = contents(case, "dracut")
    finds(verify_files(case, files, status=1), "FAIL nothing runs the binder: no hook before udev")
    for directory in ("usr/lib/dracut/hooks/cmdline", "var/lib/dracut/hooks/cmdline",
                      "usr/lib/dracut/hooks/pre-udev"):
        changed = dict(files)
        changed[f"{directory}/00-early-vfio.sh"] = b""
        changed[f"{directory}/30-other.sh"] = b""
        finds(verify_files(case, changed), "PASS the binder runs before udev")
        changed[f"{directory}/00-aaa.sh"] = b""
        finds(verify_files(case, changed), "WARN another hook runs before the binder")


def test_late_devices_and_a_missing_root(case):
    """What an image of an older version, or one that something was left out of, has not."""
    clock = "usr/lib/dracut/hooks/pre-trigger/99-early-vfio-clock.sh"
    plain = contents(case, "dracut") | {"usr/lib/dracut/hooks/cmdline/00-early-vfio.sh": b"",
                                        clock: b""}
    unit = "usr/lib/systemd/system/sysinit.target.wants/early-vfio-heal.service"
    for files, heal in ((contents(case), "scripts/local-block/early-vfio"), (plain, clock),
                        (systemd(contents(case, "dracut")), unit)):
        finds(verify_files(case, files), "PASS late devices and a missing root are seen to")
        for path, says in (("usr/lib/udev/rules.d/70-early-vfio.rules", "70-early-vfio.rules is missing"),
                           (heal, "a root device that was taken is not given back")):
            output = verify_files(case, {name: data for name, data in files.items() if name != path})
            finds(output, "WARN", says)
            assert "are seen to" not in output


def test_heal_that_is_not_executable(case):
    files = contents(case) | {"scripts/local-block/early-vfio": b"#!/bin/sh\n"}
    finds(verify_files(case, files), "WARN a root device that was taken is not given back")


def test_mkinitcpio(case):
    files = contents(case, "mkinitcpio")
    del files["usr/lib/dracut"]
    files["init_functions"] = b""
    systemd_files = systemd(dict(files))
    finds(verify_files(case, systemd_files), "PASS the binder runs before udev",
          "PASS late devices and a missing root are seen to")
    files |= {"hooks": None, "hooks/early-vfio": b"", "hooks/udev": b""}
    for line, level in (("EARLYHOOKS='early-vfio udev'", "PASS"),
                        ('EARLYHOOKS="early-vfio udev"', "PASS"),
                        ("EARLYHOOKS='plymouth early-vfio udev'", "PASS"),
                        ("EARLYHOOKS='udev early-vfio'", "FAIL"), ("EARLYHOOKS='udev'", "FAIL"),
                        ("EARLYHOOKS=''", "FAIL"), ("HOOKS='early-vfio udev'", "FAIL")):
        files["config"] = f"{line}\n".encode()
        output = verify_files(case, files, status=1 if level == "FAIL" else 0)
        finds(output, f"{level} the binder {'runs' if level == 'PASS' else 'does not run'}")
        finds(output, "PASS late devices and a missing root are seen to")


def extra(case, *args, name="extra.cpio", status=0):
    path = case.tree.path(name)
    case.run("generate", "--sysroot", case.tree.root, "--cpio", path, *args)
    assert case.status == status, f"exit {case.status}, not {status}"
    return Path(path).read_bytes() if Path(path).exists() else None


def test_extra_initrd(case):
    files = contents(case)
    image = extra(case, "--kernel", VERSION)
    output = verify(case, image, name="extra.cpio")
    finds(output, "PASS the binder is there", f"PASS it is for kernel {VERSION}",
          "PASS all 6 modules", "rdinit=/early-vfio/binder")
    # As the README has it: before an image of any format, nothing between them.
    plain = cpio({path: data for path, data in files.items() if "early-vfio" not in path})
    for how in ("none", "gzip", "bzip2", "xz", "lzma", "zstd", "lz4", "lzop"):
        packed = pack(plain, how)
        if packed is not None:
            finds(verify(case, image + packed), "PASS the binder is there")
            finds(verify(case, image + cpio(EARLY) + packed), "PASS the binder is there")
    # Behind and before an image that has nothing of ours.
    other = cpio({path: data for path, data in files.items() if "early-vfio" not in path})
    for both in (filled(pack(other, "gzip")) + image, image + pack(other, "xz"), other + image):
        finds(verify(case, both), "PASS the binder is there", "rdinit=/early-vfio/binder")
    case.tree.write("usr/lib/early-vfio/binder", BINDER + b"newer")
    finds(verify(case, image, name="extra.cpio", status=1), "FAIL the binder is not the one",
          "early-vfio generate --cpio")
    case.tree.write("usr/lib/early-vfio/binder", BINDER)
    case.tree.write("etc/early-vfio.conf", "bind 10de:2684@0000:02:00.0\n")
    finds(verify(case, image, name="extra.cpio", status=1), "FAIL the config has changed")
    finds(verify(case, image[:len(image) - 1000], name="extra.cpio", status=1), "FAIL truncated")


def test_extra_initrd_of_several_kernels(case):
    """Every kernel has facts and modules of its own, not compressed; nothing of when it was made."""
    case.use_kernel("two", VERSION, MODULES)
    kernel(str(case.top / "kernels/two"), "6.12-other", MODULES, suffix=".xz")
    contents(case)
    image = extra(case, "--kernel", VERSION, "6.12-other")
    assert image == extra(case, "--kernel", VERSION, "--kernel", "6.12-other", name="again.cpio")
    # The second may be the same that both were made in: the header's time is none at all.
    assert image[46:54] == b"00000000"
    root = case.tree.path("unpacked")
    case.tree.mkdir("unpacked")
    subprocess.run(["cpio", "-id", "--quiet"], cwd=root, input=image, check=True)
    assert os.listdir(root) == ["early-vfio"]
    assert os.access(f"{root}/early-vfio/binder", os.X_OK)
    for version in (VERSION, "6.12-other"):
        facts = Path(f"{root}/early-vfio/etc/{version}.image").read_text(encoding="utf-8")
        assert f"kernel {version}\n" in facts
        paths = [line.split()[1] for line in facts.splitlines() if line.startswith("module ")]
        assert len(paths) == len(MODULES)
        for path in paths:
            assert path.startswith(f"/lib/modules/{version}/")
            assert Path(f"{root}/early-vfio{path}").read_bytes().startswith(b"\x7fELF")
    finds(verify(case, image, name="extra.cpio"), f"it is for kernel {VERSION}",
          "it is for kernel 6.12-other")


def test_extra_initrd_says_what_is_wrong_once(case):
    contents(case)
    case.tree.write("etc/early-vfio.conf", "bind 10de:2684@0000:01:00.0\nbind zz\n")
    extra(case, "--kernel", VERSION, VERSION)
    assert case.stderr.count("/etc/early-vfio.conf:2:6: zz") == 1
    assert extra(case, "--kernel", VERSION, "--strict", name="strict.cpio", status=1) is None
    assert "nothing was written" in case.stderr
    assert extra(case, "--kernel", "7.0-missing", VERSION, name="none.cpio", status=3) is None
    case.says("7.0-missing: missing")
    case.says("nothing was written", "7.0-missing")
    os.unlink(case.tree.path("usr/lib/early-vfio/binder"))
    assert extra(case, "--kernel", VERSION, name="none.cpio", status=3) is None
    case.says("/usr/lib/early-vfio/binder", "No such file")


def test_extra_initrd_without_what_is_no_module(case):
    """As files are after a loss of power: their length is right, and they are full of zeros."""
    root = case.top / "kernels/zeros"
    case.use_kernel("zeros", VERSION, MODULES, suffix=".xz")
    contents(case)
    (path,) = root.rglob("vfio-pci.ko.xz")
    for damage in (b"\0" * 4096, b"no module", path.read_bytes()[:-30], b""):
        path.write_bytes(damage)
        image = extra(case, "--kernel", VERSION)
        case.says("vfio-pci.ko: ")
        case.says("WARNING", "goes without what is named above")
        finds(verify(case, image, name="extra.cpio", status=1), "FAIL a module is missing",
              "vfio-pci.ko")
        assert extra(case, "--kernel", VERSION, "--strict", name="strict.cpio", status=1) is None


def unified(initrd, name=b".initrd"):
    """A PE file with three sections, of which one is the initrd."""
    sections = [(b".osrel", b"ID=debian\n"), (name, initrd), (b".linux", b"MZ" + b"k" * 600)]
    at, table, data = 1024, b"", b""
    for section, content in sections:
        raw = content + b"\0" * (-len(content) % 512)
        table += struct.pack("<8sIIIIIIHHI", section, len(content), at, len(raw), at, 0, 0, 0, 0, 0)
        data += raw
        at += len(raw)
    head = b"MZ" + b"\0" * 58 + struct.pack("<I", 128)
    head += b"\0" * (128 - len(head)) + b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 3, 0, 0, 0, 240, 0)
    head += b"\0" * 240 + table
    return head + b"\0" * (1024 - len(head)) + data


def test_unified_kernel_image(case):
    files = contents(case)
    initrd = cpio(EARLY) + pack(cpio(files), "zstd")
    finds(verify(case, unified(initrd), name="linux.efi"), "PASS the binder runs before udev")
    del files["usr/sbin/early-vfio"]
    finds(verify(case, unified(cpio(files)), name="linux.efi", status=1),
          "FAIL the binder is missing")
    output = verify(case, unified(initrd, b".other"), name=f"vmlinuz-{VERSION}", status=1)
    finds(output, "FAIL this is a kernel", "name the initramfs")
    assert "truncated" not in output and "update-initramfs" not in output
    whole = unified(initrd)
    for cut in (2, 70, 140, 400, 1500):
        verify(case, whole[:cut], name="linux.efi", status=1)


def test_json_and_quiet(case):
    files = contents(case)
    report = json.loads(verify_files(case, files, "--json"))
    assert report["version"] == 1 and report["image"].endswith(VERSION)
    assert {finding["level"] for finding in report["findings"]} == {"pass"}
    assert verify_files(case, files, "--quiet") == ""
    del files["usr/sbin/early-vfio"]
    report = json.loads(verify_files(case, files, "--json", status=1))
    assert [finding["check"] for finding in report["findings"]
            if finding["level"] == "fail"] == ["binder"]
    output = verify_files(case, files, "--quiet", status=1)
    assert "PASS" not in output and output.startswith("FAIL  the binder is missing")


def test_what_is_no_file(case):
    contents(case)
    for path in (case.tree.path("boot/missing"), case.tree.root, "/dev/null"):
        case.run("verify", "--sysroot", case.tree.root, path)
        assert case.status == 3 and "FAIL" in case.stdout, (path, case.status, case.stdout)
    fifo = Path(case.tree.path("fifo"))
    os.mkfifo(fifo)
    case.run("verify", "--sysroot", case.tree.root, str(fifo))
    assert case.status == 3


def test_usage(case):
    for args in ([], ["a", "b"], ["--frobnicate", "a"], ["--kernel"]):
        case.run("verify", *args)
        assert case.status == 2 and "see early-vfio verify --help" in case.stderr, args
