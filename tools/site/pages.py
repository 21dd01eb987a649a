"""The chapters as pages, each run only if something that it depends on has changed."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from joblib import Parallel, delayed

from .chapters import Chapter

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 2
"""Each runs a chapter in a kernel, which loads TensorFlow and trains on all cores that it finds."""

NOT_READ = {"__pycache__", ".ipynb_checkpoints", "saved", "solutions"}


@dataclass
class Run:
    """What came of running a chapter: why there is no page of it, or "", and how long it took."""

    chapter: Chapter
    error: str
    seconds: float


def made(chapters: Sequence[Chapter], folder: Path) -> list[Run]:
    """Run the chapters that have changed since their pages in a folder were made.

    Args:
        chapters: all chapters of the site: a link to one of them becomes a link to its page.
        folder: where pages are kept from one build to the next, each beside the digest of what it came from.

    Returns:
        One Run for each chapter that was run. A page that there was stays if its chapter fails now, but it is
        run again next time.
    """
    from tqdm import tqdm  # here, since each process that imports this file turns its own bars off first

    folder.mkdir(parents=True, exist_ok=True)
    for chapter in chapters:
        (folder / chapter.page).touch()  # whether there is a page decides what becomes of a link to it
    shared = digest([ROOT / "requirements.lock", *_files(ROOT / "prunewidgets")])
    wanted = {
        chapter.page: digest([chapter.notebook, *_files(chapter.notebook.parent, {".ipynb"})], shared)
        for chapter in chapters
    }
    changed = [each for each in chapters if _recorded(folder / each.page) != wanted[each.page]]
    changed.sort(key=lambda chapter: -chapter.seconds)  # so that the last ones to end are short
    runs = []
    jobs = (delayed(run)(chapter, folder) for chapter in changed)
    with tqdm(total=len(changed), unit="chapter", desc="Running", disable=not changed) as bar:
        for done in Parallel(n_jobs=PROCESSES, return_as="generator_unordered")(jobs):
            bar.update()
            name = done.chapter.notebook.name
            bar.write(f"{name}: {'failed, see below' if done.error else f'{done.seconds:.0f} s'}")
            if not done.error:
                _digest_of(folder / done.chapter.page).write_text(wanted[done.chapter.page], encoding="utf-8")
            runs.append(done)
    return runs


def run(chapter: Chapter, folder: Path) -> Run:
    """Run a chapter in a copy of its folder, since it may write files, and save its page."""
    os.environ["TQDM_DISABLE"] = "1"  # there is one bar, for all chapters
    from prunewidgets.pages.save import save_page

    started, error = perf_counter(), ""
    _digest_of(folder / chapter.page).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(
            chapter.notebook.parent, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*NOT_READ)
        )
        try:
            save_page(Path(copy) / chapter.notebook.name, folder / chapter.page)
        except Exception as failure:  # whatever it is, the other chapters are run too
            error = str(failure) or type(failure).__name__
    return Run(chapter, error, perf_counter() - started)


def digest(files: Iterable[Path], *more: str) -> str:
    """Return a digest of the names and contents of files."""
    whole = hashlib.sha256("\n".join(more).encode())
    for file in sorted(files):
        whole.update(f"\n{file.name}\n".encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _files(folder: Path, without: Iterable[str] = ()) -> list[Path]:
    """Return the files in a folder and its folders, except those that nothing reads or with an extension."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and NOT_READ.isdisjoint(path.relative_to(folder).parts)
        and path.suffix not in without
    ]


def _digest_of(page: Path) -> Path:
    return page.with_suffix(".digest")


def _recorded(page: Path) -> str:
    """Return the digest of what a page was made from; "" if there is no whole page."""
    recorded = _digest_of(page)
    return recorded.read_text(encoding="utf-8") if recorded.is_file() and page.stat().st_size else ""
