# SPDX-License-Identifier: GPL-2.0-or-later
"""What carries a machine, on prepared sysfs trees, and what follows for the rules."""

import os

from tree import zfs_label

ESP = "ID_PART_ENTRY_TYPE=c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
NIC = "020000"
SATA = "010601"
USB = "0c0330"
BRIDGE = "060400"


def nvme_root(tree, pci="pci0000:00/0000:00:1d.0/0000:01:00.0", ids="1b36:0010"):
    """/ on the second partition of an NVMe disk behind a root port."""
    if "/0000:00:1d.0/" in pci:
        tree.pci("pci0000:00/0000:00:1d.0", "8086:9d18", BRIDGE)
    disk = tree.nvme(pci, ids)
    tree.partition(disk, "nvme0n1p1", "259:1")
    tree.partition(disk, "nvme0n1p2", "259:2")
    tree.mount("259:2", "/", "ext4", "/dev/nvme0n1p2")
    return disk


def test_nvme_with_a_twin(case):
    tree = case.tree
    disk = nvme_root(tree)
    tree.partition(disk, "nvme0n1p3", "259:3")
    tree.nvme("pci0000:00/0000:00:1e.0/0000:02:00.0", "1b36:0010", name="nvme1", minor=8)
    tree.mount("259:1", "/boot/efi", "vfat", "/dev/nvme0n1p1")
    tree.swap("/dev/nvme0n1p3")
    case.generate("--strict")
    case.is_silent()
    case.image_has("protect", "0000:01:00.0 1b36:0010 holds / (nvme0n1p2), "
                   "holds the ESP (nvme0n1p1), holds swap (nvme0n1p3)")
    case.image_has("unprotected")


def test_a_rule_for_the_root_is_left_out(case):
    nvme_root(case.tree)
    case.tree.write("etc/early-vfio.conf", "# disk\nbind 0000:01:00.0\n")
    case.generate()
    case.says("/etc/early-vfio.conf:2: 0000:01:00.0: 0000:01:00.0 holds / (nvme0n1p2)", "left out",
              "+force")
    case.config_is()
    case.image_has("refused", "/etc/early-vfio.conf:2 0000:01:00.0 "
                   "0000:01:00.0 holds / (nvme0n1p2)")
    case.image_has("protect", "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)")
    case.generate("--strict", status=1)


def test_rules_against_what_is_protected(case):
    """The plan decides: the twin is free, and only what reaches nothing else is left out."""
    tree = case.tree
    nvme_root(tree)
    tree.pci("pci0000:00/0000:00:1d.0/0000:01:00.1", "1b36:0011", "088000")
    tree.nvme("pci0000:00/0000:00:1e.0/0000:02:00.0", "1b36:0010", name="nvme1", minor=8)
    rows = (
        # rule, does it stay, is something said
        ("bind 0000:01:00.0", False, True),
        ("bind 1b36:0010@0000:01:00.0", False, True),
        ("bind 0000:00:1d.0/00.0 profile=x", False, True),
        ("bind 0000:01:00.0+force", True, False),
        ("bind 1b36:0010", True, True),
        ("bind 1b36:0010@0000:02:00.0", True, False),
        ("bind 0000:01:00.1+slot", True, True),
        ("bind 0000:01:00.1", True, False),
        ("bind class=0108+force", True, False),
        ("keep 0000:01:00.0", True, False),
        ("bind 8086:9d18", True, False),
        ("bind 0000:03:00.0", True, False),
        # The other one is there only where its own disk is named.
        ("bind 8086:0010@0000:01:00.0", False, True),
    )
    for rule, stays, is_said in rows:
        tree.write("etc/early-vfio.conf", rule + "\n")
        case.generate()
        assert (rule in case.lines(".conf")) == stays, rule
        assert ("holds /" in case.stderr) == is_said, rule
        assert (len(case.lines(".image", "refused")) == 0) == stays, rule
        case.generate("--strict", status=0 if stays else 1)


def test_two_rules_for_the_root_are_both_left_out(case):
    """A verdict names one rule, but the other would take the disk as well."""
    nvme_root(case.tree)
    case.tree.write("etc/early-vfio.conf", "bind 0000:01:00.0\nbind 1b36:0010@0000:01:00.0\n"
                    "bind 8086:1533\n")
    case.generate()
    case.config_is("from /etc/early-vfio.conf:3", "bind 8086:1533")
    case.says("2 faults")


