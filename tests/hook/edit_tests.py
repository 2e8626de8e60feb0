# SPDX-License-Identifier: GPL-2.0-or-later
"""add and remove: which line is written for what was asked, what is refused, and that all other
bytes of the config stay."""

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

from case import Skipped
from editing import CONFIG, Editing, recorded

CARD = "10de:2684@0000:00:01.0/00.0+slot"
DISK = "1b36:0010@0000:00:03.0/00.0"
ROOT = "1b36:0010@0000:00:02.0/00.0"


def test_a_guarded_line_is_written(case):
    rows = (
        ("01:00.0", CARD),
        ("0000:01:00.0", CARD),
        ("0000:00:01.0/00.0", CARD),
        ("10de:2684", CARD),
        ("10DE:0x2684", CARD),
        ("01:00.0+group", "10de:2684@0000:00:01.0/00.0+group"),
        ("10de:2684@0000:01:00.0", "10de:2684@0000:00:01.0/00.0"),
        ("01:00.1", "10de:22ba@0000:00:01.0/00.1"),
        ("00:1f.0", "8086:1533@0000:00:1f.0"),
        ("03:00.0", DISK),
        ("02:00.0+force", ROOT + "+force"),
        ("class=0300", "class=0300"),
        ("not-boot-vga", "not-boot-vga"),
        ("10de:*", "10de:*"),
        ("8086:10d3@0000:09:00.0", "8086:10d3@0000:09:00.0"),
        ("10de:22bb@0000:01:00.2", "10de:22bb@0000:01:00.2"),
    )
    edit = Editing(case).desktop()
    for asked, line in rows:
        edit.write("")
        edit.run("add", asked)
        edit.rules_are(f"bind {line}")
        # What was written is read as what was meant, and the same again changes nothing.
        before = edit.config
        edit.run("add", asked)
        edit.prints(line, "it is there already", "/etc/early-vfio.conf:1")
        assert edit.config == before


def test_plan_and_next_step_are_shown(case):
    edit = Editing(case).desktop()
    edit.run("add", "01:00.0")
    edit.prints("0000:01:00.0", "10de:2684", "vfio-pci", "bind")
    edit.prints("0000:01:00.1", "10de:22ba", "vfio-pci", "bind")
    edit.prints_not("0000:02:00.0")
    edit.prints("bind " + CARD, "# ", "(0000:01:00.0)")
    edit.prints("next: ", "update-initramfs -u", "dracut -f")
    edit.says("+slot was added")
    assert b"# see early-vfio.conf(5)" in edit.config
    case.tree.write("usr/bin/dracut", "")
    edit.run("add", "03:00.0")
    edit.prints("next: dracut -f")
    edit.prints_not("update-initramfs")
    case.tree.write("usr/sbin/update-initramfs", "")
    edit.run("remove", "03:00.0")
    edit.prints("next: update-initramfs -u")
    edit.prints_not("dracut")


def test_slot_rest_and_group_are_shown(case):
    edit = Editing(case).desktop()
    edit.device("0000:00:1f.3", "8086:1534", "020000", 4, driver="e1000e")
    edit.run("add", "--dry-run", "10de:2684@0000:01:00.0", "00:1f.0")
    edit.prints("0000:01:00.1", "+slot")
    edit.prints("group 4", "0000:00:1f.3", "e1000e")


def test_a_dry_run_writes_nothing(case):
    edit = Editing(case).desktop()
    edit.run("add", "--dry-run", "01:00.0")
    edit.prints("to be added")
    edit.prints("bind " + CARD)
    assert edit.config is None
    edit.write(f"bind {CARD}\n")
    edit.run("remove", "--dry-run", "01:00.0")
    edit.prints("to be taken out")
    edit.rules_are(f"bind {CARD}")


