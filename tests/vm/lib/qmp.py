# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's own control socket: one command at a time, and devices that are plugged in while the
machine runs. Knows nothing of the guest."""

import json
import socket

from lib.machine import properties


class QmpError(Exception):
    """QEMU refused a command, or does not answer."""


class Qmp:
    """Both ends of the socket; QEMU inherits one of them."""

    def __init__(self, limit_s):
        self.ours, self.theirs = socket.socketpair()
        self.ours.settimeout(limit_s)
        self.lines = self.ours.makefile("rb")
        self.is_greeted = False

    def close(self):
        self.lines.close()
        self.ours.close()
        self.theirs.close()

    @property
    def fd(self):
        """The descriptor that QEMU has to inherit."""
        return self.theirs.fileno()

    def arguments(self):
        return ["-chardev", f"socket,id=qmp,fd={self.fd}", "-mon", "chardev=qmp,mode=control"]

    def execute(self, command, **arguments):
        """Run a command. Return: what it returned; events that come before are left out."""
        if not self.is_greeted:
            self.is_greeted = True
            self.execute("qmp_capabilities")
        text = json.dumps({"execute": command, "arguments": arguments})
        self.ours.sendall(text.encode() + b"\n")
        for line in self.lines:
            answer = json.loads(line)
            if "error" in answer:
                raise QmpError(f"{text}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
        raise QmpError(f"{text}: no answer")

    def plug(self, devices):
        """Plug in devices, given as QEMU's arguments: the functions of one slot, of which the
        kernel sees none before the first, so that this comes last."""
        for text in reversed(devices[1::2]):
            self.execute("device_add", **properties(text))
