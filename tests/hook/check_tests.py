# SPDX-License-Identifier: GPL-2.0-or-later
"""What `early-vfio check` finds: each finding is absent on a machine that is all right, and there
once its cause is."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

from case import MODULES, VERSION, Skipped
from tree import Module
from verify_tests import contents, cpio, pack

CARD = "10de:2684"
PORT = "pci0000:00/0000:00:01.0"
GRAPHICS, AUDIO = f"{PORT}/0000:01:00.0", f"{PORT}/0000:01:00.1"
ESP = "sys/firmware/efi/efivars"
LOADER = "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
# As the kernel's own has it, with interrupt remapping in its flags.
DMAR = b"DMAR" + bytes(32) + b"\x2e\x01" + bytes(10)


def function(case, path, ids, klass, group=None, driver=None, **attributes):
    """A PCI function with its group and driver."""
    tree, where = case.tree, f"sys/devices/{path}"
    tree.pci(path, ids, klass, **attributes)
    if group is not None:
        tree.mkdir(f"sys/kernel/iommu_groups/{group}/devices")
        tree.sys_link(f"{where}/iommu_group", f"sys/kernel/iommu_groups/{group}")
        tree.sys_link(f"sys/kernel/iommu_groups/{group}/devices/{os.path.basename(path)}", where)
    if driver:
        tree.mkdir(f"sys/bus/pci/drivers/{driver}")
        tree.sys_link(f"{where}/driver", f"sys/bus/pci/drivers/{driver}")


def set_driver(case, path, driver):
    link = case.tree.path(f"sys/devices/{path}/driver")
    if os.path.lexists(link):
        os.unlink(link)
    if driver:
        case.tree.mkdir(f"sys/bus/pci/drivers/{driver}")
        case.tree.sys_link(f"sys/devices/{path}/driver", f"sys/bus/pci/drivers/{driver}")


def machine(case, config=f"bind {CARD}@0000:00:01.0/00.0+slot\n", cpu="GenuineIntel",
            driver="vfio-pci", groups=True, kernel=True):
    """A machine with one card, on which all is as it should be."""
    tree = case.tree
    function(case, PORT, "8086:460d", "060400", 1 if groups else None, "pcieport",
             secondary_bus_number="1\n")
    function(case, GRAPHICS, CARD, "030000", 2 if groups else None, driver, boot_vga="0\n")
    function(case, AUDIO, "10de:22ba", "040300", 2 if groups else None, driver)
    tree.write("proc/cpuinfo", f"processor\t: 0\nvendor_id\t: {cpu}\n")
    tree.write("proc/sys/kernel/osrelease", VERSION + "\n")
    tree.write("proc/cmdline", "BOOT_IMAGE=/vmlinuz quiet\n")
    tree.write("sys/firmware/acpi/tables/DMAR", DMAR)
    tree.write("sys/kernel/irq/9/chip_name", "IR-IO-APIC\n")
    tree.write("sys/kernel/irq/24/chip_name", "DMAR-MSI\n")
    tree.write("etc/default/grub", 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\n')
    tree.write("usr/sbin/update-grub", "")
    tree.write("usr/sbin/update-initramfs", "")
    if config is not None:
        tree.write("etc/early-vfio.conf", config)
    tree.write(f"boot/vmlinuz-{VERSION}", "")
    tree.write(f"boot/initrd.img-{VERSION}", "")
    if kernel:
        case.use_kernel("host", VERSION, list(MODULES) + [
            Module("drivers/gpu/nouveau.ko", info=["alias=pci:v000010DEd*sv*sd*bc03sc*i*"])])


def build_image(case, path=f"boot/initrd.img-{VERSION}", without=(), **changed):
    """An image as it would be built now, but for what is left out or changed."""
    config = case.tree.path("etc/early-vfio.conf")
    text = Path(config).read_bytes()
    files = contents(case)
    case.tree.write("etc/early-vfio.conf", text)
    case.generate()
    for suffix in (".conf", ".image"):
        files["etc/early-vfio" + suffix] = case.text(suffix).encode()
    files.update(changed)
    case.tree.write(path, pack(cpio({name: content for name, content in files.items()
                                     if name not in without}), "gzip"))


def check(case, *args, status=None, **kwargs):
    """The findings, after one run."""
    case.run("check", "--json", "--sysroot", case.tree.root, *args, **kwargs)
    assert not case.stderr, "something was said on stderr"
    report = json.loads(case.stdout)
    assert report["version"] == 1
    found = report["findings"]
    for finding in found:
        assert set(finding) == {"level", "check", "text", "remedy"}, finding
        assert finding["text"] and "\n" not in finding["text"], finding
        if finding["level"] != "pass":
            assert finding["remedy"], finding
    assert report["summary"] == {level: sum(finding["level"] == level for finding in found)
                                 for level in ("pass", "warn", "fail")}
    if status is None:
        status = 1 if report["summary"]["fail"] else 0
    assert case.status == status, f"exit {case.status}, not {status}"
    return found


def has(found, level, name, *parts):
    return any(finding["level"] == level and finding["check"] == name
               and all(part in f"{finding['text']} > {finding['remedy']}" for part in parts)
               for finding in found)


def shows(case, level, name, *parts, **kwargs):
    found = check(case, **kwargs)
    assert has(found, level, name, *parts), f"no {level} {name} {parts}:\n{case.stdout}"
    return found


def lacks(case, name, *parts, **kwargs):
    found = check(case, **kwargs)
    bad = [finding for finding in found if finding["level"] != "pass" and
           finding["check"] == name and all(part in finding["text"] for part in parts)]
    assert not bad, bad
    return found


def test_a_machine_that_is_all_right(case):
    machine(case)
    build_image(case)
    found = check(case, status=0)
    for level, name, part in (("pass", "iommu", "2 groups"),
                              ("pass", "interrupt-remapping", "are remapped"),
                              ("pass", "modules", VERSION),
                              ("pass", "device", "0000:01:00.0 10de:2684 is with vfio-pci"),
                              ("pass", "device", "0000:01:00.1 10de:22ba is with vfio-pci"),
                              ("pass", "group", "group 2 can be given to a VM: 0000:01:00.0, "
                                                "0000:01:00.1"),
                              ("pass", "image", f"/boot/initrd.img-{VERSION} is current"),
                              ("pass", "permissions", "only root")):
        assert has(found, level, name, part), (level, name, part)
    bad = [finding for finding in found
           if finding["level"] != "pass" and finding["check"] != "protection"]
    assert not bad, bad


def test_text_fits_80_columns_and_closes_with_a_summary(case):
    machine(case, config=f"bind {CARD}@0000:00:01.0/00.0\nbind 8086:1533@0000:05:00.0\n")
    case.run("check", "--sysroot", case.tree.root)
    assert case.status == 1
    lines = case.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines), lines
    assert all(line[:6] in ("PASS  ", "WARN  ", "FAIL  ", "      ") for line in lines[:-1])
    counts = [sum(line.startswith(word) for line in lines) for word in ("PASS", "WARN", "FAIL")]
    assert lines[-1].split()[::2] == [str(count) for count in counts], lines[-1]
    case.run("check", "--quiet", "--sysroot", case.tree.root)
    assert not any(line.startswith("PASS") for line in case.stdout.splitlines())


def test_usage(case):
    case.run("check", "--help")
    assert case.status == 0 and case.stdout.startswith("usage: early-vfio check")
    for args in (["more"], ["--frobnicate"], ["--sysroot"], ["--json=1"]):
        case.run("check", *args)
        assert case.status == 2 and "usage: see early-vfio check --help" in case.stderr, args


def test_nothing_is_configured(case):
    machine(case, config=None, driver=None)
    found = shows(case, "warn", "config", "no device is chosen", "early-vfio list",
                  "early-vfio add", "early-vfio import")
    assert not any(finding["check"] in ("image", "rule", "device", "group", "permissions")
                   for finding in found)
    case.tree.write("etc/early-vfio.conf", f"bind {CARD}\n")
    lacks(case, "config")


def test_no_pci_bus(case):
    machine(case)
    os.rename(case.tree.path("sys/bus/pci"), case.tree.path("sys/bus/gone"))
    shows(case, "fail", "bus", "no PCI bus", status=3)


def test_an_empty_root(case):
    for entry in ("sys", "proc"):
        os.rename(case.tree.path(entry), str(case.top / f"gone-{case.name}-{entry}"))
    shows(case, "fail", "bus", "no PCI bus", status=3)


def test_as_an_ordinary_user(case):
    if os.geteuid() != 0:
        raise Skipped("not root")
    machine(case)
    os.chmod(case.top, 0o755)
    try:
        probe = {"user": 65534, "group": 65534, "extra_groups": []}
        os.chmod(case.tree.path("sys/firmware/acpi/tables/DMAR"), 0o400)
        found = shows(case, "warn", "config", "by root only", "sudo early-vfio check", **probe)
        assert not has(found, "fail", "config") and has(found, "pass", "iommu")
    except PermissionError as error:
        raise Skipped(f"no other user can run it: {error}") from error
    lacks(case, "config")


# ---- the IOMMU

def without_groups(case, **kwargs):
    machine(case, groups=False, driver=None, **kwargs)
    case.tree.mkdir("sys/kernel/iommu_groups")


def test_no_iommu(case):
    """The words and the remedy follow the processor, the tables and the command line."""
    without_groups(case)
    shows(case, "fail", "iommu", "VT-d", "add intel_iommu=on to GRUB_CMDLINE_LINUX_DEFAULT in "
          "/etc/default/grub, run update-grub, and reboot")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/vmlinuz intel_iommu=off\n")
    shows(case, "fail", "iommu", "intel_iommu=off turns the IOMMU off",
          "take intel_iommu=off out of GRUB_CMDLINE_LINUX_DEFAULT")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/vmlinuz\n")
    case.tree.write("proc/cpuinfo", "vendor_id\t: AuthenticAMD\n")
    shows(case, "fail", "iommu", "AMD-Vi", "dmesg | grep AMD-Vi")
    case.tree.write("proc/cpuinfo", "CPU implementer : 0x41\n")
    shows(case, "fail", "iommu", "does not use it")
    os.unlink(case.tree.path("sys/firmware/acpi/tables/DMAR"))
    shows(case, "fail", "iommu", "the firmware names none", "firmware setup")
    os.rmdir(case.tree.path("sys/firmware/acpi/tables"))
    shows(case, "fail", "iommu", "cannot be seen here", "in a container")
    case.tree.write("sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n")
    shows(case, "warn", "iommu", "no-IOMMU mode")


def test_a_target_without_a_group_gets_the_same_remedy(case):
    without_groups(case)
    shows(case, "fail", "device", "0000:01:00.0 10de:2684", "no IOMMU group",
          "add intel_iommu=on to GRUB_CMDLINE_LINUX_DEFAULT")


def test_a_parameter_that_waits_for_a_reboot(case):
    without_groups(case)
    for text, is_there in (('GRUB_CMDLINE_LINUX="intel_iommu=on"\n', True),
                           ("GRUB_CMDLINE_LINUX='quiet intel_iommu=on iommu=pt'\n", True),
                           ('# GRUB_CMDLINE_LINUX="intel_iommu=on"\n', False),
                           ('GRUB_CMDLINE_LINUX="intel_iommu=on,sm_on"\n', False),
                           ('GRUB_CMDLINE_LINUX="xintel_iommu=on"\n', False)):
        case.tree.write("etc/default/grub", text)
        found = check(case)
        assert has(found, "fail", "iommu", "/etc/default/grub has intel_iommu=on, but this boot "
                   "had not: run update-grub, and reboot") == is_there, text


def efi(case, name, text):
    case.tree.write(f"{ESP}/{name}{LOADER}", struct.pack("<I", 6) + text.encode("utf-16-le"))


def test_the_boot_loader(case):
    """Which file has the command line, and what is to be run behind a change."""
    without_groups(case)
    tree = case.tree
    add = "add intel_iommu=on to "
    shows(case, "fail", "iommu", add + "GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, run "
          "update-grub, and reboot")
    os.unlink(tree.path("usr/sbin/update-grub"))
    shows(case, "fail", "iommu", "run grub-mkconfig -o /boot/grub/grub.cfg, and")
    tree.write("usr/sbin/grub2-mkconfig", "")
    shows(case, "fail", "iommu", "run grub2-mkconfig -o /boot/grub2/grub.cfg, and")
    tree.write("usr/bin/grubby", "")
    shows(case, "fail", "iommu", 'run grubby --update-kernel=ALL --args="intel_iommu=on", and')
    # Not GRUB: the firmware's variable, or how the initrd is named.
    tree.write("proc/cmdline", "initrd=\\EFI\\x\\initrd quiet\n")
    shows(case, "fail", "iommu", "boot with intel_iommu=on on the kernel's command line")
    efi(case, "LoaderInfo", "systemd-boot 257")
    shows(case, "fail", "iommu", f"{add}/etc/kernel/cmdline, run kernel-install add {VERSION} "
          f"/boot/vmlinuz-{VERSION}, and")
    tree.write("boot/loader/entries/arch.conf", "options quiet\n")
    shows(case, "fail", "iommu", f"{add}the options line of /boot/loader/entries/arch.conf, and")
    tree.write("boot/loader/entries/other.conf", "options quiet\n")
    shows(case, "fail", "iommu", f"{add}the options line of /boot/loader/entries/*.conf, and")
    tree.write("etc/kernel/cmdline", "quiet\n")
    shows(case, "fail", "iommu", f"{add}/etc/kernel/cmdline, run kernel-install")
    tree.write("etc/kernel/proxmox-boot-uuids", "ABCD-EFGH\n")
    shows(case, "fail", "iommu", f"{add}/etc/kernel/cmdline, run proxmox-boot-tool refresh, and")
    # The firmware's variable is surer than the command line.
    tree.write("proc/cmdline", "BOOT_IMAGE=/vmlinuz quiet\n")
    shows(case, "fail", "iommu", "run proxmox-boot-tool refresh")
    efi(case, "LoaderInfo", "GRUB 2.12")
    tree.write("proc/cmdline", "quiet\n")
    shows(case, "fail", "iommu", "run grubby")
    efi(case, "StubInfo", "systemd-stub 257")
    shows(case, "fail", "iommu", f"{add}/etc/kernel/cmdline, build the unified kernel image anew")
    tree.write("usr/bin/mkinitcpio", "")
    shows(case, "fail", "iommu", f"{add}/etc/kernel/cmdline, run mkinitcpio -P, and")


def test_no_boot_loader_is_known(case):
    without_groups(case)
    case.tree.write("proc/cmdline", "quiet\n")
    os.unlink(case.tree.path("etc/default/grub"))
    shows(case, "fail", "iommu", "boot with intel_iommu=on on the kernel's command line")


# ---- interrupt remapping

def test_interrupts_are_not_remapped(case):
    machine(case)
    lacks(case, "interrupt-remapping")
    case.tree.write("sys/kernel/irq/9/chip_name", "IO-APIC\n")
    shows(case, "fail", "interrupt-remapping", "no VM with a device will start",
          "allow_unsafe_interrupts=1")
    case.tree.write("sys/firmware/acpi/tables/DMAR", DMAR[:37] + b"\0" + DMAR[38:])
    shows(case, "fail", "interrupt-remapping", "DMAR table does not offer it")
    case.tree.write("sys/class/iommu/dmar0/intel-iommu/ecap", "f050df\n")
    shows(case, "fail", "interrupt-remapping", "DMAR table does not offer it")
    case.tree.write("sys/class/iommu/dmar1/intel-iommu/ecap", "f05000\n")
    shows(case, "fail", "interrupt-remapping", "the IOMMU of this machine cannot")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/vmlinuz intremap=off\n")
    shows(case, "fail", "interrupt-remapping", "take intremap=off out of GRUB")
    case.tree.write("var/log/dmesg", "[0.1] DMAR-IR: Enabled IRQ remapping in x2apic mode\n")
    lacks(case, "interrupt-remapping")


def test_unsafe_interrupts(case):
    """Allowed in one of three places: a warning, whether it is needed or not."""
    machine(case)
    option = "options vfio_iommu_type1 allow_unsafe_interrupts=1\n"
    rows = (("etc/modprobe.d/vfio.conf", option),
            ("proc/cmdline", "BOOT_IMAGE=/x vfio-iommu-type1.allow_unsafe_interrupts=Y\n"),
            ("sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", "Y\n"))
    for path, text in rows:
        old = Path(case.tree.path(path))
        before = old.read_text(encoding="utf-8") if old.exists() else None
        case.tree.write(path, text)
        case.tree.write("sys/kernel/irq/9/chip_name", "IO-APIC\n")
        found = shows(case, "warn", "interrupt-remapping", "lets VMs start all the same")
        assert not has(found, "fail", "interrupt-remapping"), path
        case.tree.write("sys/kernel/irq/9/chip_name", "IR-IO-APIC\n")
        shows(case, "warn", "interrupt-remapping", "not needed here")
        if before is None:
            old.unlink()
        else:
            case.tree.write(path, before)
        lacks(case, "interrupt-remapping")


def test_remapping_that_cannot_be_seen(case):
    machine(case)
    os.unlink(case.tree.path("sys/kernel/irq/9/chip_name"))
    shows(case, "warn", "interrupt-remapping", "cannot be seen")
    case.tree.write("proc/cpuinfo", "CPU implementer : 0x41\n")
    assert not any(finding["check"] == "interrupt-remapping" for finding in check(case))


# ---- kernels

def test_a_kernel_without_vfio(case):
    machine(case, kernel=False)
    case.use_kernel("novfio", VERSION, [MODULES[0]])
    shows(case, "fail", "modules", VERSION, "vfio-pci, vfio_iommu_type1")
    os.unlink(case.tree.path("lib/modules"))
    case.use_kernel("host", VERSION, list(MODULES))
    lacks(case, "modules")


def test_built_in_vfio_counts(case):
    machine(case, kernel=False)
    case.use_kernel("builtin", VERSION, [], builtin=[module.path for module in MODULES])
    found = lacks(case, "modules")
    assert has(found, "pass", "modules", "built in")


def test_a_driver_that_a_rule_names(case):
    machine(case, config=f"bind {CARD}@0000:00:01.0/00.0+slot driver=mlx5_vfio_pci\n")
    shows(case, "fail", "modules", "mlx5_vfio_pci")
    case.tree.write("etc/early-vfio.conf", f"bind {CARD}@0000:00:01.0/00.0+slot driver=vfio-pc\n")
    shows(case, "fail", "modules", "vfio-pc")


def test_kernels_without_an_index(case):
    machine(case, kernel=False)
    os.makedirs(case.tree.path("lib/modules"))
    shows(case, "warn", "modules", "no kernel's modules")
    case.tree.mkdir(f"lib/modules/{VERSION}/kernel")
    shows(case, "fail", "modules", f"/lib/modules/{VERSION} has no modules.dep",
          f"depmod {VERSION}")
    case.tree.mkdir("lib/modules/5.10.0-old")
    shows(case, "warn", "modules", "/lib/modules/5.10.0-old", "a rest of a kernel")


# ---- rules

def test_notes_and_faulty_rules(case):
    machine(case)
    rows = (
        ("bind 10de:zz\n", "fail", "/etc/early-vfio.conf:2:11", "not a hexadecimal"),
        ("bind 10de,1c82\n", "fail", "/etc/early-vfio.conf:2", "write 10de:1c82"),
        ("bnd 10de:1c82\n", "fail", "/etc/early-vfio.conf:2:1", "no such directive"),
        ("keep class=0106 because\n", "fail", "/etc/early-vfio.conf:2", "because"),
        ("set timeout 0\n", "fail", "/etc/early-vfio.conf:2", "not valid here"),
        ("bind \"10de:1234 optional\n", "warn", "/etc/early-vfio.conf:2", "lone quote"),
    )
    good = f"bind {CARD}@0000:00:01.0/00.0+slot\n"
    for line, level, *parts in rows:
        case.tree.write("etc/early-vfio.conf", good + line)
        shows(case, level, "rule", *parts)
        case.tree.write("etc/early-vfio.conf", good)
        lacks(case, "rule")


def test_a_parameter_that_is_nearly_right(case):
    machine(case)
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/vmlinuz vfio-pc.ids=10de:2684\n")
    shows(case, "warn", "rule", "cmdline", "vfio-pc.ids")


def test_a_guard_that_no_longer_holds(case):
    """The line to write has the new place, and all else as it was."""
    machine(case, config=f"bind {CARD}@0000:02:00.0+slot\n", driver="nouveau")
    function(case, "pci0000:00/0000:00:02.0", "8086:460d", "060400", 3, "pcieport",
             secondary_bus_number="2\n")
    function(case, "pci0000:00/0000:00:02.0/0000:02:00.0", "144d:a80a", "010802", 4, "nvme")
    shows(case, "fail", "rule", "/etc/early-vfio.conf:1", "0000:02:00.0 is 144d:a80a there",
          "it is now at 0000:01:00.0", f"write: bind {CARD}@0000:00:01.0/00.0+slot")
    case.tree.write("etc/early-vfio.conf", f"bind {CARD}@0000:05:00.0\n")
    shows(case, "fail", "rule", "no such device there", "it is now at 0000:01:00.0",
          f"bind {CARD}@0000:00:01.0/00.0")
    case.tree.write("etc/early-vfio.conf", f"bind 144d:a80a,{CARD}@0000:05:00.0 driver=vfio-pci\n")
    shows(case, "fail", "rule", "it is now at 0000:01:00.0",
          f"write: bind 144d:a80a,{CARD}@0000:00:01.0/00.0 driver=vfio-pci")
    case.tree.write("etc/early-vfio.conf", "")
    case.tree.write("proc/cmdline", f"BOOT_IMAGE=/x early-vfio.bind={CARD}@0000:02:00.0\n")
    shows(case, "fail", "rule", "cmdline", f"early-vfio.bind={CARD}@0000:00:01.0/00.0")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x\n")
    case.tree.write("etc/early-vfio.conf", f"bind {CARD}@0000:01:00.0+slot\n")
    lacks(case, "rule")


def test_a_guard_with_twins(case):
    machine(case, config=f"bind {CARD}@0000:05:00.0\n")
    function(case, "pci0000:00/0000:00:03.0", "8086:460d", "060400", 3, "pcieport",
             secondary_bus_number="3\n")
    function(case, "pci0000:00/0000:00:03.0/0000:03:00.0", CARD, "030000", 4, "nouveau",
             boot_vga="1\n")
    shows(case, "fail", "rule", "one of 2 of its id",
          f"bind {CARD}@0000:00:01.0/00.0 or bind {CARD}@0000:00:03.0/00.0")


def test_guards_whose_device_is_gone(case):
    machine(case, config="bind 8086:1533@0000:01:00.0\n")
    shows(case, "fail", "rule", "nothing of that id", "early-vfio list")
    case.tree.write("etc/early-vfio.conf", f"keep {CARD}@0000:05:00.0\n")
    shows(case, "warn", "rule", "it is now at 0000:01:00.0",
          f"keep {CARD}@0000:00:01.0/00.0")


def test_missing_devices(case):
    machine(case, config="bind 8086:1533\n")
    shows(case, "fail", "rule", "/etc/early-vfio.conf:1", "no such device", "optional")
    case.tree.write("etc/early-vfio.conf", "bind 8086:1533 optional\nkeep class=0106\n")
    found = lacks(case, "rule")
    assert has(found, "pass", "rule", "8086:1533")


def test_the_remedy_fits_where_a_rule_stands(case):
    machine(case, config="")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x early-vfio.bind=8086:1533\n")
    shows(case, "fail", "rule", "cmdline: 8086:1533", "off the kernel's command line")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x\n")
    case.tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci ids=8086:1533\n")
    shows(case, "fail", "rule", "/etc/modprobe.d/vfio.conf:1", "take it out of ids=")


def test_an_optional_device_that_has_moved(case):
    machine(case, config=f"bind {CARD}@0000:05:00.0 optional\n")
    found = shows(case, "warn", "rule", "it is now at 0000:01:00.0",
                  f"write: bind {CARD}@0000:00:01.0/00.0 optional")
    assert not has(found, "fail", "rule")


def test_a_function_that_is_not_there_yet(case):
    machine(case, config="bind 0000:01:00.5\n")
    shows(case, "warn", "rule", "not there yet", "sriov_numvfs")
    case.tree.write("etc/early-vfio.conf", "bind 0000:01:00.5 optional\n")
    lacks(case, "rule")


def test_profiles(case):
    """Those of other boots are named, and looked at when asked for."""
    machine(case, config=f"bind {CARD}@0000:00:01.0/00.0+slot\n"
                         "bind 8086:1533 profile=gaming\nbind 8086:1534 profile=gaming\n")
    found = lacks(case, "rule")
    assert has(found, "pass", "rule", "profile gaming", "--profile gaming")
    assert sum("profile gaming" in finding["text"] for finding in found) == 1
    found = check(case, "--profile", "gaming")
    assert has(found, "fail", "rule", "/etc/early-vfio.conf:2", "no such device")
    assert not any("profile gaming" in finding["text"] for finding in found)
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x early-vfio.profile=gaming\n")
    shows(case, "fail", "rule", "/etc/early-vfio.conf:2", "no such device")
    lacks(case, "rule", "no bind line has it")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x early-vfio.profile=Gaming\n")
    shows(case, "warn", "rule", "profile Gaming: no bind line has it", "the config has gaming")
    case.tree.write("etc/early-vfio.conf", "bind 8086:1533\n")
    shows(case, "warn", "rule", "profile Gaming", "the config has none")


# ---- devices and groups

def test_a_target_that_is_not_bound(case):
    machine(case, driver="nouveau")
    shows(case, "warn", "device", "0000:01:00.0 10de:2684 is with nouveau now",
          "early-vfio bind 0000:01:00.0")
    for path in (GRAPHICS, AUDIO):
        set_driver(case, path, None)
    shows(case, "warn", "device", "with no driver now")
    for path in (GRAPHICS, AUDIO):
        set_driver(case, path, "vfio-pci")
    lacks(case, "device")


def test_a_device_that_the_host_is_to_have(case):
    machine(case, config=f"bind {CARD}\nkeep 10de:22ba\n")
    shows(case, "warn", "device", "0000:01:00.1", "with vfio-pci, and the host is to have it",
          "early-vfio release 0000:01:00.1")
    set_driver(case, AUDIO, "snd_hda_intel")
    lacks(case, "device")


def root_on(case, path):
    """The machine's / is on a disk of this function."""
    case.tree.block(f"{path}/nvme/nvme0/nvme0n1", "259:0")
    case.tree.block(f"{path}/nvme/nvme0/nvme0n1/nvme0n1p1", "259:1")
    case.tree.mount("259:1", "/", "ext4", "/dev/nvme0n1p1")


