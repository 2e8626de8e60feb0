# SPDX-License-Identifier: GPL-2.0-or-later
"""early-vfio list: devices, groups, what to write for each, and what rules and protection say."""

import fcntl
import json
import os
import struct
import subprocess
import termios
from pathlib import Path

from case import PROGRAM, Skipped

TOP = Path(__file__).resolve().parents[2]
DISPLAY, AUDIO, BRIDGE, NIC, OTHER = "030000", "040300", "060400", "020000", "ff0000"
# No list of names has this vendor.
UNKNOWN = "feed"


def function(tree, path, ids, pci_class, group=None, driver=None, **attributes):
    tree.pci(path, ids, pci_class, **attributes)
    address = os.path.basename(path)
    if group is not None:
        tree.sys_link(f"sys/devices/{path}/iommu_group", f"sys/kernel/iommu_groups/{group}")
        tree.sys_link(f"sys/kernel/iommu_groups/{group}/devices/{address}", f"sys/devices/{path}")
    if driver:
        tree.mkdir(f"sys/bus/pci/drivers/{driver}")
        tree.sys_link(f"sys/devices/{path}/driver", f"sys/bus/pci/drivers/{driver}")


def two_cards(tree, groups=(1, 1, 2, 2)):
    """Two equal cards of two functions behind two root ports; the first is the boot display."""
    for slot, bus in ((1, 1), (2, 2)):
        port = f"pci0000:00/0000:00:{slot:02x}.0"
        group = groups[2 * slot - 2]
        function(tree, port, "8086:1901", BRIDGE, None if group is None else 9, "pcieport",
                 secondary_bus_number=f"{bus}\n")
        function(tree, f"{port}/0000:{bus:02x}:00.0", f"{UNKNOWN}:2684", DISPLAY,
                 groups[2 * slot - 2], "nouveau", boot_vga=f"{int(slot == 1)}\n")
        function(tree, f"{port}/0000:{bus:02x}:00.1", f"{UNKNOWN}:22ba", AUDIO,
                 groups[2 * slot - 1], "snd_hda_intel")


def listed(case, *args, status=0):
    case.run("list", "--sysroot", case.tree.root, *args)
    assert case.status == status, f"exit {case.status}"
    return case.stdout


def devices(case):
    text = listed(case, "--json")
    return {device["address"]: device for device in json.loads(text)["devices"]}


