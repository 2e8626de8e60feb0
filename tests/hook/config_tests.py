# SPDX-License-Identifier: GPL-2.0-or-later
"""Merging the host's files into one config: order, origins, and what is left out of it."""

import os


def test_nothing_is_configured(case):
    case.generate()
    case.config_is()
    case.image_has("kernel", "6.1.0-test")


def test_origins_where_the_numbering_jumps(case):
    case.tree.write("etc/early-vfio.conf",
                    "# first\nbind 10de:2684@0000:01:00.0+slot   # a card\nkeep class=0106\n\n"
                    "  set timeout 20\r\n")
    case.tree.write("etc/early-vfio.conf.d/20.conf", "bind 8086:1533 optional\n")
    case.tree.write("etc/early-vfio.conf.d/10.conf", "bind 8086:1534\n")
    case.tree.write("etc/early-vfio.conf.d/A.conf", "bind 8086:1535")
    case.generate("--strict", "--no-host")
    case.config_is("from /etc/early-vfio.conf:2", "bind 10de:2684@0000:01:00.0+slot",
                   "keep class=0106", "from /etc/early-vfio.conf:5", "set timeout 20",
                   "from /etc/early-vfio.conf.d/10.conf:1", "bind 8086:1534",
                   "from /etc/early-vfio.conf.d/20.conf:1", "bind 8086:1533 optional",
                   "from /etc/early-vfio.conf.d/A.conf:1", "bind 8086:1535")


def test_other_suffixes_are_ignored(case):
    for name in ("a.conf~", "b.conf.dpkg-old", "c", ".d.conf", "e.CONF"):
        case.tree.write(f"etc/early-vfio.conf.d/{name}", "bind 8086:1534\n")
    case.generate("--strict", "--no-host")
    case.config_is()


def test_faulty_rules_are_left_out_and_named(case):
    rows = (
        # written, what stays, column, a part of the reason, what the image says was refused
        ("bind 10de:zz", None, 11, "hexadecimal", "10de:zz"),
        ("bind 01:00", None, 11, "01:00.0", "01:00"),
        ("bind 10de:2684+slots", None, None, "+slot", "10de:2684+slots"),
        ("bind *:*", None, 6, "every device", "*:*"),
        ("bind 10de:1c82,10de:zz,8086:1533 optional", "bind 10de:1c82,8086:1533 optional", 21,
         "hexadecimal", "10de:zz"),
        ("bind 10de:1c82,10de:zz,10de:1c82 optional", "bind 10de:1c82 optional", 21,
         "hexadecimal", "10de:zz"),
        ("keep 0106,8086:1533", "keep 8086:1533", 6, "VENDOR:DEVICE", "0106"),
        ("  bind 10de:2684 optinal", None, 18, "optional", "10de:2684"),
        ("bind 10de:2684 profile=x driver=", None, 26, "driver", "10de:2684"),
        ("bind 10de:zz profile=x", None, 11, "hexadecimal", "10de:zz"),
        ("bnd 10de:2684", None, 1, "bind", "10de:2684"),
        ("set timeout 0", None, 13, "600", "timeout"),
        ("set time 1", None, 5, "timeout", "time"),
        ("bind", None, 1, "write what for", "bind"),
        ("from /etc/passwd:1", None, 1, "no such directive", "/etc/passwd:1"),
        ("bind driver=pci-stub,10de:1c82 optional", "bind 10de:1c82 optional", 6, "VENDOR:DEVICE",
         "driver=pci-stub"),
        ("bind profile=x,10de:1c82", "bind 10de:1c82", 6, "VENDOR:DEVICE", "profile=x"),
        ("ids 10de,1c82,8086:1533", "ids 8086:1533", 5, "10de:1c82", "10de,1c82"),
    )
    for written, stays, column, reason, refused in rows:
        case.tree.write("etc/early-vfio.conf", f"\n{written}\n")
        case.generate("--no-host")
        where = f"/etc/early-vfio.conf:2:{column or ''}"
        case.says(where, reason)
        case.says("WARNING", "1 fault")
        case.config_is(*(["from /etc/early-vfio.conf:2", stays] if stays else []))
        found = case.lines(".image", "refused")
        assert len(found) == 1 and found[0].startswith(f"/etc/early-vfio.conf:2 {refused} "), \
            (written, found)
        assert reason in found[0], written
        case.generate("--no-host", "--strict", status=1)


def test_a_keep_with_an_odd_tail_keeps(case):
    case.tree.write("etc/early-vfio.conf", "keep class=0106 because\n")
    case.generate("--no-host")
    case.says("/etc/early-vfio.conf:1:17", "because")
    case.config_is("from /etc/early-vfio.conf:1", "keep class=0106")
    case.image_has("refused")
    case.generate("--no-host", "--strict", status=1)


