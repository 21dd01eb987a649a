"""A folder of two small chapters and two pages of documentation, and what the site is made from."""

from pathlib import Path

import nbformat
import pytest

from tools.site.build import Sources
from tools.site.chapters import Chapter

TEMPLATES = Path(__file__).parents[2] / "docs" / "templates"
CONF = f"""
extensions = ["myst_parser"]
html_theme = "furo"
templates_path = [{str(TEMPLATES)!r}]
"""


def write_chapter(folder: Path, number: str, source: str) -> Chapter:
    """Write a notebook of one cell, which links to its neighbours, and return what the site says of it."""
    path = folder / f"{number}_small.ipynb"
    prose = nbformat.v4.new_markdown_cell(f"# {number}\n\n[first](01_small.ipynb), [second](02_small.ipynb)")
    code = nbformat.v4.new_code_cell(source, id="cut")
    nbformat.write(nbformat.v4.new_notebook(cells=[prose, code]), path)
    return Chapter(number, "Small <b>", "What is it?", 1, 1, path, f"{number}_small.html")


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Sources:
    folder = tmp_path_factory.mktemp("sources")
    docs, notebooks = folder / "docs", folder / "notebooks"
    docs.mkdir()
    notebooks.mkdir()
    (docs / "conf.py").write_text(CONF)
    (docs / "index.md").write_text("# One\n\n[the other](other.md)\n\n```{toctree}\nother\n```\n")
    (docs / "other.md").write_text("# Other\n")
    chapters = [write_chapter(notebooks, "01", "2 + 2"), write_chapter(notebooks, "02", "1 / 0")]
    return Sources(chapters, docs, folder / "kept")