def entry(text, address):
    """The lines of one device in the tree, without their indent."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if line.strip().startswith(address + "  ") and len(line) - len(line.lstrip()) > 0:
            depth = len(line) - len(line.lstrip())
            found = [line.strip()]
            for below in lines[at + 1:]:
                if len(below) - len(below.lstrip()) <= depth or "  " in below.strip():
                    return found
                found.append(below.strip())
            return found
    raise AssertionError(f"{address} is not listed")


def fits(text, columns=80):
    wide = [line for line in text.splitlines() if len(line) > columns]
    assert not wide, f"wider than {columns}: {wide[0]}"
    assert not [line for line in text.splitlines() if line != line.rstrip()], "blanks at an end"


def test_drivers_whose_names_are_no_words(case):
    """What sysfs says tells no terminal what to do, and is a line to nobody."""
    two_cards(case.tree)
    for number, path in enumerate(("pci0000:00/0000:00:03.0", "pci0000:00/0000:00:04.0")):
        function(case.tree, path, "8086:1533", (NIC, BRIDGE)[number], 20 + number,
                 "\033[31mred\n0000:00:05.0", secondary_bus_number="0\n")
    for args in ([], ["--flat"], ["--capture"], ["--json"]):
        text = listed(case, *args)
        assert "\033" not in text and "\n0000:00:05.0" not in text, text
        assert "x1b[31mred" in text or args == ["--json"], text


def test_tree_of_two_equal_cards(case):
    two_cards(case.tree)
    text = listed(case)
    fits(text)
    assert entry(text, "0000:01:00.0") == [
        "0000:01:00.0  Vendor feed Device 2684",
        "VGA compatible controller; driver nouveau; boot display; same id at",
        "0000:02:00.0",
        "spec feed:2684@0000:00:01.0/00.0+slot"]
    assert entry(text, "0000:02:00.1")[-1] == "spec feed:22ba@0000:00:02.0/00.1"
    assert "boot display" not in "".join(entry(text, "0000:02:00.0"))
    lines = text.splitlines()
    assert lines.index("group 1") < lines.index("group 2") < lines.index("group 9")
    assert "  0000:00:01.0  PCI bridge to bus 01; driver pcieport" in lines
    assert "spec 8086:1901" not in text
    # the audio function stands below its card, the card below its group
    assert any(line.startswith("    0000:01:00.1") for line in lines)
    assert any(line.startswith("  0000:01:00.0") for line in lines)


def test_a_card_stays_together_over_groups(case):
    two_cards(case.tree, groups=(1, 5, 2, 6))
    text = listed(case)
    assert "group 5" in entry(text, "0000:01:00.1")[1]
    assert "group 5  0000:01:00.1  shown below 0000:01:00.0" in text.splitlines()
    assert text.count("spec feed:22ba@0000:00:01.0/00.1") == 1


def test_specs_select_their_device_alone(case):
    two_cards(case.tree)
    case.tree.nvme("pci0000:00/0000:00:1d.0", "1b36:0010")
    for address, device in devices(case).items():
        if device["bridge"]:
            assert device["spec"] is None
            continue
        case.tree.write("etc/early-vfio.conf", f"bind {device['spec']}\n")
        taken = {other for other, now in devices(case).items() if now["rule"]}
        slot = {other for other in devices(case) if other[:-1] == address[:-1]}
        assert taken == (slot if device["spec"].endswith("+slot") else {address}), address


def test_json_has_every_key(case):
    two_cards(case.tree)
    function(case.tree, "pci0000:00/0000:00:1f.0", f"{UNKNOWN}:0001", OTHER)
    document = json.loads(listed(case, "--json"))
    assert list(document) == ["version", "kernel", "iommu_groups", "unprotected", "devices", "notes"]
    assert document["version"] == 1 and document["iommu_groups"] is True
    keys = {tuple(device) for device in document["devices"]}
    assert keys == {("address", "id", "subsystem", "class", "class_name", "name", "group", "driver",
                     "boot_vga", "bridge", "secondary_bus", "twins", "spec", "protected",
                     "decision", "rule", "reason")}
    found = {device["address"]: device for device in document["devices"]}
    assert found["0000:01:00.0"]["twins"] == ["0000:02:00.0"]
    assert found["0000:01:00.0"]["boot_vga"] is True and found["0000:02:00.0"]["boot_vga"] is False
    assert found["0000:00:01.0"]["secondary_bus"] == 1
    alone = found["0000:00:1f.0"]
    assert alone["group"] is None and alone["driver"] is None and alone["twins"] == []
    assert alone["subsystem"] == "1af4:1100" and alone["decision"] == "none"


def test_what_rules_and_protection_say(case):
    tree = case.tree
    two_cards(tree)
    tree.nvme("pci0000:00/0000:00:1d.0", "1b36:0010")
    tree.sys_link("sys/devices/pci0000:00/0000:00:1d.0/iommu_group", "sys/kernel/iommu_groups/3")
    tree.mount("259:0", "/", "ext4", "/dev/nvme0n1")
    tree.write("etc/early-vfio.conf", "# one\nbind feed:2684\nbind 0000:00:1d.0\n"
               "keep 0000:02:00.1\nbind 0000:09:00.0\nbind 0000:00:02.0\n")
    text = listed(case)
    fits(text)
    assert entry(text, "0000:00:1d.0")[-1] == \
        "protected: holds / (nvme0n1); /etc/early-vfio.conf:3 is refused"
    assert "/etc/early-vfio.conf:2 is refused: the boot display; the rule matches" in \
        " ".join(entry(text, "0000:01:00.0"))
    assert entry(text, "0000:02:00.0")[-1] == "/etc/early-vfio.conf:2 binds it to vfio-pci"
    assert "image" not in text, "a fault of ours"
    assert entry(text, "0000:02:00.1")[-1] == "/etc/early-vfio.conf:4 keeps it"
    assert "error: /etc/early-vfio.conf:5: 0000:09:00.0: no such device" in text
    assert "/etc/early-vfio.conf:6: bridges stay with their driver" in text
    found = devices(case)
    assert found["0000:00:1d.0"]["protected"] == "holds / (nvme0n1)"
    assert found["0000:00:1d.0"]["decision"] == "protect"
    assert found["0000:02:00.0"]["rule"] == "/etc/early-vfio.conf:2"
    flat = {line.split()[0]: line.split() for line in listed(case, "--flat").splitlines() if line}
    assert flat["0000:00:1d.0"][3] == "pr" and flat["0000:01:00.0"][3] == "brt"
    tree.write("etc/early-vfio.conf", "bind 0000:00:1d.0+force\n")
    assert "all the same (+force)" in " ".join(entry(listed(case), "0000:00:1d.0"))


def test_a_rule_for_what_comes_later_is_said(case):
    two_cards(case.tree)
    case.tree.write("etc/early-vfio.conf", "bind 0000:02:00.5\n")
    note = "note: 0000:02:00.5 is not there yet; /etc/early-vfio.conf:1 waits for it"
    assert note in listed(case).splitlines()
    assert "0000:02:00.5" not in devices(case)


def test_protection_holds_where_rules_are_off(case):
    case.tree.nvme("pci0000:00/0000:00:1d.0", "1b36:0010")
    case.tree.mount("259:0", "/", "ext4", "/dev/nvme0n1")
    case.tree.write("etc/early-vfio.conf", "bind 0000:00:1d.0+force\n")
    case.tree.write("proc/cmdline", "early-vfio.mode=off\n")
    text = listed(case)
    assert entry(text, "0000:00:1d.0")[-1] == "protected: holds / (nvme0n1)"
    assert "no rule counts" in text


def test_without_groups_the_remedy_is_named(case):
    two_cards(case.tree, groups=(None,) * 4)
    rows = (
        # cpu, table, command line, what helps
        ("GenuineIntel", True, "quiet", "intel_iommu=on"),
        ("AuthenticAMD", True, "quiet", "AMD-Vi, SMMU) on in the firmware setup"),
        ("GenuineIntel", False, "quiet", "(VT-d, AMD-Vi, SMMU) on in the firmware setup"),
        ("GenuineIntel", True, "intel_iommu=off", "remove intel_iommu=off"),
    )
    for cpu, has_table, cmdline, words in rows:
        case.tree.write("proc/cpuinfo", f"vendor_id\t: {cpu}\n")
        case.tree.write("proc/cmdline", cmdline + "\n")
        table = case.tree.path("sys/firmware/acpi/tables/DMAR")
        if has_table:
            case.tree.write("sys/firmware/acpi/tables/DMAR", "")
        elif os.path.exists(table):
            os.unlink(table)
        text = listed(case)
        fits(text)
        assert text.startswith("no IOMMU group\n"), words
        assert text.count("spec ") == 4, words
        warning = " ".join(text[text.index("warning: "):].split())
        assert warning.startswith("warning: 4 devices have no IOMMU group"), warning
        assert words in warning, f"{words}: {warning}"


def test_flat_has_no_empty_cell(case):
    two_cards(case.tree)
    text = listed(case, "--flat")
    rows = [line.split(None, 5) for line in text.split("\n\n")[0].splitlines()]
    assert rows[0] == ["ADDRESS", "GROUP", "DRIVER", "MARKS", "SPEC", "NAME"]
    assert len(rows) == 7 and all(len(row) == 6 for row in rows), rows
    assert rows[1][:5] == ["0000:00:01.0", "9", "pcieport", "t", "-"]
    assert rows[3][3:5] == ["bt", "feed:2684@0000:00:01.0/00.0+slot"]


def on_terminal(case, columns, *args, **environment):
    """What is written to a terminal of so many columns."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = dict(os.environ, TERM="xterm", **environment)
    with subprocess.Popen([PROGRAM, "list", "--sysroot", case.tree.root, *args], stdout=slave,
                          stdin=subprocess.DEVNULL, env=env) as process:
        os.close(slave)
        text = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
    os.close(master)
    assert process.returncode == 0
    return text.decode().replace("\r\n", "\n")


