"""A real JupyterLab and Chromium for the benchmarks that need a page."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from prunewidgets.doctor import find_browser, how_to_get_a_browser
from tests.support.jupyter import Workbook, serve
from tests.support.small_notebooks import write

FRAMES = (Path(__file__).parent / "frames.js").read_text(encoding="utf-8")
SCREEN = {"width": 1600, "height": 1000}


@contextmanager
def laboratory(**notebooks: list[str]) -> Iterator[tuple[Workbook, Page]]:
    """Start a JupyterLab with a notebook of code cells for each name, and open an empty browser page.

    `workbook.open(page, "name.ipynb")`, then `workbook.run_all(page, "name.ipynb")`; the page then has
    `window.records` of frames.js. Without a browser it exits with one line that says how to get one.
    """
    browser_path = find_browser()
    if browser_path is None:
        sys.exit(f"This row needs a browser. {how_to_get_a_browser()}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        written = Path(folder) / "written"
        written.mkdir()
        for name, cells in notebooks.items():
            write(written / f"{name}.ipynb", cells)
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        with serve(written, Path(folder) / "served") as workbook:
            page = browser.new_page(viewport=SCREEN)
            page.errors = []
            page.on("pageerror", lambda error: page.errors.append(str(error)))
            page.add_init_script(FRAMES)
            yield workbook, page
        browser.close()
