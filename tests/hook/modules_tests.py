# SPDX-License-Identifier: GPL-2.0-or-later
"""Which module lines an image gets: order, options, softdeps, built-in and missing modules."""

import os
import subprocess

from case import MODULES, Skipped
from tree import Module

TOP = "/lib/modules"


def names(case):
    return [os.path.basename(line.split(" ")[0])[:-3] for line in case.lines(".image", "module")]


def test_load_order(case):
    case.generate("--no-host")
    order = names(case)
    assert sorted(order) == sorted(["vfio", "vfio_iommu_type1", "irqbypass", "vfio_virqfd",
                                    "vfio-pci-core", "vfio-pci"]), order
    for before, after in (("vfio", "vfio_iommu_type1"), ("vfio", "vfio-pci-core"),
                          ("vfio_virqfd", "vfio-pci-core"), ("irqbypass", "vfio-pci-core"),
                          ("vfio-pci-core", "vfio-pci")):
        assert order.index(before) < order.index(after), order
    assert order[-1] == "vfio-pci"
    assert all(line.startswith(f"{TOP}/6.1.0-test/kernel/") and line.endswith(".ko")
               for line in case.lines(".image", "module"))


def test_compressed_modules_have_plain_paths(case):
    for suffix in (".xz", ".zst"):
        case.tree.root += suffix
        os.makedirs(case.tree.root)
        case.use_kernel("debian13" + suffix, "6.12.0-test",
                        [m for m in MODULES if "virqfd" not in m.path][:-2] + [
                            Module("drivers/vfio/pci/vfio-pci-core.ko", exports=["core"],
                                   needs=["vfio", "irq_bypass"]), MODULES[-1]], suffix=suffix)
        assert os.path.exists(case.tree.path(
            f"lib/modules/6.12.0-test/kernel/drivers/vfio/vfio.ko{suffix}"))
        case.generate("--no-host", "--strict", version="6.12.0-test")
        assert names(case) == ["vfio", "vfio_iommu_type1", "irqbypass", "vfio-pci-core", "vfio-pci"]
        assert all(line.endswith(".ko") for line in case.lines(".image", "module"))


def test_modules_below_usr_alone(case):
    case.use_kernel("debian12", "6.1.0-test", MODULES)
    os.makedirs(case.tree.path("usr/lib"))
    os.rename(case.tree.path("lib/modules"), case.tree.path("usr/lib/modules"))
    case.run("generate", "--kernel", "6.1.0-test", "--sysroot", case.tree.root, "--no-host",
             "--strict", "--output", case.image)
    assert case.status == 0
    assert all(line.startswith("/usr/lib/modules/6.1.0-test/kernel/")
               for line in case.lines(".image", "module"))


def test_options_without_ids(case):
    case.tree.write("etc/modprobe.d/vfio.conf",
                    "options vfio-pci ids=10de:1c82 disable_vga=1\n"
                    "options vfio_pci nointxmask=1\toption=\"a b\"\n"
                    "options vfio_iommu_type1 allow_unsafe_interrupts=1\n"
                    "options vfio-pci-core x=1 ids=1\n")
    case.generate("--no-host", "--strict")
    options = {os.path.basename(line.split(" ")[0]): line.split(" ")[1:]
               for line in case.lines(".image", "module")}
    assert options["vfio-pci.ko"] == ["disable_vga=1", "nointxmask=1", 'option="a', 'b"']
    assert options["vfio_iommu_type1.ko"] == ["allow_unsafe_interrupts=1"]
    assert options["vfio-pci-core.ko"] == ["x=1", "ids=1"]
    assert options["vfio.ko"] == []


