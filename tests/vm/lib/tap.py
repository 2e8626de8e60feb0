# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints one line a check, counts, and leaves the counts where the sum over all tiers is made.
Knows nothing of what is checked."""

import threading
from pathlib import Path


class Group:
    """The checks of one subject, kept back until it is done so that subjects do not mix."""

    def __init__(self, name):
        self.name = name
        self.lines = []
        self.passed = self.failed = self.skipped = 0
        self.planted = ""  # what was made to go wrong in it, in a few words
        self.ended = ""    # and what came of it

    def ok(self, is_ok, what, detail=""):
        """Count one check; the detail is shown where it failed."""
        if is_ok:
            self.passed += 1
            self.lines.append(f"ok - {self.name}: {what}")
        else:
            self.failed += 1
            self.lines.append(f"not ok - {self.name}: {what}")
            self.lines += [f"  {line}" for line in str(detail).splitlines()[-40:]]
        return is_ok

    def skip(self, what, why):
        self.skipped += 1
        self.lines.append(f"ok - {self.name}: {what} # skip {why}")


class Tap:
    """The checks of one tier."""

    def __init__(self, results, tier):
        self.path = Path(results) / tier
        self.passed = self.failed = self.skipped = 0
        self.lock = threading.Lock()

    def add(self, group):
        """Print what a group found and add its counts."""
        with self.lock:
            print("\n".join(group.lines), flush=True)
            self.passed += group.passed
            self.failed += group.failed
            self.skipped += group.skipped

    def finish(self):
        """Print and write the counts. Return: the exit status."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(f"{self.passed} {self.failed} {self.skipped}\n")
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 0 if self.passed and not self.failed else 1
