# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of QEMU: starts it, reads its serial console, talks to a shell there, waits for its
end. Waits for events, never for time, below one limit for all. Knows nothing of the guest but
the prompt of its initramfs shell."""

import re
import subprocess
import threading
import time

# Of initramfs-tools, and of dracut, whose shell has the break's name; or of a shell without a name,
# where the one that sulogin wants is not in the image.
PROMPT = re.compile(rb"\(initramfs\) |[a-z][a-z-]*:/\w*# |sh-[0-9.]+# |(?:^|\n)# ")
# The same, or sulogin's, which stands before it under systemd.
SHELL = re.compile(PROMPT.pattern + rb"|[Pp]ress Enter for (system )?maintenance")
ANSWER = re.compile(rb"(?s)BEGIN\r*\n(.*?)STATUS (\d+)\r*\n")
PANIC = re.compile(rb"Kernel panic")


class VmError(Exception):
    """The machine did not do what was waited for."""


class Vm:
    """A running machine. Use as a context manager: leaving ends it."""

    def __init__(self, arguments, log, limit_s, program="qemu-system-x86_64", qmp=None):
        """qmp: the machine's control socket, where there is something to be controlled"""
        self.deadline = time.monotonic() + limit_s
        self.log = open(log, "wb")
        self.seen = bytearray()
        self.cursor = 0
        self.is_ended = False
        self.changed = threading.Condition()
        self.process = subprocess.Popen(
            [program, "-nodefaults", "-no-reboot", "-display", "none",
             "-serial", "stdio", *(qmp.arguments() if qmp else []), *map(str, arguments)],
            pass_fds=[qmp.fd] if qmp else [],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()

    def read(self):
        """Collect what the machine prints until it ends."""
        while data := self.process.stdout.read1(4096):
            self.log.write(data)
            self.log.flush()
            with self.changed:
                self.seen += data
                self.changed.notify_all()
        with self.changed:
            self.is_ended = True
            self.changed.notify_all()

    def expect(self, pattern, until=None):
        """Wait for a pattern in what was not looked at yet. Return: the match, and what was
        before it is gone; or None, only where it is to be there until some time."""
        with self.changed:
            while True:
                fresh = bytes(self.seen[self.cursor:])
                if found := pattern.search(fresh):
                    self.cursor += found.end()
                    return found
                if until and time.monotonic() >= until:
                    return None
                self.wait_for_more(fresh, repr(pattern.pattern), until)

    def wait_for_more(self, fresh, what, until=None):
        if PANIC.search(fresh):
            raise VmError(f"kernel panic instead of {what}")
        if self.is_ended:
            raise VmError(f"ended instead of {what}")
        self.changed.wait(min(until or self.deadline, self.deadline) - time.monotonic())
        if time.monotonic() >= self.deadline:
            raise VmError(f"out of time, waiting for {what}")

    def send(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def wait_prompt(self):
        """Wait for the prompt of the initramfs shell, behind a login where there is one."""
        found = self.expect(SHELL)
        while not found or not PROMPT.fullmatch(found.group()):
            # sulogin throws away what comes between its prompt and its first look.
            self.send("\n")
            found = self.expect(SHELL, time.monotonic() + 2)

    def shell(self, command):
        """Run a command in the shell whose prompt was waited for. Return: its exit status and
        its output, with what the kernel printed meanwhile."""
        # Split, the marks are not found in the echo of the command itself.
        self.send(f"printf '%s%s\\n' BEG IN; {command}; printf '%s%s %d\\n' STA TUS $?\n")
        found = self.expect(ANSWER)
        self.wait_prompt()
        output = found.group(1).decode(errors="replace").replace("\r", "")
        return int(found.group(2)), output

    def leave_shell(self):
        self.send("exit\n")

    def reset(self):
        """From a shell, at once."""
        self.send("echo b >/proc/sysrq-trigger\n")

    def wait(self):
        """Wait until the machine resets or switches itself off."""
        with self.changed:
            while not self.is_ended:
                self.wait_for_more(bytes(self.seen), "an end")

    def console(self):
        """All that it printed until now."""
        with self.changed:
            return self.seen.decode(errors="replace").replace("\r", "")
