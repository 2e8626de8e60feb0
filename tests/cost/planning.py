# SPDX-License-Identifier: GPL-2.0-or-later
"""The instructions of planning and of a bare loop beside it, which bench/plan does and valgrind
counts. Judges nothing."""

import re
import subprocess

PROGRAM = "build/host/bench/plan"
DEVICES, RULES = 4096, 256
# What each kind of rules takes, in instructions of the bare loop.
RATIOS = {
    "address": 0.40, "id@address": 0.40, "path": 0.42, "id": 0.55, "id+slot": 0.76,
    "address+group": 0.89, "path+slot": 0.34, "id+group": 3.41, "class": 7.0, "mix": 1.90,
}


def total(path):
    """The instructions that a file of callgrind's tells."""
    return int(re.search(r"^totals: (\d+)$", path.read_text(), re.MULTILINE).group(1))


def count(work):
    """Instructions by kind of rules, rules and devices; the kind "bare" is the loop."""
    trees = work / "trees"
    trees.mkdir()
    subprocess.run([PROGRAM, "--make", trees], check=True)
    told = subprocess.run(
        ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={work}/plan",
         "--toggle-collect=plan_build", "--toggle-collect=bare_loop", "--dump-after=bare_loop",
         "--dump-after=plan_once*", PROGRAM, "--count", trees],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for number, line in enumerate(told.splitlines(), start=1):
        kind, rules, devices = line.split()
        found[kind, int(rules), int(devices)] = total(work / f"plan.{number}")
    return found