def test_many_profiles_take_no_time(case):
    """More than there is room for: what is left out already is not weighed again."""
    nvme_root(case.tree)
    case.tree.write("etc/early-vfio.conf",
                    "".join(f"bind 0000:01:00.0 profile=p{n}\n" for n in range(50000)))
    case.generate()
    case.config_is()
    case.says("50000 faults")


def test_several_protected_are_counted(case):
    tree = case.tree
    disks = [tree.nvme(f"pci0000:00/0000:0{n}:00.0", "144d:a808", f"nvme{n}", minor=8 * n)
             for n in range(4)]
    tree.virtual("md0", "9:0", disks[:3])
    tree.mount("9:0", "/", "ext4", "/dev/md0")
    tree.write("etc/early-vfio.conf", "bind 144d:a808\n")
    case.generate("--strict")
    case.says("/etc/early-vfio.conf:1: 144d:a808: 0000:00:00.0 holds / (nvme0n1), and 2 more",
              "for what else it names")


def test_one_of_a_list_is_left_out(case):
    tree = case.tree
    nvme_root(tree)
    tree.pci("pci0000:00/0000:00:02.0", "8086:1533", NIC)
    tree.write("etc/early-vfio.conf", "bind 0000:01:00.0,8086:1533 optional\n")
    tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci ids=1b36:0010,8086:1533\n")
    case.generate()
    case.config_is("from /etc/early-vfio.conf:1", "bind 8086:1533 optional",
                   "from /etc/modprobe.d/vfio.conf:1", "ids 8086:1533")
    case.says("/etc/modprobe.d/vfio.conf:1: 1b36:0010: 0000:01:00.0 holds /", "behind bind")


def test_boot_and_usr_on_disks_of_their_own(case):
    tree = case.tree
    nvme_root(tree)
    tree.pci("pci0000:00/0000:00:17.0", "8086:a282", SATA)
    sda = tree.block("pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda", "8:0")
    tree.partition(sda, "sda1", "8:1")
    tree.pci("pci0000:00/0000:00:18.0", "1af4:1042", "010000")
    tree.block("pci0000:00/0000:00:18.0/virtio1/block/vda", "254:0")
    tree.mount("8:1", "/boot", "ext2", "/dev/sda1")
    tree.mount("254:0", "/usr", "squashfs", "/dev/vda")
    tree.mount("254:0", "/srv", "squashfs", "/dev/vda")
    case.generate("--strict")
    case.image_has("protect", "0000:00:17.0 8086:a282 holds /boot (sda1)",
                   "0000:00:18.0 1af4:1042 holds /usr (vda)",
                   "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)")


def test_luks_on_lvm_on_md_over_two_controllers(case):
    tree = case.tree
    parts = []
    for number, (address, disk) in enumerate((("0000:00:17.0", "sda"), ("0000:00:18.0", "sdb"))):
        tree.pci(f"pci0000:00/{address}", "8086:2922", SATA)
        path = tree.block(f"pci0000:00/{address}/ata{number}/host{number}/target{number}:0:0/"
                          f"{number}:0:0:0/block/{disk}", f"8:{16 * number}")
        parts.append(tree.partition(path, f"{disk}1", f"8:{16 * number + 1}"))
    tree.pci("pci0000:00/0000:00:19.0", "8086:2922", SATA)
    md = tree.virtual("md0", "9:0", parts)
    md_part = tree.partition(md, "md0p1", "259:9")
    lv = tree.virtual("dm-0", "253:0", [md_part], "vg-root")
    tree.virtual("dm-1", "253:1", [lv], "crypt")
    swap = tree.virtual("dm-2", "253:2", [md_part], "vg-swap")
    assert swap
    tree.mount("253:1", "/", "ext4", "/dev/mapper/crypt")
    tree.swap("/dev/mapper/vg-swap")
    case.generate("--strict")
    case.image_has("protect",
                   "0000:00:17.0 8086:2922 holds / (sda1), holds swap (sda1)",
                   "0000:00:18.0 8086:2922 holds / (sdb1), holds swap (sdb1)")


def btrfs(tree, members, uuid="11111111-2222-3333-4444-555555555555"):
    for member in members:
        tree.sys_link(f"sys/fs/btrfs/{uuid}/devices/{os.path.basename(member)}",
                      f"sys/devices/{member}")


