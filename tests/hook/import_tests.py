# SPDX-License-Identifier: GPL-2.0-or-later
"""import: what other set-ups take, as they are written in the wild, and the lines that take the
same."""

import os

from editing import Editing, recorded

MODPROBE = "etc/modprobe.d/vfio.conf"
UNRAID = "boot/config/vfio-pci.cfg"


def shown(edit):
    """The lines that import would write, without comments."""
    lines = edit.case.stdout.splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith(("lines for ", "added to "))]
    if not starts:
        return []
    rest = lines[starts[0] + 1:]
    rest = rest[:rest.index("")] if "" in rest else rest
    return [line.split("  #")[0].strip() for line in rest]


def gives(edit, *expected, status=0):
    """Shown first, nothing written; written; and then there is no more to write."""
    before = edit.config
    edit.run("import", status=status)
    assert shown(edit) == list(expected), (shown(edit), edit.case.stderr)
    assert edit.config == before
    edit.run("import", "--write", status=status)
    assert shown(edit) == list(expected)
    assert edit.rules()[-len(expected):] == list(expected) if expected else edit.config == before
    written = edit.config
    edit.run("import", "--write", status=status)
    assert shown(edit) == [] and edit.config == written, "the second time writes again"


def card(edit, bus, ids, audio, group, boot_vga, port):
    edit.bridge(f"0000:00:{port:02x}.0", bus)
    edit.device(f"0000:00:{port:02x}.0/0000:{bus:02x}:00.0", ids, "030000", group,
                boot_vga=f"{boot_vga}\n")
    edit.device(f"0000:00:{port:02x}.0/0000:{bus:02x}:00.1", audio, "040300", group)


def test_a_card_in_a_crowded_group(case):
    edit = Editing(case)
    case.tree.write("etc/kernel/cmdline",
                    "iommu=pt vfio_pci.ids=10de:2504,10de:228e vfio_pci.disable_vga=1\n")
    card(edit, 7, "10de:2504", "10de:228e", 12, 0, 1)
    edit.device("0000:00:08.0", "1022:1483", "060400", 12, driver="pcieport")
    for address, ids, pci_class, driver in (("0a.0", "2646:2263", "010802", "nvme"),
                                            ("0b.0", "1022:43c8", "010601", "ahci"),
                                            ("0c.0", "10ec:8168", "020000", "r8169")):
        edit.device(f"0000:00:{address}", ids, pci_class, 12, driver=driver)
    edit.run("import")
    for driver in ("nvme", "ahci", "r8169"):
        edit.prints("group 12", driver)
    edit.prints_not("pcieport")
    gives(edit, "bind 10de:2504@0000:00:01.0/00.0", "bind 10de:228e@0000:00:01.0/00.1")
    edit.prints("/etc/kernel/cmdline:1: vfio-pci.ids")


def test_two_equal_cards_of_which_one_drives_the_screen(case):
    edit = Editing(case)
    case.tree.write("proc/cmdline", "vfio-pci.ids=1002:67df,1002:aaf0\n")
    card(edit, 3, "1002:67df", "1002:aaf0", 1, 1, 1)
    card(edit, 10, "1002:67df", "1002:aaf0", 2, 0, 2)
    gives(edit, "bind 1002:67df@0000:00:02.0/00.0", "bind 1002:aaf0@0000:00:02.0/00.1", status=1)
    edit.says("0000:03:00.0", "left out", "boot display")
    edit.says("0000:03:00.1", "left out")
    edit.prints("until vfio-pci.ids is gone")


def sriov(edit):
    for number, (bus, ids) in enumerate(((5, "8086:1528"), (8, "8086:125c"), (9, "8086:125c"))):
        edit.bridge(f"0000:00:1c.{number}", bus)
        edit.device(f"0000:00:1c.{number}/0000:{bus:02x}:00.0", ids, "020000", 20 + bus)
    edit.device("0000:00:1c.0/0000:05:00.1", "8086:1528", "020000", 40)
    edit.device("0000:00:02.0", "8086:4692", "030000", 50, driver="i915", sriov_totalvfs="7\n")


BIND = ("BIND=0000:05:00.0|8086:1528 0000:05:00.1|8086:1528 0000:08:00.0|8086:125c "
        "0000:09:00.0|8086:125c 0000:00:02.1|8086:4692 0000:00:02.2|8086:4692")


