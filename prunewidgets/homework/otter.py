"""A chapter for otter-grader 7: the master notebook that `otter assign` reads."""

from pathlib import Path
from typing import Any

from .chapter import Chapter
from .handout import copy_beside, notebook, write_notebook
from .regions import Parted, parted, with_region

CONFIG = """# ASSIGNMENT CONFIG
name: chapter_{number}
init_cell: false
export_cell: false
check_all_cell: false
files: [{files}]
tests:
    files: true
    ok_format: false
generate:
    show_stdout: true
"""


def write(chapter: Chapter, folder: Path) -> Path:
    """Write the master of this chapter, with what it needs beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    copy_beside(chapter, folder)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    path = folder / chapter.path.name
    write_notebook(master(chapter, [file for file in files if not file.endswith(".ipynb")]), path)
    return path


def master(chapter: Chapter, files: list[str]) -> dict[str, Any]:
    """Return the instructor's notebook.

    Args:
        chapter: what is to be handed out.
        files: names of the files that go with it.
    """
    found = notebook(chapter)
    by_place = {exercise.places[0]: exercise for exercise in chapter.exercises}
    by_check = {exercise.cell: exercise for exercise in chapter.exercises}
    cells = [_raw("config", CONFIG.format(number=chapter.number, files=", ".join(files)))]
    for cell in found["cells"]:
        exercise = by_place.get(cell["id"])
        if exercise:
            parts, name = parted(chapter, exercise), exercise.name
            begin, end = "# BEGIN SOLUTION NO PROMPT", "# END SOLUTION"
            text = with_region(parts.open, parts.reference, begin, end)
            cells += [
                _raw(f"{name}-question", f"# BEGIN QUESTION\nname: {name}\npoints: 1\ncheck_cell: false"),
                _raw(f"{name}-begin", "# BEGIN SOLUTION"),
                cell | {"source": text.splitlines(keepends=True), "id": f"{name}-answer"},
                _raw(f"{name}-end", "# END SOLUTION"),
            ]
        if exercise := by_check.get(cell["id"]):
            cells += _tests(cell, parted(chapter, exercise))
        elif cell["id"] not in by_place:
            cells.append(cell)
    found["cells"] = cells
    return found


def _tests(cell: dict[str, Any], parts: Parted) -> list[dict[str, Any]]:
    """Return the cells that end a question; what later cells use is computed before them."""
    exercise, name = parts.exercise, parts.exercise.name
    given = parts.given + (f"\n{exercise.target} = {parts.call}" if exercise.target else "")
    test = (
        '""" # BEGIN TEST CONFIG\npoints: 1\nhidden: true\n""" # END TEST CONFIG\n'
        f"def test_{name}(env):\n"
        "    from prunewidgets.homework.record import passes\n\n"
        f"    passes(lambda: eval({parts.call!r}, env))"
    )
    found = [
        _raw(f"{name}-tests", "# BEGIN TESTS"),
        cell | {"source": test.splitlines(keepends=True), "id": f"{name}-test"},
        _raw(f"{name}-tests-end", "# END TESTS"),
        _raw(f"{name}-question-end", "# END QUESTION"),
    ]
    if given.strip():
        found.append(cell | {"source": given.strip().splitlines(keepends=True), "id": f"{name}-given"})
    return found


def _raw(id: str, text: str) -> dict[str, Any]:
    lines = text.strip().splitlines(keepends=True)
    return {"cell_type": "raw", "id": id, "metadata": {}, "source": lines}
