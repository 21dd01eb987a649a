"""The folder that is handed out: the notebook, the checks that it imports, and the data that it reads."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from .. import workbook
from ..utils.atomic_file import whole_file
from ..utils.lecturer_notes import is_lecturer_note
from .chapter import Chapter

SOLUTIONS = re.compile(r"[^.\n]*\]\((?:\.\./)?solutions/[^)]*\)[^.\n]*\.[ ]?")
CHAPTER_LINK = re.compile(r"\[([^\]]+)\]\((?:\.\./)?(?!https?:)[^)]*\.ipynb[^)]*\)")
OF_A_CHAPTER = re.compile("(chapter|pictures)_")


def notebook(chapter: Chapter) -> dict[str, Any]:
    """Return the notebook of a chapter with the sources of its cells, as it is to be handed out.

    A sentence with a link to the solutions goes, and so do the lecturer's notes. Links to other chapters
    become words: none is there.

    Args:
        chapter: its cells give the text of each cell; everything else is the file's.
    """
    found: dict[str, Any] = json.loads(chapter.path.read_text(encoding="utf-8"))
    sources = {cell.id: cell.source for cell in chapter.cells}
    found["cells"] = [cell for cell in found["cells"] if not is_lecturer_note(cell)]
    for cell in found["cells"]:
        text = sources[cell["id"]]
        if cell["cell_type"] == "markdown":
            text = CHAPTER_LINK.sub(r"\1", SOLUTIONS.sub("", text))
        cell["source"] = text.splitlines(keepends=True)
    return found


def write_notebook(notebook: dict[str, Any], path: Path) -> None:
    """Write a notebook as Jupyter does."""
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    with whole_file(path) as temporary:
        temporary.write_text(f"{text}\n", encoding="utf-8")


def copy_beside(chapter: Chapter, folder: Path) -> None:
    """Copy what the chapter's notebook needs beside it: its checks, their texts, and recorded runs it names.

    Another chapter's checks are not copied, nor are the solutions.
    """
    chapters = workbook.source()
    text = "".join(cell.source for cell in chapter.cells)
    for name in workbook.file_names(chapters):
        part, stem = name.partition("/")[0], Path(name).stem
        needed = name in text if part in ("runs", "pictures") else part == "checks"
        if needed and (not OF_A_CHAPTER.match(stem) or stem.partition("_")[2] == chapter.number):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(chapters / name, folder / name)  # the package's may be read-only