def test_what_is_accepted_with_a_note_is_no_fault(case):
    case.tree.write("etc/early-vfio.conf", '\ufeffbind 0x10de:0x2684\nbind "10de:2685",\n')
    case.generate("--no-host", "--strict")
    case.says("/etc/early-vfio.conf:1:1", "byte order mark")
    case.says("/etc/early-vfio.conf:1:6", "0x")
    case.config_is("from /etc/early-vfio.conf:1", "bind 0x10de:0x2684", 'bind "10de:2685",')


def test_options_of_bind_survive_a_faulty_neighbour(case):
    case.tree.write("etc/early-vfio.conf",
                    'bind "10de:1c82,10de:zz" driver=pci-stub profile=x optional\n')
    case.use_kernel("stub", "6.1.0-test", [], builtin=[
        "drivers/pci/pci-stub.ko", "drivers/vfio/pci/vfio-pci.ko", "drivers/vfio/vfio_iommu_type1.ko"])
    case.generate("--no-host")
    case.config_is("from /etc/early-vfio.conf:1",
                   "bind 10de:1c82 driver=pci-stub profile=x optional")


def test_bytes_that_are_not_text(case):
    case.tree.write("etc/early-vfio.conf", b"bind 10de:26\x0084\nbind 10de:\xff\xfe1\n\x01\n"
                    b"keep class=0106\n\x1b]0;x\x07\n")
    case.generate("--no-host")
    case.config_is("from /etc/early-vfio.conf:4", "keep class=0106")
    assert len(case.lines(".image", "refused")) == 4
    for text in (case.stderr, case.text(".image")):
        assert all(" " <= c <= "~" or c == "\n" for c in text), "raw bytes are shown"


def test_a_file_of_ten_megabytes(case):
    case.tree.write("etc/early-vfio.conf", "# padding\n" * (1 << 20) + "keep class=0106\n")
    case.generate("--no-host", "--strict")
    case.config_is("from /etc/early-vfio.conf:1048577", "keep class=0106")


def test_ten_megabytes_of_rubbish(case):
    case.tree.write("etc/early-vfio.conf", "keep class=0106\n" + "rubbish\n" * (10 << 17))
    case.generate("--no-host")
    case.config_is("from /etc/early-vfio.conf:1", "keep class=0106")
    assert case.stderr.count("\n") < 100 and "more of the kind" in case.stderr
    assert len(case.text(".image")) < 32768


def test_a_line_of_ten_megabytes(case):
    case.tree.write("etc/early-vfio.conf", "bind " + "1234:1111," * (1 << 20) + "1234:1112\n"
                    "keep class=0106\n")
    case.generate("--no-host")
    case.says("/etc/early-vfio.conf:1:1", "too large")
    case.config_is("from /etc/early-vfio.conf:2", "keep class=0106")


def test_more_rules_than_there_is_room_for(case):
    case.tree.write("etc/early-vfio.conf",
                    "".join(f"bind {n:04x}:1111\n" for n in range(1, 1500)))
    case.generate("--no-host")
    binds = case.lines(".conf", "bind")
    assert 900 < len(binds) <= 1024 - 64, len(binds)
    case.says(f"/etc/early-vfio.conf:{len(binds) + 1}:1", "too many rules")


def test_what_cannot_be_read_is_said(case):
    case.tree.mkdir("etc/early-vfio.conf")
    case.tree.mkdir("etc/early-vfio.conf.d/a.conf")
    case.tree.link("etc/early-vfio.conf.d/b.conf", "nowhere")
    case.tree.write("etc/early-vfio.conf.d/c d.conf", "bind 8086:1535\n")
    case.tree.write("etc/early-vfio.conf.d/e.conf", "bind 8086:1534\n")
    case.generate("--no-host")
    case.says("/etc/early-vfio.conf: Is a directory")
    case.says("/etc/early-vfio.conf.d/a.conf: Is a directory")
    case.says("/etc/early-vfio.conf.d/b.conf: No such file")
    case.says("c d.conf", "NOT in the image")
    case.config_is("from /etc/early-vfio.conf.d/e.conf:1", "bind 8086:1534")
    case.generate("--no-host", "--strict", status=1)


def looks_find(case, path):
    """What only looks at the config says too that it cannot be read."""
    for command in ("plan", "status"):
        case.run(command, "--sysroot", case.tree.root)
        assert case.status == 2 and f"error: {path}:1: cannot be read" in case.stdout, case.stdout
    case.run("check", "--json", "--sysroot", case.tree.root)
    assert f"{path} cannot be read" in case.stdout, case.stdout