def test_functions_that_are_not_there_yet(case):
    edit = Editing(case)
    sriov(edit)
    case.tree.write(UNRAID, BIND + "\n")
    gives(edit, "bind 8086:1528@0000:00:1c.0/00.0", "bind 8086:1528@0000:00:1c.0/00.1",
          "bind 8086:125c@0000:00:1c.1/00.0", "bind 8086:125c@0000:00:1c.2/00.0",
          "bind 8086:4692@0000:00:02.1", "bind 8086:4692@0000:00:02.2")
    edit.says("0000:00:02.1", "not there yet")
    edit.prints("/boot/config/vfio-pci.cfg:1: BIND")
    case.run("plan", "--sysroot", case.tree.root)
    assert case.status == 1
    assert case.stdout.count(" bind ") == 4 and case.stdout.count(" defer ") == 2, case.stdout


def test_odd_bind_lines(case):
    edit = Editing(case)
    sriov(edit)
    rows = (
        # text, what is bound, what is said
        ("BIND=05:00.0", ["8086:1528@0000:00:1c.0/00.0"], None),
        ('BIND="0000:05:00.0"\r\n', ["8086:1528@0000:00:1c.0/00.0"], None),
        ("\xef\xbb\xbfBIND=0000:05:00.0|8086:1528", ["8086:1528@0000:00:1c.0/00.0"], None),
        ("# c\n\nBIND=0000:05:00.00|8086:1528\n", ["8086:1528@0000:00:1c.0/00.0"], None),
        ("BIND=0000:05:00.08|8086:1528\n", [], [":1:6:", "a function is 0 to 7"]),
        ("BIND=0000:05:00.0|8086:1528:\n", [], [":1:6:", "VENDOR:DEVICE"]),
        ("BIND=0000:05:00.0|05:00.0\n", [], [":1:6:", "no VENDOR:DEVICE"]),
        ("BIND=8086:1528\n", [], [":1:6:", "no address"]),
        ("BIND=0000:05:00.0|8086:1528 |\n", ["8086:1528@0000:00:1c.0/00.0"], [":1:29:"]),
        ("BIND=05:00\n", [], ["05:00.0"]),
        ("BIND=\n", [], None),
        ("x\nVFS=1\n", [], [":2:1:", "no BIND= line"]),
    )
    for text, bound, said in rows:
        edit.write("")
        case.tree.write(UNRAID, text.encode("latin-1"))
        edit.run("import", status=1 if said else 0)
        assert shown(edit) == [f"bind {spec}" for spec in bound], (text, case.stdout)
        if said:
            edit.says("vfio-pci.cfg", *said)


def test_the_guard_does_not_hold(case):
    edit = Editing(case)
    edit.bridge("0000:00:1c.0", 5)
    edit.device("0000:00:1c.0/0000:05:00.0", "2646:5024", "010802", 1, driver="nvme")
    case.tree.write(UNRAID, "BIND=0000:05:00.0|8086:1528\n")
    gives(edit, status=1)
    edit.says("vfio-pci.cfg:1", "left out", "0000:05:00.0", "2646:5024", "8086:1528")


def test_one_function_forgotten(case):
    edit = Editing(case)
    edit.bridge("0000:00:01.0", 0x26)
    for function, ids, pci_class in ((0, "10de:1e84", "030000"), (1, "10de:10f8", "040300"),
                                     (2, "10de:1ad8", "0c0330"), (3, "10de:1ad9", "0c8000")):
        edit.device(f"0000:00:01.0/0000:26:00.{function}", ids, pci_class, 1,
                    driver="xhci_hcd" if function == 2 else None)
    edit.device("0000:00:14.0", "8086:a2af", "0c0330", 2, driver="xhci_hcd")
    case.tree.write(MODPROBE, "options vfio-pci ids=10de:1e84,10de:10f8,10de:1ad9\n")
    edit.run("import")
    edit.prints("0000:26:00.2", "xhci_hcd")
    gives(edit, "bind 10de:1e84@0000:00:01.0/00.0", "bind 10de:10f8@0000:00:01.0/00.1",
          "bind 10de:1ad9@0000:00:01.0/00.3")


def test_twins_of_the_boot_pool(case):
    edit = Editing(case)
    for number, bus in enumerate((0x06, 0x07, 0x83, 0x84)):
        edit.bridge(f"0000:00:1c.{number}", bus)
        path = f"0000:00:1c.{number}/0000:{bus:02x}:00.0"
        edit.device(path, "2646:5024", "010802", 10 + number)
        case.tree.block(f"pci0000:00/{path}/nvme/nvme{number}/nvme{number}n1", f"259:{number}")
    for bus in (0x42, 0xe6):
        for function in (0, 1):
            case.tree.pci(f"pci0000:{bus - 1:02x}/0000:{bus:02x}:00.{function}", "1022:7901",
                          "010601")
    case.tree.virtual("md0", "9:0", ["pci0000:00/0000:00:1c.2/0000:83:00.0/nvme/nvme2/nvme2n1",
                                     "pci0000:00/0000:00:1c.3/0000:84:00.0/nvme/nvme3/nvme3n1"])
    case.tree.mount("9:0", "/", "ext4", "/dev/md0")
    case.tree.write("etc/kernel/cmdline",
                    "vfio-pci.ids=1cc1:8201,2646:5024,1022:7901,8086:2700,1bb1:5018\n")
    gives(edit, "bind 1cc1:8201", "bind 2646:5024@0000:00:1c.0/00.0",
          "bind 2646:5024@0000:00:1c.1/00.0", "bind 1022:7901@0000:42:00.0",
          "bind 1022:7901@0000:42:00.1", "bind 1022:7901@0000:e6:00.0",
          "bind 1022:7901@0000:e6:00.1", "bind 8086:2700", "bind 1bb1:5018", status=1)
    for address in ("0000:83:00.0", "0000:84:00.0"):
        edit.says("left out", address, "holds /")
    edit.says("1cc1:8201", "no such device")