def test_btrfs_over_two_disks(case):
    tree = case.tree
    disks = [tree.nvme(f"pci0000:00/0000:0{n}:00.0", "144d:a808", f"nvme{n}", minor=8 * n)
             for n in range(4)]
    tree.partition(disks[1], "nvme1n1p2", "259:50")
    btrfs(tree, [disks[1] + "/nvme1n1p2", disks[2]])
    btrfs(tree, [disks[3]], "99999999-2222-3333-4444-555555555555")
    tree.mount("0:25", "/", "btrfs", "/dev/nvme1n1p2", root="/@", options="rw,subvolid=256,subvol=/@")
    case.generate("--strict")
    case.image_has("protect", "0000:01:00.0 144d:a808 holds / (nvme1n1p2)",
                   "0000:02:00.0 144d:a808 holds / (nvme2n1)")


def test_btrfs_on_luks_by_a_name_of_mapper(case):
    tree = case.tree
    disk = tree.nvme("pci0000:00/0000:01:00.0", "144d:a808")
    dm = tree.virtual("dm-0", "253:0", [disk], "luks-root")
    btrfs(tree, [dm])
    tree.mount("0:25", "/", "btrfs", "/dev/mapper/luks-root", root="/root",
               options="rw,subvolid=256,subvol=/root")
    case.generate("--strict")
    case.image_has("protect", "0000:01:00.0 144d:a808 holds / (nvme0n1)")


def test_btrfs_that_sysfs_does_not_know(case):
    disk = case.tree.nvme("pci0000:00/0000:01:00.0", "144d:a808")
    assert disk
    case.tree.mount("0:25", "/", "btrfs", "/dev/nvme0n1")
    case.generate("--strict")
    case.says("/dev/nvme0n1", "other devices", "not protected")
    case.image_has("protect", "0000:01:00.0 144d:a808 holds / (nvme0n1)")


def zfs_disks(tree, count):
    for n in range(count):
        disk = tree.nvme(f"pci0000:00/0000:0{n + 1}:00.0", "2646:5024", f"nvme{n}", minor=8 * n)
        tree.partition(disk, f"nvme{n}n1p3", f"259:{8 * n + 3}")


def test_zfs_pool_by_udev(case):
    tree = case.tree
    zfs_disks(tree, 4)
    for n, pool in enumerate(("tank", "rpool", "rpool", "rpool2")):
        tree.udev(f"259:{8 * n}", "ID_PART_TABLE_TYPE=gpt")
        tree.udev(f"259:{8 * n + 3}", "ID_FS_TYPE=zfs_member", f"ID_FS_LABEL={pool}")
    tree.mount("0:30", "/", "zfs", "rpool/ROOT/pve-1")
    case.generate("--strict")
    case.image_has("protect", "0000:02:00.0 2646:5024 holds / (nvme1n1p3)",
                   "0000:03:00.0 2646:5024 holds / (nvme2n1p3)")


def test_zfs_pool_by_its_label_on_the_disk(case):
    """udev does not know one partition, and nothing of what is on another."""
    tree = case.tree
    zfs_disks(tree, 4)
    tree.udev("259:3", "ID_FS_TYPE=zfs_member", "ID_FS_LABEL=tank")
    for n, pool in ((0, "rpool"), (1, "rpool"), (2, "tank"), (3, "rpool")):
        size, parts = zfs_label(pool)
        tree.mkdir("dev")
        with open(tree.path(f"dev/nvme{n}n1p3"), "wb") as file:
            file.truncate(size)
            for offset, data in parts:
                file.seek(offset)
                file.write(data)
    tree.mount("0:30", "/", "zfs", "rpool/ROOT/pve-1")
    case.generate("--strict")
    case.image_has("protect", "0000:02:00.0 2646:5024 holds / (nvme1n1p3)",
                   "0000:04:00.0 2646:5024 holds / (nvme3n1p3)")
    # Where udev looked and saw nothing, it is asked only if no member was found otherwise.
    for n in (1, 3):
        tree.udev(f"259:{8 * n + 3}", "ID_PART_ENTRY_NUMBER=3")
    case.generate("--strict")
    case.image_has("protect", "0000:02:00.0 2646:5024 holds / (nvme1n1p3)",
                   "0000:04:00.0 2646:5024 holds / (nvme3n1p3)")


def test_a_pool_that_nobody_knows(case):
    case.tree.nvme("pci0000:00/0000:01:00.0", "144d:a808")
    case.tree.mount("0:30", "/", "zfs", "rpool/ROOT/pve-1")
    case.generate()
    case.image_has("protect")
    case.image_has("unprotected", "/ cannot be traced to its hardware")


