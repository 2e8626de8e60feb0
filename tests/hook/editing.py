# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of add, remove and import share: a machine with IOMMU groups, and the config
before and after. Knows nothing of what is tested."""

import os
import shutil
import subprocess
from pathlib import Path

from case import PROGRAM, Skipped

CONFIG = "etc/early-vfio.conf"


class Editing:
    """A case with a machine and commands over it."""

    def __init__(self, case):
        self.case, self.tree = case, case.tree
        self.tree.mkdir("etc")

    def bridge(self, address, bus):
        self.tree.pci(f"pci0000:00/{address}", "8086:1901", "060400",
                      secondary_bus_number=f"{bus}\n")

    def device(self, path, ids, pci_class, group=None, driver=None, **attributes):
        """A function by its path below pci0000:00, in a group."""
        self.tree.pci(f"pci0000:00/{path}", ids, pci_class, **attributes)
        where = f"sys/devices/pci0000:00/{path}"
        if group is not None:
            self.tree.mkdir(f"sys/kernel/iommu_groups/{group}/devices")
            self.tree.sys_link(f"{where}/iommu_group", f"sys/kernel/iommu_groups/{group}")
            self.tree.sys_link(f"sys/kernel/iommu_groups/{group}/devices/{os.path.basename(path)}",
                               where)
        if driver:
            self.tree.mkdir(f"sys/bus/pci/drivers/{driver}")
            self.tree.sys_link(f"{where}/driver", f"sys/bus/pci/drivers/{driver}")

    def desktop(self):
        """A card with audio at 01:00, two equal NVMe of which 02:00.0 holds /, a lone NIC."""
        self.bridge("0000:00:01.0", 1)
        self.device("0000:00:01.0/0000:01:00.0", "10de:2684", "030000", 1, boot_vga="0\n")
        self.device("0000:00:01.0/0000:01:00.1", "10de:22ba", "040300", 1)
        self.bridge("0000:00:02.0", 2)
        self.device("0000:00:02.0/0000:02:00.0", "1b36:0010", "010802", 2)
        self.tree.block("pci0000:00/0000:00:02.0/0000:02:00.0/nvme/nvme0/nvme0n1", "259:0")
        self.bridge("0000:00:03.0", 3)
        self.device("0000:00:03.0/0000:03:00.0", "1b36:0010", "010802", 3)
        self.device("0000:00:1f.0", "8086:1533", "020000", 4)
        self.tree.mount("259:0", "/", "ext4", "/dev/nvme0n1")
        return self

    def run_as_nobody(self, command, *args):
        """As an ordinary user, from a copy of the program that others may read."""
        if os.geteuid() != 0:
            raise Skipped("only root can become another user")
        program = self.case.top / self.case.name / "early-vfio"
        if not program.exists():
            shutil.copy(PROGRAM, program)
            self.case.top.chmod(0o755)
        done = subprocess.run([program, "--help"], capture_output=True, check=False, user=65534,
                              group=65534, extra_groups=[], timeout=60)
        if done.returncode:
            raise Skipped("the build tree is closed to other users")
        self.case.run(command, "--sysroot", self.tree.root, *args, program=program, user=65534,
                      group=65534, extra_groups=[])
        return self.case

    def run(self, command, *args, status=0):
        self.case.run(command, "--sysroot", self.tree.root, *args)
        assert self.case.status == status, f"exit {self.case.status}, not {status}: {args}"
        return self

    def prints(self, *parts):
        assert any(all(part in line for part in parts)
                   for line in self.case.stdout.splitlines()), \
            f"no line has {parts}:\n{self.case.stdout}"

    def prints_not(self, part):
        assert part not in self.case.stdout, self.case.stdout

    def says(self, *parts):
        self.case.says(*parts)

    @property
    def config(self):
        path = Path(self.tree.path(CONFIG))
        return path.read_bytes() if path.exists() else None

    def write(self, text):
        self.tree.write(CONFIG, text)

    def rules(self):
        """The directives of the config, without comments."""
        lines = (line.split(b"#")[0].strip() for line in (self.config or b"").split(b"\n"))
        return [line.decode() for line in lines if line]

    def rules_are(self, *expected):
        assert self.rules() == list(expected), "the config is\n" + "\n".join(self.rules())


def recorded(case, count):
    """Some of the recorded machines, each built below the case, with (address, class) of each
    function."""
    found = sorted(Path(os.environ.get("EARLY_VFIO_CORPUS", "../shared/corpus"),
                        "machines").glob("*.pci"))
    if not found:
        raise Skipped("no recorded machines")
    for number, path in enumerate(found[:: max(1, len(found) // count)]):
        case.tree.root = str(case.top / case.name / f"machine{number}")
        subprocess.run(["tests/ns/sysfs-tree", case.tree.root], input=path.read_bytes(), check=True)
        lines = path.read_text(encoding="utf-8").splitlines()
        functions = [line.split()[:3] for line in lines if line and line[0] != "#"]
        edit = Editing(case)
        edit.ids = sorted({ids for _, _, ids in functions})
        yield edit, [(address, pci_class) for address, pci_class, _ in functions]
