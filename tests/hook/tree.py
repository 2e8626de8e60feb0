# SPDX-License-Identifier: GPL-2.0-or-later
"""Root trees for the host program: files, and machines as sysfs, procfs and udev show them. Knows
nothing of the program."""

import os
import shutil
import struct
import subprocess


class Tree:
    """A root directory; paths are relative to it."""

    def __init__(self, root):
        self.root = root
        os.makedirs(root)

    def path(self, name):
        return os.path.join(self.root, name.lstrip("/"))

    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def append(self, name, text):
        path = self.path(name)
        old = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
        self.write(name, old + text)

    def mkdir(self, name):
        os.makedirs(self.path(name), exist_ok=True)

    def link(self, name, target):
        """A link with this text."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target, path)

    def sys_link(self, name, target):
        """A link as sysfs makes them: relative, from one path of the tree to another."""
        self.link(name, os.path.relpath(target, os.path.dirname(name)))


class Machine(Tree):
    """A machine that runs: /proc with a mount table, /sys with a PCI bus."""

    def __init__(self, root):
        super().__init__(root)
        self.write("proc/self/mountinfo", "")
        self.write("proc/cmdline", "quiet\n")
        self.write("proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n")
        self.mkdir("sys/bus/pci/devices")
        self.mkdir("sys/class/block")
        self.mounts = 20

    def pci(self, path, ids, pci_class="010802", **attributes):
        """A function by its path below sys/devices; the last part is its address."""
        vendor, device = (int(part, 16) for part in ids.split(":"))
        base, sub, interface = (pci_class[i:i + 2].upper() for i in (0, 2, 4))
        where = f"sys/devices/{path}"
        self.write(f"{where}/modalias",
                   f"pci:v{vendor:08X}d{device:08X}sv00001AF4sd00001100bc{base}sc{sub}i{interface}\n")
        for name, value in attributes.items():
            self.write(f"{where}/{name}", value)
        self.sys_link(f"sys/bus/pci/devices/{os.path.basename(path)}", where)
        return path

    def block(self, path, number):
        """A block device by its path below sys/devices; its parent disk where it is a part."""
        name = os.path.basename(path)
        where = f"sys/devices/{path}"
        self.write(f"{where}/dev", number + "\n")
        self.write(f"{where}/size", "2048\n")
        if "/block/" in path and not path.endswith(f"/block/{name}"):
            self.write(f"{where}/partition", "1\n")
        self.sys_link(f"sys/class/block/{name}", where)
        self.sys_link(f"sys/dev/block/{number}", where)
        return path

    def partition(self, disk, name, number):
        self.block(f"{disk}/{name}", number)
        self.write(f"sys/devices/{disk}/{name}/partition", "1\n")
        return f"{disk}/{name}"

    def nvme(self, pci_path, ids, name="nvme0", major=259, minor=0):
        """An NVMe function with a controller and a disk; returns the disk's path."""
        self.pci(pci_path, ids)
        return self.block(f"{pci_path}/nvme/{name}/{name}n1", f"{major}:{minor}")

    def virtual(self, name, number, slaves=(), mapper=None):
        """A stacked device: device-mapper, md, bcache."""
        path = self.block(f"virtual/block/{name}", number)
        for slave in slaves:
            self.sys_link(f"sys/devices/{path}/slaves/{os.path.basename(slave)}",
                          f"sys/devices/{slave}")
        if mapper:
            self.write(f"sys/devices/{path}/dm/name", mapper + "\n")
        return path

    def mount(self, number, target, fstype, source, root="/", options="rw"):
        self.mounts += 1
        self.append("proc/self/mountinfo",
                    f"{self.mounts} 1 {number} {root} {target} rw,relatime shared:1 - "
                    f"{fstype} {source} {options}\n")

    def swap(self, source, kind="partition"):
        self.append("proc/swaps", f"{source}                          {kind}\t1000\t0\t-2\n")

    def udev(self, number, *lines):
        self.write(f"run/udev/data/b{number}",
                   "".join(f"E:{line}\n" for line in lines))

    def interface(self, path, lower=()):
        """A network interface by its path below sys/devices."""
        name = os.path.basename(path)
        where = f"sys/devices/{path}"
        self.write(f"{where}/address", "52:54:00:00:00:01\n")
        self.sys_link(f"sys/class/net/{name}", where)
        for below in lower:
            self.sys_link(f"{where}/lower_{os.path.basename(below)}", f"sys/devices/{below}")
        return path

    def route(self, interface, destination="00000000", mask="00000000", metric=0, flags="0003"):
        if not os.path.exists(self.path("proc/net/route")):
            self.append("proc/net/route", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\t"
                        "Metric\tMask\t\tMTU\tWindow\tIRTT\n")
        self.append("proc/net/route",
                    f"{interface}\t{destination}\t0102000A\t{flags}\t0\t0\t{metric}\t{mask}\t0\t0\t0\n")