def test_swap_on_a_zfs_volume(case):
    tree = case.tree
    nvme_root(tree)
    zfs = tree.nvme("pci0000:00/0000:02:00.0", "2646:5024", "nvme1", minor=16)
    assert zfs
    tree.udev("259:16", "ID_FS_TYPE=zfs_member", "ID_FS_LABEL=tank")
    tree.virtual("zd0", "230:0")
    tree.udev("230:0", "DEVLINKS=/dev/tank/swap /dev/zvol/tank/swap")
    tree.swap("/dev/zd0")
    case.generate("--strict")
    case.image_has("protect", "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)",
                   "0000:02:00.0 2646:5024 holds swap (nvme1n1)")


def test_swap_file_and_memory(case):
    tree = case.tree
    nvme_root(tree)
    tree.virtual("zram0", "253:9")
    tree.swap("/dev/zram0")
    tree.swap("/swap\\040file", "file")
    case.generate("--strict")
    case.is_silent()
    case.image_has("protect",
                   "0000:01:00.0 1b36:0010 holds / (nvme0n1p2), holds swap (nvme0n1p2)")


def test_loop_device(case):
    tree = case.tree
    nvme_root(tree)
    tree.virtual("loop0", "7:0")
    tree.write("sys/devices/virtual/block/loop0/loop/backing_file", "/boot.img\n")
    tree.mount("7:0", "/boot", "ext4", "/dev/loop0")
    case.generate("--strict")
    case.image_has("protect",
                   "0000:01:00.0 1b36:0010 holds / (nvme0n1p2), holds /boot (nvme0n1p2)")


def test_bcache_and_multipath(case):
    tree = case.tree
    disks = []
    for n in range(4):
        tree.pci(f"pci0000:00/0000:00:0{n + 1}.0", f"1000:000{n}", "010700")
        disks.append(tree.block(f"pci0000:00/0000:00:0{n + 1}.0/host{n}/rport-{n}:0-0/target{n}:0:0/"
                                f"{n}:0:0:0/block/sd{'abcd'[n]}", f"8:{16 * n}"))
    mpath = tree.virtual("dm-0", "253:0", disks[:2], "mpatha")
    part = tree.virtual("dm-1", "253:1", [mpath], "mpatha-part1")
    tree.virtual("bcache0", "252:0", [part, disks[2]])
    tree.mount("252:0", "/", "xfs", "/dev/bcache0", options="rw,attr2,logdev=/dev/sdd,noquota")
    case.generate("--strict")
    case.image_has("protect", *(f"0000:00:0{n + 1}.0 1000:000{n} holds / (sd{'abcd'[n]})"
                                for n in range(4)))


def nvme_subsystem(tree, with_paths):
    for n in range(3):
        path = f"pci0000:00/0000:0{n + 1}:00.0"
        tree.pci(path, f"1e0f:000{n}")
        tree.write(f"sys/devices/{path}/nvme/nvme{n}/address", "x\n")
        if with_paths and n != 1:
            tree.block(f"{path}/nvme/nvme{n}/nvme0c{n}n1", f"259:{100 + n}")
        tree.sys_link(f"sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme{n}",
                      f"sys/devices/{path}/nvme/nvme{n}")
    disk = tree.block("virtual/nvme-subsystem/nvme-subsys0/nvme0n1", "259:0")
    tree.partition(disk, "nvme0n1p1", "259:1")
    tree.mount("259:1", "/", "ext4", "/dev/nvme0n1p1")


def test_nvme_with_several_paths(case):
    nvme_subsystem(case.tree, with_paths=True)
    case.generate("--strict")
    case.image_has("protect", "0000:01:00.0 1e0f:0000 holds / (nvme0)",
                   "0000:03:00.0 1e0f:0002 holds / (nvme2)")


def test_nvme_with_several_paths_that_are_hidden(case):
    nvme_subsystem(case.tree, with_paths=False)
    case.generate("--strict")
    case.image_has("protect", *(f"0000:0{n + 1}:00.0 1e0f:000{n} holds / (nvme{n})"
                                for n in range(3)))


