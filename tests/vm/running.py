# SPDX-License-Identifier: GPL-2.0-or-later
"""What the programs do on a machine that runs: its root on an NVMe with a twin, update-initramfs
and apt in it, chroots and containers beside it. Knows nothing of how images are made.

The first boot is from an image without a rule, and makes a new one, from which the second is
booted: there the rule for the id of both disks has to take only the twin."""

import re
import subprocess
import sys

from lib import kernel_package
from lib.boot import LIMIT_S, Boot, boot_dir
from lib.guest import BUILD, TOP, BuildError, Guest, remove
from lib.job import Job
from lib.machine import Machine, nvme
from lib.protected import GENERATE, NAMES, names_in, protect_line
from lib.tap import Group
from lib.vm import VmError

sys.path.insert(0, str(TOP / "tests" / "image"))

from unpacked import Unpacked

NVME = "1b36:0010"
ROOT, TWIN = "0000:04:00.0", "0000:03:00.0"
NEW = "new"  # suffix of the kernel that is installed
FACTS = "/run/guest-facts"

# A root of another machine: only what is mounted in it is ours.
FOREIGN = """
set -e
enter() {
	for dir in usr etc var; do
		mount --bind "/$dir" "$1/$dir"
	done
	mount -t sysfs -o ro sysfs "$1/sys"
	mount -t tmpfs tmpfs "$1/run"
}
"""
DIRECTORIES = ("usr", "etc", "var", "proc", "sys", "dev", "run", "tmp", "old")
LINKS = {name: f"usr/{name}" for name in ("bin", "sbin", "lib", "lib64")}
MOUNT_TWIN = f"""
. /usr/lib/guest/commands/names >/run/names
while read -r address name; do
	[ "$address" != {TWIN} ] || [ ! -b "/dev/$name" ] || mount "/dev/$name" /mnt
done </run/names
enter /mnt
"""
INNER = "sh /usr/lib/guest/commands/protect"
COMMANDS = {
    "names": NAMES,
    "protect": GENERATE,
    "reads": """
strace -f -e trace=open,openat -o /run/strace \\
	early-vfio generate --kernel "$(uname -r)" --output /run/guest.image 2>/dev/null || exit
grep -o '"/[^"]*"' /run/strace | tr -d '"' | sort -u >/run/opened
while read -r path; do
	[ ! -b "$path" ] || printf 'reads %s\\n' "$path"
done </run/opened
grep -x /proc/self/mountinfo /run/opened
""",
    # A directory, as debootstrap and installers have it.
    "foreign-chroot": f"""{FOREIGN}
mkdir /srv/tree
cd /srv/tree
mkdir {' '.join(DIRECTORIES)}
for name in {' '.join(LINKS)}; do ln -s "usr/$name" "$name"; done
enter /srv/tree
mount -t proc proc proc
chroot . {INNER}
""",
    # A disk of its own, and process numbers of its own.
    "foreign-container": f"""{FOREIGN}{MOUNT_TWIN}
unshare --mount --pid --fork sh -ec '
	cd /mnt
	mount -t proc proc proc
	pivot_root . old
	umount -l /old
	exec env container=lxc {INNER}'
umount -R /mnt
""",
    "foreign-builder": f"""{FOREIGN}{MOUNT_TWIN}
unshare --mount --pid --fork sh -ec '
	mount -t proc proc /mnt/proc
	exec chroot /mnt {INNER}'
umount -R /mnt
""",
    "rebuild-1": f"""
update-initramfs -u || exit
cp "/boot/initrd.img-$(uname -r)" {FACTS}/rebuilt
""",
    "rebuild-2-refused": f"""
printf '# disks\\nbind {ROOT}\\n' >/etc/early-vfio.conf
sha256sum /boot/*
echo build
update-initramfs -u
status=$?
echo built
sha256sum /boot/*
exit $status
""",
    "rebuild-3-kernel": f"""
export DEBIAN_FRONTEND=noninteractive
apt-get -y install /usr/lib/guest/kernel.deb || exit
dpkg -l | grep -v '^ii '
cp "/boot/initrd.img-$(uname -r)-{NEW}" {FACTS}/installed
""",
    "rebuild-4-force": f"""
printf 'bind {ROOT}+force\\n' >/etc/early-vfio.conf
. /usr/lib/guest/commands/protect
grep '^bind' /run/guest.conf
early-vfio plan
""",
}


FILES = {"etc/early-vfio.conf": f"bind {NVME}\n"}


def lines_of(output, word):
    return [line for line in output.splitlines() if line.split(" ")[0] == word]


def sums(output):
    """What sha256sum printed before the build and after it."""
    return [sorted(line for line in part.splitlines() if "  /boot/" in line)
            for part in (output.split("\nbuild\n")[0], output.split("\nbuilt\n")[-1])]


