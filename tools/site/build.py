"""The site, built: chapters and documentation, and a first page that leads to them."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from .chapters import Chapter
from .landing import write_landing
from .links import broken_links, pages_of
from .navigation import with_navigation
from .pages import ROOT, Run, made

BUILD = ROOT / "build"
SITE = BUILD / "site"


@dataclass(frozen=True)
class Sources:
    """What a site is made from.

    Attributes:
        chapters: in their order.
        docs: the folder of the documentation.
        kept: where the pages of the chapters, and what Sphinx has read, are kept from one build to the next.
    """

    chapters: Sequence[Chapter]
    docs: Path = ROOT / "docs"
    kept: Path = BUILD / "site-cache"


def build(site: Path, sources: Sources) -> int:
    """Write the site into a folder, which is emptied first; return the exit status."""
    started = perf_counter()
    runs = made(sources.chapters, sources.kept / "chapters")
    failed = [run for run in runs if run.error]
    shutil.rmtree(site, ignore_errors=True)
    (site / "chapters").mkdir(parents=True)
    write_chapters(site / "chapters", sources, failed)
    write_landing(site, list(sources.chapters))
    documented = build_docs(sources.docs, site / "docs", sources.kept / "docs")
    pages = pages_of(site)
    broken = broken_links(site, pages)
    for line in broken:
        print(line)
    for run in failed:
        print(f"{run.chapter.notebook.name} has no page: {run.error}")
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    links = sum(len(page.links) + len(page.loaded) for page in pages.values())
    print(
        f"{len(pages)} pages, {size / 1e6:.0f} MB, {links:,} links, {len(broken)} of them broken; "
        f"{perf_counter() - started:.0f} s, {len(runs)} of {len(sources.chapters)} chapters run.\n"
        f"Open {site / 'index.html'}"
    )
    return int(bool(failed or broken) or not documented)


def write_chapters(folder: Path, sources: Sources, failed: Sequence[Run]) -> None:
    """Write the pages of the chapters, with links to those before and after; of those that failed none."""
    missing = {run.chapter.page for run in failed}
    for number, chapter in enumerate(sources.chapters):
        if chapter.page in missing:
            continue
        page = (sources.kept / "chapters" / chapter.page).read_text(encoding="utf-8")
        page = with_navigation(page, sources.chapters, number)
        (folder / chapter.page).write_text(page, encoding="utf-8")


def build_docs(docs: Path, folder: Path, kept: Path) -> bool:
    """Build the documentation, with a link to the site's first page; return whether that worked."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "--quiet", "-A", "in_site=1"]
    return subprocess.run([*command, "-d", kept, docs, folder], cwd=ROOT, check=False).returncode == 0