def test_root_behind_vmd(case):
    """Every endpoint on the path counts; bridges do not."""
    tree = case.tree
    tree.pci("pci0000:00/0000:00:0e.0", "8086:467f", "010400")
    tree.pci("pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0", "8086:a74d", BRIDGE)
    nvme_root(tree, "pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0", "144d:a80c")
    case.generate("--strict")
    case.image_has("protect", "0000:00:0e.0 8086:467f holds / (nvme0n1p2)",
                   "10000:e1:00.0 144d:a80c holds / (nvme0n1p2)")
    tree.write("etc/early-vfio.conf", "bind 0000:00:0e.0\n")
    case.generate("--strict", status=1)


def test_what_brings_a_kept_device(case):
    """As the image's own kernel has the kept device only once the controller has its driver."""
    tree = case.tree
    nvme_root(tree)
    tree.pci("pci0000:00/0000:00:0e.0", "8086:467f", "010400")
    tree.pci("pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0", "8086:a74d", BRIDGE)
    tree.pci("pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0", "144d:a80c",
             "010802")
    root = "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)"
    tree.write("etc/early-vfio.conf", "bind 8086:467f\n")
    case.generate("--strict")
    case.image_has("protect", root)
    tree.write("etc/early-vfio.conf", "bind 8086:467f\nkeep 10000:e1:00.0\n")
    case.generate("--strict", status=1)
    case.generate()
    case.says("/etc/early-vfio.conf:1: 8086:467f: 0000:00:0e.0 leads to what is kept "
              "(10000:e1:00.0)")
    case.image_has("protect", "0000:00:0e.0 8086:467f leads to what is kept (10000:e1:00.0)",
                   root)
    tree.write("etc/early-vfio.conf", "bind 8086:467f+force\nkeep class=0108\n")
    case.generate("--strict")
    case.image_has("protect", "0000:00:0e.0 8086:467f leads to what is kept (10000:e1:00.0)",
                   root)


def test_root_on_usb(case):
    tree = case.tree
    tree.pci("pci0000:00/0000:00:14.0", "8086:a0ed", USB)
    tree.block("pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host0/target0:0:0/0:0:0:0/block/sda", "8:0")
    tree.mount("8:0", "/", "ext4", "/dev/sda")
    case.generate("--strict")
    case.image_has("protect", "0000:00:14.0 8086:a0ed holds / (sda)")


def test_root_that_is_not_on_pci(case):
    """Nothing to protect is another thing than nothing that is known."""
    tree = case.tree
    tree.block("platform/soc/fe340000.mmc/mmc_host/mmc0/mmc0:0001/block/mmcblk0", "179:0")
    tree.mount("179:0", "/", "ext4", "/dev/mmcblk0")
    case.generate("--strict")
    case.is_silent()
    case.image_has("protect")
    case.image_has("unprotected")


def test_the_esp_wherever_it_is_mounted(case):
    tree = case.tree
    disk = nvme_root(tree)
    tree.nvme("pci0000:00/0000:02:00.0", "144d:a808", "nvme1", minor=16)
    tree.udev("259:1", ESP)
    tree.udev("259:16", "ID_PART_ENTRY_TYPE=ebd0a0a2-b9e5-4433-87c0-68b6b72699c7")
    tree.mount("259:1", "/mnt/esp", "vfat", "/dev/nvme0n1p1")
    tree.mount("259:16", "/mnt/stick", "vfat", "/dev/nvme1n1")
    assert disk
    case.generate("--strict")
    case.image_has("protect",
                   "0000:01:00.0 1b36:0010 holds / (nvme0n1p2), holds the ESP (nvme0n1p1)")


def test_an_esp_that_is_not_mounted(case):
    """By fstab, by what the boot loader left, by proxmox-boot-tool's list; other disks may have an
    ESP of their own."""
    tree = case.tree
    nvme_root(tree)
    for n in range(1, 5):
        disk = tree.nvme(f"pci0000:00/0000:0{n + 1}:00.0", f"144d:000{n}", f"nvme{n}", minor=16 * n)
        tree.partition(disk, f"nvme{n}n1p1", f"259:{16 * n + 1}")
        tree.udev(f"259:{16 * n + 1}", ESP, f"ID_FS_UUID_ENC=0000-000{n}",
                  f"ID_PART_ENTRY_UUID=aaaaaaaa-0000-0000-0000-00000000000{n}")
    tree.write("etc/fstab", "# ESP\nUUID=0000-0001 /boot/efi vfat umask=0077,noauto 0 1\n")
    tree.mount("0:40", "/boot/efi", "autofs", "systemd-1")
    tree.write("sys/firmware/efi/efivars/"
               "LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
               b"\6\0\0\0" + "AAAAAAAA-0000-0000-0000-000000000002\0".encode("utf-16-le"))
    tree.write("etc/kernel/proxmox-boot-uuids", "0000-0003\n")
    case.generate("--strict")
    case.image_has("protect", "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)",
                   *(f"0000:0{n + 1}:00.0 144d:000{n} holds the ESP (nvme{n}n1p1)"
                     for n in (1, 2, 3)))
    # udev's links serve as well as its records.
    tree.link("dev/disk/by-uuid/0000-0009", "../../nvme4n1p1")
    tree.write("etc/fstab", "UUID=0000-0009 /efi vfat umask=0077,noauto 0 1\n")
    case.generate("--strict")
    assert "holds the ESP (nvme4n1p1)" in case.text(".image")


