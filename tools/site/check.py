"""The table of what is wrong with a site, page by page."""

import sys
from pathlib import Path

from .links import broken_links, pages_of
from .opened import KINDS, SIZES, opened


def check(site: Path) -> int:
    """Follow every link and open every page of a site, print a table; return 1 if anything is wrong."""
    if not (site / "index.html").is_file():
        print(f"There is no site in {site}: make site", file=sys.stderr)
        return 1
    pages = pages_of(site)
    broken = broken_links(site, pages)
    found = opened(site.resolve(), list(pages))
    widest = max(len(faults.page) for faults in found)
    print(f"{'page':{widest}} {'MB':>6} {'links':>6} {'broken':>7}", *(f"{kind:>9}" for kind in KINDS))
    for (path, page), faults in zip(pages.items(), found, strict=True):
        links = len(page.links) + len(page.loaded)
        dead = sum(line.startswith(f"{faults.page} ") for line in broken)
        counts = (len(faults.of(kind)) for kind in KINDS)
        size = f"{path.stat().st_size / 1e6:.1f}"
        row = f"{faults.page:{widest}} {size:>6} {links:>6} {dead or '–':>7}"
        print(row, *(f"{count or '–':>9}" for count in counts))
    lines = [
        f"{faults.page}: {kind}: {line}" for faults in found for kind in KINDS for line in faults.of(kind)
    ]
    print(*broken, *lines, sep="\n")
    widths = ", ".join(str(width) for width, *_ in SIZES)
    print(f"{len(pages)} pages, at {widths} px; {len(broken) + len(lines)} faults.")
    return int(bool(broken or lines))