def one(edit, ids="10de:1c82"):
    edit.device("0000:00:05.0", ids, "120000", 5)
    edit.device("0000:00:06.0", "10de:0fb9", "120000", 6)


def test_ids_as_people_write_them(case):
    first, second = "bind 10de:1c82@0000:00:05.0", "bind 10de:0fb9@0000:00:06.0"
    edit = Editing(case)
    one(edit)
    rows = (
        # file, text, lines, status, what is said
        (MODPROBE, "options vfio-pci ids=10de,1c82 disable_vga=1\n", [], 1,
         ["vfio.conf:1:22:", "10de:1c82"]),
        (MODPROBE, "options vfio-pci ids=10de:1c82,10de:0fb9,\n", [first, second], 0, None),
        (MODPROBE, "options vfio-pci ids = 10de:1c82\n", [], 1,
         ["vfio.conf:1:18:", "right behind ids="]),
        ("etc/cmdline.d/vfio.conf", "# old: vfio-pci.ids=10de:0fb9\nvfio-pci.ids=10de:1c82\n", [first],
         0, None),
        ("proc/cmdline", "quiet ['vfio-pci.ids=10de:1c82']\n", [], 1,
         ["/proc/cmdline:1:1:", "none can be read"]),
        (MODPROBE, "options vfio_pci ids=10de:1c82, 10de:0fb9\n", [first], 1,
         ["vfio.conf:1:33:", "10de:0fb9", "blank"]),
        (MODPROBE, "options vfio_pci ids=10de:1c82 , 10de:0fb9\n", [first], 1,
         ["vfio.conf:1:34:", "10de:0fb9", "blank"]),
        (MODPROBE, "options vfio-pci id=10de:1c82\n", [], 1, ["vfio.conf:1:18:", "behind ids="]),
        (MODPROBE, "options vfio-pci 10de:1c82\n", [], 1, ["vfio.conf:1:18:", "behind ids="]),
        (MODPROBE, "options vfio-pci ids10de:1c82\n", [], 1,
         ["vfio.conf:1:18:", "behind ids="]),
        (MODPROBE, "options vfi-pci ids=10de:1c82\n", [], 1,
         ["vfio.conf:1:17:", "options vfio-pci ids="]),
        (MODPROBE, "options vfio ids=10de:1c82\n", [], 1,
         ["vfio.conf:1:14:", "options vfio-pci ids="]),
        ("proc/cmdline", "quiet vfio-pci.ids=10de:1c82 , 10de:0fb9\n", [first], 1,
         ["/proc/cmdline:1:32:", "10de:0fb9"]),
        (MODPROBE, "options vfio-pci disable_vga=1 \\\n  ids=10de:1c82,10de:0fb9\n",
         [first, second], 0, None),
        ("etc/initramfs-tools/modules", "vfio\nvfio_pci ids=10de:1c82\n", [first], 0, None),
        ("etc/modules", "pci-stub ids=10de:1c82\n#vfio_pci ids=10de:0fb9\n", [first], 0, None),
        ("etc/modules", "vfio-pci ids=10de:1c82, 10de:0fb9\n", [first], 1,
         ["modules:1:25:", "blank"]),
        ("etc/modules-load.d/vfio.conf", "options vfio_pci ids=10de:1c82\n", [], 1,
         ["vfio.conf:1:1:", "list of modules"]),
        ("etc/initramfs-tools/modules", "vfio ids=10de:1c82\n", [], 1,
         ["modules:1:1:", "list of modules"]),
        ("usr/lib/modprobe.d/vfio.conf", "options vfio-pci ids=10de:1c82\n", [first], 0, None),
        (MODPROBE, "options vfio-pci ids=10de:1c82 # 10de:0fb9, ids=10de:0fb9\n", [first], 0, None),
        (MODPROBE, "#options vfio-pci ids=10de:1c82\noptions kvm ids=10de:0fb9\n", [], 0, None),
        (MODPROBE, "options pci-stub ids=10de:1c82\n", [first], 0, None),
        (MODPROBE, "alias pci:v000010DEd00001C82sv* vfio-pci\n", [], 1, ["vfio.conf:1:1:", "alias"]),
        ("proc/cmdline", "quiet vfio-pci.ids=10de:1c82, 10de:0fb9 splash\n", [first], 1,
         ["/proc/cmdline:1:31:", "10de:0fb9"]),
        ("proc/cmdline", "vfio-pci.ids=10de:1c82,10de:1c82,10de:1c82\n", [first], 0, None),
        ("proc/cmdline", "vfio-pci.ids=10de:0fb9 vfio_pci.ids=10de:1c82\n", [second, first], 0,
         ["/proc/cmdline:1:24:", "all count"]),
        ("proc/cmdline", 'root=ZFS=rpool/ROOT "vfio-pci.ids=10de:1c82,10de:0fb9"\n',
         [first, second], 0, None),
        ("proc/cmdline", 'vfio-pci.ids="10de:1c82,10de:0fb9"\n', [first, second], 0, None),
        ("proc/cmdline", 'vfio-pci.ids=10de:1c82,10de:0fb9"\n', [first, second], 0,
         ["/proc/cmdline:1:1:", "lone quote"]),
        ("proc/cmdline", "vfio-pci.ids=0x10DE:0x1C82,10DE:fb9,1AF4:1050\n",
         [first, second, "bind 1af4:1050"], 0, ["1AF4:1050", "no such device"]),
        ("proc/cmdline", "pci-stub.ids=10de:1c82\n", [first], 0, None),
        ("proc/cmdline", "vfio-pc.ids=10de:1c82\n", [], 1, ["/proc/cmdline:1:1:", "vfio-pci.ids"]),
        ("proc/cmdline", "vfio-pci.ids=01:00.0\n", [], 1, ["/proc/cmdline:1:14:", "VENDOR:DEVICE"]),
        ("proc/cmdline", "quiet -- vfio-pci.ids=10de:1c82\n", [], 0, None),
        ("proc/cmdline", "early-vfio.bind=10de:1c82 root=/dev/sda1\n", [], 0, None),
        ("proc/cmdline", "xen-pciback.hide=(0000:00:05.0)(00:06.0)\n", [first, second], 0, None),
        ("proc/cmdline", "xen-pciback.hide=(00:05)\n", [], 1, ["/proc/cmdline:1:19:", "00:05.0"]),
    )
    for file, text, lines, status, said in rows:
        edit.write("")
        case.tree.write("proc/cmdline", "quiet\n")
        case.tree.write(MODPROBE, "")
        case.tree.write(file, text)
        edit.run("import", status=status)
        assert shown(edit) == lines, (text, case.stdout)
        case.tree.write(file, "")
        if said:
            edit.says(*said)
        else:
            case.is_silent()