def test_resume(case):
    tree = case.tree
    nvme_root(tree)
    for n in (1, 2):
        tree.nvme(f"pci0000:00/0000:0{n + 1}:00.0", f"144d:000{n}", f"nvme{n}", minor=16 * n)
    tree.write("sys/power/resume", "259:16\n")
    tree.write("proc/cmdline", "quiet resume=/dev/nvme2n1\n")
    case.generate("--strict")
    case.image_has("protect", "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)",
                   "0000:02:00.0 144d:0001 holds resume (nvme1n1)")
    tree.write("sys/power/resume", "0:0\n")
    case.generate("--strict")
    case.image_has("protect", "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)",
                   "0000:03:00.0 144d:0002 holds resume (nvme2n1)")


def test_default_route_through_vlan_bridge_and_bond(case):
    tree = case.tree
    nvme_root(tree)
    nics = []
    for n in range(3):
        tree.pci(f"pci0000:00/0000:00:1f.{n}", "8086:1533", NIC)
        nics.append(tree.interface(f"pci0000:00/0000:00:1f.{n}/net/eno{n}"))
    bond = tree.interface("virtual/net/bond0", nics[:2])
    bridge = tree.interface("virtual/net/vmbr0", [bond, tree.interface("virtual/net/tap100i0")])
    tree.interface("virtual/net/vmbr0.7", [bridge])
    tree.route("eno2", "0000A8C0", "00FFFFFF")
    tree.route("eno2", metric=500)
    tree.route("vmbr0.7", metric=100)
    case.generate("--strict")
    case.is_silent()
    case.image_has("protect", "0000:00:1f.0 8086:1533 carries the default route (eno0)",
                   "0000:00:1f.1 8086:1533 carries the default route (eno1)",
                   "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)")


def test_virtual_functions(case):
    """One goes with the physical function that it is of, be it kept or in use."""
    tree = case.tree
    nvme_root(tree)
    for address, ids in (("02:00.0", "8086:1572"), ("02:02.0", "8086:154c"),
                         ("03:00.0", "15b3:1017"), ("03:00.2", "15b3:1018")):
        tree.pci(f"pci0000:00/0000:00:01.0/0000:{address}", ids, NIC)
    for virtual, physical in (("02:02.0", "02:00.0"), ("03:00.2", "03:00.0")):
        where = "sys/devices/pci0000:00/0000:00:01.0/0000:"
        tree.sys_link(f"{where}{virtual}/physfn", f"{where}{physical}")
    tree.interface("pci0000:00/0000:00:01.0/0000:02:02.0/net/eno1v0")
    tree.route("eno1v0")
    tree.write("etc/early-vfio.conf", "keep 0000:03:00.2\n")
    case.generate("--strict")
    case.is_silent()
    case.image_has("protect", "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)",
                   "0000:02:00.0 8086:1572 carries the default route (eno1v0)",
                   "0000:02:02.0 8086:154c carries the default route (eno1v0)",
                   "0000:03:00.0 15b3:1017 leads to what is kept (0000:03:00.2)")


