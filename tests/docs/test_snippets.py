"""The Python blocks of each page of the guide run, one after another, as a reader would run them."""

import re
import runpy
from pathlib import Path

import pytest

from prunewidgets.widgets.view import View

GUIDE = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted(page for page in (GUIDE / "guide").glob("*.md") if BLOCK.search(page.read_text("utf-8")))


def script(page: str) -> str:
    """The page's Python, each line where it stands in the page, so that a traceback names it."""
    lines = [""] * page.count("\n")
    for block in BLOCK.finditer(page):
        first = page.count("\n", 0, block.start(1))
        code = block.group(1).splitlines()
        lines[first : first + len(code)] = code
    return "\n".join(lines)


def test_the_pages_are_found():
    assert [page.stem for page in PAGES] == [
        "plan_for_a_budget",
        "prune_my_model",
        "sweep_overnight",
        "teach_a_class",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs(page, tmp_path, monkeypatch):
    code = script(page.read_text(encoding="utf-8"))
    assert code.strip()
    file = tmp_path / f"{page.stem}.py"
    file.write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names = runpy.run_path(str(file), run_name="__main__")
    for view in (value for value in names.values() if isinstance(value, View)):
        assert view.error == ""
        view.close()