def test_the_long_form(case):
    edit = Editing(case)
    edit.device("0000:00:02.0", "8086:4692", "030000", 1, boot_vga="0\n")
    edit.device("0000:00:05.0", "10de:1c82", "120000", 5, subsystem_vendor="0x1af4\n")
    case.tree.write("proc/cmdline", "vfio-pci.ids=10de:1c82:1af4:1100,"
                    "8086:ffffffff:ffffffff:ffffffff:30000:ff0000,10de:1c82:7377:0000\n")
    gives(edit, "bind 10de:1c82:1af4:1100@0000:00:05.0", "bind 8086:*:*:*:030000:ff0000",
          "bind 10de:1c82:7377:0000")
    case.run("plan", "--sysroot", case.tree.root)
    assert "0000:00:02.0" in case.stdout


def test_the_only_display_by_id(case):
    edit = Editing(case)
    card(edit, 3, "1002:73df", "1002:ab28", 1, 1, 1)
    edit.device("0000:00:02.0", "8086:4692", "030000", 2, boot_vga="0\n")
    case.tree.write(MODPROBE, "options vfio-pci ids=1002:73df,1002:ab28\n")
    edit.run("import")
    edit.prints("0000:03:00.0", "boot display", "early-vfio.mode=off")
    gives(edit, "bind 1002:73df@0000:00:01.0/00.0", "bind 1002:ab28@0000:00:01.0/00.1")


