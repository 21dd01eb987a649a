"""A small lecture, saved as if its notebook had been run: a kernel would take seconds to start."""

from pathlib import Path

import nbformat
import pytest

import prunewidgets as pw
from prunewidgets.pages import notebook as pages_notebook
from prunewidgets.pages.content import content_of

LONG = "\n\n".join(f"Line {number}." for number in range(40))
FOLDED = {"jupyter": {"source_hidden": True}}
CELLS = [
    ("slide", "# A &lt;lecture&gt;\n\nbegins."),
    ("notes", "**2 minutes.** Ask *why*.", FOLDED),
    ("slide", "## Drag\n\nthe slider."),
    ("", "VIEW"),
    ("fragment", "Then this."),
    ("notes", "Say that."),
    ("fragment", "And this."),
    ("skip", "Only to read: [back](#Drag)"),
    ("subslide", "1 + 1"),
    ("slide", f"## Long\n\n{LONG}"),
    ("slide", "## Last\n\n[Drag](#Drag), [Python](#needs-python)"),
]


def made(kind, source, more=None):
    metadata = {"slideshow": {"slide_type": kind}} | (more or {})
    if source == "1 + 1":
        output = nbformat.v4.new_output("execute_result", {"text/plain": "2"})
        return nbformat.v4.new_code_cell(source, metadata=metadata, outputs=[output])
    if source == "VIEW":
        output = nbformat.v4.new_output("display_data", {"text/html": '<div data-model="m"></div>'})
        return nbformat.v4.new_code_cell("guess = ...", metadata=metadata, outputs=[output])
    return nbformat.v4.new_markdown_cell(source, metadata=metadata)


def save_lecture(folder: Path, cells=CELLS) -> Path:
    """Save a page that opens as slides: those of CELLS or others, with a slider that moves."""
    path = folder / "small.ipynb"
    whole = nbformat.v4.new_notebook(cells=[made(*each) for each in cells])
    nbformat.write(whole, path)
    names, blocks = content_of([pw.ThresholdSlider(pw.score(pw.example.W), threshold=0.3)])
    views = {"names": names, "blocks": blocks, "shown": {"m": {"part": 0, "view": "slider"}}}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pages_notebook, "run", lambda notebook: (whole, views))
        return pw.save_page(path, folder / "lecture.html", lecture=True)
