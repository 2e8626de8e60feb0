# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines with very many devices, and which of them are targets. Knows nothing of what is
measured.

Root ports with eight functions behind each, of kinds that no driver in the guests' images
takes: two of the first kind, fourteen of the second, so that ids= can name 2, 16 or 64 of them."""

from dataclasses import dataclass

from lib.machine import PORTS, Machine

# Kind of QEMU, its id, and how many of them are targets at most.
KINDS = (("pvpanic-pci", "1b36:0011", 2), ("sdhci-pci", "1b36:0007", 14),
         ("pvscsi", "15ad:07c0", 48), ("edu", "1234:11e8", 1 << 16))
TARGETS = (2, 16, 64)
FUNCTIONS = 8
# Bus 0 has places for them up to where the guest's disks are.
LAST_SLOT = 0x17


@dataclass(frozen=True)
class Counted(Machine):
    """A machine whose clock counts instructions, so that its host's load changes nothing."""

    def arguments(self, root, bring, facts):
        # The clock goes on by two nanoseconds an instruction, and jumps where nothing is to do.
        return [*super().arguments(root, bring, facts), "-icount", "shift=1,sleep=off"]


def kind_of(number):
    """Kind and id of the device of that number."""
    for kind, ids, count in KINDS:
        if number < count:
            return kind, ids
        number -= count
    raise ValueError(number)


def port_of(number):
    return number // FUNCTIONS + 1


def address_of(number):
    """Firmware numbers the buses in the order of the ports."""
    return f"0000:{port_of(number):02x}:00.{number % FUNCTIONS}"


def extra_port(port):
    """A root port besides those that every machine has, eight of them in a slot."""
    place = port - PORTS - 1
    return ("-device", f"pcie-root-port,id=rp{port},bus=pcie.0,multifunction=on,io-reserve=0,"
            f"addr={PORTS + 1 + place // 8:x}.{place % 8},slot={port},chassis={port}")


def machine(count):
    """A machine with that many devices behind root ports."""
    arguments = ()
    for port in range(PORTS + 1, port_of(count - 1) + 1):
        arguments += extra_port(port)
    for number in range(count):
        arguments += ("-device", f"{kind_of(number)[0]},bus=rp{port_of(number)},"
                      f"addr=0.{number % FUNCTIONS},multifunction=on")
    return Counted(arguments)


def target_lines(count):
    """The ids that name exactly so many targets, and their addresses."""
    ids = dict.fromkeys(kind_of(number)[1] for number in range(count))
    return [",".join(ids), *(address_of(number) for number in range(count))]