def test_boot_loader_files(case):
    first, second = "bind 10de:1c82@0000:00:05.0", "bind 10de:0fb9@0000:00:06.0"
    edit = Editing(case)
    one(edit)
    ids = "vfio-pci.ids=10de:1c82"
    rows = (
        # file, text, place of what is found
        ("etc/default/grub", f'# {ids}\nGRUB_CMDLINE_LINUX="quiet {ids}"\n', "grub:2:40:"),
        ("etc/default/grub", f"export GRUB_CMDLINE_LINUX_DEFAULT+='{ids}'\n", "grub:1:50:"),
        ("etc/default/grub", f"GRUB_CMDLINE_LINUX={ids}\n", "grub:1:33:"),
        ("etc/default/grub", f'GRUB_CMDLINE_LINUX="quiet \\\n  {ids}"\n# {ids}\n',
         "grub:2:16:"),
        ("etc/default/grub", f'GRUB_CMDLINE_LINUX="a=\\"b # c\\" {ids}"\n', "grub:1:46:"),
        ("etc/default/grub", f"GRUB_CMDLINE_LINUX='a\\' # x\nGRUB_CMDLINE_XEN='{ids}'\n",
         "grub:2:32:"),
        ("etc/default/grub", f'GRUB_X="y"; GRUB_CMDLINE_LINUX="quiet" GRUB_CMDLINE_A="{ids}"\n',
         "grub:1:69:"),
        ("etc/default/grub", f'GRUB_CMDLINE_LINUX="quiet "{ids}\n', "grub:1:41:"),
        ("etc/default/grub", f'GRUB_CMDLINE_LINUX="quiet "\'{ids}\'\n', "grub:1:42:"),
        ("etc/default/grub.d/vfio.cfg", f'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX {ids}"\n',
         "vfio.cfg:1:54:"),
        ("etc/kernel/cmdline", f"root=/dev/sda1 {ids}\n", "cmdline:1:29:"),
        ("boot/loader/entries/a.conf", f"title A\nlinux /vmlinuz\noptions {ids}\n",
         "a.conf:3:22:"),
        ("efi/loader/entries/a.conf", f'options "ro {ids}"\n', "a.conf:1:26:"),
        ("boot/syslinux/syslinux.cfg", f"label x\n  kernel /bzimage\n  APPEND {ids} initrd=/x\n",
         "syslinux.cfg:3:23:"),
    )
    for file, text, place in rows:
        edit.write("")
        case.tree.write(file, text)
        edit.run("import")
        assert shown(edit) == [first], (text, case.stdout)
        edit.prints(place, "vfio-pci.ids", "10de:1c82")
        assert case.stdout.count("10de:1c82\n") == 1, case.stdout
        edit.prints("/" + file, "vfio-pci.ids")
        os.unlink(case.tree.path(file))
    # What cannot be on the command line, or cannot be followed there.
    for line, column in ((f'GRUB_CMDLINE_LINUX="quiet" {ids}', 28),
                         (f'GRUB_CMDLINE_LINUX=quiet {ids} # x', 26),
                         (f'GRUB_CMDLINE_LINUX = "{ids}"', 23),
                         (f'IOMMU="{ids}"', 8),
                         (f'GRUB_CMDLINE_LINUX="\\"{ids}\\""', 21)):
        edit.write("")
        case.tree.write("etc/default/grub", f"# {ids}\n{line}\n")
        edit.run("import", status=1)
        edit.says(f"/etc/default/grub:2:{column}:")
        assert shown(edit) == [], line
    # A file and this boot's command line say the same: the file is the one to change.
    case.tree.write("etc/default/grub", f'GRUB_CMDLINE_LINUX="{ids},10de:0fb9"\n')
    case.tree.write("proc/cmdline", f"BOOT_IMAGE=/vmlinuz {ids}\n")
    case.tree.write("usr/sbin/update-grub", "")
    edit.run("import")
    assert shown(edit) == [first, second]
    edit.prints("/etc/default/grub:1: vfio-pci.ids, then run update-grub")
    assert case.stdout.count("update-grub") == 1
    os.unlink(case.tree.path("etc/default/grub"))
    edit.run("import")
    edit.prints("take vfio-pci.ids out of", "GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub")


