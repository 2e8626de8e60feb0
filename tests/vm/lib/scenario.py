# SPDX-License-Identifier: GPL-2.0-or-later
"""A scenario as data, and the comparison of what it expects with what a boot gave. Knows
nothing of single scenarios."""

import re
from dataclasses import dataclass, field
from functools import partial

from lib.boot import LIMIT_S, Boot, boot_dir
from lib.guest import GENERATORS, BuildError
from lib.job import PLACES, Job
from lib.machine import Machine
from lib.stacked import StackedBoot, StackedGuest
from lib.tap import Group
from lib.unified import UnifiedBoot
from lib.vm import VmError

# By these a driver says that it was loaded, or has a device: one of them is in every boot.
HOST_DRIVER = re.compile(r"\] (bochs-drm|\[drm\]|snd_hda_intel|virtio_blk|nvme|xhci_hcd|ahci|e1000e?)\b")
# What is said when all is done; a plan says no more than what would be.
DONE = re.compile(r"early-vfio: (\d+ of \d+ |early-vfio\.mode=off|extra initrd |.* would be bound )")
# Lines on a device that no host driver made.
NEUTRAL = re.compile(r"\] (pci |vfio-pci |early-vfio: |(Kernel c|C)ommand line: )")


@dataclass(frozen=True)
class Scenario:
    """One boot. Patterns are regular expressions, each to be found in one line."""

    name: str
    machine: Machine
    drivers: dict                   # address: driver in the booted system, None for none
    is_stuck: bool = False          # a process of ours hangs in the kernel for good
    planted: str = ""               # what is made to go wrong, for the list of how it ended
    image: str = "none"             # a name in the table of configurations
    cmdline: str = ""
    log: tuple = ()                 # each in a line of early-vfio in the kernel's log
    console: tuple = ()             # each in a line of the console, which is quiet
    report: dict = field(default_factory=dict)  # address: (decision, result)
    has_report: bool = True
    untouched: tuple = ()           # no host driver's line names these slots,
    touched: tuple = ()             # but these, so that such lines would be seen
    status: int = 0                 # exit status of `early-vfio status`; None: any
    commands: dict = field(default_factory=dict)  # name: (script, status, pattern)
    programs: tuple = ()            # see Boot
    dialogue: tuple = ()            # for each break, (command, status, pattern)...
    plugs: dict = field(default_factory=dict)  # name: devices, see Boot
    ends_in_shell: bool = False     # the last shell is the end; all facts are in the dialogue
    talk: object = None             # a function of group, scenario and machine, in its place
    is_systemd: bool = False
    is_extra: bool = False          # an extra initrd before an image that has nothing of ours
    is_unified: bool = False        # from one file, by UEFI firmware
    limit_s: int = LIMIT_S          # of the boot
    is_daily: bool = True           # False: only check-full boots it
    generators: tuple = GENERATORS  # those that it can be booted from
    places: tuple = ()              # where make check boots it; (): at one, in turn


def is_in(pattern, lines):
    return any(re.search(pattern, line) for line in lines)


def check_devices(group, scenario, facts):
    for address, driver in scenario.drivers.items():
        found = facts.driver(address)
        group.ok(found == driver, f"{address} is with {driver}",
                 f"it is with {found}\n{facts.files['devices']}")


def check_log(group, scenario, facts, console):
    own = facts.own_lines()
    for pattern in scenario.log:
        group.ok(is_in(pattern, own), f"log: {pattern}", "\n".join(own))
    for pattern in scenario.console:
        group.ok(is_in(pattern, console.splitlines()), f"console: {pattern}", console)


def host_lines(facts, slot):
    """Lines of the log by which a host driver touched a function of the slot."""
    return [line for line in facts.dmesg.splitlines()
            if slot in line and not NEUTRAL.search(line)]


def first_line(lines, pattern):
    return next((number for number, line in enumerate(lines) if pattern.search(line)), None)


def check_order(group, scenario, facts):
    """We are done before the first driver of the host says anything: so none was loaded before,
    for one is needed by the root disk of every machine, and its module says so when it is."""
    lines = facts.dmesg.splitlines()
    host, done = first_line(lines, HOST_DRIVER), first_line(lines, DONE)
    if done is None and not (scenario.log or scenario.report):
        return  # there was nothing to say
    group.ok(done is not None and host is not None and done < host,
             "early-vfio is done before the first driver of the host", facts.dmesg)


def check_touch(group, scenario, facts):
    for slot in scenario.untouched:
        found = host_lines(facts, slot)
        group.ok(not found, f"no host driver's line names {slot}", "\n".join(found))
    for slot in scenario.touched:
        group.ok(host_lines(facts, slot), f"a host driver's line names {slot}", facts.dmesg)


