"""Measure how long marking takes: ``python -m tools.marking_times``, or ``… 05 06`` for some chapters.

It prints a row of Markdown for each chapter: the seconds for one submission with the reference answers, and
for one that was not touched. The machine should do nothing else.
"""

import os
import platform
import sys
import time

from prunewidgets.homework.chapter import Cell, Chapter, chapter, numbers
from prunewidgets.homework.reference import solved
from prunewidgets.homework.together import mark


def main(chosen: list[str]) -> None:
    """Print the table for some chapters, all if none is named."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {os.getloadavg()[0]:.1f} of them busy"
    print(f"{time.strftime('%Y-%m-%d')}, {machine}")
    print("\n| chapter | reference answers | untouched |\n|---|---|---|")
    for number in chosen or numbers():
        found = chapter(number)
        answered, untouched = (seconds(found, list(each.cells)) for each in (solved(found), found))
        print(f"| {number} | {answered:.0f} s | {untouched:.0f} s |", flush=True)


def seconds(chapter: Chapter, cells: list[Cell]) -> float:
    """Mark one submission and return how long it took."""
    start = time.perf_counter()
    mark(chapter, cells, 120)
    return time.perf_counter() - start


if __name__ == "__main__":
    main(sys.argv[1:])