def test_options_of_the_running_kernel_stay_out(case):
    """libkmod reads /proc/cmdline whatever it is told."""
    case.tree.write("etc/modprobe.d/vfio.conf", "options vfio-pci disable_vga=1\n")
    case.generate("--no-host")
    before = case.text(".conf"), case.text(".image")
    case.tree.write("cmdline", "quiet vfio-pci.ids=1:2 vfio_pci.disable_idle_d3=1 vfio.x=1\n")
    script = ('mount --bind "$1" /proc/cmdline && grep -q vfio.x=1 /proc/cmdline || exit 77; '
              'shift; exec "$@"')
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", case.tree.path("cmdline"),
                           os.environ.get("EARLY_VFIO_HOST", "build/asan/early-vfio"), "generate",
                           "--kernel", "6.1.0-test", "--no-host", "--sysroot", case.tree.root,
                           "--output", case.image], capture_output=True, check=False)
    if done.returncode in (1, 77):
        raise Skipped("no mount namespace: " + done.stderr.decode())
    assert done.returncode == 0, done.stderr
    assert before == (case.text(".conf"), case.text(".image"))


def test_softdeps_before(case):
    case.use_kernel("softdep", "6.1.0-test", list(MODULES) + [
        Module("a.ko", exports=["a"]), Module("b.ko", needs=["a"], exports=["b"]),
        Module("c.ko", needs=["b"]), Module("d.ko"), Module("e.ko")])
    rows = (
        ("softdep vfio-pci pre: c d post: e\n", ["a", "b", "c", "d"]),
        ("softdep vfio-pci pre: c\nsoftdep b pre: d\nsoftdep d pre: e\n", ["a", "e", "d", "b", "c"]),
        ("softdep vfio-pci pre: nothing-of-the-kind d\n", ["d"]),
        # Circles of every size; what is needed still comes first.
        ("softdep vfio-pci pre: vfio-pci\n", []),
        ("softdep vfio-pci pre: d\nsoftdep d pre: vfio-pci\n", ["d"]),
        ("softdep vfio-pci pre: d\nsoftdep d pre: e\nsoftdep e pre: d vfio-pci\n", ["e", "d"]),
        ("softdep vfio-pci pre: b\nsoftdep a pre: c\n", ["a", "b", "c"]),
    )
    for text, extra in rows:
        case.tree.write("etc/modprobe.d/softdep.conf", text)
        case.generate("--no-host")
        order = names(case)
        assert [name for name in order if len(name) == 1] == extra, (text, order)
        assert order[-1] == "vfio-pci" and len(set(order)) == len(order), (text, order)
        # What only a softdep asks for may fail, and no other.
        optional = [os.path.basename(path)[:-3] for path in case.lines(".image", "optional")]
        assert optional == extra, (text, optional)
    case.tree.write("etc/modprobe.d/softdep.conf", "softdep vfio-pci pre: d vfio vfio-pci-core\n")
    case.generate("--no-host")
    text = case.text(".image")
    path = next(line for line in case.lines(".image", "module") if line.endswith("/d.ko"))
    assert f"module {path}\noptional {path}\n" in text and text.count("optional") == 1, text


def test_builtin_modules_need_no_line(case):
    case.use_kernel("builtin", "6.1.0-test", [],
                    builtin=[module.path for module in MODULES])
    case.generate("--no-host", "--strict")
    case.image_has("module")


def test_a_missing_module_is_named(case):
    case.use_kernel("half", "6.1.0-test", [MODULES[1], MODULES[3]])
    case.generate("--no-host")
    case.says("vfio-pci", "kernel 6.1.0-test has no such module", "install")
    assert names(case) == ["vfio", "vfio_iommu_type1"]
    case.generate("--no-host", "--strict", status=1)


def test_a_missing_kernel_is_named(case):
    case.tree.write("etc/early-vfio.conf", "bind 10de:2684\n")
    case.generate("--no-host", version="9.9")
    case.says("/lib/modules/9.9: missing", "9.9", "install")
    assert case.stderr.count("fault") == 1 and "1 fault" in case.stderr
    case.config_is("from /etc/early-vfio.conf:1", "bind 10de:2684")
    case.image_has("kernel", "9.9")
    case.generate("--no-host", "--strict", version="9.9", status=1)