def test_qubes_paths(case):
    edit = Editing(case)
    edit.bridge("0000:00:08.1", 0xc1)
    edit.device("0000:00:08.1/0000:c1:00.3", "1022:15b9", "0c0330", 1)
    edit.device("0000:00:14.0", "8086:a2af", "0c0330", 2)
    edit.device("0000:00:1f.6", "8086:15fb", "020000", 3)
    path, nic = "bind 1022:15b9@0000:00:08.1/00.3", "bind 8086:15fb@0000:00:1f.6"
    rows = (
        ("00_08.1-00_00.3", [path], None),
        ("dom0_00_08.1-00_00.3", [path], None),
        ("dom0:0000_00_08.1-00_00.3", [path], None),
        ("00:1f.6", [nic], None),
        ("0000:00:1f.6,00_08.1-00_0.3", [nic, path], None),
        ("c1_00.3,", [path], None),
        ("00_08.1-01_00.3", [], [":1:19:", "another bus"]),
        ("00_1f.8", [], [":1:19:", "Qubes"]),
        ("00_20.0,00_1f.6", [nic], [":1:19:", "Qubes"]),
        ("usb", [], [":1:19:", "Qubes"]),
        ("-".join(["00_00.0"] * 10), [], ["more steps"]),
        ("00_1c.0-00_0.0", ["bind 0000:00:1c.0/00.0"], None),
    )
    for text, lines, said in rows:
        edit.write("")
        case.tree.write("proc/cmdline", f"rd.qubes.hide_pci={text}\n")
        edit.run("import", status=1 if said else 0)
        assert shown(edit) == lines, (text, case.stdout)
        if said:
            edit.says(*said)
    # It is the same device where its bus has another number.
    edit.write(path + "\n")
    case.tree.write("sys/devices/pci0000:00/0000:00:08.1/secondary_bus_number", "194\n")
    os.unlink(case.tree.path("sys/bus/pci/devices/0000:c1:00.3"))
    edit.device("0000:00:08.1/0000:c2:00.3", "1022:15b9", "0c0330", 1)
    case.run("plan", "--sysroot", case.tree.root)
    assert "0000:c2:00.3 1022:15b9" in case.stdout and " bind " in case.stdout, case.stdout


def test_driverctl(case):
    edit = Editing(case)
    one(edit)
    case.tree.write("etc/driverctl.d/0000:00:05.0", "vfio-pci\n")
    case.tree.write("etc/driverctl.d/pci-0000:00:06.0", "vfio-pci")
    case.tree.write("etc/driverctl.d/0000:00:07.0", "igb\n")
    case.tree.write("etc/driverctl.d/vmbus-x", "uio\n")
    gives(edit, "bind 10de:1c82@0000:00:05.0", "bind 10de:0fb9@0000:00:06.0", status=1)
    edit.says("vmbus-x", "no PCI address")
    edit.prints("driverctl unset-override 0000:00:05.0")
    edit.prints("driverctl unset-override 0000:00:06.0")
    edit.prints_not("0000:00:07.0")


def test_scripts(case):
    first, second = "bind 10de:1c82@0000:00:05.0", "bind 10de:0fb9@0000:00:06.0"
    both = [first, second]
    body = "do\n echo vfio-pci > /sys/bus/pci/devices/$DEV/driver_override\ndone\nmodprobe vfio-pci\n"
    edit = Editing(case)
    one(edit)
    rows = (
        (f'DEVS="0000:00:05.0 0000:00:06.0"\nfor DEV in $DEVS; {body}', both, None),
        (f"for DEV in 00:05.0 00:06.0; {body}", both, None),
        (f'DEVS=(\n  "0000:00:05.0"  # the card\n  \'0000:00:06.0\'\n)\n{body}', both, None),
        (f"DEVS=(0000:00:05.0 0000:00:06.0)\n{body}", both, None),
        (f"DEVS='0000:00:05.0' # DEVS='0000:00:06.0'\n{body}", [first], None),
        (f"#DEVS='0000:00:06.0'\nDEVS=0000:00:05.0\n{body}", [first], None),
        ("echo vfio-pci > /sys/bus/pci/devices/0000:00:05.0/driver_override\n"
         "echo 0000:00:05.0 > /sys/bus/pci/devices/0000\\:00\\:06.0/driver/unbind\n", both, None),
        ("echo 10de 1c82 > /sys/bus/pci/drivers/vfio-pci/new_id\n", [first], None),
        ("IDS='10de:1c82'\necho $IDS > /sys/bus/pci/drivers/vfio-pci/new_id\n", [first], None),
        ("echo 0x10de 0x1c82 > /sys/bus/pci/drivers/vfio-pci/new_id\n", [first], None),
        ("modprobe vfio-pci\nvirsh nodedev-detach pci_0000_00_05_0\n", [first], None),
        ("modprobe vfio-pci\n00:05.0 VGA compatible controller [0300]: NVIDIA [10de:1c82]\n"
         "\tSubsystem: ASUSTeK Computer Inc. [1043:8613]\n", [first], None),
        ("for d in /sys/bus/pci/devices/0000:00:06.*; do\n"
         " echo vfio-pci > $d/driver_override\ndone\nX=0000:00:05.0\n", [first],
         ["vfio.sh:2:31:", "0000:00:06.*", "no address of one device"]),
        ("echo 0000:00:06.{0,1}\nX=0000:00:05.0\nmodprobe vfio-pci\n", [first],
         ["vfio.sh:2:6:", "0000:00:06."]),
        ("hostpci0: 0000:00:06,pcie=1\nX=0000:00:05.0\nmodprobe vfio-pci\n", [first],
         ["vfio.sh:2:11:", "name each"]),
        (f"DEVS=0000:00:05.08\n{body}", [], ["vfio.sh:2:6:", "a function is 0 to 7"]),
        (f"DEVS=$(lspci -n | cut -c1-7)\n{body}", [], ["vfio.sh:2:8:", "not known here"]),
        (f"DEVS=$1\n{body}", [], ["vfio.sh:1:1:", "no device can be read"]),
        ("for i in /sys/bus/pci/devices/*/boot_vga; do\n"
         " [ \"$(cat $i)\" -eq 0 ] && echo vfio-pci > \"${i%/boot_vga}/driver_override\"\ndone\n",
         ["bind not-boot-vga+slot"], None),
    )
    places = ("etc/initramfs-tools/scripts/init-top/vfio.sh", "usr/sbin/vfio-pci-override-vfio.sh",
              "usr/bin/vfio-vfio.sh", "etc/initcpio/hooks/vfio.sh")
    for number, (text, lines, said) in enumerate(rows):
        edit.write("")
        place = places[number % len(places)]
        case.tree.write(place, "#!/bin/sh\n" + text)
        edit.run("import", status=1 if said else 0)
        assert shown(edit) == lines, (text, case.stdout, case.stderr)
        if said:
            edit.says(*said)
        else:
            edit.prints(f"  /{place}: the script, and what calls it")
        os.unlink(case.tree.path(place))