def test_refused_and_untouched(case):
    rows = (
        # asked, what is said
        (["02:00.0"], ["0000:02:00.0", "holds /", "+force"]),
        ([ROOT], ["0000:02:00.0", "holds /"]),
        (["02:00.0+group"], ["0000:02:00.0", "holds /"]),
        (["01:00.0", "02:00.0"], ["0000:02:00.0", "holds /"]),
        (["00:01.0"], ["bridges stay"]),
        (["00:1f.0"], ["is kept by", "/etc/early-vfio.conf:1"]),
        (["09:00.0"], ["no device is there", "VENDOR:DEVICE@0000:09:00.0"]),
        (["01:00.3"], ["not there yet", "VENDOR:DEVICE@0000:01:00.3"]),
        (["1234:5678"], ["no such device", "1234:5678@ADDRESS"]),
    )
    edit = Editing(case).desktop()
    edit.write("keep 8086:1533\n")
    for asked, parts in rows:
        edit.run("add", *asked, status=1)
        edit.says(*parts)
        edit.says("nothing was written")
        assert edit.config == b"keep 8086:1533\n", asked


def test_what_is_there_and_refused_is_not_called_well(case):
    rows = (
        (f"bind {ROOT}\n", ["02:00.0"], ["0000:02:00.0", "holds /"]),
        (f"bind {ROOT}\n", ["03:00.0", "02:00.0"], ["0000:02:00.0", "holds /"]),
        ("keep 8086:1533\nbind 8086:1533@0000:00:1f.0\n", ["00:1f.0"],
         ["0000:00:1f.0", "is kept by", "/etc/early-vfio.conf:1"]),
    )
    edit = Editing(case).desktop()
    for before, asked, parts in rows:
        edit.write(before)
        edit.run("add", *asked, status=1)
        edit.prints("it is there already")
        edit.says("refused", *parts)
        edit.says("nothing was written")
        assert edit.config == before.encode(), asked


def test_an_id_of_several_slots_asks_which(case):
    edit = Editing(case).desktop()
    edit.run("add", "1b36:0010", status=1)
    edit.says("several slots")
    edit.says("early-vfio add " + ROOT, "0000:02:00.0")
    edit.says("early-vfio add " + DISK, "0000:03:00.0")
    assert edit.config is None
    edit.run("add", DISK)
    edit.rules_are("bind " + DISK)


def test_an_id_of_several_functions_becomes_a_line_for_each(case):
    edit = Editing(case).desktop()
    edit.bridge("0000:00:05.0", 5)
    for function in (0, 1):
        edit.device(f"0000:00:05.0/0000:05:00.{function}", "8086:1528", "020000", 5 + function)
    edit.run("add", "8086:1528")
    edit.rules_are("bind 8086:1528@0000:00:05.0/00.0", "bind 8086:1528@0000:00:05.0/00.1")
    edit.run("remove", "8086:1528")
    edit.rules_are()


def test_the_last_usb_controller_is_refused(case):
    edit = Editing(case).desktop()
    edit.device("0000:00:14.0", "8086:a2af", "0c0330", 9)
    edit.run("add", "00:14.0", status=1)
    edit.says("keyboards", "+force")
    edit.run("add", "00:14.0+force")
    edit.rules_are("bind 8086:a2af@0000:00:14.0+force")


def test_without_an_iommu_the_line_is_written_all_the_same(case):
    edit = Editing(case)
    edit.device("0000:00:1f.0", "8086:1533", "020000")
    edit.run("add", "00:1f.0")
    edit.prints("0000:00:1f.0", "no IOMMU group")
    edit.rules_are("bind 8086:1533@0000:00:1f.0")


def test_what_is_not_there_is_warned_of(case):
    edit = Editing(case).desktop()
    edit.run("add", "1b36:0010@0000:01:00.0")
    edit.prints("0000:01:00.0", "10de:2684", "not what")
    edit.run("add", "10de:2684@0000:09:00.0")
    edit.prints("10de:2684@0000:09:00.0", "no such device there", "it is now at 0000:01:00.0")


