"""HTML of a notebook's cells, made to fit a page: views in their places, one stylesheet, nothing fetched."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

NEVER = ("script", "link", "iframe", "object", "embed", "base", "meta", "form")
"""Elements that would run or fetch something, or that steer the whole page."""

FETCHED = ("src", "srcset", "poster", "data", "background")
"""Attributes that a browser fetches without being asked."""

COLOUR = re.compile(r"(?<![\w-])(?:background-)?color:[^;]*;?")


@dataclass
class Cleaned:
    """What a page takes over.

    Attributes:
        body: HTML without scripts and inline styles.
        style: CSS.
        heading: the text of the first heading; "" if there is none.
    """

    body: str = ""
    style: str = ""
    heading: str = ""
    _classes: dict[str, str] = field(default_factory=dict)

    def class_of(self, declarations: str) -> str:
        """Return the class that has these declarations, which stood in a style attribute."""
        return self._classes.setdefault(declarations, f"page-style-{len(self._classes)}")


def cleaned(text: str, views: Mapping[str, str], has_page: Callable[[str], bool]) -> Cleaned:
    """Return HTML that fits a page whose policy forbids inline styles, scripts and requests.

    Args:
        text: HTML of the cells.
        views: {model id: HTML that shows it}.
        has_page: whether there is a page of this name beside this one.
    """
    soup, result = BeautifulSoup(text, "html.parser"), Cleaned()
    for place in soup.select("[data-model]"):
        if shown := views.get(str(place["data-model"])):
            place.replace_with(BeautifulSoup(shown, "html.parser"))
    for never in soup(NEVER):
        never.decompose()
    styles: dict[str, None] = {}
    for style in soup("style"):
        styles[style.get_text()] = None
        style.decompose()
    for anchor in soup.select("a.anchor-link"):
        anchor.decompose()
    for element in soup(True):
        _clean_attributes(element, result)
    for table in soup.select(".cell-prose table"):
        table.wrap(soup.new_tag("div", attrs={"class": "page-table"}))  # a phone is narrower than some
    for corner in soup("th"):
        if not corner.get_text(strip=True) and corner.find() is None:
            corner.name = "td"  # it heads nothing
    for heading in soup(re.compile("^h[1-6]$"), id=True):
        heading["id"] = unquote(str(heading["id"]))  # a link's fragment is decoded before it is looked up
    for link in soup("a"):
        _clean_link(link, has_page)
    first = soup.find("h1")
    result.heading = first.get_text().strip() if first else ""
    # Twice the class, so that it outweighs other rules, as an attribute does.
    rules = (f".{name}.{name} {{ {declarations} }}\n" for declarations, name in result._classes.items())
    result.style = "".join([*styles, *rules])
    result.body = str(soup)
    return result


def _clean_attributes(element: Tag, result: Cleaned) -> None:
    """Take away what would run or fetch something; a style becomes a class."""
    for name in list(element.attrs):
        value = str(element[name])
        if name.startswith("on") or (name in FETCHED and not value.startswith("data:")):
            del element[name]
        elif name.endswith("href") and element.name != "a" and not value.startswith(("#", "data:")):
            del element[name]
        elif name == "style":
            del element[name]
            if element.find_parent(
                "pre"
            ):  # printed in a terminal's colours, which need not suit the page's ground
                value = COLOUR.sub("", value)
            if value.strip() and not re.search(r"[{}<]", value):
                classes = [*element.get_attribute_list("class"), result.class_of(value.strip())]
                element["class"] = " ".join(filter(None, classes))


def _clean_link(link: Tag, has_page: Callable[[str], bool]) -> None:
    """Point a link to another notebook to its page; a link to a file that is not there becomes plain text."""
    parts = urlsplit(str(link.get("href", "")))
    if parts.scheme in ("http", "https", "mailto") or (parts.fragment and not parts.path):
        return
    name = unquote(parts.path)
    if name.endswith(".ipynb") and has_page(page := f"{name.removesuffix('.ipynb')}.html"):
        link["href"] = page + (f"#{parts.fragment}" if parts.fragment else "")
    else:
        link.name, link.attrs = "span", {}