def test_scripts_that_load_by_modprobe(case):
    edit = Editing(case)
    one(edit)
    case.tree.write("usr/local/bin/vfio.sh", "#!/bin/sh\nmodprobe vfio_pci ids=10de:1c82\n")
    edit.run("import")
    assert shown(edit) == ["bind 10de:1c82@0000:00:05.0"], case.stdout


def test_a_list_of_modules_with_two_names(case):
    edit = Editing(case)
    one(edit)
    case.tree.write("etc/modules", "vfio_pci ids=10de:1c82\n")
    case.tree.mkdir("etc/modules-load.d")
    os.symlink("../modules", case.tree.path("etc/modules-load.d/modules.conf"))
    edit.run("import")
    edit.prints("/etc/modules:1: vfio-pci ids")
    edit.prints_not("modules.conf")


def test_other_scripts_and_programs_are_not_looked_at(case):
    edit = Editing(case)
    one(edit)
    case.tree.write("etc/initramfs-tools/scripts/init-top/udev", "#!/bin/sh\nX=0000:00:05.0\n")
    case.tree.write("usr/bin/vfio-tool", b"\x7fELF vfio-pci 0000:00:05.0 new_id\n")
    case.tree.write("usr/bin/other", "echo 0000:00:05.0 > driver_override\n")
    edit.run("import")
    edit.prints("no other set-up was found")
    case.is_silent()


def test_files_are_told_apart(case):
    first = "bind 10de:1c82@0000:00:05.0"
    edit = Editing(case)
    one(edit)
    rows = (
        ("a", "quiet vfio-pci.ids=10de:1c82\n"),
        ("b", "quiet rd.qubes.hide_pci=00_05.0\n"),
        ("c.conf", "# x\noptions vfio-pci ids=10de:1c82\n"),
        ("d.conf", "softdep nouveau pre: vfio-pci\noptions vfio-pci ids=10de:1c82\n"),
        ("e.conf", "title X\noptions root=/dev/sda1 vfio-pci.ids=10de:1c82\n"),
        ("f.conf", "options quiet root=/dev/sda1 vfio-pci.ids=10de:1c82\n"),
        ("modules", "# list\nvfio\nvfio_pci ids=10de:1c82\n"),
        ("g", 'GRUB_TIMEOUT=1\nGRUB_CMDLINE_LINUX="vfio-pci.ids=10de:1c82"\n'),
        ("vfio-pci.cfg", "BIND=0000:00:05.0|10de:1c82"),
        ("0000:00:05.0", "vfio-pci"),
        ("pci-0000:00:05.0", "vfio-pci"),
        ("h.sh", "#!/bin/bash\nDEVS=(0000:00:05.0)\n"),
        ("list", "0000:00:05.0\n"),
        ("refind_linux.conf", '"Boot" "root=/dev/sda1 vfio-pci.ids=10de:1c82"\n'),
        ("i.conf", "\ufeffoptions vfio-pci ids=10de:1c82\r\n"),
    )
    # Files that are named are read in place of the system's.
    case.tree.write("proc/cmdline", "vfio-pci.ids=10de:0fb9\n")
    where = case.top / case.name
    for name, text in rows:
        (where / name).write_text(text, encoding="utf-8")
        edit.run("import", str(where / name))
        assert shown(edit) == [first], (name, case.stdout, case.stderr)
        edit.prints(f"{where / name}:")
    edit.run("import", str(where / "missing"), status=3)
    edit.says("missing", "No such file")


