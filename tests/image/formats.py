# SPDX-License-Identifier: GPL-2.0-or-later
"""The formats that generators compress images in: their settings, and the programs that they need,
which the root trees do not have, copied from this machine. Judges nothing."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "hook"))

from image import cpio

# Format: the program that makes it, what dracut calls it.
FORMATS = {
    "none": (None, "cat"),
    "gzip": ("gzip", "gzip"),
    "bzip2": ("bzip2", "bzip2"),
    "lzma": ("lzma", "lzma"),
    # The level that it has elsewhere takes a minute.
    "xz": ("xz", "xz -1 --check=crc32"),
    "lzo": ("lzop", "lzop"),
    "lz4": ("lz4", "lz4"),
    "zstd": ("zstd", "zstd"),
}
# Those in which modules without a compression of their own would be more than 100 KB larger.
ROOMLESS = {("initramfs-tools", "lzo"), ("initramfs-tools", "lz4"), ("dracut", "none")}
# How a compressed archive starts; an archive itself where it is not.
MAGIC = {
    "none": b"070701", "gzip": b"\x1f\x8b", "bzip2": b"BZh", "lzma": b"\x5d\0\0",
    "xz": b"\xfd7zXZ", "lzo": b"\x89LZO", "lz4": b"\x02\x21\x4c\x18", "zstd": b"\x28\xb5\x2f\xfd",
}
# The archive before all others that has the processors' microcode: a hook gives it to
# initramfs-tools, and dracut makes it of firmware.
MICROCODE = b"a microcode" * 300
EARLY = {
    "etc/initramfs-tools/hooks/early*": """#!/bin/sh
[ "${1-}" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
prepend_earlyinitramfs /early.cpio
""",
    "etc/dracut.conf.d/zz-early.conf": 'hostonly="no"\nearly_microcode="yes"\n',
    "usr/lib/firmware/amd-ucode/microcode_amd.bin": MICROCODE.decode(),
}


def settings(generator, name):
    """The files of a host's tree that choose a format; None where it cannot be chosen."""
    program, dracut = FORMATS[name]
    if generator.startswith("dracut"):
        return EARLY | {"etc/dracut.conf.d/zz-format.conf": f'compress="{dracut}"\n'}
    if not program:
        return None
    return EARLY | {
        "etc/initramfs-tools/conf.d/zz-format.conf": f"COMPRESS={program}\nCOMPRESSLEVEL=1\n"}


def libraries(program):
    """The shared libraries of a program that are named after a format's own."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return [Path(path) for path in re.findall(r"=> (/\S*/liblz[o4]\S*|/\S*/libbz2\S*)", listed)]


def bring_program(tree, name):
    """Copy the program of a format into a tree. Return: false where this machine has none."""
    program = FORMATS[name][0]
    found = program and shutil.which(program)
    if program and not found:
        return False
    for path in [Path(found), *libraries(found)] if found else []:
        where = tree / "usr" / ("bin" if path == Path(found) else "lib/x86_64-linux-gnu") / path.name
        where.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path.resolve(), where)
    return True


def bring_early(tree):
    """Put the archive of microcode where the hook finds it."""
    directories = dict.fromkeys(("kernel", "kernel/x86", "kernel/x86/microcode"))
    (tree / "early.cpio").write_bytes(
        cpio(directories | {"kernel/x86/microcode/AuthenticAMD.bin": MICROCODE}))


def archives(image, name):
    """The image's archives of that format, without it. A newer dracut has files in the image that
    are compressed in the same way, before the archive that is."""
    data = image.read_bytes()
    if name == "none":
        yield data
        return
    for found in re.finditer(re.escape(MAGIC[name]), data):
        text = subprocess.run([FORMATS[name][0], "-dc"], input=data[found.start():], check=False,
                              capture_output=True).stdout
        if text.startswith(MAGIC["none"]):
            yield text


def is_unpacked(image, name, module):
    """Is the file of a module in the image, without a compression of its own?"""
    return any(f"/{module}.ko\0".encode() in archive for archive in archives(image, name))


def is_format(image, name):
    """Has the image the microcode first, not compressed, and an archive of that format?"""
    data = image.read_bytes()
    return data.startswith(MAGIC["none"]) and MICROCODE in data[:1 << 20] and MAGIC[name] in data
