"""A chapter for nbgrader 0.9: a course folder from which `nbgrader generate_assignment` makes the release.

The names and values of the metadata are those of nbgrader's schema version 3 (nbgrader/nbgraderformat/v3.py),
the checksum that of `nbgrader.utils.compute_checksum`.
"""

import hashlib
from pathlib import Path
from typing import Any

from .chapter import Chapter, Exercise
from .handout import copy_beside, notebook, write_notebook
from .regions import LATER, parted, with_region

CONFIG = '''"""nbgrader's settings for this course folder: its students hand in chapters of prunewidgets."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "pruning"
c.ClearSolutions.code_stub = {"python": "# Write your answer above, or here."}
c.ExecutePreprocessor.timeout = 600  # seconds a cell: a chapter may train
'''


def write(chapter: Chapter, folder: Path) -> Path:
    """Write the course folder: its settings, and the master of this chapter in `source/`."""
    assignment = folder / "source" / f"chapter_{chapter.number}"
    assignment.mkdir(parents=True, exist_ok=True)
    settings = folder / "nbgrader_config.py"
    if not settings.exists():  # the instructor may have changed it
        settings.write_text(CONFIG, encoding="utf-8")
    path = assignment / chapter.path.name
    copy_beside(chapter, assignment)
    write_notebook(master(chapter), path)
    return path


def master(chapter: Chapter) -> dict[str, Any]:
    """Return the instructor's notebook: reference answers in regions, and tests that nbgrader hides."""
    found = notebook(chapter)
    by_place = {exercise.places[0]: exercise for exercise in chapter.exercises}
    by_check = {exercise.cell: exercise for exercise in chapter.exercises}
    cells = []
    for cell in found["cells"]:
        exercise = by_place.get(cell["id"])
        if exercise:
            parts = parted(chapter, exercise)
            text = with_region(parts.open, parts.reference, "### BEGIN SOLUTION", "### END SOLUTION")
            id = cell["id"] if parts.own_cell else f"{exercise.name}-answer"
            cells.append(_graded(cell, id, text, solution=True))
        if exercise := by_check.get(cell["id"]):
            cells.append(_graded(cell, exercise.cell, _test(chapter, exercise), points=1))
        elif cell["id"] not in by_place:
            cells.append(cell)
    found["cells"] = cells
    return found


def _test(chapter: Chapter, exercise: Exercise) -> str:
    parts = parted(chapter, exercise)
    given = f"{parts.given}\n" if parts.given else ""
    run = "from prunewidgets.homework.record import points\n\n"
    if exercise.target:  # later cells use the verdict, so the reader sees it too
        return (
            f"{given}{exercise.target} = {parts.call}\n{_hidden(f'{run}points(lambda: {exercise.target})')}"
        )
    return f"{given}{LATER}\n{_hidden(f'{run}points(lambda: {parts.call})')}"


def _hidden(text: str) -> str:
    return f"### BEGIN HIDDEN TESTS\n{text}\n### END HIDDEN TESTS"


def _graded(
    cell: dict[str, Any], id: str, source: str, points: int = 0, solution: bool = False
) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "grade": not solution,
        "grade_id": id,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points:
        metadata["points"] = points
    metadata["checksum"] = checksum(source, metadata)
    lines = source.splitlines(keepends=True)
    return cell | {"id": id, "source": lines, "metadata": cell["metadata"] | {"nbgrader": metadata}}


def checksum(source: str, metadata: dict[str, Any]) -> str:
    """Return what nbgrader recognises a code cell by that was not changed."""
    locked = metadata["grade"] and not metadata["solution"]
    parts = [source, "code", metadata["grade"], metadata["solution"], locked, metadata["grade_id"]]
    if metadata["grade"]:
        parts.append(float(metadata["points"]))
    return hashlib.md5("".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