def test_what_is_needless_is_named(case):
    edit = Editing(case)
    one(edit)
    case.tree.write(MODPROBE, "options vfio-pci ids=10de:1c82\nsoftdep nouveau pre: vfio-pci\n"
                    "softdep a pre: b\ninstall vfio-pci /usr/bin/vfio-pci-override.sh\n")
    edit.run("import", "--write")
    edit.prints("vfio.conf:1: options vfio-pci ids")
    edit.prints("vfio.conf:2: softdep: not needed")
    edit.prints("vfio.conf:4: install: not needed")
    edit.prints_not("vfio.conf:3")
    edit.prints("next: ")
    # It takes nothing away itself.
    with open(case.tree.path(MODPROBE), encoding="utf-8") as file:
        assert "ids=10de:1c82" in file.read()


def test_the_config_stays_and_a_keep_counts(case):
    edit = Editing(case)
    one(edit)
    edit.write("# mine\r\nkeep 10de:0fb9")
    case.tree.write(MODPROBE, "options vfio-pci ids=10de:1c82,10de:0fb9\n")
    edit.run("import", "--write", status=1)
    edit.says("10de:0fb9", "is kept by", "/etc/early-vfio.conf:2")
    assert edit.config.startswith(b"# mine\r\nkeep 10de:0fb9\r\nbind 10de:1c82@0000:00:05.0  # ")
    assert b"from /etc/modprobe.d/vfio.conf:1" in edit.config
    assert edit.config.count(b"\n") == 2


def test_odd_files_do_no_harm(case):
    edit = Editing(case)
    one(edit)
    where = case.top / case.name / "odd"
    lines = (b"BIND=", b"options vfio-pci ids=", b"GRUB_CMDLINE_LINUX=\"vfio-pci.ids=",
             b"#!/bin/sh\nX=", b"vfio-pci.ids=", b"rd.qubes.hide_pci=", b"xen-pciback.hide=",
             b"options root=x vfio-pci.ids=", b"softdep vfio ")
    tails = (b"", b"\0" * 100, b"\xff" * 100, b"\"", b"'", b"|", b"||||", b",,,,", b"((((", b"))))",
             b"-" * 100, b"0000:00:05.0|", b"\\", b"\\\n\\\n", b"0x", b"0000:00:05.0\0", b":" * 100,
             b"$(((", b"0000:00:05.0+slot", b"1" * 5000)
    for line in lines:
        for tail in tails:
            where.write_bytes(line + tail)
            case.run("import", "--sysroot", case.tree.root, str(where))
            assert case.status in (0, 1), (line, tail, case.status)
    for text in (b"", b"\n" * (10 << 20), b"BIND=" + b"0000:00:05.0|10de:1c82 " * 100000,
                 b"vfio-pci.ids=" + b"10de:1c82," * 100000, b"\0" * (10 << 20),
                 b"options vfio-pci ids=10de:1c82\n" * 100000, b"#!/bin/sh\n" + b"00:05.0 " * 500000,
                 b"BIND=00:05.0\n" * 300000):
        where.write_bytes(text)
        case.run("import", "--sysroot", case.tree.root, str(where))
        assert case.status in (0, 1), (text[:20], case.status)
    edit.run("import", str(case.top / case.name), status=3)
    assert edit.config is None


def test_usage_errors_exit_2(case):
    edit = Editing(case)
    edit.run("import", "--frob", status=2)
    case.run("import", "--help")
    assert case.status == 0 and "usage: early-vfio import" in case.stdout
    os.rmdir(case.tree.path("sys/bus/pci/devices"))
    edit.run("import", status=3)
    edit.says("/sys", "no PCI bus")


def test_what_may_not_be_read_is_said(case):
    edit = Editing(case)
    one(edit)
    case.tree.write("boot/loader/entries/a.conf", "options vfio-pci.ids=10de:1c82\n")
    os.chmod(case.tree.path("boot/loader/entries"), 0o700)
    done = edit.run_as_nobody("import")
    assert done.status == 1
    edit.says("/boot/loader/entries: Permission denied", "as root")
    edit.run("import")
    case.is_silent()


def test_recorded_machines(case):
    """All ids of a machine at once: each is answered for, and what is written is understood."""
    for edit, devices in recorded(case, 5):
        case.tree.write("etc/kernel/cmdline", "vfio-pci.ids=" + ",".join(edit.ids) + "\n")
        case.run("import", "--write", "--sysroot", edit.tree.root)
        assert case.status in (0, 1) and len(edit.rules()) <= len(devices)
        said = case.stdout + case.stderr
        assert all(ids in said for ids in edit.ids), case.stderr
        case.run("plan", "--sysroot", edit.tree.root)
        assert "\nerror: /etc/early-vfio.conf" not in case.stdout, case.stdout