def test_covered_already(case):
    edit = Editing(case).desktop()
    edit.write(f"bind {CARD}\n")
    edit.run("add", "01:00.1")
    edit.prints("taken already", "/etc/early-vfio.conf:1", CARD)
    edit.rules_are(f"bind {CARD}")
    edit.write("")
    case.tree.write("etc/early-vfio.conf.d/a.conf", "\nbind class=03+slot\n")
    edit.run("add", "01:00.1")
    edit.prints("taken already", "/etc/early-vfio.conf.d/a.conf:2")
    edit.rules_are()
    os.unlink(case.tree.path("etc/early-vfio.conf.d/a.conf"))
    # What covers it from elsewhere is said, and may go.
    case.tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:22ba\n")
    edit.run("add", "01:00.1")
    edit.prints("also taken by", "/etc/modprobe.d/vfio.conf:1")
    edit.rules_are("bind 10de:22ba@0000:00:01.0/00.1")


def test_both_of_one_slot_are_one_line(case):
    edit = Editing(case).desktop()
    edit.run("add", "01:00.0,01:00.1")
    edit.rules_are(f"bind {CARD}")


def test_a_profile_does_not_cover(case):
    edit = Editing(case).desktop()
    edit.write("bind 8086:1533 profile=lab\n")
    case.tree.write("proc/cmdline", "early-vfio.profile=lab early-vfio.mode=off\n")
    edit.run("add", "00:1f.0")
    edit.rules_are("bind 8086:1533 profile=lab", "bind 8086:1533@0000:00:1f.0")


def test_every_other_byte_stays(case):
    """Adding and removing again is as if nothing had been."""
    texts = (
        b"", b"# mine", b"# mine\n", b"# mine\r\n", b"# a\r\n\r\n# b", 
        b"\xef\xbb\xbfkeep 1111:2222\n", b"bind 8086:10d3@0000:09:00.0\t# \xff\xfe\x00 odd\n\n\n", b"\r\n", b"\n", b"a\rb\n",
        b"# " + b"x" * 70000 + b"\n",
    )
    edit = Editing(case).desktop()
    for text in texts:
        edit.write(text)
        edit.run("add", "01:00.0", "03:00.0")
        assert edit.config.startswith(text), text[:40]
        added = edit.config[len(text):]
        assert added.count(b"bind ") == 2
        assert (b"\r\n" in added) == (b"\r\n" in text), added
        assert edit.config.endswith(b"\n") == (not text or text.endswith(b"\n")), added
        edit.run("remove", "01:00.0", "03:00.0")
        assert edit.config == text, (text[:40], edit.config[:80])


