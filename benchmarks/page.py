"""A saved page of small_cnn with 10,000 digits, in Chromium, from its file: no Jupyter, no kernel.

Its size; from the start of its loading until the lab is painted; from the release of the slider until the
first accuracy (1,000 digits, with interval) and that of all digits are on the screen; and the script of a
drag while a curve is measured. Beside it the page of chapter 05, made from its notebook, which has two labs.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import prunewidgets as pw
from prunewidgets.doctor import find_browser, how_to_get_a_browser

from .common import ROOT, percentile_95, row
from .dragging import drag, release
from .pages import FRAMES, SCREEN
from .release import WATCH

OPENINGS, RUNS = 7, 20
CHAPTER = ROOT / "notebooks" / "05_a_cnn_on_mnist.ipynb"
FIRST_PAINT = """new Promise((done) => {
    const observer = new PerformanceObserver((list) => done(list.getEntries()[0].startTime));
    observer.observe({ type: "paint", buffered: true });
})"""
# Milliseconds from the start of loading until each visible picture of the lab is drawn and painted.
PAINTED = """window.painted = new Promise((done) => {
    const look = () => {
        const pictures = [...document.querySelectorAll(".pw-lab canvas.pw-canvas")]
            .filter((canvas) => canvas.checkVisibility());
        const drawn = pictures.length && pictures.every((canvas) => canvas.width !== 300)
            && document.querySelector(".pw-lab .pw-heatmap .pw-title").textContent;
        afterPaint(drawn ? () => done(performance.now()) : look);
    };
    look();
});"""


def saved(folder: Path) -> Path:
    _, (x, y) = pw.datasets.mnist()
    lab = pw.PruningLab(pw.models.pretrained("small_cnn"), x, y, data_name="test digits")
    return pw.save_page(lab, folder / "page.html")


def opened(browser: Browser, path: Path) -> Page:
    page = browser.new_page(viewport=SCREEN)
    for script in (FRAMES, PAINTED):
        page.add_init_script(script)
    page.goto(path.as_uri())
    return page


def first_paints(browser: Browser, path: Path, painted: str = "painted") -> list[float]:
    taken = []
    for _ in range(OPENINGS):
        page = opened(browser, path)
        taken.append(page.evaluate(painted) / 1000)
        page.close()
    return taken


def releases(page: Page) -> list[dict]:
    """Drag to another threshold and let go, again and again; return what was heard and when."""
    return [release(page, run, WATCH) for run in range(-2, RUNS)][2:]  # the first two warm up


def chapter_rows(browser: Browser, path: Path) -> None:
    """Print the size of a chapter's page, when its first text is painted, and its first lab's accuracy."""
    row("page", "chapter 05, size", path.stat().st_size / 1e6, unit="MB")
    paints = first_paints(browser, path, FIRST_PAINT)
    row("page", "chapter 05, first paint", statistics.median(paints), limit=0.5, runs=OPENINGS)
    page = opened(browser, path)
    page.locator(".pw-lab").first.evaluate("(lab) => lab.scrollIntoView({ block: 'start' })")
    page.locator(".page-note", has_text="Checked on opening").first.wait_for()
    first = [each["first"] / 1000 for each in releases(page)]
    row("page", "chapter 05, first accuracy p95", percentile_95(first), limit=0.25, runs=RUNS)


if __name__ == "__main__":
    browser_path = find_browser()
    if browser_path is None:
        sys.exit(f"This row needs a browser. {how_to_get_a_browser()}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = saved(Path(folder))
        row("page", "size", path.stat().st_size / 1e6, limit=3, unit="MB")
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        paints = first_paints(browser, path)
        row("page", "first paint", statistics.median(paints), limit=0.5, runs=OPENINGS)
        page = opened(browser, path)
        page.locator(".page-note", has_text="Checked on opening").wait_for()
        heard = releases(page)
        assert all("1,000 test digits" in each["text"] and "95 % interval" in each["text"] for each in heard)
        first, refined = [[each[name] / 1000 for each in heard] for name in ("first", "refined")]
        row("page", "first accuracy p95", percentile_95(first), limit=0.25, runs=RUNS)
        row("page", "all 10,000", statistics.median(refined), limit=1.5, runs=RUNS)
        page.click("text=Measure curve")
        records = drag(page)
        assert page.is_enabled("text=Cancel"), "the curve was finished before the drag was"
        scripts = [frame["script"] for frame in records["frames"]]
        row("page", "script of a drag p95", percentile_95(scripts), limit=8, unit="ms", runs=len(scripts))
        page.close()
        chapter_rows(browser, pw.save_page(CHAPTER, Path(folder) / "chapter.html"))
        browser.close()