def test_a_protected_device(case):
    disk = "pci0000:00/0000:00:06.0"
    machine(case, config=f"bind {CARD}@0000:00:01.0/00.0+slot\nbind 144d:a80a\n")
    function(case, disk, "144d:a80a", "010802", 5, "nvme")
    root_on(case, disk)
    shows(case, "fail", "device", "/etc/early-vfio.conf:2", "0000:00:06.0 144d:a80a is left",
          "holds / (nvme0n1p1)", "+force")
    case.tree.write("etc/early-vfio.conf", f"bind {CARD}@0000:00:01.0/00.0+slot\n")
    found = lacks(case, "device")
    assert has(found, "pass", "protection", "0000:00:06.0 is protected: holds / (nvme0n1p1)")
    assert not has(found, "warn", "protection")


def test_what_cannot_be_traced(case):
    machine(case)
    os.unlink(case.tree.path("proc/self/mountinfo"))
    shows(case, "warn", "protection", "cannot be traced here")


def test_the_boot_display(case):
    """One of several cards is spared: a warning. The rule binds nothing else: a failure."""
    machine(case, config=f"bind {CARD}\n")
    lacks(case, "device")
    function(case, "pci0000:00/0000:00:03.0", "8086:460d", "060400", 3, "pcieport",
             secondary_bus_number="3\n")
    function(case, "pci0000:00/0000:00:03.0/0000:03:00.0", CARD, "030000", 4, "nouveau",
             boot_vga="1\n")
    shows(case, "warn", "device", "0000:03:00.0", "the boot display")
    case.tree.write("etc/early-vfio.conf", f"bind {CARD}\nkeep 0000:01:00.0\n")
    shows(case, "fail", "device", "0000:03:00.0", "the boot display")


