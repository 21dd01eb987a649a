"""One Chromium for all browser tests, a fresh context for each."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import prunewidgets as pw
from prunewidgets.doctor import find_browser

from ..support.bare import ORIGIN, TWO_FRAMES, open_page
from ..support.jupyter import Workbook, serve
from ..support.saved_pages import watched
from ..support.small_notebooks import write_all

LAPTOP = {"width": 1280, "height": 720}
NOTE_TOUCHES = """for (const kind of ["keydown", "input", "change", "click", "pointerup"])
    addEventListener(kind, () => { window.touched = performance.now(); }, true);"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    path = find_browser()
    if path is None:
        pytest.fail(
            "no Chromium was found for the browser tests; `python -m prunewidgets doctor` says how to get one"
        )
    with sync_playwright() as playwright:
        quiet = [
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *quiet])
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes pages of a laptop's size, without motion. A script error on one of them fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(**options) -> Page:
        context = browser.new_context(**{"viewport": LAPTOP, "reduced_motion": "reduce"} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One page."""
    return new_page()


@pytest.fixture(scope="module")
def functions(browser: Browser) -> Iterator[Page]:
    """One bare page for all tests of a file, with its own `errors` and `elsewhere`."""
    page = browser.new_page(viewport=LAPTOP)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.elsewhere = open_page(page)
    yield page
    page.close()


@pytest.fixture
def bare(functions: Page) -> Iterator[Page]:
    """The bare page, emptied, without motion. A script error or a request to anywhere else fails the test."""
    functions.emulate_media(reduced_motion="reduce")
    functions.mouse.move(0, 0)
    functions.set_viewport_size(LAPTOP)
    functions.goto(ORIGIN)
    functions.errors.clear()
    functions.elsewhere.clear()
    yield functions
    assert functions.errors == []
    assert functions.elsewhere == []


@pytest.fixture(scope="session")
def workbook(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbook]:
    """A running JupyterLab on a copy of the chapters and on the small notebooks."""
    folder = tmp_path_factory.mktemp("jupyter")
    shutil.copytree(root / "notebooks", folder / "all", ignore=shutil.ignore_patterns("saved", "pictures"))
    write_all(folder / "all")
    with serve(folder / "all", folder / "served") as running:
        yield running
        assert running.calls.hosts() == []  # nothing leaves the machine, whatever the tests did


@pytest.fixture(scope="module")
def lab_page(browser: Browser) -> Iterator[Page]:
    """One page for all tests of a file that work in one notebook; `lab_page.errors` are its script errors."""
    page = browser.new_page(viewport=LAPTOP, reduced_motion="reduce")
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda said: page.errors.append(said.text) if said.type == "error" else None)
    page.add_init_script(NOTE_TOUCHES)
    yield page
    page.unroute_all(behavior="ignoreErrors")
    page.close()


@pytest.fixture
def ask(opened: Page, workbook: Workbook, request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Evaluate an expression in the kernel of the file's NOTEBOOK, after what the page has just sent."""

    def evaluate(expression: str) -> Any:
        opened.wait_for_function("!(performance.now() < window.touched + 1000)")
        return workbook.ask(request.module.NOTEBOOK, expression)

    return evaluate


@pytest.fixture
def open_saved(new_page, tmp_path):
    """Saves labs and views and opens the page. A request for anything else fails the test."""
    seen = []

    def open_page(what, **saving):
        path = pw.save_page(what, tmp_path / "page.html", **saving)
        page = new_page()
        seen.append(watched(page))
        page.goto(path.as_uri())
        page.wait_for_selector(".pw-view")
        page.evaluate(TWO_FRAMES)
        return page

    yield open_page
    for asked, errors in seen:
        assert {url for url in asked if not url.startswith("blob:")} == {(tmp_path / "page.html").as_uri()}
        assert errors == []
