"""Measure how long marking takes: ``python -m tools.marking_times``, or ``… 05 06`` for some chapters.

It prints a row of Markdown for each chapter: for one submission with the reference answers, and for one that
was not touched, the seconds, those of all cores together, which other work disturbs less, and the points.
"""

import os
import platform
import resource
import sys
import time

from prunewidgets.homework.chapter import Cell, Chapter, chapter, numbers
from prunewidgets.homework.reference import solved
from prunewidgets.homework.together import mark


def main(chosen: list[str]) -> None:
    """Print the table for some chapters, all if none is named."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {os.getloadavg()[0]:.1f} of them busy"
    print(f"{time.strftime('%Y-%m-%d')}, {machine}")
    print("\n| chapter | reference answers | untouched |\n|---|---|---|", flush=True)
    for number in chosen or numbers():
        found = chapter(number)
        answered, untouched = (measured(found, list(each.cells)) for each in (solved(found), found))
        print(f"| {number} | {answered} | {untouched} |", flush=True)


def measured(chapter: Chapter, cells: list[Cell]) -> str:
    """Mark one submission; return its seconds, the seconds of all cores, and its points."""
    start, before = time.perf_counter(), cores()
    marks = mark(chapter, cells, 120)
    seconds, work = time.perf_counter() - start, cores() - before
    return f"{seconds:.0f} s, {work:.0f} s of a core; {sum(each.points for each in marks):g} of {len(marks)}"


def cores() -> float:
    """Return the seconds that cores have worked for kernels that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(sys.argv[1:])
