# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines as QEMU's arguments: what is plugged in where. Knows nothing of guests and tests.

Root port N is device N of bus 00, and what is behind it is on bus N, for firmware numbers the
buses in that order. So the path of a card behind root port 2 is 0000:00:02.0/00.0. With an AMD
IOMMU, which is a device itself, root port N is device N + 1."""

from dataclasses import dataclass

PORTS = 4


def card(port):
    """A "graphics card" of two functions: 1234:1111 (class 0380) and its sound, 8086:2668."""
    return (
        "-device", f"bochs-display,bus=rp{port},addr=0.0,multifunction=on",
        "-device", f"intel-hda,bus=rp{port},addr=0.1")


def e1000e(port):
    """A NIC, 8086:10d3."""
    return ("-device", f"e1000e,bus=rp{port},addr=0.0,romfile=")


def drive(name, path=None):
    """A disk's contents: a file that is left as it is, or a small empty disk."""
    if path is None:
        return ("-drive", f"if=none,id={name},driver=null-co,size=16M,read-zeroes=on")
    return ("-drive", f"if=none,id={name},format=raw,file={path},snapshot=on")


def nvme(port, serial, path=None):
    """An NVMe controller, 1b36:0010, with one disk."""
    return (*drive(f"nvme{port}", path),
            "-device", f"nvme,bus=rp{port},addr=0.0,drive=nvme{port},serial={serial}")


def nvme_at(address, name, path=None):
    """The same on bus 00."""
    return (*drive(name, path),
            "-device", f"nvme,bus=pcie.0,addr={address},drive={name},serial={name}")


def sata_at(address, name, path=None):
    """A SATA controller, 8086:2922, on bus 00, with one disk."""
    return (*drive(name, path),
            "-device", f"ich9-ahci,id=sata-{name},bus=pcie.0,addr={address}",
            "-device", f"ide-hd,bus=sata-{name}.0,drive={name},serial={name}")


def e1000e_at(address, network=None):
    """A NIC, 8086:10d3, on bus 00; on a network, which has a name, there is a DHCP server."""
    if not network:
        return ("-device", f"e1000e,bus=pcie.0,addr={address},romfile=")
    return ("-netdev", f"user,id={network},restrict=on",
            "-device", f"e1000e,bus=pcie.0,addr={address},romfile=,netdev={network}")


def shared_group(port):
    """A conventional bus: a card and a NIC, 8086:100e, that no IOMMU can tell apart."""
    return (
        "-device", f"pcie-pci-bridge,id=pci{port},bus=rp{port},addr=0.0",
        "-device", f"bochs-display,bus=pci{port},addr=1.0,multifunction=on",
        "-device", f"intel-hda,bus=pci{port},addr=1.1",
        "-device", f"e1000,bus=pci{port},addr=2.0,romfile=")


# The standard VGA: 1234:1111 too, class 0300, and the display that firmware used.
VGA = ("-device", "VGA,bus=pcie.0,addr=10.0")
# 1b36:0002; its driver is built into Debian's kernels.
PCI_SERIAL = ("-chardev", "null,id=port",
              "-device", "pci-serial,bus=pcie.0,addr=11.0,chardev=port")
XHCI = ("-device", "qemu-xhci,bus=pcie.0,addr=12.0")


def properties(text):
    """An argument of -device as QMP's device_add has it."""
    driver, *rest = text.split(",")
    pairs = (word.split("=", 1) for word in rest)
    return {"driver": driver} | {name: value == "on" if value in ("on", "off") else value
                                 for name, value in pairs}


@dataclass(frozen=True)
class Machine:
    """What is in the machine besides root ports, disks and the console."""

    devices: tuple = ()
    iommu: str = "intel"
    root_port: int = 0  # the root disk is an NVMe behind this port; 0: virtio-blk
    empty_ports: tuple = ()  # where a card may be plugged in later: firmware leaves it room

    def arguments(self, root, bring, facts):
        """QEMU's arguments, with three disks: root (left as it is), what the test brings, and
        the one that takes the facts."""
        # The processor's vendor decides which IOMMU's parameters count.
        vendor = "AuthenticAMD" if self.iommu == "amd" else "GenuineIntel"
        result = ["-M", "q35,kernel-irqchip=split", "-accel", "tcg", "-m", "1024",
                  "-cpu", f"max,vendor={vendor}"]
        if self.iommu == "intel":
            result += ["-device", "intel-iommu,intremap=on,caching-mode=on"]
        elif self.iommu == "amd":
            result += ["-device", "amd-iommu"]
        first = 2 if self.iommu == "amd" else 1
        for port in range(1, PORTS + 1):
            result += ["-device", f"pcie-root-port,id=rp{port},bus=pcie.0,"
                       f"addr={first + port - 1:x}.0,slot={port},chassis={port}" +
                       (",pref32-reserve=32M" if port in self.empty_ports else "")]
        result += self.devices
        result += self.root_arguments(root)
        result += disk("bring", f"file={bring},readonly=on", "19.0")
        result += disk("facts", f"file={facts},cache=unsafe", "1a.0")
        return result

    def root_arguments(self, root):
        drive = f"file={root},snapshot=on"
        if not self.root_port:
            return disk("root", drive, "18.0")
        return ["-drive", f"if=none,id=root,format=raw,{drive}",
                "-device", f"nvme,bus=rp{self.root_port},addr=0.0,drive=root,serial=root"]


@dataclass(frozen=True)
class UsbMachine(Machine):
    """A machine whose root is on a USB disk, at the controller 0000:00:13.0, 1b36:000d."""

    def root_arguments(self, root):
        return ["-device", "qemu-xhci,id=usb,bus=pcie.0,addr=13.0",
                "-drive", f"if=none,id=root,format=raw,file={root},snapshot=on",
                "-device", "usb-storage,bus=usb.0,drive=root,serial=root"]


def disk(name, drive, address):
    """A virtio-blk disk on bus 00 with its name as serial number."""
    return ["-drive", f"if=none,id={name},format=raw,{drive}",
            "-device", f"virtio-blk-pci,bus=pcie.0,addr={address},drive={name},serial={name}"]