def test_a_link_to_nothing_in_place_of_the_config(case):
    case.tree.link("etc/early-vfio.conf", "nowhere")
    case.generate("--no-host", "--strict", status=1)
    case.says("/etc/early-vfio.conf: No such file")
    looks_find(case, "/etc/early-vfio.conf")


def test_a_file_in_place_of_the_directory(case):
    case.tree.write("etc/early-vfio.conf.d", "bind 8086:1534\n")
    case.generate("--no-host", "--strict", status=1)
    case.says("/etc/early-vfio.conf.d: Not a directory")
    looks_find(case, "/etc/early-vfio.conf.d")


def test_a_link_to_nothing_in_place_of_the_directory(case):
    case.tree.link("etc/early-vfio.conf.d", "nowhere")
    case.generate("--no-host", "--strict", status=1)
    case.says("/etc/early-vfio.conf.d: No such file")
    looks_find(case, "/etc/early-vfio.conf.d")


def test_a_link_to_nothing_in_the_directory(case):
    case.tree.link("etc/early-vfio.conf.d/a.conf", "nowhere")
    looks_find(case, "/etc/early-vfio.conf.d/a.conf")


def test_a_long_word_that_is_left_out(case):
    """The binder has 64 KiB for all facts."""
    case.tree.write("etc/early-vfio.conf", "bind " + "a" * 100000 + "\n" + "b" * 100000)
    case.generate("--no-host")
    refused = case.lines(".image", "refused")
    assert [line[:30] for line in refused] == ["/etc/early-vfio.conf:1 aaaaaaa",
                                               "/etc/early-vfio.conf:2 bbbbbbb"], refused
    assert len(case.text(".image")) < 4096


def test_ids_of_modprobe(case):
    case.tree.write("etc/modprobe.d/vfio.conf",
                    "# cards\noptions vfio-pci disable_vga=1\n"
                    "options vfio_pci ids=10de:1c82,10de:0fb9 nointxmask=1\n")
    case.generate("--no-host", "--strict")
    case.config_is("from /etc/modprobe.d/vfio.conf:3", "ids 10de:1c82,10de:0fb9")


def test_ids_in_the_directories_of_modprobe(case):
    """By name over all directories; of one name the strongest directory's file."""
    rows = (("usr/lib", "b.conf", "1000:1"), ("lib", "a.conf", "1000:2"), ("run", "b.conf", "1000:3"),
            ("etc", "c.conf", "1000:4"), ("lib", "c.conf", "1000:5"),
            ("usr/local/lib", "d.conf", "1000:6"), ("usr/lib", "d.conf", "1000:7"))
    for where, name, ids in rows:
        case.tree.write(f"{where}/modprobe.d/{name}", f"options vfio-pci ids={ids}\n")
    case.use_kernel("debian12", *debian12())
    case.generate("--no-host", "--strict")
    case.config_is("from /lib/modprobe.d/a.conf:1", "ids 1000:2",
                   "from /run/modprobe.d/b.conf:1", "ids 1000:3",
                   "from /etc/modprobe.d/c.conf:1", "ids 1000:4",
                   "from /usr/local/lib/modprobe.d/d.conf:1", "ids 1000:6")
    case.says("/usr/local/lib/modprobe.d/d.conf:1", "given 4 times")


def debian12():
    from case import MODULES, VERSION
    return VERSION, MODULES


def test_ids_on_a_line_that_goes_on(case):
    case.tree.write("etc/modprobe.d/vfio.conf",
                    "options snd \\\n index=1\noptions vfio-pci disable_vga=1 \\\n  ids=10de:1c82\n")
    case.generate("--no-host", "--strict")
    case.config_is("from /etc/modprobe.d/vfio.conf:4", "ids 10de:1c82")


def test_faulty_ids(case):
    rows = (
        # written behind ids=, what stays, column, a part of the reason
        ("10de,1c82 disable_vga=1", None, 22, "10de:1c82"),
        ("10de:1c82,8086,1533", "ids 10de:1c82", 32, "8086:1533"),
        ("10de:1c82, 10de:0fb9", "ids 10de:1c82", 33, "without blanks"),
        ("10de:1c82 ,10de:0fb9", "ids 10de:1c82", 32, "without blanks"),
        ("10de:1c82 , 10de:0fb9", "ids 10de:1c82", 32, "without blanks"),
        ("01:00.0,10de:1c82", "ids 10de:1c82", 22, "early-vfio.bind"),
    )
    for written, stays, column, reason in rows:
        case.tree.write("etc/modprobe.d/vfio.conf", f"options vfio-pci ids={written}\n")
        case.generate("--no-host")
        case.says(f"/etc/modprobe.d/vfio.conf:1:{column}:", reason)
        case.config_is(*(["from /etc/modprobe.d/vfio.conf:1", stays] if stays else []))
        assert len(case.lines(".image", "refused")) == 1, written
        case.generate("--no-host", "--strict", status=1)


