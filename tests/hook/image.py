# SPDX-License-Identifier: GPL-2.0-or-later
"""Initramfs images for the host program's tests: cpio archives written by hand, compressed or not.
Knows nothing of what should be in them."""

import bz2
import gzip
import lzma
import shutil
import stat
import subprocess


def cpio(files, inode=1):
    """An archive of {path: content}; content is bytes, (bytes, mode), a link's text or None for a
    directory. Hard links: two paths with the very same object as (bytes, mode, "hard")."""
    out = bytearray()
    inodes = {}
    for path, what in list(files.items()) + [("TRAILER!!!", b"")]:
        mode, data, links, number = stat.S_IFREG | 0o644, b"", 1, inode
        inode += 1
        if what is None:
            mode = stat.S_IFDIR | 0o755
        elif isinstance(what, str):
            mode, data = stat.S_IFLNK | 0o777, what.encode()
        elif isinstance(what, bytes):
            data = what
        else:
            data, mode = what[0], stat.S_IFREG | what[1]
        if isinstance(what, tuple) and len(what) == 3:
            links, number = 2, inodes.setdefault(id(what), number)
            # As cpio has it: the content stands with the last one.
            if sum(other is what for other in files.values()) > 1 and \
                    [p for p, other in files.items() if other is what][-1] != path:
                data = b""
        name = path.encode() + b"\0"
        fields = (number, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name), 0)
        out += b"070701" + b"".join(b"%08x" % field for field in fields) + name
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out) + b"\0" * (-len(out) % 512)


def pack(data, how):
    """Compressed as generators do; None where this machine has no such tool."""
    if how == "none":
        return data
    if how == "gzip":
        return gzip.compress(data)
    if how == "bzip2":
        return bz2.compress(data)
    if how == "xz":
        return lzma.compress(data, check=lzma.CHECK_CRC32)
    if how == "lzma":
        return lzma.compress(data, format=lzma.FORMAT_ALONE)
    command = {"zstd": ["zstd", "-q"], "lz4": ["lz4", "-l", "-q"], "lzop": ["lzop"]}[how]
    if not shutil.which(command[0]):
        return None
    return subprocess.run(command + ["-c"], input=data, capture_output=True, check=True).stdout
