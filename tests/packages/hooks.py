# SPDX-License-Identifier: GPL-2.0-or-later
"""What images run, by each shell that may be in one: mkinitcpio's hook through the functions that
its init calls, and the scripts that look for a missing root. The binder is a stand-in."""

import os
import shutil
import signal
import subprocess

SHELLS = (["busybox", "ash"], ["dash"])
# Says that it ran, as its own event, and may be gone after it.
BINDER = """#!/bin/sh
echo "$@" >&3
[ ! -e "$0.goes" ] || rm -f "$0"
exit {status}
"""
# Each step is waited for by what the binder says.
CLOCK = """set -e
mkfifo events
exec 3<>events
{script}
{start}
read -r first <&3
read -r second <&3
{end}
wait
echo "ended after $first, $second"
"""
GONE = ": >binder.goes"


def program(top, status=0):
    path = top / "binder"
    path.write_text(BINDER.format(status=status))
    path.chmod(0o755)
    return path


def run(shell, script, top):
    """One that never ends is one that fails."""
    with subprocess.Popen([*shell, "-c", script], text=True, cwd=top, start_new_session=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process:
        try:
            output, _ = process.communicate(timeout=60)
            return process.returncode, output
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return -1, "it never ends"


def clean(top, script, **paths):
    """A directory with a binder in it, and the script with these paths in place of an image's."""
    for name in ("events", "binder.goes", "new_root/etc", "new_root"):
        path = top / name
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    for old, new in paths.values():
        script = script.replace(old, str(new))
    return script


def mkinitcpio_hook(group, top, hook):
    """The boot goes on in any case, and what nobody else says is said."""
    for shell in SHELLS:
        for status, says in ((0, False), (1, False), (3, False), (4, False), (126, True),
                             (139, True)):
            log = top / "kmsg"
            log.write_text("")
            script = clean(top, hook, binder=("/usr/bin/early-vfio", program(top, status)),
                           log=("/dev/kmsg", log))
            # Of mkinitcpio's init; what was left last in the shell may have failed.
            script = f"launch_interactive_shell() {{ echo a shell; return 1; }}\n{script}"
            code, output = run(shell, f"set -e\nexec 3>ran\n{script}\nrun_earlyhook\n"
                               "run_emergencyhook\necho goes on", top)
            group.ok(("a shell" in output) == (status == 4),
                     f"{shell[-1]}: status {status}: a shell, or none", output)
            ran = (top / "ran").read_text()
            group.ok(code == 0 and "goes on" in output and ran == "run\nstatus\n",
                     f"{shell[-1]}: status {status}: the boot goes on", output + ran)
            group.ok(("did not run to its end" in log.read_text()) == says,
                     f"{shell[-1]}: status {status}: it is {'said' if says else 'not said'}",
                     log.read_text())


def mkinitcpio_clock(group, top, hook):
    """The watch looks for the root until it is there, or init leaves, or all of ours is gone."""
    for shell in SHELLS:
        for end, what in (("mkdir -p new_root/etc", "the root is mounted"),
                          ("run_cleanuphook", "init leaves the image"),
                          (GONE, "the image is gone")):
            script = clean(top, hook, binder=("/usr/bin/early-vfio", program(top)),
                           root=("/new_root", top / "new_root"))
            code, output = run(shell, CLOCK.format(script=script, start="run_hook", end=end), top)
            group.ok(code == 0 and output == "ended after heal, heal\n",
                     f"{shell[-1]}: the watch ends when {what}", output)
        for root, expected in (("/dev/null", "slept, slept"), ("UUID=1", "slept, slept"),
                               ("UUID=2", "heal, slept"), ("/dev/none", "heal, slept"),
                               ("zfs:AUTO", "heal, slept")):
            script = clean(top, hook, binder=("/usr/bin/early-vfio", program(top)),
                           root=("/new_root", top / "new_root"), disks=("/dev/disk", top / "disk"))
            (top / "disk/by-uuid/1").mkdir(parents=True, exist_ok=True)
            script = f"root={root}\nsleep() {{ echo slept >&3; }}\n{script}"
            code, output = run(shell, CLOCK.format(script=script, start="run_hook",
                                                   end="mkdir -p new_root/etc"), top)
            group.ok(code == 0 and output == f"ended after {expected}\n",
                     f"{shell[-1]}: the watch looks for {root}", output)
        script = clean(top, hook, binder=("/usr/bin/early-vfio", "/nowhere"))
        for given, expected in (("", "30"), ("rootdelay=5\n", "5"), ("rootdelay=60\n", "60")):
            code, output = run(shell, f"set -e\n{script}\n{given}run_hook\nwait\n"
                               'echo "$rootdelay"\nrun_cleanuphook\nrun_cleanuphook\n', top)
            group.ok(code == 0 and output == f"{expected}\n",
                     f"{shell[-1]}: init waits {expected} seconds for a root", output)


def others_clocks(group, top, tree):
    """The same of what other generators have."""
    heal = (tree / "dracut/50early-vfio/early-vfio-heal.sh").read_text()
    premount = (tree / "initramfs-tools/scripts/local-premount/early-vfio").read_text()
    for shell in SHELLS:
        for name, text, root in (
                ("dracut", heal.replace("systemctl", "false ").replace("udevadm", "true"), "/sysroot"),
                ("initramfs-tools", premount.replace("exit 0\n", ":\n"), "${rootmnt:-/root}")):
            for end, what in (("mkdir -p new_root/etc", "the root is mounted"),
                              (GONE, "the image is gone")):
                script = clean(top, text, binder=("/sbin/early-vfio", program(top)),
                               root=(root, top / "new_root"))
                (top / "script").write_text(script)
                start = f"set --\n{'(. ./script) &' if name == 'dracut' else '. ./script'}"
                code, output = run(shell, CLOCK.format(script="", start=start, end=end), top)
                group.ok(code == 0 and output == "ended after heal, heal\n",
                         f"{name}, {shell[-1]}: the watch ends when {what}", output)


def dracut_cmdline(group, top, tree):
    """What the binder reads in place of the kernel's command line has all of it, or is not there."""
    script = (tree / "dracut/50early-vfio/early-vfio-cmdline.sh").read_text()
    for old, new in (("/etc/cmdline", "etc/cmdline"), ("/run/early-vfio", "run"),
                     ("/proc/cmdline", "kernel")):
        script = script.replace(old, str(top / new))
    (top / "etc/cmdline.d").mkdir(parents=True)
    (top / "kernel").write_text("quiet early-vfio.mode=off\n")
    (top / "etc/cmdline.d/a.conf").write_text("  early-vfio.bind=0000:02:00.0\\\n-n %s")
    whole = "early-vfio.bind=0000:02:00.0\\\n-n %s\nb\nquiet early-vfio.mode=off\n"
    made = top / "run/cmdline"
    for shell in SHELLS:
        shutil.rmtree(made.parent, ignore_errors=True)
        (top / "etc/cmdline").write_text("b\n")
        _, output = run(shell, script, top)
        group.ok(made.exists() and made.read_text() == whole,
                 f"dracut, {shell[-1]}: the command line is what the image and the kernel say", output)
        group.ok(made.stat().st_mode & 0o777 == 0o600 and made.parent.stat().st_mode & 0o777 == 0o755,
                 f"dracut, {shell[-1]}: and is for root alone")
        made.unlink(missing_ok=True)
        (top / "etc/cmdline").write_text("x" * 4096)
        _, output = run(shell, f"trap '' XFSZ\nulimit -f 4\n{script}", top)
        group.ok(not made.exists(),
                 f"dracut, {shell[-1]}: where there is no room for it, there is none", output)


def check(group, top, tree):
    hook = (tree / "mkinitcpio/hooks/early-vfio").read_text()
    os.makedirs(top / "hooks", exist_ok=True)
    mkinitcpio_hook(group, top / "hooks", hook)
    mkinitcpio_clock(group, top / "hooks", hook)
    others_clocks(group, top / "hooks", tree)
    dracut_cmdline(group, top / "hooks", tree)