def test_width_of_the_terminal_counts(case):
    two_cards(case.tree)
    for columns, expected in ((40, 80), (80, 80), (130, 130)):
        text = on_terminal(case, columns, NO_COLOR="1")
        fits(text, expected)
        assert "\033" not in text
        mark = "boot display; same id at 0000:02:00.0" in text
        assert mark == (expected == 130), columns
        text = on_terminal(case, columns, "--flat", NO_COLOR="1")
        fits(text, expected)
        assert text.splitlines()[0].endswith("NAME") == (expected == 130)
    assert "\033[2m0000:00:01.0" in on_terminal(case, 80, NO_COLOR="")
    assert "\033" not in listed(case)


def test_large_groups_and_many_groups_fit(case):
    tree = case.tree
    for number in range(20):
        function(tree, f"pci0000:00/0000:00:{number:02x}.0", f"{UNKNOWN}:{number:04x}", OTHER, 7,
                 "a_driver_with_a_long_name")
    for number in range(60):
        function(tree, f"pci0000:00/0000:{number + 16:02x}:00.0", f"{UNKNOWN}:beef", NIC,
                 number + 10)
    text = listed(case)
    fits(text)
    assert "group 7: 20 slots, which only one VM can have" in text.splitlines()
    assert sum(line.startswith("group ") for line in text.splitlines()) == 61
    assert "same id in 59 other slots" in text
    assert "a_driver_with_a_long_name" in listed(case, "--flat")


