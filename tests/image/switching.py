# SPDX-License-Identifier: GPL-2.0-or-later
"""A generator put in the place of another with our package installed, as an administrator does it.
Knows nothing of what has to be in an image."""

import shutil
import subprocess

from lib.guest import place, remove

# Of the database's paragraph on a package: what is no part of the package.
STATE = ("Status:", "Conffiles:", "Config-Version:", " /")
SCRIPTS = ("preinst", "postinst", "prerm", "postrm", "triggers", "conffiles")


def control_of(root, name):
    """The paragraph of a package that is installed in a tree."""
    for text in (root / "var/lib/dpkg/status").read_text().split("\n\n"):
        if text.startswith(f"Package: {name}\n"):
            lines = [line for line in text.splitlines() if not line.startswith(STATE)]
            return "\n".join(lines) + "\n"
    raise ValueError(f"{name} is not installed in {root}")


def repack(root, name, work, deb):
    """The package that a tree's files were installed from, made of them."""
    shutil.rmtree(work, ignore_errors=True)
    (work / "DEBIAN").mkdir(parents=True)
    info = root / "var/lib/dpkg/info"
    for line in (info / f"{name}.list").read_text().splitlines():
        source, target = root / line.lstrip("/"), work / line.lstrip("/")
        if source.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif source.exists():
            shutil.copy2(source, target)
    for script in SCRIPTS:
        if (info / f"{name}.{script}").exists():
            shutil.copy2(info / f"{name}.{script}", work / "DEBIAN" / script)
    (work / "DEBIAN/control").write_text(control_of(root, name))
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", work, deb], check=True,
                   stdout=subprocess.DEVNULL)
    shutil.rmtree(work)


def to_initramfs_tools(guest, upper, files):
    """Put our package into a tree that has dracut alone, and then initramfs-tools in dracut's
    place. Return: what dpkg said of the one and of the other."""
    remove(upper)
    place(upper, files)
    (upper / "root").mkdir(mode=0o700)
    repack(guest.root, "initramfs-tools", guest.scratch("repack-generator"),
           upper / "root/initramfs-tools.deb")
    shutil.copy(guest.package, upper / "root/early-vfio.deb")
    lowers = guest.lowers()
    # As it is with dracut from the start.
    guest.must_run(upper, lowers, "dpkg", "-r", "early-vfio")
    ours = guest.must_run(upper, lowers, "dpkg", "-i", "/root/early-vfio.deb")
    theirs = guest.must_run(upper, lowers, "dpkg", "--force-depends", "-r", "dracut")
    return ours, theirs + guest.must_run(upper, lowers, "dpkg", "-i", "/root/initramfs-tools.deb")
