"""A Sphinx extension: every link between the built pages leads somewhere; no page loads from elsewhere."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

LOADED = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("source", "src")}
"""What a browser fetches by itself."""


class Links(HTMLParser):
    """The links, loaded files and anchors of one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.loaded += [given[name] for kind, name in LOADED if kind == tag and name in given]
        if tag == "a" and "href" in given:
            self.links.append(given["href"])


def broken_links(folder: Path) -> list[str]:
    """Return a line for each link of the built pages that leads nowhere, and for each file from elsewhere."""
    pages = {path.resolve(): Links(path.read_text(encoding="utf-8")) for path in folder.rglob("*.html")}
    broken = []
    for path, page in sorted(pages.items()):
        where = path.relative_to(folder.resolve())
        broken += [f"{where} loads {url}" for url in page.loaded if urlsplit(url).netloc]
        for url in page.links + page.loaded:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = pages[target].anchors if target in pages else {parts.fragment}
            if not target.is_file() or unquote(parts.fragment) not in anchors:
                broken.append(f"{where} links to {url}, which is not there")
    return broken


def check(app: Sphinx, error: Exception | None) -> None:
    """Warn of broken links: `make docs` fails on a warning."""
    if error is None and app.builder.name == "html":
        for line in broken_links(Path(app.outdir)):
            logger.warning(line)


def setup(app: Sphinx) -> None:
    """Check after the pages are written."""
    app.connect("build-finished", check)
