# SPDX-License-Identifier: GPL-2.0-or-later
"""What the booted tier runs: jobs, each a row of the table of results and a place in it; which of
them a run takes, the table, and the list of what was made to go wrong. Knows nothing of what a job
does."""

import os
from dataclasses import dataclass

from lib.guest import GENERATORS, SUITES

# The columns of the table; a table of scenarios may have others.
PLACES = tuple(f"{suite} {generator}" for generator in GENERATORS for suite in SUITES)


@dataclass(frozen=True)
class Job:
    """One boot. Its name is "SUITE GENERATOR ROW"."""

    place: str       # "SUITE GENERATOR"
    row: str
    is_daily: bool   # make check runs it too, not only make check-full
    run: object      # a function without arguments; Return: the group of checks
    guest: object = None  # to be prepared before, where there is one

    @property
    def name(self):
        return f"{self.place} {self.row}"


def choose(jobs, words):
    """The jobs whose names contain one of the words, or all; only the daily ones where neither
    a word nor CHECK_FULL asks for more."""
    if words:
        return [job for job in jobs if any(word in job.name for word in words)]
    return [job for job in jobs if job.is_daily or os.environ.get("CHECK_FULL")]


def table(results):
    """The lines of the table of results.

    results: (job, whether all its checks passed, seconds)..."""
    rows, places = [], []
    for job, _, _ in results:
        rows += [job.row] if job.row not in rows else []
        places += [job.place] if job.place not in places else []
    places.sort(key=lambda place: (PLACES.index(place) if place in PLACES else len(PLACES)))
    cells = {(job.row, job.place): f"{'ok' if is_ok else 'FAILED'} {seconds:.0f}s"
             for job, is_ok, seconds in results}
    suites, generators = zip(*(place.split(" ", 1) for place in places))
    width = max(map(len, rows))
    yield " ".join(["".ljust(width), *(word.ljust(15) for word in generators)]).rstrip()
    yield " ".join(["".ljust(width), *(word.ljust(15) for word in suites)]).rstrip()
    for row in rows:
        found = (cells.get((row, place), "-").ljust(15) for place in places)
        yield " ".join([row.ljust(width), *found]).rstrip()


def failures(groups):
    """The lines of the list of boots with a planted failure, and how each ended.

    groups: of the jobs; those count that say what was planted in them"""
    planted = [group for group in groups if group.planted]
    if not planted:
        return
    failed = sum(bool(group.failed) for group in planted)
    yield f"boots with a planted failure: {len(planted)}; not ended as they must: {failed}"
    for group in planted:
        ended = group.ended or "ended as expected"
        yield f"  {group.name}: {group.planted}: {'FAILED' if group.failed else ended}"