def test_a_group_that_cannot_be_given_away(case):
    machine(case)
    function(case, f"{PORT}/0000:01:01.0", "8086:1533", "020000", 2, "igb")
    found = shows(case, "fail", "group", "group 2", "0000:01:01.0 stays with igb",
                  "bind 8086:1533@0000:00:01.0/01.0")
    assert not has(found, "pass", "group")
    set_driver(case, f"{PORT}/0000:01:01.0", "vfio-pci")
    lacks(case, "group")


def test_a_function_of_the_slot_that_stays(case):
    machine(case, config=f"bind {CARD}@0000:00:01.0/00.0\n")
    set_driver(case, AUDIO, None)
    shows(case, "warn", "group", "0000:01:00.1", "+slot")
    case.tree.write("etc/early-vfio.conf", f"bind {CARD}@0000:00:01.0/00.0+slot\n")
    lacks(case, "group")


# ---- the command line and the last boot

def test_a_switch_on_the_command_line(case):
    machine(case)
    for parameter, part in (("early-vfio.mode=off", "no device is taken"),
                            ("early-vfio.mode=plan", "only said"),
                            ("early-vfio.config=off", "the config does not count")):
        lacks(case, "command-line")
        case.tree.write("proc/cmdline", f"BOOT_IMAGE=/x {parameter}\n")
        shows(case, "warn", "command-line", part, "reboot without it")
        case.tree.append("etc/default/grub", f'GRUB_CMDLINE_LINUX="{parameter}"\n')
        shows(case, "fail", "command-line", part, f"take {parameter} out of GRUB")
        case.tree.write("etc/default/grub", "")
        case.tree.write("proc/cmdline", "BOOT_IMAGE=/x\n")