class Chain:
    """Both boots of one suite."""

    name = "running"
    suites = ("trixie",)

    def __init__(self, suite, package):
        self.guest = Guest(suite, package)
        self.group = Group(f"{suite} {self.name}")
        self.dir = boot_dir(self.guest, f"{self.name}-made")

    def kernel(self):
        """The package of a new kernel; kept where the one that it is made from is."""
        kept = self.guest.dir / NEW / "kernel.deb"
        (package,) = (self.guest.dir / "debs").iterdir()
        with self.guest.lock():
            if not kept.exists():
                kept.parent.mkdir(exist_ok=True)
                kernel_package.make(package, self.guest.kernel, f"{self.guest.kernel}-{NEW}", kept)
        return kept

    def foreign_disk(self):
        """A small disk with a root that has nothing but places to mount to."""
        tree, path = self.dir / "tree", self.dir / "foreign.img"
        remove(tree)
        for name in DIRECTORIES:
            (tree / name).mkdir(parents=True)
        for name, target in LINKS.items():
            (tree / name).symlink_to(target)
        subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-d", tree, path, "16M"], check=True,
                       stdout=subprocess.DEVNULL)
        return path

    def boot(self, name, image, **more):
        twin = nvme(3, "twin", self.foreign_disk())
        boot = Boot(self.guest, name, Machine(twin, root_port=4), image, files=FILES,
                    limit_s=3 * LIMIT_S, facts_size=64 << 20, **more).run()
        if self.group.ok(boot.facts and not boot.fault, f"{name}: boots through",
                         f"{boot.console}\n{boot.fault}"):
            return boot.facts
        raise BuildError(f"see {boot.dir}/serial.log")

    def run(self):
        """Build, boot twice and compare. Return: the group of checks."""
        try:
            self.guest.prepare()
            facts = self.boot(self.name, self.guest.installed_image(), commands=COMMANDS,
                              programs=(self.kernel().relative_to(BUILD),))
            self.check_first(facts)
            rebuilt = self.dir / "rebuilt.img"
            rebuilt.write_bytes(facts.data["rebuilt"])
            self.check_second(self.boot(f"{self.name}-rebuilt", rebuilt))
        except (BuildError, VmError, OSError, KeyError, ValueError,
                subprocess.CalledProcessError) as error:
            self.group.ok(False, "runs", f"{type(error).__name__}: {error}")
        return self.group

    def check_first(self, facts):
        line = protect_line(ROOT, NVME, "holds / (NAME)", names_in(facts))
        status, output = facts.command("protect")
        self.group.ok(status == 0 and lines_of(output, "protect") == [line]
                      and not lines_of(output, "unprotected"),
                      f"generate protects {ROOT}, and nothing else", output)
        status, output = facts.command("reads")
        self.group.ok(status == 0 and output == "/proc/self/mountinfo\n",
                      "it reads from no disk, for udev's database answers all", output)
        for name in ("chroot", "container", "builder"):
            self.check_foreign(facts, name)
        status, output = facts.command("rebuild-1")
        self.group.ok(status == 0, "update-initramfs -u succeeds with the id of both", output)
        self.check_refused(facts)
        self.check_kernel(facts)
        self.check_force(facts)

    def check_foreign(self, facts, name):
        """One note, and the image says so: two lines in all."""
        status, output = facts.command(f"foreign-{name}")
        lines = output.splitlines()
        self.group.ok(status == 0 and len(lines) == 2 and "nothing is protected" in lines[0]
                      and lines[1].startswith("unprotected "),
                      f"in a {name} generate protects nothing, with one note", output)

    def check_refused(self, facts):
        status, output = facts.command("rebuild-2-refused")
        before, after = sums(output)
        self.group.ok(status == 1, "update-initramfs -u fails with a rule for the root", output)
        line = f"/etc/early-vfio.conf:2: {ROOT}: {ROOT} holds / ({names_in(facts)[ROOT]})"
        self.group.ok(any(line in text for text in output.splitlines()), f"it says: {line}", output)
        self.group.ok(before and before == after,
                      "what is in /boot stays byte for byte, and nothing comes to it", output)

    def check_kernel(self, facts):
        status, output = facts.command("rebuild-3-kernel")
        self.group.ok(status == 0, "apt installs a kernel with that rule", output)
        self.group.ok("WARNING" in output and f"/etc/early-vfio.conf:2: {ROOT}" in output,
                      "and warns, with the line", output)
        path = self.dir / "installed.img"
        path.write_bytes(facts.data.get("installed", b""))
        image = Unpacked(self.guest, "running", path)
        rules, facts_text = image.text("etc/early-vfio.conf"), image.text("etc/early-vfio.image")
        image.close()
        self.group.ok(f"kernel {self.guest.kernel}-{NEW}\n" in facts_text and "bind" not in rules,
                      "the new kernel's image is without the rule", rules + facts_text)
        self.group.ok([line.split()[:3] for line in lines_of(facts_text, "refused")]
                      == [["refused", "/etc/early-vfio.conf:2", ROOT]]
                      and [line.split()[1] for line in lines_of(facts_text, "protect")] == [ROOT],
                      "which is recorded as refused, and the root as protected", facts_text)

    def check_force(self, facts):
        status, output = facts.command("rebuild-4-force")
        rule = f"bind {ROOT}+force"
        self.group.ok(status == 0 and rule in output.splitlines(), f"{rule} is written", output)
        self.group.ok(re.search(f"^{ROOT} .* vfio-pci +bind ", output, re.M), "and would be done",
                      output)

    def check_second(self, facts):
        for address, driver in ((TWIN, "vfio-pci"), (ROOT, "nvme")):
            found = facts.driver(address)
            self.group.ok(found == driver, f"{address} is with {driver} after a boot of what it made",
                          f"it is with {found}\n{facts.files['devices']}")
        text = f"{ROOT} {NVME} protected: holds / ("
        self.group.ok(any(text in line for line in facts.own_lines()), f"the log says: {text}",
                      "\n".join(facts.own_lines()))


def jobs(package):
    """A job for each suite."""
    return [Job(f"{suite} initramfs-tools", Chain.name, suite in Chain.suites,
                lambda suite=suite: Chain(suite, package).run())
            for suite in ("bookworm", "trixie")]