def test_an_element_of_a_list_goes(case):
    rows = (
        # before, what is removed, after
        ("bind 1111:2222,3333:4444,5555:6666\n", "1111:2222", "bind 3333:4444,5555:6666\n"),
        ("bind 1111:2222,3333:4444,5555:6666\n", "3333:4444", "bind 1111:2222,5555:6666\n"),
        ("bind 1111:2222,3333:4444,5555:6666\n", "5555:6666", "bind 1111:2222,3333:4444\n"),
        ("bind 1111:2222, 3333:4444 optional # c\r\n", "1111:2222",
         "bind 3333:4444 optional # c\r\n"),
        ("bind 1111:2222 ,3333:4444 optional # c\n", "3333:4444", "bind 1111:2222 optional # c\n"),
        ("bind 1111:2222 ,3333:4444\n", "1111:2222", "bind 3333:4444\n"),
        ("bind 5555:6666, 1111:2222, 3333:4444\n", "1111:2222",
         "bind 5555:6666, 3333:4444\n"),
        ("bind 5555:6666,1111:2222 ,3333:4444\n", "1111:2222", "bind 5555:6666 ,3333:4444\n"),
        # What stands behind a blank is no part of such a list, and does not become one.
        ("ids 5555:6666,1111:2222, 3333:4444\n", "1111:2222", "ids 5555:6666, 3333:4444\n"),
        ("ids 5555:6666,1111:2222 ,3333:4444\n", "1111:2222", "ids 5555:6666 ,3333:4444\n"),
        ("  bind 1111:2222,1111:2222,3333:4444,1111:2222\n", "1111:2222", "  bind 3333:4444\n"),
        ('bind "1111:2222,3333:4444"\n', "3333:4444", 'bind "1111:2222"\n'),
        ('bind "1111:2222, 3333:4444"\n', "1111:2222", 'bind "3333:4444"\n'),
        ('bind "1111:2222 , 3333:4444"\n', "1111:2222", 'bind "3333:4444"\n'),
        ('bind "5555:6666,1111:2222, 3333:4444"\n', "1111:2222",
         'bind "5555:6666, 3333:4444"\n'),
        ("bind 1111:2222,#3333:4444,5555:6666\n", "1111:2222", "bind ,#3333:4444,5555:6666\n"),
        ("bind 1111:2222,zz\n", "1111:2222", "bind zz\n"),
        ("bind 1111:2222,\nkeep 1111:2222\n", "1111:2222", "keep 1111:2222\n"),
        ("a\nbind 0x1111:2222 optional\nb", "1111:2222", "a\nb"),
        ("a\nbind 1111:2222 profile=x\nbind 1111:2222\nb", "1111:2222", "a\nb"),
        ("bind 1111:2222@0000:09:00.0+slot\n", "09:00.0", ""),
        ("bind 1111:2222@0000:09:00.0+slot\n", "1111:2222", ""),
        ("bind 1111:2222\nbind 1111:2222@0000:09:00.0\n", "1111:2222",
         "bind 1111:2222@0000:09:00.0\n"),
        ("#bind 1111:2222\nbind 1111:2222\n", "1111:2222", "#bind 1111:2222\n"),
        (f"bind {CARD}\n", "10de:2684", ""),
        ("bind class=0300\n", "01:00.0", ""),
        # Nothing has to be there for flags not to matter.
        ("bind 1111:2222@0000:09:00.0+slot\n", "1111:2222@09:00.0", ""),
        ("bind 1111:2222@0000:00:07.0/00.0+slot\n", "1111:2222@00:07.0/00.0", ""),
        ("bind 1111:2222+slot\nbind 1111:2222@09:00.0\n", "1111:2222",
         "bind 1111:2222@09:00.0\n"),
        # A byte order mark belongs to the file, and not to its first line.
        ("\ufeffbind 1111:2222\r\nkeep 1:2\r\n", "1111:2222", "\ufeffkeep 1:2\r\n"),
        ("\ufeffbind 1111:2222\nbind 1111:2222", "1111:2222", "\ufeff"),
        ("\ufeffbind 1111:2222,3333:4444\n", "1111:2222", "\ufeffbind 3333:4444\n"),
        # Further down it is a fault of its line, and goes with it.
        ("keep 1:2\n\ufeffbind 1111:2222\nkeep 3:4\n", "1111:2222", "keep 1:2\nkeep 3:4\n"),
    )
    edit = Editing(case).desktop()
    for before, asked, after in rows:
        edit.write(before)
        edit.run("remove", asked)
        assert edit.config == after.encode(), (before, edit.config)


def test_remove_says_where_it_is(case):
    edit = Editing(case).desktop()
    edit.write(f"bind {CARD}\nkeep 1b36:0010\n")
    case.tree.write("etc/early-vfio.conf.d/a.conf", "\nbind 00:1f.0\n")
    case.tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci ids=1234:1111\n")
    case.tree.write("proc/cmdline", "early-vfio.bind=1234:2222\n")
    before = edit.config
    rows = (
        ("00:1f.0", "/etc/early-vfio.conf.d/a.conf:2"),
        ("1234:1111", "/etc/modprobe.d/vfio.conf:1"),
        ("1234:2222", "cmdline"),
        ("01:00.1", "/etc/early-vfio.conf:1: " + CARD),
        ("03:00.0", "nothing in /etc/early-vfio.conf binds it"),
        ("1b36:0010", "nothing in /etc/early-vfio.conf binds it"),
    )
    for asked, where in rows:
        edit.run("remove", asked, status=1)
        edit.says(asked, where)
        # One of them that fails is all that fails.
        edit.run("remove", "01:00.0", asked, status=1)
        edit.prints_not("taken out")
        assert edit.config == before, asked