def test_what_the_command_line_names_in_vain(case):
    machine(case)
    for text, part in (("early-vfio.bind= l0de:1c82,10de:0fb9", "l0de:1c82,10de:0fb9 "),
                       ("early-vfio.bind=", "early-vfio.bind= "),
                       ('"vfio-pci.ids10de:1c82"', '"vfio-pci.ids10de:1c82" '),
                       ("vfio -pci.ids=10de:1c82", "-pci.ids=10de:1c82 "),
                       ("early-v fio.bind=0000:09:00.0", "fio.bind=0000:09:00.0 "),
                       ("vfio 10de:1c82", "10de:1c82 ")):
        case.tree.write("proc/cmdline", f"BOOT_IMAGE=/x {text} quiet\n")
        shows(case, "warn", "command-line", f"{part}on the kernel's command line",
              "write early-vfio.bind=")
    case.tree.write("proc/cmdline", "root=08:01 usb-storage.quirks=152d:0578:u pci-stub.ids=1:2 "
                    "ip=10.0.0.1::10.0.0.2:255.255.255.0:h:eth0:off ifname=eth0:aa:bb:cc:dd:ee:ff "
                    "pci=disable_acs_redir=0000:00:1c.0 xen-pciback.hide=(0000:01:00.0) "
                    f"vfio-pci.ids={CARD},{CARD}, early-vfio.bind={CARD} -- vfio 10de:1c82\n")
    lacks(case, "command-line")


