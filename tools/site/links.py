"""Whether every link between the pages of a folder leads somewhere, and nothing is loaded from elsewhere."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

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


def pages_of(folder: Path) -> dict[Path, Links]:
    """Read all pages of a folder."""
    return {
        path: Links(path.read_text(encoding="utf-8")) for path in sorted(folder.resolve().rglob("*.html"))
    }


def broken_links(folder: Path, pages: dict[Path, Links]) -> list[str]:
    """Return a line for each link of the pages that leads nowhere, and for each file from elsewhere."""
    folder = folder.resolve()
    broken = []
    for path, page in pages.items():
        where = path.relative_to(folder).as_posix()
        broken += [f"{where} loads {url}" for url in page.loaded if urlsplit(url).netloc]
        for url in page.links + page.loaded:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = pages[target].anchors if target in pages else {parts.fragment}
            there = target.is_file() and target.is_relative_to(folder)
            if not there or unquote(parts.fragment) not in anchors:
                broken.append(f"{where} links to {url}, which is not there")
    return broken
