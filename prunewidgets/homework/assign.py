"""``python -m prunewidgets assign CHAPTER --for WHOM [-o DIR]``: one chapter as it is handed out.

With ``--individual names.csv`` each student gets a folder, and in it numbers of their own.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from . import nbgrader, otter
from .chapter import Chapter, chapter
from .handout import copy_beside, notebook, write_notebook
from .individual import TABLE, Numbers, choices, drawn, students, with_numbers
from .reference import solved

NEXT = {
    "students": "Give the whole folder to your students; they hand in the notebook.",
    "solutions": "For you: it has the answers.",
    "nbgrader": 'Next, in {folder}: nbgrader generate_assignment "chapter_{number}"',
    "otter": 'Next: otter assign "{path}" "{folder}/dist"',
}


def main(name: str, whom: str, folder: str | None = None, names: str | None = None) -> int:
    """Write a chapter for somebody and print where it is.

    Args:
        name: of the chapter: "05", "5", "05_a_cnn_on_mnist" or a path of it.
        whom: a key of `NEXT`.
        folder: where to. Defaults to chapter_05_students, or the like, in the current folder.
        names: a CSV file with the students' names, each of whom gets numbers of their own. Defaults to none.

    Returns:
        The exit status: 0, or 1 if nothing was written, which one printed line explains.
    """
    try:
        found = chapter(name)
        into = Path(folder or f"chapter_{found.number}_{whom}")
        if names is not None:
            return _individual(found, whom, into, Path(names))
        path = assign(found, whom, into)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{path}: {len(found.exercises)} exercises.")
    print(NEXT[whom].format(folder=into, number=found.number, path=path))
    return 0


def _individual(chapter: Chapter, whom: str, folder: Path, names: Path) -> int:
    if whom != "students":
        raise ValueError(
            f"--individual goes with --for students: for {whom} there is one notebook, the same for all."
        )
    new, kept = hand_out(chapter, folder, students(names))
    print(f"{folder}: {len(new)} folders" + (f"; {len(kept)} were there already." if kept else "."))
    print(
        f'Give each student their folder, and keep "{folder / TABLE}": grade … --numbers "{folder / TABLE}"'
    )
    return 0


def hand_out(chapter: Chapter, folder: Path, names: list[str]) -> tuple[list[str], list[str]]:
    """Write a folder for each student, with numbers of their own, and the table of these numbers.

    A student who has a notebook of the chapter there already, or only its numbers, keeps them.

    Args:
        chapter: which.
        folder: made if it is missing.
        names: the students'.

    Returns:
        The names of those whose folder was written, and of those who have one already.

    Raises:
        ValueError: the chapter has no numbers that may vary.
    """
    if not choices(chapter):
        raise ValueError(f"Chapter {chapter.number} has no numbers that may vary: hand it out as one.")
    folder.mkdir(parents=True, exist_ok=True)
    table = Numbers(folder / TABLE)
    for name in names:
        if not table.of(name, chapter.number):
            table.add(name, chapter.number, drawn(chapter, name))
    table.write()
    new = [name for name in names if not (folder / name / chapter.path.name).exists()]
    for name in new:
        _students(with_numbers(chapter, table.of(name, chapter.number)), folder / name)
    return new, [name for name in names if name not in new]


def assign(chapter: Chapter, whom: str, folder: Path) -> Path:
    """Write a chapter into a folder, and return the path of its notebook.

    Args:
        chapter: which.
        whom: "students" (answers open), "solutions" (reference answers in place), "nbgrader" or "otter".
        folder: made if it is missing.

    Raises:
        FileExistsError: the folder has a notebook of this name already: somebody may have worked in it.
    """
    made = folder / "source" / f"chapter_{chapter.number}" if whom == "nbgrader" else folder
    path = made / chapter.path.name
    if path.exists():
        raise FileExistsError(f"{path} exists already; name another folder, or remove it first.")
    return PRODUCTS[whom](chapter, folder)


def _students(chapter: Chapter, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / chapter.path.name
    copy_beside(chapter, folder)
    write_notebook(notebook(chapter), path)  # last: a folder that has one is finished
    return path


def _solutions(chapter: Chapter, folder: Path) -> Path:
    return _students(solved(chapter), folder)


PRODUCTS: dict[str, Callable[[Chapter, Path], Path]] = {
    "students": _students,
    "solutions": _solutions,
    "nbgrader": nbgrader.write,
    "otter": otter.write,
}