def test_rules_are_looked_at_under_the_kill_switch(case):
    machine(case, config="bind 10de:zz\n")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x early-vfio.mode=off\n")
    shows(case, "fail", "rule", "not a hexadecimal")


def test_ids_in_two_places(case):
    machine(case, config="")
    case.tree.write("etc/modprobe.d/vfio.conf", f"# first\noptions vfio-pci ids={CARD}\n")
    lacks(case, "leftover")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x vfio-pci.ids=10de:22ba\n")
    shows(case, "warn", "leftover", "/etc/modprobe.d/vfio.conf:2", "does not count")


def test_ids_beside_a_rule_that_names_one(case):
    machine(case)
    case.tree.write("etc/modprobe.d/vfio.conf", f"options vfio-pci ids=10de:22ba,{CARD}\n")
    found = shows(case, "warn", "leftover", "/etc/modprobe.d/vfio.conf:1",
                  f"takes every {CARD}, where /etc/early-vfio.conf:1 names one",
                  "take that id out of ids=")
    assert not has(found, "warn", "leftover", "22ba")
    case.tree.write("etc/early-vfio.conf", f"bind {CARD}\n")
    lacks(case, "leftover")


def test_the_binder_did_not_run(case):
    machine(case, driver="nouveau")
    shows(case, "warn", "last-boot", "did not run at this boot")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x early-vfio.mode=off\n")
    lacks(case, "last-boot")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x\n")
    case.tree.write("run/early-vfio/report.json", '{"version": 1, "devices": []}\n')
    lacks(case, "last-boot")
    os.unlink(case.tree.path("run/early-vfio/report.json"))
    for path in (GRAPHICS, AUDIO):
        set_driver(case, path, "vfio-pci")
    lacks(case, "last-boot")