def test_a_missing_index_is_named(case):
    case.tree.write("lib/modules/6.1.0-test/kernel/drivers/vfio/vfio.ko", "")
    case.generate("--no-host")
    case.says("/lib/modules/6.1.0-test/modules.dep.bin: missing", "depmod 6.1.0-test")


def test_drivers_that_rules_name(case):
    case.use_kernel("drivers", "6.1.0-test", list(MODULES) + [
        Module("drivers/foo-vfio.ko", needs=["core"]), Module("drivers/bar.ko")],
        builtin=["drivers/pci/pci-stub.ko"])
    case.tree.write("etc/early-vfio.conf",
                    "bind 10de:1 driver=foo_vfio\nbind 10de:2 driver=pci-stub\nbind 10de:3 driver=vfio-pci\n"
                    "bind 10de:4 driver=foo_vfio\nbind 10de:5 driver=bar profile=x\n")
    case.generate("--no-host", "--strict")
    order = names(case)
    assert order[-3:] == ["foo-vfio", "bar", "vfio-pci"], order
    assert order.count("foo-vfio") == 1
    case.tree.write("etc/early-vfio.conf", "bind 10de:1 driver=nothing\n")
    case.generate("--no-host")
    case.says("nothing", "has no such module")
    case.generate("--no-host", "--strict", status=1)


def test_variant_drivers(case):
    """Those that bring no host driver along; and only where a rule says auto."""
    alias = "alias=vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*"
    case.use_kernel("variants", "6.1.0-test", list(MODULES) + [
        Module("mlx5_core.ko", exports=["mlx5"], info=["alias=pci:v000015B3d00001013sv*sd*bc*sc*i*"]),
        Module("mlx5-vfio-pci.ko", needs=["core", "mlx5"], info=[alias]),
        Module("qat_lib.ko", exports=["qat"]),
        Module("qat_vfio_pci.ko", needs=["core", "qat"],
               info=["alias=vfio_pci:v00008086d00004941sv*sd*bc*sc*i*",
                     "alias=vfio_pci:v00008086d00004943sv*sd*bc*sc*i*"])])
    case.tree.write("etc/early-vfio.conf", "bind 15b3:101e\n")
    case.generate("--no-host", "--strict")
    case.image_has("alias")
    assert "qat_vfio_pci" not in names(case)
    case.tree.write("etc/early-vfio.conf", "bind 15b3:101e driver=auto\n")
    case.generate("--no-host", "--strict")
    assert sorted(case.lines(".image", "alias")) == [
        "vfio_pci:v00008086d00004941sv*sd*bc*sc*i* qat_vfio_pci",
        "vfio_pci:v00008086d00004943sv*sd*bc*sc*i* qat_vfio_pci"]
    order = names(case)
    assert "mlx5_core" not in order and "mlx5-vfio-pci" not in order
    assert order.index("qat_lib") < order.index("qat_vfio_pci") < order.index("vfio-pci")


def test_more_options_than_there_is_room_for(case):
    """The binder has 64 KiB for all facts, and what is protected comes behind the modules."""
    case.tree.write("etc/modprobe.d/vfio.conf", f"options vfio-pci disable_vga=1 {'x' * 70000}=1\n"
                    "options vfio allow=1\n")
    case.generate("--no-host")
    case.says("vfio_pci: its options", "left out")
    assert len(case.text(".image")) < 4096
    assert names(case)[-1] == "vfio-pci" and "allow=1" in case.text(".image")
    case.generate("--no-host", "--strict", status=1)


def test_more_modules_than_there_is_room_for(case):
    many = [Module(f"m{n}.ko") for n in range(40)]
    case.use_kernel("many", "6.1.0-test", list(MODULES) + many)
    case.tree.write("etc/modprobe.d/many.conf",
                    "softdep vfio-pci pre: " + " ".join(f"m{n}" for n in range(40)) + "\n")
    case.generate("--no-host")
    case.says("room")
    assert len(names(case)) == 32