def test_ids_that_say_nothing(case):
    case.tree.write("etc/modprobe.d/vfio.conf",
                    "options vfio-pci ids=\noptions vfio-pci\n#options vfio-pci ids=1:2\n"
                    "options nouveau ids=1:2\noptions vfio-pci-core ids=1:2\nblacklist nouveau\n")
    case.generate("--no-host")
    case.config_is()


def test_comments_behind_ids(case):
    """modprobe has none there, but those who write them do."""
    for comment, is_said in (("# my card", False), ("#was ids=10de:0fb9 y=1", True),
                             ("# 10de:0fb9 before", False)):
        case.tree.write("etc/modprobe.d/vfio.conf",
                        f"#\noptions vfio-pci x=1 ids=10de:1c82 {comment}\n")
        case.generate("--no-host", "--strict")
        case.config_is("from /etc/modprobe.d/vfio.conf:2", "ids 10de:1c82")
        assert case.lines(".image", "module")[-1].endswith("/vfio-pci.ko x=1")
        if is_said:
            case.says("/etc/modprobe.d/vfio.conf:2:", "ids= behind #")
        else:
            assert "modprobe.d" not in case.stderr


def test_what_is_no_list_behind_ids(case):
    case.tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci ids=10de:1c82, 10de:0fb9; x=1\n")
    case.generate("--no-host")
    case.says("/etc/modprobe.d/vfio.conf:1:33:", "nothing may follow")
    case.config_is("from /etc/modprobe.d/vfio.conf:1", "ids 10de:1c82")
    assert case.lines(".image", "module")[-1].endswith("/vfio-pci.ko x=1")


def test_what_was_meant_for_ids(case):
    rows = (
        # a line that gives nothing to vfio-pci, and the part that it should have been for
        ("options vfio-pci ids = 10de:1c82", "ids"),
        ("options vfio-pci ids 10de:1c82", "ids"),
        ("options vfio-pci ids= 10de:1c82,10de:0fb9", "10de:1c82,10de:0fb9"),
        ("options vfio-pci id=10de:1c82", "id=10de:1c82"),
        ("options vfio-pci 10de:1c82", "10de:1c82"),
        ("options vfio-pci disable_vga=1 IDS=10de:1c82,10de:0fb9", "IDS=10de:1c82,10de:0fb9"),
        ("options vfio-pci.ids=10de:1c82", "vfio-pci.ids=10de:1c82"),
        ("option vfio-pci ids=10de:1c82", "ids=10de:1c82"),
        ("vfio-pci ids=10de:1c82", "ids=10de:1c82"),
        ("options vfio ids=10de:1c82", "ids=10de:1c82"),
        ("options pci-stub ids=10de:1c82", "ids=10de:1c82"),
        ("options vfi-pci ids=10de:1c82", "ids=10de:1c82"),
        ("options VFIO-PCI ids=10de:1c82", "ids=10de:1c82"),
        ("options vfio-pci ids10de:1c82,10de:0fb9", "ids10de:1c82,10de:0fb9"),
        ("options vfio-pci IDS=1Ode:1c82", "IDS=1Ode:1c82"),
        ("options vfio-pci bind=01:00.0", "bind=01:00.0"),
        ("options vfi\"o_pci ids=l0de:1c82", "vfi\"o_pci ids=l0de:1c82"),
        ("options VFIO_PCI IDS=I0DE:1C82", "IDS=I0DE:1C82"),
        ("options vfio-pci \\\n  id=10de:1c82", "id=10de:1c82"),
        ("options \\\n vfio-pci \\\n disable_vga=1 10de:1c82", "10de:1c82"),
    )
    harmless = ("options vfio-pci disable_vga=1 nointxmask=1", "#options vfio-pci id=10de:1c82",
                "options vfio-pci ids=", "options nouveau ids=10de:1c82",
                "options vfio_iommu_type1 allow_unsafe_interrupts=1",
                "alias pci:v000010DEd00001C82sv*sd*bc*sc*i* vfio-pci",
                "softdep nouveau pre:vfio-pci", "options usb-storage quirks=152d:0578:u",
                "options vfio-pci x=1 # 10de:1c82", "options vfio-pci x=1 \\\n disable_vga=1")
    for line, part in rows:
        case.tree.write("etc/modprobe.d/vfio.conf", f"# a comment\n{line}\n")
        case.generate("--no-host", "--strict")
        case.says(f"/etc/modprobe.d/vfio.conf:2: {part}: ignored", "options vfio-pci ids=")
        case.config_is()
    for line in harmless:
        case.tree.write("etc/modprobe.d/vfio.conf", line + "\n")
        case.generate("--no-host", "--strict")
        assert "modprobe.d" not in case.stderr