def test_no_bus_or_nothing_on_it_exits_3(case):
    assert listed(case, status=3) == ""
    case.says("/sys", "no PCI bus")
    os.rmdir(case.tree.path("sys/bus/pci/devices"))
    for form in ([], ["--json"], ["--flat"], ["--capture"]):
        assert listed(case, *form, status=3) == ""
        case.says("/sys", "no PCI bus")


def test_only_one_form(case):
    for forms in (["--json", "--flat"], ["--capture", "--json"], ["operand"]):
        case.run("list", *forms)
        assert case.status == 2 and case.stderr.count("\n") == 2, forms


def test_capture_says_nothing_personal(case):
    two_cards(case.tree)
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/vmlinuz-host root=UUID=1-2 ro quiet iommu=pt "
                    "intel_iommu=on,sm_on vfio_pci.ids=1:2 hostname=box ip=10.0.0.1::::box "
                    "cryptdevice=/dev/sda:x early-vfio.bind=0000:02:00.0 pci=realloc "
                    "module_blacklist=nouveau iommufoo=1 -- pci=behind\n")
    lines = listed(case, "--capture").splitlines()
    assert lines[:5] == [
        "# read from: sysfs",
        "# cmdline: iommu=pt intel_iommu=on,sm_on vfio_pci.ids=1:2 early-vfio.bind=0000:02:00.0 "
        "pci=realloc module_blacklist=nouveau",
        "# boot-vga: 0000:01:00.0", "# bridge: 0000:00:01.0 01", "# bridge: 0000:00:02.0 02"]
    assert lines[5] == "0000:00:01.0 060400 8086:1901 1af4:1100 pcieport 9"
    assert len(lines) == 11


def machines():
    top = TOP / os.environ.get("EARLY_VFIO_CORPUS", "../shared/corpus") / "machines"
    found = sorted(top.glob("*.pci"))
    if not found:
        raise Skipped("no recorded machines")
    return found


def facts(text):
    """What a capture of a machine must say again."""
    told = set()
    for line in text.splitlines():
        words = line.split()
        if line.startswith("# boot-vga:") or line.startswith("# bridge:"):
            told.add(tuple(words))
        elif words and not line.startswith("#"):
            subsystem = "0000:0000" if words[3] == "-" else words[3]
            told.add((words[0], words[1].ljust(6, "0"), words[2], subsystem, *words[4:6]))
    return told


def built(case, number, machine):
    root = str(case.top / case.name / f"machine{number}")
    subprocess.run([str(TOP / "tests/ns/sysfs-tree"), root], check=True, input=machine.read_bytes())
    return root


def test_recorded_machines(case):
    """Each form over a few of them: chosen by size, so that the largest is among them."""
    found = sorted(machines(), key=lambda path: path.stat().st_size)
    for number, machine in enumerate(found[:: max(1, len(found) // 6)] + found[-1:]):
        root = built(case, number, machine)
        text = machine.read_text(encoding="utf-8")
        addresses = {line.split()[0] for line in text.splitlines() if line and line[0] != "#"}
        for form in ([], ["--flat"]):
            case.run("list", "--sysroot", root, *form)
            assert case.status == 0, machine
            if not form:
                fits(case.stdout)
            assert all(address in case.stdout for address in addresses), machine
        case.run("list", "--sysroot", root, "--json")
        assert {d["address"] for d in json.loads(case.stdout)["devices"]} == addresses, machine


def test_capture_of_recorded_machines_is_the_same_machine(case):
    found = machines()
    for number, machine in enumerate(found[:: max(1, len(found) // 12)]):
        root = built(case, number, machine)
        case.run("list", "--capture", "--sysroot", root)
        recorded = machine.read_text(encoding="utf-8")
        # the kernel has boot_vga for VGA controllers alone
        lost = {("#", "boot-vga:", words[0]) for words in map(str.split, recorded.splitlines())
                if words and words[0] != "#" and not words[1].startswith("0300")}
        assert facts(case.stdout) == facts(recorded) - lost, machine


def test_an_ordinary_user_is_told_what_is_missing(case):
    if os.geteuid() != 0:
        raise Skipped("needs root to become another user")
    two_cards(case.tree)
    os.chmod(case.top, 0o755)
    done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                           os.path.abspath(PROGRAM), "list", "--sysroot", case.tree.root],
                          capture_output=True, check=False, timeout=60)
    text = done.stdout.decode()
    if done.returncode in (126, 127) or "cannot be opened" in done.stderr.decode():
        raise Skipped("others cannot read the tree")
    assert done.returncode == 0, done.stderr
    assert "note: not root:" in text and text.count("spec ") == 4
    assert "not root" not in listed(case)