def test_routes(case):
    """What counts as a default route, and that none is no loss."""
    tree = case.tree
    nvme_root(tree)
    for n in range(3):
        tree.pci(f"pci0000:00/0000:00:1f.{n}", "8086:1533", NIC)
        tree.interface(f"pci0000:00/0000:00:1f.{n}/net/eno{n}")
    zeros, fe80 = "0" * 32, "fe80" + "0" * 28
    ipv6 = f"{fe80} 40 {zeros} 00 {zeros} 00000100 00000001 00000000 00000001 eno0\n" \
           f"{zeros} 00 {zeros} 00 {zeros} ffffffff 00000001 00000000 00200200 lo\n" \
           f"{zeros} 00 {zeros} 00 {fe80} 00000400 00000001 00000000 00000003 eno1\n" \
           f"{zeros} 00 {zeros} 00 {fe80} 00000064 00000001 00000000 00000003 eno2\n"
    rows = (
        ("", None, []),
        ("eno0 00000000 01 0003 0 0 0 00000000 0 0 0\n", None, ["eno0"]),
        ("eno0 00000000 01 0001 0 0 9 00000000\neno1 00000000 01 0001 0 0 8 00000000\n", None,
         ["eno1"]),
        ("eno0 00000000 01 0201 0 0 0 00000000\neno1 00000000 01 0002 0 0 0 00000000\n", None, []),
        ("eno0 0000000A 01 0001 0 0 0 000000FF\n", None, []),
        ("", ipv6, ["eno2"]),
        ("eno0 00000000 01 0003 0 0 0 00000000\n", ipv6, ["eno0", "eno2"]),
    )
    for ipv4, six, expected in rows:
        tree.write("proc/net/route", "Iface Destination\n" + ipv4)
        tree.write("proc/net/ipv6_route", six or "")
        case.generate("--strict")
        case.is_silent()
        found = [line.split("(")[1][:-1] for line in case.lines(".image", "protect")
                 if "default route" in line]
        assert found == expected, (ipv4, six, found)


def test_network_card_on_usb_and_one_that_leads_nowhere(case):
    tree = case.tree
    nvme_root(tree)
    tree.pci("pci0000:00/0000:00:14.0", "8086:a0ed", USB)
    tree.interface("pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/net/usb0")
    tree.route("usb0")
    case.generate("--strict")
    case.image_has("protect", "0000:00:14.0 8086:a0ed carries the default route (usb0)",
                   "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)")
    tree.interface("virtual/net/wg0")
    tree.write("proc/net/route", "wg0 00000000 01 0003 0 0 0 00000000\n")
    case.generate("--strict")
    case.says("carries the default route", "cannot be traced", "not protected")
    case.image_has("protect", "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)")


def test_root_on_the_network(case):
    tree = case.tree
    for n in range(2):
        tree.pci(f"pci0000:00/0000:00:1f.{n}", "8086:1533", NIC)
        tree.interface(f"pci0000:00/0000:00:1f.{n}/net/eno{n}")
    tree.route("eno0")
    tree.route("eno1", "0000A8C0", "0000FFFF", flags="0001")
    tree.mount("0:20", "/", "nfs4", "192.168.0.5:/srv/root", options="rw,vers=4.2,addr=192.168.0.5")
    case.generate("--strict")
    case.image_has("protect", "0000:00:1f.0 8086:1533 carries the default route (eno0)",
                   "0000:00:1f.1 8086:1533 holds / (eno1)")


def test_root_on_iscsi(case):
    tree = case.tree
    tree.pci("pci0000:00/0000:00:1f.0", "8086:1533", NIC)
    tree.interface("pci0000:00/0000:00:1f.0/net/eno0")
    tree.route("eno0")
    tree.block("platform/host6/session1/target6:0:0/6:0:0:0/block/sda", "8:0")
    tree.mount("8:0", "/", "ext4", "/dev/sda")
    case.generate("--strict")
    case.image_has("protect",
                   "0000:00:1f.0 8086:1533 holds / (eno0), carries the default route (eno0)")


def test_what_is_lost_is_said(case):
    tree = case.tree
    nvme_root(tree)
    tree.virtual("drbd0", "147:0")
    tree.mount("147:0", "/boot", "ext4", "/dev/drbd0")
    tree.swap("/dev/nothing")
    case.generate("--strict")
    case.says("what holds /boot cannot be traced", "not protected")
    case.says("what holds swap cannot be traced")
    case.image_has("protect", "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)")


