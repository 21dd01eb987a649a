"""Every chapter as a page, without running it: what the page would leave out, or show as it was written."""

import ast
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from prunewidgets.pages.clean import NEVER, cleaned
from prunewidgets.pages.exporter import cells_of

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHAPTERS = sorted(NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_has_nothing_that_a_page_cannot_show(path):
    notebook = nbformat.read(path, as_version=4)
    text = cells_of(notebook, path.parent)
    written = BeautifulSoup(text, "html.parser")
    assert written(NEVER) == [] and written(style=True) == []
    page = cleaned(text, {}, lambda name: (NOTEBOOKS / name).with_suffix(".ipynb").is_file())
    soup = BeautifulSoup(page.body, "html.parser")
    assert page.heading
    assert [image for image in soup("img") if "src" not in image.attrs] == []
    assert [code for code in soup.select("code") if code.get_text().startswith("\\")] == []  # unknown maths
    assert len(soup.select("[data-guess]")) == sum(map(_waits_for_a_guess, notebook.cells))
    links = {link["href"] for link in soup("a") if not link["href"].startswith("http")}
    gone = [link for link in links if link.startswith("#") and soup.find(id=link[1:]) is None]
    assert gone in ([], ["#needs-python"])  # that one is at the end of the page


def _waits_for_a_guess(cell):
    """Return whether a cell has an assignment such as `guess = ...`."""
    if cell.cell_type != "code" or "guess" not in cell.source:
        return False
    for line in ast.parse(cell.source).body:
        if isinstance(line, ast.Assign) and "guess" in ast.unparse(line.targets[0]):
            return any(getattr(part, "value", None) is ... for part in ast.walk(line.value))
    return False
