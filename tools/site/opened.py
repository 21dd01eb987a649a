"""Every page of the site, opened in Chromium from its file, at three widths, without a network."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright
from tqdm import tqdm

from prunewidgets.doctor import find_browser, how_to_get_a_browser
from prunewidgets.pages.words import PAGE
from tools import javascript

KINDS = ("errors", "requests", "overflow", "axe")
SIZES = ((390, 844, "light"), (1280, 720, "dark"), (1920, 1080, "light"))
"""Width and height of a phone, a laptop and a projector, and the colours that each asks for."""

MEASURED_AT = 1280
"""The width at which the check waits until each lab has measured, and so compared itself with Python."""

SECONDS = 120
"""How long the labs of a page may take for it."""

AXE = javascript.HOME / "node_modules" / "axe-core" / "axe.min.js"
OPTIONS = ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
SETTLED = "() => [...document.querySelectorAll('[data-part]')].every((part) => part.childElementCount > 0)"
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
NEXT_SCREEN = """async () => {
    const before = scrollY;
    scrollBy({ top: 0.8 * innerHeight, behavior: "instant" });
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 10)));
    await frame();
    await frame();
    return scrollY > before;
}"""
READY = """(text) => [...document.querySelectorAll(".page-note")].every(
    (note) => note.textContent !== text || !note.checkVisibility())"""
NOTES = "() => [...document.querySelectorAll('.page-note')].map((note) => note.textContent)"
WIDER = """() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return "";
    const all = [...document.body.querySelectorAll("*")];
    const out = all.filter((each) => each.getBoundingClientRect().right > wide + 0.5);
    const inner = out.filter((each) => !out.some((other) => other !== each && each.contains(other)));
    const named = inner.slice(0, 3).map((each) => each.outerHTML.slice(0, 100));
    return `${document.documentElement.scrollWidth} px: ${named.join(" … ")}`;
}"""
RUN_AXE = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, any }) =>
        [id, target.flat().join(" "), any[0]?.message ?? ""].join(": ").slice(0, 300)));
}"""


@dataclass
class Faults:
    """What was found on a page, by kind."""

    page: str
    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, kind: str, line: str) -> None:
        """Add what was found, once."""
        if (kind, line) not in self.found:
            self.found.append((kind, line))

    def of(self, kind: str) -> list[str]:
        """Return what was found of a kind."""
        return [line for each, line in self.found if each == kind]


def opened(site: Path, pages: list[Path]) -> list[Faults]:
    """Open pages and return what was found on each.

    Args:
        site: the folder that they may take files from.
        pages: the files.
    """
    axe = _axe()
    found = []
    with _chromium() as browser:
        for path in tqdm(pages, unit="page", desc="Opening"):
            faults = Faults(path.relative_to(site).as_posix())
            for width, height, colours in SIZES:
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=colours, reduced_motion="reduce"
                )
                context.set_offline(True)
                page = context.new_page()
                _listen(page, site, faults)
                page.goto(path.as_uri())
                _look(page, f"{width} px, {colours}", axe, faults)
                context.close()
            found.append(faults)
    return found


@contextmanager
def _chromium() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        sys.exit(how_to_get_a_browser())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


def _axe() -> str:
    """Return axe's script; "", and print why, where it cannot be had."""
    if missing := javascript.install():
        print(f"Skipped axe, which looks for what shuts readers out: {missing}", flush=True)
        return ""
    return AXE.read_text(encoding="utf-8")


def _listen(page: Page, site: Path, faults: Faults) -> None:
    """Note errors, and requests for what is not in the folder."""
    within = (f"{site.as_uri()}/", "blob:", "data:")
    page.on("request", lambda asked: asked.url.startswith(within) or faults.add("requests", asked.url))
    page.on("requestfailed", lambda asked: faults.add("errors", f"{asked.url}: {asked.failure}"))
    page.on("console", lambda said: said.type == "error" and faults.add("errors", said.text))
    page.on("pageerror", lambda error: faults.add("errors", str(error)))


def _look(page: Page, size: str, axe: str, faults: Faults) -> None:
    """Go down the page, since what measures starts when it is near, and look at all of it."""
    page.wait_for_function(SETTLED)
    while page.evaluate(NEXT_SCREEN):
        pass
    page.evaluate(TWO_FRAMES)
    if page.viewport_size and page.viewport_size["width"] == MEASURED_AT:
        _measured(page, faults)
    if wider := page.evaluate(WIDER):
        faults.add("overflow", f"{size}, the page has {wider}")
    if axe:
        page.evaluate(axe)
        for violation in page.evaluate(RUN_AXE):
            faults.add("axe", f"{size}, {violation}")


def _measured(page: Page, faults: Faults) -> None:
    """Wait until the labs that are not folded have measured; what they cannot do is a fault."""
    try:
        page.wait_for_function(READY, arg=PAGE["page_starting"], timeout=1000 * SECONDS)
    except TimeoutError:
        faults.add("errors", f"a lab was not ready after {SECONDS} seconds")
    failed = PAGE["page_failed"].partition("{")[0]
    for note in page.evaluate(NOTES):
        if note.startswith(failed):
            faults.add("errors", note)