def test_remove_says_what_still_takes_it(case):
    edit = Editing(case).desktop()
    edit.write(f"bind {CARD}\n")
    case.tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:2684\n")
    edit.run("remove", "01:00.0")
    edit.says("still taken by", "/etc/modprobe.d/vfio.conf:1")
    edit.rules_are()


def test_remove_asks_which_of_two(case):
    edit = Editing(case).desktop()
    edit.write(f"bind {ROOT}\nbind {DISK}\n")
    edit.run("remove", "1b36:0010", status=1)
    edit.says("which one", "/etc/early-vfio.conf:1", ROOT)
    edit.says("which one", "/etc/early-vfio.conf:2", DISK)
    edit.run("remove", "03:00.0")
    edit.rules_are(f"bind {ROOT}")
    # In one list no less.
    edit.write(f"bind {ROOT},{DISK}\n")
    edit.run("remove", "1b36:0010", status=1)
    edit.says("which one", "/etc/early-vfio.conf:1", ROOT)
    edit.says("which one", "/etc/early-vfio.conf:1", DISK)
    edit.rules_are(f"bind {ROOT},{DISK}")


def test_remove_by_two_names_of_the_same(case):
    edit = Editing(case).desktop()
    for asked in (["01:00.0", "01:00.0"], ["01:00.0", "10de:2684"], ["01:00.0,0000:01:00.0"]):
        edit.write(f"bind {CARD}\nkeep 1:2\n")
        edit.run("remove", *asked)
        edit.prints("bind " + CARD)
        edit.rules_are("keep 1:2")


def test_remove_works_without_a_bus(case):
    edit = Editing(case)
    os.rmdir(case.tree.path("sys/bus/pci/devices"))
    edit.write("bind 1111:2222@0000:09:00.0,3333:4444\n")
    edit.run("remove", "09:00.0", "3333:4444")
    assert edit.config == b""
    edit.run("add", "09:00.0", status=3)
    edit.says("/sys", "no PCI bus")


def test_links_mode_and_attributes_stay(case):
    edit = Editing(case).desktop()
    real = Path(case.tree.path("srv/config"))
    case.tree.write("srv/config", "# real\n")
    os.chmod(real, 0o640)
    os.chown(real, 1234, 2345)
    try:
        os.setxattr(real, "user.origin", b"kept")
        has_attribute = True
    except OSError:
        has_attribute = False
    case.tree.link("etc/one", "../srv/config")
    case.tree.link(CONFIG, "one")
    edit.run("add", "00:1f.0")
    assert os.readlink(case.tree.path(CONFIG)) == "one"
    assert not real.is_symlink() and b"bind 8086:1533" in real.read_bytes()
    st = real.stat()
    assert (stat.S_IMODE(st.st_mode), st.st_uid, st.st_gid) == (0o640, 1234, 2345)
    if has_attribute:
        assert os.getxattr(real, "user.origin") == b"kept"
    assert os.listdir(case.tree.path("srv")) == ["config"]
    edit.run("remove", "00:1f.0")
    assert real.read_bytes() == b"# real\n"


def test_a_link_to_nothing_is_filled(case):
    edit = Editing(case).desktop()
    case.tree.mkdir("srv")
    # An absolute one stays below the root.
    case.tree.link(CONFIG, "/srv/config")
    edit.run("add", "00:1f.0")
    assert b"bind 8086:1533" in Path(case.tree.path("srv/config")).read_bytes()
    assert stat.S_IMODE(os.stat(case.tree.path("srv/config")).st_mode) == 0o644


def test_what_is_no_file_is_left_alone(case):
    edit = Editing(case).desktop()
    case.tree.mkdir(CONFIG)
    edit.run("add", "00:1f.0", status=3)
    edit.says("early-vfio.conf", "not a regular file")
    os.rmdir(case.tree.path(CONFIG))
    case.tree.link(CONFIG, "early-vfio.conf")
    edit.run("remove", "00:1f.0", status=3)
    edit.says("early-vfio.conf", "symbolic links")