def test_foreign_roots(case):
    """The host's /sys and another root: no line of the wrong machine, one note, and the image says
    so. `bind` is not touched, for nothing is known."""
    machine = case.tree
    rows = (
        ("chroot", lambda t: t.write("proc/self/mountinfo", "22 21 0:5 / /sys rw - sysfs sysfs rw\n"),
         "chroot"),
        ("other-root", lambda t: t.mkdir("proc/1/root"), "chroot"),
        ("no-proc", lambda t: os.remove(t.path("proc/self/mountinfo")), "mountinfo"),
        ("systemd", lambda t: t.write("run/systemd/container", "lxc\n"), "container"),
        ("podman", lambda t: t.write("run/.containerenv", ""), "container"),
        ("docker", lambda t: t.write(".dockerenv", ""), "container"),
        ("variable", lambda t: t.write("proc/1/environ", b"A=b\0container=lxc\0"), "container"),
        ("processes", lambda t: t.link("proc/self/ns/pid", "pid:[4026532201]"), "container"),
        ("overlay", lambda t: t.mount("0:50", "/", "overlay", "overlay"), "cannot be traced"),
        ("tmpfs", lambda t: t.mount("0:51", "/", "tmpfs", "tmpfs"), "cannot be traced"),
        ("builder", lambda t: t.mount("259:2", "/", "ext4", "/dev/nvme0n1p2", root="/tmp/image"),
         "builder"),
        ("btrfs-builder", lambda t: t.mount("0:25", "/", "btrfs", "/dev/nvme0n1p2", root="/@/tmp/image",
                                            options="rw,subvol=/@"), "builder"),
    )
    for name, change, reason in rows:
        case.tree = type(machine)(machine.root + "-" + name)
        nvme_root(case.tree)
        case.tree.write("etc/early-vfio.conf", "bind 0000:01:00.0\n")
        change(case.tree)
        case.generate("--strict")
        case.image_has("protect")
        assert len(case.lines(".image", "unprotected")) == 1, name
        case.says("nothing is protected", reason)
        assert case.stderr.count("\n") == 1, (name, case.stderr)
        assert "bind 0000:01:00.0" in case.lines(".conf"), name


def test_roots_that_only_look_foreign(case):
    machine = case.tree
    rows = (
        ("ostree", lambda t: t.mount("259:2", "/", "ext4", "/dev/nvme0n1p2",
                                     root="/ostree/deploy/fedora/deploy/abc.0")),
        # A machine whose root came out of a container image.
        ("leftover", lambda t: (t.write(".dockerenv", ""), t.write("proc/2/comm", "kthreadd\n"))),
        ("variable", lambda t: t.write("proc/1/environ", b"HOME=/\0xcontainer=lxc\0")),
        ("processes", lambda t: t.link("proc/self/ns/pid", "pid:[4026531836]")),
    )
    for name, change in rows:
        case.tree = type(machine)(machine.root + "-" + name)
        nvme_root(case.tree)
        change(case.tree)
        case.generate("--strict")
        case.image_has("protect", "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)")


def test_no_host(case):
    nvme_root(case.tree)
    case.tree.write("etc/early-vfio.conf", "bind 0000:01:00.0\n")
    case.generate("--no-host", "--strict")
    case.image_has("protect")
    assert "--no-host" in case.lines(".image", "unprotected")[0]
    assert case.stderr.count("\n") == 1


def test_more_functions_than_there_is_room_for(case):
    tree = case.tree
    disks = [tree.nvme(f"pci0000:00/0000:{n:02x}:00.0", "144d:a808", f"nvme{n}", minor=n)
             for n in range(140)]
    tree.virtual("md0", "9:0", disks)
    tree.mount("9:0", "/", "ext4", "/dev/md0")
    case.generate()
    case.says("more functions", "room")
    assert len(case.lines(".image", "protect")) == 128
    case.generate("--strict", status=1)


def test_rings_end(case):
    """sysfs has none, but nothing may hang on it."""
    tree = case.tree
    nvme_root(tree)
    tree.sys_link("sys/devices/virtual/block/dm-1/slaves/dm-0", "sys/devices/virtual/block/dm-0")
    tree.virtual("dm-0", "253:0", ["virtual/block/dm-1"])
    tree.virtual("dm-1", "253:1")
    tree.mount("253:0", "/boot", "ext4", "/dev/dm-0")
    ring = tree.interface("virtual/net/a")
    tree.sys_link("sys/devices/virtual/net/a/lower_b", "sys/devices/virtual/net/b")
    tree.interface("virtual/net/b", [ring])
    tree.route("a")
    tree.virtual("loop0", "7:0")
    tree.write("sys/devices/virtual/block/loop0/loop/backing_file", "/mnt/a\n")
    tree.mount("7:0", "/mnt", "ext4", "/dev/loop0")
    tree.mount("7:0", "/usr", "ext4", "/dev/loop0")
    case.generate("--strict")
    case.image_has("protect", "0000:01:00.0 1b36:0010 holds / (nvme0n1p2)")
