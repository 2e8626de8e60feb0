# SPDX-License-Identifier: GPL-2.0-or-later
"""What a booted guest told about itself, as values. Judges nothing."""

import io
import json
import tarfile
from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """One PCI device as sysfs showed it; None where it had nothing."""

    address: str
    id: str
    pci_class: str
    driver: str | None
    group: str | None
    boot_vga: str | None
    override: str | None


def parse_device(line):
    words = [None if word in ("-", "(null)") else word for word in line.split()]
    return Device(*words)


class Facts:
    """The archive that tests/vm/inside/probe wrote, by name."""

    def __init__(self, disk):
        self.files, self.data = {}, {}
        with tarfile.open(fileobj=io.BytesIO(disk), mode="r:") as archive:
            for member in archive.getmembers():
                if member.isfile():
                    data = archive.extractfile(member).read()
                    name = member.name.removeprefix("./")
                    self.data[name], self.files[name] = data, data.decode(errors="replace")
        found = map(parse_device, self.files["devices"].splitlines())
        self.devices = {device.address: device for device in found}

    @staticmethod
    def is_there(disk):
        """The guest came so far that it wrote its facts."""
        return disk[257:262] == b"ustar"

    @property
    def dmesg(self):
        return self.files["dmesg"]

    def own_lines(self):
        """The kernel log's lines of early-vfio."""
        return [line for line in self.dmesg.splitlines() if "early-vfio: " in line]

    def driver(self, address):
        device = self.devices.get(address)
        return device.driver if device else "absent"

    def report(self, where="run"):
        """The report that survived into the booted system; None where there is none."""
        text = self.files.get(f"{where}/report.json")
        return json.loads(text) if text else None

    def command(self, name):
        """Exit status and output of a command that the test brought."""
        return int(self.files[f"{name}.rc"]), self.files[f"{name}.out"]
