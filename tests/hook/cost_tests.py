# SPDX-License-Identifier: GPL-2.0-or-later
"""What the host program costs, by the benchmarks, with a guest's kernel where there is one."""

import subprocess
from pathlib import Path

from case import Skipped

SHIPPED = Path("build/host/early-vfio")


def test_generate_is_quick_and_reads_few_disks(case):
    if not SHIPPED.exists():
        raise Skipped(f"no {SHIPPED}: make all")
    if subprocess.run(["strace", "-o", "/dev/null", "true"], check=False,
                      capture_output=True).returncode != 0:
        raise Skipped("strace may not look at programs here")
    roots = sorted(Path("build/guest").glob("*/root/usr/lib/modules/*/modules.dep.bin"))
    case.run(*(roots and [SHIPPED, roots[-1].parents[4]]), program="bench/generate")
    print(case.stdout, end="")
    assert case.status == 0