def test_nobody_may_not_write(case):
    edit = Editing(case).desktop()
    edit.write("bind 1111:2222\n")
    rows = (
        ("add", "00:1f.0", [], 3), ("remove", "1111:2222", [], 3),
        ("add", "00:1f.0", ["--dry-run"], 0), ("remove", "1111:2222", ["--dry-run"], 0),
    )
    for command, spec, options, status in rows:
        done = edit.run_as_nobody(command, *options, spec)
        assert done.status == status, (command, done.status)
        assert ("as root" in done.stderr) == (status == 3), done.stderr
        assert edit.config == b"bind 1111:2222\n"
    assert sorted(os.listdir(case.tree.path("etc"))) == ["early-vfio.conf"]


def test_root_is_not_told_to_be_root(case):
    edit = Editing(case).desktop()
    edit.write("bind 1111:2222\n")
    path = case.tree.path(CONFIG)
    if not shutil.which("chattr") or os.geteuid() != 0:
        raise Skipped("only root can make a file immutable, by chattr")
    if subprocess.run(["chattr", "+i", path], capture_output=True, check=False).returncode:
        raise Skipped("no immutable files on this file system")
    try:
        for command, spec in (("add", "00:1f.0"), ("remove", "1111:2222")):
            edit.run(command, spec, status=3)
            edit.says("/etc/early-vfio.conf", "lsattr")
            assert "as root" not in case.stderr
    finally:
        subprocess.run(["chattr", "-i", path], check=True)
    assert edit.config == b"bind 1111:2222\n"
    assert os.listdir(case.tree.path("etc")) == ["early-vfio.conf"]


def test_odd_configs_do_no_harm(case):
    edit = Editing(case).desktop()
    texts = (
        b"\0" * 4096, b"bind " + b"1111:2222," * 30000 + b"\n", b"\xff" * (10 << 20),
        b"keep " * 20000, b"bind 1111:2222 # " + b"\n# y" * 100000,
    )
    for text in texts:
        edit.write(text)
        edit.run("add", "00:1f.0")
        assert edit.config.startswith(text) and edit.config.count(b"8086:1533") == 1
        edit.run("remove", "00:1f.0")
        assert edit.config == text, text[:20]
    # What would not count is not written.
    text = b"bind 1111:2222\n" * 3000
    edit.write(text)
    edit.run("add", "00:1f.0", status=1)
    edit.says("no room")
    assert edit.config == text
    edit.run("remove", "1111:2222")
    assert edit.config == b""


def test_usage_errors_exit_2(case):
    edit = Editing(case).desktop()
    for command in ("add", "remove"):
        for args in ([], ["zz"], ["01:00"], [""], [","], ["--frob", "01:00.0"], ["01:00.0", "*:*"]):
            case.run(command, "--sysroot", case.tree.root, *args)
            assert case.status == 2, (command, args)
            assert case.stderr.startswith("early-vfio: ") and not case.stdout
        case.run(command, "--help")
        assert case.status == 0 and f"usage: early-vfio {command}" in case.stdout
    assert edit.config is None


def test_recorded_machines(case):
    """What is added is bound by the plan, and removing it is as if nothing had been."""
    for edit, devices in recorded(case, 5):
        for address, pci_class in devices[:: max(1, len(devices) // 4)]:
            edit.write("# mine")
            edit.case.run("add", "--sysroot", edit.tree.root, address)
            if case.status:
                # A last USB controller or a bridge; nothing else is refused on such a machine.
                assert case.status == 1 and pci_class[:2] in ("0c", "06"), (address, case.stderr)
                assert edit.config == b"# mine"
                continue
            case.run("plan", "--json", "--sysroot", edit.tree.root)
            found = [d for d in json.loads(case.stdout)["devices"] if d["address"] == address]
            assert found and (found[0]["decision"] == "bind" or "IOMMU" in found[0]["reason"]), \
                (edit.config, found)
            edit.run("remove", address)
            assert edit.config == b"# mine"