def test_what_failed_at_this_boot(case):
    machine(case)
    device = ('{{"address": "0000:01:00.0", "id": "10de:2684", "decision": "bind", '
              '"reason": "unbind failed: EBUSY", "result": {}, "step": {}, "error": "EBUSY"}}')
    report = '{{"version": 1, "devices": [\n  {}],\n "rules": []}}\n'
    for result, step, is_bad in (('"bound"', "null", False), ('"failed"', '"unbind"', True),
                                 ('"isolated"', "null", True), ('"restored"', "null", True),
                                 ('"released"', "null", True), ("null", "null", False)):
        case.tree.write("run/early-vfio/report.json", report.format(device.format(result, step)))
        set_driver(case, GRAPHICS, "nouveau")
        found = check(case)
        assert has(found, "fail", "last-boot", "0000:01:00.0", "EBUSY") == is_bad, result
        # Bound by hand since then.
        set_driver(case, GRAPHICS, "vfio-pci")
        found = check(case)
        assert has(found, "warn", "last-boot", "0000:01:00.0") == is_bad, result
        assert not has(found, "fail", "last-boot")
    # Given back, for the root device did not appear: as heal reports it.
    set_driver(case, GRAPHICS, "nouveau")
    for result, is_bad in (('"released"', True), ("null", False)):
        case.tree.write("run/early-vfio/report.json", report.format(
            device.format(result, "null").replace('"bind"', '"refuse"')))
        assert has(check(case), "fail", "last-boot", "0000:01:00.0") == is_bad, result
    # The rule was taken out.
    case.tree.write("run/early-vfio/report.json", report.format(device.format('"failed"', "null")))
    case.tree.write("etc/early-vfio.conf", "keep 0000:01:00.0\n")
    lacks(case, "last-boot")


# ---- leftovers

def test_leftovers_of_modprobe(case):
    machine(case)
    rows = (
        ("softdep nouveau pre: vfio-pci\n", "needless"),
        ("softdep snd_hda_intel pre: x vfio_pci post: y\n", "needless"),
        ("softdep vfio-pci post: nvidia\n", "does not load what is to come after"),
        ("blacklist nouveau\n", "0000:01:00.0 is bound before"),
        ("install nouveau /bin/false\n", "0000:01:00.0 is bound before"),
        ("install vfio-pci /usr/local/bin/override.sh\n", "without this command"),
        ("softdep nouveau pre: \\\n   vfio-pci\n", "needless"),
        ("options vfio-pci id=10de:2684\n", "its devices are not taken"),
    )
    harmless = ("blacklist snd_pcsp\n", "softdep a pre: b\n", "# softdep nouveau pre: vfio-pci\n",
                "softdep vfio-pci pre: a\n", "install b /bin/true\n",
                "options vfio-pci disable_vga=1\n", "softdep vfio-pci\nblacklist\n")
    for text, part in rows:
        case.tree.write("etc/modprobe.d/old.conf", "#\n" + text)
        shows(case, "warn", "leftover", "/etc/modprobe.d/old.conf:2", part)
    for text in harmless:
        case.tree.write("etc/modprobe.d/old.conf", text)
        lacks(case, "leftover")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x modprobe.blacklist=a,nouveau\n")
    shows(case, "warn", "leftover", "takes nouveau from other devices",
          "take modprobe.blacklist=a,nouveau out of")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x modprobe.blacklist=vfio-pci\n")
    shows(case, "warn", "leftover", "keeps vfio from being loaded")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x module_blacklist=x,vfio_pci\n")
    shows(case, "fail", "leftover", "keeps vfio from being loaded",
          "take module_blacklist=x,vfio_pci out of")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x module_blacklist=x\n")
    lacks(case, "leftover")


