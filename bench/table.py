# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables and the plot of what bench/inside measured. Measures nothing itself."""

import subprocess
# The lower of two: a clock that counts instructions jumps where nothing is to do, but never back.
from statistics import median_low as median

# What loads the same files by the same means, and does nothing else.
FLOOR = {"run": "finit", "run-plain": "finit-plain", "finit-ids": "finit", "finit-address": "finit",
         "finit-plain-address": "finit-plain", "ids": "modprobe", "shell": "modprobe",
         "driverctl": "modprobe"}
LICENCE = "SPDX-License-Identifier: GPL-2.0-or-later"
WAYS = ("finit", "finit-ids", "finit-address", "finit-plain", "finit-plain-address", "modprobe", "ids",
        "run", "run-plain", "shell", "driverctl")


def parse(text):
    """Times, sizes and calls by way and number of targets. What failed is told."""
    times, sizes, calls, faults = {}, {}, {}, []
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["calls"]:
            calls[words[1], int(words[2])] = int(words[3])
        elif words[:1] == ["time"] and len(words) == 8:
            key = words[1], int(words[2])
            micros, kib, status, _, bound = map(int, words[3:])
            times.setdefault(key, []).append(micros / 1000)
            sizes[key] = max(kib, sizes.get(key, 0))
            wanted = 0 if key[0] in ("modprobe", "finit", "finit-plain") else key[1]
            if status or bound != wanted:
                faults.append(f"{line}: wanted {wanted}")
        elif words:
            faults.append(line)
    return times, sizes, calls, faults


def added(times, way, targets):
    """What a way adds to the loading of the same files, in milliseconds; None for the floors."""
    floor = times.get((FLOOR.get(way), targets))
    return median(times[way, targets]) - median(floor) if floor else None


def cell(value, digits=1):
    return "-" if value is None else f"{value:.{digits}f}"


def render(text):
    """One table, as the README has it."""
    times, sizes, calls, faults = parse(text)
    lines = ["| targets | way | ms, median | least to most | to modprobe | adds ms | calls | KiB |",
             "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for targets in sorted({key[1] for key in times}):
        for way in WAYS:
            found = times.get((way, targets))
            if not found:
                continue
            ratio = median(found) / median(times["modprobe", targets])
            lines.append(f"| {targets} | {way} | {median(found):.1f} |"
                         f" {min(found):.1f} to {max(found):.1f} | {ratio:.2f} |"
                         f" {cell(added(times, way, targets))} |"
                         f" {calls.get((way, targets), '-')} | {sizes[way, targets]} |")
    return "\n".join([*lines, *(f"fault: {fault}" for fault in faults)])


def plot(lines, data, script, image):
    """Cost against number of targets."""
    times = parse(lines.read_text())[0]
    ways = ("run-plain", "run", "ids", "shell", "driverctl")
    with open(data, "w", encoding="ascii") as out:
        print("targets", *ways, file=out)
        for targets in sorted({key[1] for key in times}):
            found = [times.get((way, targets)) for way in ways]
            print(targets, *(f"{median(f):.2f}" if f else "?" for f in found), file=out)
    subprocess.run(["gnuplot", "-e", f"data='{data}'; image='{image}'", script], check=True)
    head, rest = image.read_text().split("\n", 1)
    image.write_text(f"{head}\n<!-- {LICENCE} -->\n{rest}")