def check_report(group, scenario, facts):
    report = facts.report("dev" if scenario.is_extra else "run")
    if not scenario.has_report:
        group.ok(report is None, "there is no report", report)
        return
    if not group.ok(report is not None, "the report survived into the booted system",
                    "\n".join(facts.own_lines())):
        return
    found = {device["address"]: (device["decision"], device["result"])
             for device in report["devices"]}
    for address, expected in scenario.report.items():
        group.ok(found.get(address) == expected, f"report: {address} {expected}",
                 f"{found.get(address)}\n{report}")


def check_commands(group, scenario, facts):
    if scenario.status is not None:
        status, output = facts.command("status")
        group.ok(status == scenario.status, f"status exits with {scenario.status}",
                 f"exit {status}\n{output}")
    for name, (_, expected, pattern) in scenario.commands.items():
        status, output = facts.command(name)
        group.ok(status == expected and is_in(pattern, output.splitlines()),
                 f"{name} exits with {expected} and says: {pattern}", f"exit {status}\n{output}")


def talk(group, scenario, vm):
    """Hold the dialogue, one shell a break."""
    for number, part in enumerate(scenario.dialogue, start=1):
        vm.wait_prompt()
        for command, expected, pattern in part:
            status, output = vm.shell(command)
            group.ok(status == expected and is_in(pattern, output.splitlines()),
                     f"break {number}: {command}: {expected}, {pattern}",
                     f"exit {status}\n{output}")
        if scenario.ends_in_shell and number == len(scenario.dialogue):
            vm.reset()
        else:
            vm.leave_shell()


def check_left(group, facts):
    left = facts.files["left"]
    group.ok(not left, "no process of ours outlives the initramfs", left)


def describe(scenario, facts):
    """How a boot ended, in a line: what came of each device that the row names."""
    report = facts.report("dev" if scenario.is_extra else "run") or {"devices": []}
    results = {device["address"]: device["result"] for device in report["devices"]}
    states = (f"{address} {results.get(address) or 'untouched'}, with {facts.driver(address)}"
              for address in scenario.drivers)
    return "; ".join(["booted through", *states])


def check_boot(group, scenario, boot):
    if scenario.ends_in_shell:
        group.ok(boot.facts is None, "it ends in the shell", boot.console)
        group.ended = "ended in the shell"
        return
    if not group.ok(boot.facts and not boot.fault, "boots through",
                    f"{boot.console}\n{boot.fault}"):
        return
    group.ended = describe(scenario, boot.facts)
    check_devices(group, scenario, boot.facts)
    if not scenario.is_stuck:
        check_left(group, boot.facts)
    check_log(group, scenario, boot.facts, boot.console)
    # Before init-top the shell loads drivers itself, and so does what is released in it.
    if "break=top" not in scenario.cmdline:
        check_order(group, scenario, boot.facts)
    check_touch(group, scenario, boot.facts)
    check_report(group, scenario, boot.facts)
    check_commands(group, scenario, boot.facts)


def find_image(guest, scenario, files):
    if scenario.is_extra:
        return guest.extra_image(scenario.image, files)
    return guest.image(scenario.image, files) if files else guest.installed_image()


def find_kind(guest, scenario):
    """The class of the boot."""
    if isinstance(guest, StackedGuest):
        return StackedBoot
    return UnifiedBoot if scenario.is_unified else Boot


def run(guest, scenario, configs):
    """Build, boot and compare. Return: the group of checks."""
    group = Group(f"{guest.name} {scenario.name}")
    group.planted = scenario.planted
    files = configs[scenario.image]
    commands = {"status": "early-vfio status"}
    commands |= {name: script for name, (script, _, _) in scenario.commands.items()}
    try:
        image = find_image(guest, scenario, files)
        cmdline = scenario.cmdline
        if scenario.is_extra:
            cmdline = f"rdinit=/early-vfio/binder {cmdline}"
        kind = find_kind(guest, scenario)
        boot = kind(guest, scenario.name, scenario.machine, image, cmdline, files, commands,
                    scenario.programs, scenario.is_systemd, scenario.plugs, limit_s=scenario.limit_s)
        hold = scenario.talk or (talk if scenario.dialogue else None)
        boot.run(hold and partial(hold, group, scenario))
        check_boot(group, scenario, boot)
    except (BuildError, VmError, OSError, KeyError) as error:
        group.ok(False, "runs", f"{type(error).__name__}: {error}")
    if group.failed:
        group.lines.append(f"  {group.name}: see {boot_dir(guest, scenario.name)}/serial.log")
    return group


def jobs(scenarios, configs, guests):
    """A job for each scenario and each place where it can be booted.

    guests: place to guest"""
    turn = 0
    for scenario in scenarios:
        possible = [place for place in PLACES
                    if place in guests and place.split()[1] in scenario.generators]
        daily = scenario.places
        if not daily:
            # A step that meets all places, and neighbours in another suite and generator.
            daily = (possible[turn * 4 % len(possible)],)
            turn += 1
        if not scenario.is_daily:
            daily = ()
        for place in possible:
            guest = guests[place]
            yield Job(place, scenario.name, place in daily,
                      partial(run, guest, scenario, configs), guest)