def test_lists_of_modules(case):
    machine(case)
    rows = (
        ("etc/initramfs-tools/modules", "# vfio\nvfio_pci disable_vga=1\n", 2),
        ("etc/modules", "loop\nvfio\n", 2),
        ("etc/modules-load.d/vfio.conf", "vfio-pci\n", 1),
        ("etc/dracut.conf.d/vfio.conf", 'force_drivers+=" vfio_pci vfio "\n', 1),
        ("etc/dracut.conf", "add_drivers+=' vfio '\n", 1),
        ("etc/mkinitcpio.conf", "#\nMODULES=(vfio_pci vfio)\n", 2),
    )
    harmless = (("etc/modules", "# vfio\nloop\n"), ("etc/dracut.conf", "install_items+=' /x/vfio '\n"),
                ("etc/modules-load.d/x.txt", "vfio\n"), ("etc/mkinitcpio.conf", "HOOKS=(vfio)\n"))
    for path, text, line in rows:
        case.tree.write(path, text)
        shows(case, "warn", "leftover", f"/{path}:{line}:", "needless")
        os.unlink(case.tree.path(path))
    case.tree.write("etc/initramfs-tools/modules", "vfio_pci ids=10de:2684\n")
    shows(case, "warn", "leftover", "/etc/initramfs-tools/modules:1: ids= here",
          "write bind lines")
    os.unlink(case.tree.path("etc/initramfs-tools/modules"))
    case.tree.write("etc/modules", "vfio\n")
    case.tree.mkdir("etc/modules-load.d")
    os.symlink("../modules", case.tree.path("etc/modules-load.d/modules.conf"))
    assert sum(finding["check"] == "leftover" for finding in check(case)) == 1
    for path, text in harmless:
        case.tree.write(path, text)
        lacks(case, "leftover")


def test_virqfd_where_it_is_gone(case):
    machine(case, kernel=False)
    case.tree.write("etc/modules", "vfio_virqfd\n")
    for version, is_gone in (("6.1.0-test", False), ("6.2.0-test", True), ("5.15.0", False),
                             ("6.12.0+deb13", True), ("7.0", True), ("6.10", True)):
        case.tree.mkdir(f"lib/modules/{version}")
        found = check(case)
        assert has(found, "warn", "leftover", "/etc/modules:1", version) == is_gone, version
        os.rmdir(case.tree.path(f"lib/modules/{version}"))


def test_driverctl(case):
    machine(case)
    case.tree.write("etc/driverctl.d/0000:01:00.0", "vfio-pci\n")
    case.tree.write("etc/driverctl.d/0000:00:01.0", "pcieport\n")
    found = shows(case, "warn", "leftover", "/etc/driverctl.d/0000:01:00.0",
                  "driverctl unset-override 0000:01:00.0")
    assert not has(found, "warn", "leftover", "0000:00:01.0 ")
    case.tree.write("etc/driverctl.d/0000:01:00.0", "nouveau\n")
    shows(case, "fail", "leftover", "to nouveau after boot")
    os.unlink(case.tree.path("etc/driverctl.d/0000:01:00.0"))
    lacks(case, "leftover")


def test_scripts_of_guides(case):
    machine(case)
    body = "#!/bin/sh\n{}\nfor d in 0000:01:00.0; do\n\techo vfio-pci >/sys/bus/pci/devices/$d/{}\ndone\n"
    rows = (("vfio.sh", "PREREQ=", "driver_override", "after udev"),
            ("a-vfio", 'PREREQ=""', "driver_override", "early-vfio does so"),
            ("a-vfio", 'PREREQ="udev"', "driver_override", "after udev"),
            ("zz", "", "driver_override", "after udev"),
            ("a-vfio", "PREREQ=", "power/control", None))
    for name, prereq, what, part in rows:
        path = f"etc/initramfs-tools/scripts/init-top/{name}"
        case.tree.write(path, body.format(prereq, what))
        if part:
            shows(case, "warn", "leftover", f"/{path} sets drivers too", part,
                  "early-vfio import")
        else:
            lacks(case, "leftover")
        os.unlink(case.tree.path(path))


# ---- images and permissions

def test_images(case):
    machine(case)
    build_image(case)
    lacks(case, "image")
    for without, part in (("usr/sbin/early-vfio", "the binder is missing"),
                          ("scripts/init-top/early-vfio", "nothing runs the binder"),
                          ("etc/early-vfio.conf", "no /etc/early-vfio.conf")):
        build_image(case, without=(without,))
        shows(case, "fail", "image", f"/boot/initrd.img-{VERSION}: ", part)
    build_image(case)
    case.tree.append("etc/early-vfio.conf", "keep class=0106\n")
    shows(case, "fail", "image", "the config has changed", f"update-initramfs -u -k {VERSION}")
    build_image(case)
    lacks(case, "image")


def test_an_image_of_a_chroot_is_built_anew(case):
    """Made where nothing could be traced, and now it can be."""
    disk = "pci0000:00/0000:00:06.0"
    machine(case)
    build_image(case)
    function(case, disk, "144d:a80a", "010802", 5, "nvme")
    root_on(case, disk)
    shows(case, "fail", "image", "protects nothing", "update-initramfs -u")
    build_image(case)
    lacks(case, "image")


def test_where_images_are(case):
    machine(case)
    image = case.tree.path(f"boot/initrd.img-{VERSION}")
    os.unlink(image)
    shows(case, "fail", "image", "no image", f"update-initramfs -c -k {VERSION}")
    os.unlink(case.tree.path("usr/sbin/update-initramfs"))
    case.tree.write("usr/bin/dracut", "")
    shows(case, "fail", "image", f"dracut --force --kver {VERSION}")
    case.tree.write("etc/machine-id", "0123\n")
    for path in (f"boot/initramfs-{VERSION}.img", f"boot/initrd-{VERSION}",
                 f"boot/efi/0123/{VERSION}/initrd.img-{VERSION}"):
        build_image(case, path)
        found = lacks(case, "image")
        assert has(found, "pass", "image", f"/{path}"), path
        os.unlink(case.tree.path(path))
    case.tree.write("etc/kernel/entry-token", "debian\n")
    build_image(case, f"efi/debian/{VERSION}/initrd")
    assert has(lacks(case, "image"), "pass", "image", f"/efi/debian/{VERSION}/initrd")
    os.unlink(case.tree.path(f"efi/debian/{VERSION}/initrd"))
    case.tree.write(f"efi/EFI/Linux/abc-{VERSION}.efi", "MZ")
    shows(case, "fail", "image", f"/efi/EFI/Linux/abc-{VERSION}.efi: ")


