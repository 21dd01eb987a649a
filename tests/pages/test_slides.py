"""Which cells of a page begin a slide; `tests/browser/test_lecture.py` shows them."""

import json
import re

import nbformat
import pytest
from bs4 import BeautifulSoup

import prunewidgets as pw
import prunewidgets.__main__
from prunewidgets.pages.clean import cleaned
from prunewidgets.pages.exporter import cells_of
from prunewidgets.pages.slides import TYPES
from prunewidgets.widgets.assets import STATIC

cell, prose = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell


def typed(cell, kind, **more):
    cell.metadata |= {"slideshow": {"slide_type": kind}} | more
    return cell


def sections(tmp_path, *cells):
    text = cells_of(nbformat.v4.new_notebook(cells=list(cells)), tmp_path)
    return BeautifulSoup(cleaned(text, {}, lambda name: False).body, "html.parser")("section")


def test_a_slide_type_of_the_standard_is_in_the_page_and_any_other_continues(tmp_path):
    kinds = ["slide", "subslide", "fragment", "skip", "notes", "-", None, 7, {"a": 1}, '"><script>']
    found = sections(tmp_path, *(typed(prose(f"cell {n}"), kind) for n, kind in enumerate(kinds)))
    assert [each.get("data-slide") for each in found] == [*kinds[:5], *[None] * 5]
    assert [set(each.attrs) - {"class", "data-slide"} for each in found] == [set()] * 10


def test_slides_in_jupyterlab_know_the_same_types():
    script = (STATIC / "lecture" / "notebook_cells.js").read_text(encoding="utf-8")
    assert json.loads(re.findall(r"const TYPES = (\[.*?\]);", script)[0]) == list(TYPES)


@pytest.mark.parametrize(
    "metadata",
    [{"slideshow": None}, {"slideshow": {}}, {"slideshow": "slide"}, {"slideshow": [1]}],
)
def test_metadata_without_a_slide_type_continues(tmp_path, metadata):
    (found,) = sections(tmp_path, prose("a", metadata=metadata))
    assert found.attrs == {"class": ["cell", "cell-prose"]}


def test_a_note_that_the_notebook_folds_is_for_the_lecturer_alone(tmp_path):
    folded = {"jupyter": {"source_hidden": True}}
    cells = [
        typed(prose("a"), "notes", **folded),
        typed(prose("b"), "notes"),
        typed(cell("1"), "slide", **folded),
    ]
    assert ["data-lecturer" in each.attrs for each in sections(tmp_path, *cells)] == [True, False, False]


def test_without_slide_types_each_heading_of_the_second_level_begins_a_slide(tmp_path):
    first = prose("# A\n\nbegins\n\n## B\n\none\n\n### C\n\n## D\n\n```\n## no heading\n```\n")
    found = sections(tmp_path, first, cell("1 + 1"), prose("## E\n\n> ## quoted\n"))
    assert [each.get("data-slide") for each in found] == [None, "slide", "slide", None, "slide"]
    assert [each.get_text(" ", strip=True) for each in found] == [
        "A begins",
        "B one C",
        "D ## no heading",
        "1 + 1",
        "E quoted",
    ]
    assert found[1]["class"] == ["cell", "cell-prose"]


def test_with_slide_types_a_heading_begins_none(tmp_path):
    found = sections(tmp_path, prose("# A\n\n## B"), typed(cell("1"), "slide"))
    assert [each.get("data-slide") for each in found] == [None, "slide"]


def test_a_lecture_is_the_same_page_which_opens_as_slides(tmp_path):
    view = pw.ThresholdSlider(pw.score(pw.example.W))
    texts = [pw.save_page(view, tmp_path / "a.html", lecture=way).read_text("utf-8") for way in (False, True)]
    assert texts[0] != texts[1] == texts[0].replace("<main>", "<main data-lecture>")


@pytest.mark.parametrize("given", [["a.ipynb"], ["a.ipynb", "-o", "b.html"], ["-o", "b.html", "a.ipynb"]])
def test_the_command_saves_a_lecture(tmp_path, monkeypatch, given):
    saved = []

    def save_page(what, path, lecture):
        saved.append((what, path, lecture))
        file = tmp_path / "page"
        file.touch()
        return file

    monkeypatch.setattr("prunewidgets.pages.save.save_page", save_page)
    assert prunewidgets.__main__.main(["lecture", *given]) == 0
    assert prunewidgets.__main__.main(["page", *given]) == 0
    named = "b.html" if "-o" in given else None
    expected = [(named or "a_lecture.html", True), (named or "a.html", False)]
    assert saved == [("a.ipynb", path, lecture) for path, lecture in expected]