def test_quotes_of_modprobe(case):
    for ids in ("10de:1c82,10de:0fb9", "10de:1c82, 10de:0fb9", " 10de:1c82 , 10de:0fb9 "):
        case.tree.write("etc/modprobe.d/vfio.conf", f'options vfio-pci ids="{ids}" x=1\n')
        case.generate("--no-host", "--strict")
        case.config_is("from /etc/modprobe.d/vfio.conf:1", "ids 10de:1c82,10de:0fb9")
        assert "modprobe.d" not in case.stderr


def test_modprobe_files_that_are_no_text(case):
    case.tree.write("etc/modprobe.d/a.conf", b"\0\0\0options vfio-pci ids=1:2\n\xff\xfe\n")
    case.tree.mkdir("etc/modprobe.d/b.conf")
    case.tree.write("etc/modprobe.d/c.conf", "options vfio-pci ids=10de:1c82\n")
    case.generate("--no-host")
    case.config_is("from /etc/modprobe.d/c.conf:1", "ids 10de:1c82")


def test_the_sysroot_is_not_left(case):
    """Nothing of the running system's own configuration comes in."""
    case.generate("--no-host", "--strict")
    case.config_is()
    assert not any(os.path.exists(f"/etc/early-vfio{x}") and x in case.stderr for x in (".conf",))


def test_who_may_write_to_the_config_is_named(case):
    case.tree.write("etc/early-vfio.conf", "bind 10de:2684\n")
    case.tree.write("etc/early-vfio.conf.d/10.conf", "bind 8086:1533\n")
    case.generate("--no-host")
    assert "may be written" not in case.stderr and "belongs to" not in case.stderr
    config = ("from /etc/early-vfio.conf:1", "bind 10de:2684",
              "from /etc/early-vfio.conf.d/10.conf:1", "bind 8086:1533")
    for path, mode, usual, who in (("etc/early-vfio.conf", 0o666, 0o644, "everybody"),
                                   ("etc/early-vfio.conf.d/10.conf", 0o664, 0o644, "its group"),
                                   ("etc/early-vfio.conf.d", 0o777, 0o755, "everybody"),
                                   ("etc", 0o775, 0o755, "its group"),
                                   ("", 0o777, 0o755, "everybody")):
        os.chmod(case.tree.path(path), mode)
        case.generate("--no-host", "--strict")
        case.says(f"/{path} may be written by {who}", f"chmod go-w /{path}")
        case.config_is(*config)
        os.chmod(case.tree.path(path), usual)
    if os.geteuid() == 0:
        os.chown(case.tree.path("etc/early-vfio.conf"), 4711, 0)
        case.generate("--no-host", "--strict")
        case.says("/etc/early-vfio.conf belongs to user 4711", "chown root:root")
        case.config_is(*config)


def test_who_may_change_where_links_lead(case):
    """A directory on the way may be a link too, and somebody else's above where it leads."""
    case.tree.write("home/user/shared/vfio.conf", "bind 10de:2684\n")
    case.tree.link("srv/config", "../home/user/shared")
    case.tree.link("etc/early-vfio.conf", "../srv/config/vfio.conf")
    case.generate("--no-host", "--strict")
    assert "may be written" not in case.stderr
    for path in ("home/user", "home", "srv"):
        os.chmod(case.tree.path(path), 0o777)
        case.generate("--no-host", "--strict")
        case.says(f"/{path} may be written by everybody")
        os.chmod(case.tree.path(path), 0o755)
    os.unlink(case.tree.path("home/user/shared/vfio.conf"))
    os.chmod(case.tree.path("home/user/shared"), 0o777)
    case.generate("--no-host")
    case.says("config may be written by everybody")


def test_a_sticky_directory_lets_nobody_replace_a_file(case):
    case.tree.write("etc/early-vfio.conf", "bind 10de:2684\n")
    os.chmod(case.tree.path("etc"), 0o1777)
    case.generate("--no-host", "--strict")
    assert "may be written" not in case.stderr
