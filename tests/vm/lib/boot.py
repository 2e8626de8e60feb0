# SPDX-License-Identifier: GPL-2.0-or-later
"""One boot of a guest, from an image to the facts. Knows nothing of what is expected."""

import io
import os
import re
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from lib.facts import Facts
from lib.guest import BUILD, VM
from lib.machine import Machine
from lib.qmp import Qmp, QmpError
from lib.vm import Vm, VmError

LIMIT_S = int(os.environ.get("EARLY_VFIO_BOOT_LIMIT", "300"))
FACTS_SIZE = 8 << 20
UNIT = "etc/systemd/system/guest-probe.service"
WANTED = "etc/systemd/system/graphical.target.wants/guest-probe.service"
# Without one, systemd takes the boot for the machine's first and sets everything up.
MACHINE_ID = "0123456789abcdef0123456789abcdef\n"


def boot_dir(guest, name):
    """Where a boot of that name leaves its console and its facts."""
    return BUILD / "vm" / f"{guest.name}-{name}".replace(" ", "-")


@dataclass
class Boot:
    """What is booted, and what came of it."""

    guest: object
    name: str
    machine: Machine
    image: object
    cmdline: str = ""
    files: dict = field(default_factory=dict)     # of the booted root, see guest.place
    commands: dict = field(default_factory=dict)  # name to text, run in the booted guest
    programs: tuple = ()                          # below build/, brought to /usr/lib/guest
    is_systemd: bool = False
    plugs: dict = field(default_factory=dict)     # name to devices, see plug
    root: Path = None                             # its disk; None: the guest's own
    limit_s: int = LIMIT_S
    facts_size: int = FACTS_SIZE
    facts: Facts = None
    console: str = ""
    fault: str = ""

    @property
    def dir(self):
        return boot_dir(self.guest, self.name)

    def run(self, talk=None):
        """Boot; talk(vm) is held meanwhile. Fills in facts and console, or the fault."""
        self.dir.mkdir(parents=True, exist_ok=True)
        bring, facts = self.dir / "bring.tar", self.dir / "facts.tar"
        self.pack(bring)
        facts.write_bytes(b"")
        os.truncate(facts, self.facts_size)
        arguments = self.machine.arguments(self.root or self.guest.disk, bring, facts)
        arguments += self.kernel_arguments(self.kernel_line(is_dialogue=talk is not None))
        qmp = Qmp(self.limit_s)
        with Vm(arguments, self.dir / "serial.log", self.limit_s, qmp=qmp) as vm:
            try:
                if talk:
                    talk(vm)
                self.plug(vm, qmp)
                vm.wait()
            except (VmError, QmpError, OSError) as error:
                self.fault = f"{error}\n"
            self.console = vm.console()
        qmp.close()
        self.take(facts.read_bytes())
        return self

    def plug(self, vm, qmp):
        """Plug in what the guest asks for, in that order: it says "guest-plug NAME" on the
        console."""
        for name, devices in self.plugs.items():
            vm.expect(re.compile(f"guest-plug {name}\\s".encode()))
            qmp.plug(devices)

    def kernel_arguments(self, line):
        """QEMU's arguments for kernel, image and command line."""
        return ["-kernel", self.guest.vmlinuz, "-initrd", self.image, "-append", line]

    def take(self, disk):
        if Facts.is_there(disk):
            self.facts = Facts(disk)
        else:
            self.fault += "no facts: it did not boot through"

    def kernel_line(self, is_dialogue):
        # Emulated, mitigations cost a fifth of the boot, and addresses that are random a third: the
        # emulator translates a library anew wherever it lies. On a busy machine the timer may fail
        # a check that is meant for broken boards.
        words = ["console=ttyS0 quiet mitigations=off norandmaps no_timer_check",
                 "rw root=LABEL=guest init=/usr/lib/guest/start"]
        # With these, an initramfs gives no shell but resets.
        words += [] if is_dialogue else ["panic=-1 rd.shell=0 rd.emergency=reboot"]
        words += ["guest.systemd"] if self.is_systemd else []
        # Last: what stands there may be broken on purpose.
        return " ".join([*words, self.cmdline])

    def pack(self, path):
        """Write the archive that the guest unpacks over its root."""
        with tarfile.open(path, "w") as archive:
            for name in ("init", "probe", "second-qemu"):
                archive.add(VM / "inside" / name, f"usr/lib/guest/{name}")
            for name in self.programs:
                archive.add(BUILD / name, f"usr/lib/guest/{Path(name).name}")
            archive.add(VM / "inside" / "guest-probe.service", UNIT)
            link = tarfile.TarInfo(WANTED)
            link.type, link.linkname = tarfile.SYMTYPE, f"/{UNIT}"
            archive.addfile(link)
            add_text(archive, "etc/machine-id", MACHINE_ID)
            for name, text in self.files.items():
                add_text(archive, name, text)
            for name, text in self.commands.items():
                add_text(archive, f"usr/lib/guest/commands/{name}", text)


def add_text(archive, name, text):
    info = tarfile.TarInfo(name.rstrip("*"))
    info.mode = 0o755 if name.endswith("*") else 0o644
    info.size = len(text.encode())
    archive.addfile(info, io.BytesIO(text.encode()))