def test_an_extra_initrd(case):
    """With one, the image itself may be without us."""
    machine(case)
    extra = case.tree.path("boot/early-vfio.cpio")
    case.tree.write("usr/lib/early-vfio/binder", "binder\n")
    case.run("generate", "--cpio", extra, "--kernel", VERSION, "--sysroot", case.tree.root)
    assert case.status == 0
    shows(case, "fail", "image", f"/boot/initrd.img-{VERSION}: ")
    case.tree.write("proc/cmdline", "BOOT_IMAGE=/x rdinit=/early-vfio/binder\n")
    found = lacks(case, "image")
    assert has(found, "pass", "image", "/boot/early-vfio.cpio is current")
    case.tree.append("etc/early-vfio.conf", "keep class=0106\n")
    shows(case, "fail", "image", "/boot/early-vfio.cpio: ", "the config has changed")
    os.unlink(extra)
    shows(case, "warn", "image", "an extra initrd", "early-vfio verify FILE")


def test_an_image_without_a_rule_may_be_as_it_is(case):
    machine(case, config=None, driver=None)
    os.unlink(case.tree.path(f"boot/initrd.img-{VERSION}"))
    lacks(case, "image")


def test_an_image_that_only_root_may_read(case):
    if os.geteuid() != 0:
        raise Skipped("not root")
    machine(case)
    build_image(case)
    os.chmod(case.top, 0o755)
    os.chmod(case.tree.path(f"boot/initrd.img-{VERSION}"), 0o600)
    try:
        found = shows(case, "warn", "image", "by root only", "sudo early-vfio check",
                      user=65534, group=65534, extra_groups=[])
    except PermissionError as error:
        raise Skipped(f"no other user can run it: {error}") from error
    assert not has(found, "fail", "image")
    lacks(case, "image")


def test_who_may_write_the_config(case):
    machine(case)
    case.tree.write("etc/early-vfio.conf.d/a.conf", "")
    paths = ("etc/early-vfio.conf", "etc/early-vfio.conf.d", "etc/early-vfio.conf.d/a.conf", "etc",
             "")
    for path in paths:
        for mode, who in ((0o020, "its group"), (0o002, "everybody")):
            old = os.stat(case.tree.path(path)).st_mode & 0o7777
            os.chmod(case.tree.path(path), old & ~0o022 | mode)
            shows(case, "fail", "permissions", f"/{path} may be written by {who}",
                  f"chmod go-w /{path}")
            os.chmod(case.tree.path(path), old & ~0o022)
            lacks(case, "permissions")


def test_who_owns_the_config(case):
    if os.geteuid() != 0:
        raise Skipped("not root")
    machine(case)
    os.chown(case.tree.path("etc/early-vfio.conf"), 12345, 0)
    shows(case, "fail", "permissions", "/etc/early-vfio.conf belongs to user 12345",
          "chown root:root /etc/early-vfio.conf")
    os.chown(case.tree.path("etc/early-vfio.conf"), 0, 12345)
    lacks(case, "permissions")


def test_who_may_change_where_a_link_leads(case):
    machine(case, config=None)
    case.tree.write("srv/a/vfio.conf", f"bind {CARD}@0000:00:01.0/00.0+slot\n")
    case.tree.link("srv/b/second.conf", "../b/../a/vfio.conf")
    case.tree.link("etc/early-vfio.conf", "../srv/b/second.conf")
    for path, shown in (("srv", "/etc/../srv"), ("srv/b", "/etc/../srv/b"),
                        ("srv/a", "/etc/../srv/b/../b/../a"),
                        ("srv/a/vfio.conf", "/etc/early-vfio.conf")):
        lacks(case, "permissions")
        os.chmod(case.tree.path(path), 0o777)
        shows(case, "fail", "permissions", f"{shown} may be written by everybody")
        os.chmod(case.tree.path(path), 0o755)


def test_a_config_whose_name_is_no_word(case):
    machine(case)
    for name in ("a b.conf", "a\nb.conf", "\033[31m.conf"):
        case.tree.write(f"etc/early-vfio.conf.d/{name}", "")
        case.run("check", "--sysroot", case.tree.root)
        assert "is not read: its name is no single word" in " ".join(case.stdout.split())
        assert "\033" not in case.stdout
        os.unlink(case.tree.path(f"etc/early-vfio.conf.d/{name}"))


def test_what_is_escaped_is_escaped_once(case):
    machine(case)
    case.tree.write("etc/early-vfio.conf.d/z.conf", "bind 0000:03:00.0 profile=\033x\n")
    case.run("check", "--sysroot", case.tree.root)
    assert "\\x1b: has no meaning" in " ".join(case.stdout.split())


def test_a_config_that_cannot_be_read(case):
    machine(case)
    case.tree.mkdir("etc/early-vfio.conf.d/a.conf")
    shows(case, "fail", "permissions", "/etc/early-vfio.conf.d/a.conf cannot be read")


# ---- real machines

def test_recorded_machines(case):
    """No machine ends it, and each gets an answer about IOMMU and devices."""
    machines = sorted(Path(os.environ.get("EARLY_VFIO_CORPUS", "../shared/corpus"),
                           "machines").glob("*.pci"))
    if not machines:
        raise Skipped("no recorded machines")
    config = "config=bind class=03@not-boot-vga+slot\\nbind class=0c03\\nkeep class=0106\\n"
    for number, path in enumerate(machines[::max(1, len(machines) // 12)]):
        cpu = ("GenuineIntel", "AuthenticAMD")[number % 2]
        case.tree.root = str(case.top / case.name / f"machine{number}")
        subprocess.run([sys.executable, "-B", "tests/ns/sysfs-tree", case.tree.root, f"cpu={cpu}",
                        config], input=path.read_bytes(), check=True)
        found = check(case)
        assert any(finding["check"] == "iommu" for finding in found), path
        assert any(finding["check"] in ("device", "rule") for finding in found), path