class Module:
    """A module file, as far as depmod looks at it."""

    def __init__(self, path, exports=(), needs=(), info=()):
        self.path, self.exports, self.needs, self.info = path, exports, needs, info

    def build(self, path):
        lines = ['.section .modinfo,"a"']
        lines += [f'.asciz "{entry}"' for entry in self.info]
        lines += ['.section __ksymtab_strings,"a"']
        lines += [f'.asciz "{name}"' for name in self.exports]
        lines += [".data"] + [f".long {name}" for name in self.needs]
        os.makedirs(os.path.dirname(path), exist_ok=True)
        subprocess.run(["as", "-o", path, "-"], input="\n".join(lines + [""]).encode(), check=True)


def kernel(root, version, modules, builtin=(), suffix=""):
    """Module files of a kernel and depmod's index of them, below root/lib/modules."""
    top = os.path.join(root, "lib/modules", version)
    os.makedirs(top)
    for module in modules:
        module.build(os.path.join(top, "kernel", module.path))
    if suffix:
        tool = {".xz": ["xz", "--check=crc32"], ".zst": ["zstd", "-q", "--rm"]}[suffix]
        for module in modules:
            subprocess.run(tool + [os.path.join(top, "kernel", module.path)], check=True)
    with open(os.path.join(top, "modules.order"), "w", encoding="utf-8") as file:
        file.writelines(f"kernel/{module.path}\n" for module in modules)
    with open(os.path.join(top, "modules.builtin"), "w", encoding="utf-8") as file:
        file.writelines(f"kernel/{path}\n" for path in builtin)
    depmod = shutil.which("depmod", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    subprocess.run([depmod, "-b", root, version], check=True, stderr=subprocess.DEVNULL)


def zfs_label(pool, guid=0x1234, size=64 << 20):
    """The labels of a ZFS member of one pool, in a file's worth of bytes with holes: as
    (offset, bytes) pairs. Source: the on-disk format's vdev label, an XDR list of name-value pairs
    at 16 KiB and uberblocks from 128 KiB on, in each of four labels."""

    def string(text):
        data = text.encode()
        return struct.pack(">I", len(data)) + data + b"\0" * (-len(data) % 4)

    def pair(name, kind, value):
        body = string(name) + struct.pack(">II", kind, 1) + value
        return struct.pack(">II", len(body) + 8, len(body) + 8) + body

    pairs = pair("version", 8, struct.pack(">Q", 5000)) + pair("name", 9, string(pool))
    pairs += pair("guid", 8, struct.pack(">Q", guid)) + pair("pool_guid", 8, struct.pack(">Q", guid))
    nvlist = b"\1\1\0\0" + struct.pack(">II", 0, 1) + pairs + struct.pack(">II", 0, 0)
    uberblock = struct.pack("<QQQQQ", 0x00bab10c, 5000, 7, 0, 1)
    parts = []
    for label in (0, 256 << 10, size - (512 << 10), size - (256 << 10)):
        parts.append((label + (16 << 10), nvlist))
        parts += [(label + (128 << 10) + (i << 10), uberblock) for i in range(4)]
    return size, parts
