"""HTML of a notebook's cells, made to fit a page: views in their places, one stylesheet, nothing fetched."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import tinycss2
from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString

from .slides import mark_slides
from .words import PAGE

NEVER = ("script", "link", "base", "meta")
"""Elements that would run or fetch something, or that steer the whole page."""

FRAMES = ("iframe", "object", "embed")
"""Elements that show another page."""

PICTURES = ("img", "video", "audio")
"""Elements that show what is within the page, or what a browser fetches."""

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
    # Where a comment ends, a browser may see it otherwise than this parser.
    for remark in soup.find_all(string=lambda part: isinstance(part, PreformattedString)):
        remark.extract()
    for output in soup.select(".cell-html"):
        _name_what_scripts_make(output)
    for never in soup(NEVER):
        never.decompose()
    for form in soup("form"):
        form.unwrap()
    styles: dict[str, None] = {}
    for style in soup("style"):
        styles[_rules(style.get_text())] = None
        style.decompose()
    for anchor in soup.select("a.anchor-link"):
        anchor.decompose()
    for element in soup([*FRAMES, *PICTURES]):
        _name_what_is_fetched(element)
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
    mark_slides(soup)
    first = soup.find("h1")
    result.heading = first.get_text().strip() if first else ""
    # Twice the class, so that it outweighs other rules, as an attribute does.
    rules = (f".{name}.{name} {{ {declarations} }}\n" for declarations, name in result._classes.items())
    result.style = "".join([*styles, *rules])
    result.body = str(soup)
    return result


def missing(key: str, **values: str) -> str:
    """Return HTML that says what the page cannot show: a sentence of `words.py`, with pieces of HTML."""
    return f'<span class="page-missing">{html.escape(PAGE[key]).format(**values)}</span>'


def _name_what_scripts_make(output: Tag) -> None:
    """Say so if nothing is left of an output without its scripts."""
    scripts = output("script")
    for script in scripts:
        script.decompose()
    if scripts and not output.get_text(strip=True) and output.find(["svg", *FRAMES, *PICTURES]) is None:
        output.append(BeautifulSoup(missing("page_script"), "html.parser"))


def _name_what_is_fetched(element: Tag) -> None:
    """Put the address of what a browser would fetch in its place."""
    source = element if element.get("src") or element.get("data") else element.source or element
    address = str(source.get("src") or source.get("data") or "")
    if element.name in PICTURES and (not address or address.startswith("data:")):
        return
    if address.startswith(("http://", "https://")):
        said = missing("page_elsewhere", what=f'<a href="{html.escape(address)}">{html.escape(address)}</a>')
    elif element.name in PICTURES:
        said = missing("page_elsewhere", what=html.escape(str(element.get("alt") or address)))
    else:
        said = missing("page_script")
    element.replace_with(BeautifulSoup(said, "html.parser"))


def _rules(style: str) -> str:
    """Return the rules of a stylesheet that fetch nothing, each of them whole."""
    rules = tinycss2.parse_stylesheet(style, skip_comments=True)
    return "".join(rule.serialize() for rule in rules if rule.type != "error" and not _fetches(rule))


def _declarations(style: str) -> str:
    """Return the declarations of a style attribute that fetch nothing, each of them whole."""
    parts = tinycss2.parse_declaration_list(style, skip_comments=True, skip_whitespace=True)
    whole = (part for part in parts if part.type == "declaration")
    kept = (each for each in whole if not (_fetches(each) or any(v.type == "error" for v in each.value)))
    return " ".join(f"{part.serialize()};" for part in kept)


def _fetches(part: Any) -> bool:
    """Whether a part of a stylesheet would fetch something, or end the style element."""
    return re.search(r"""</|@import|url\((?!["']?(data:|#))""", part.serialize(), re.IGNORECASE) is not None


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
            # Printed in a terminal's colours, which need not suit the page's ground.
            if element.find_parent("pre"):
                value = COLOUR.sub("", value)
            if declarations := _declarations(value):
                classes = [*element.get_attribute_list("class"), result.class_of(declarations)]
                element["class"] = " ".join(filter(None, classes))


def _clean_link(link: Tag, has_page: Callable[[str], bool]) -> None:
    """Point a link to another notebook to its page; a link to a file that is not there becomes plain text."""
    try:
        parts = urlsplit(str(link.get("href", "")))
    except ValueError:  # such as http://[
        parts = urlsplit("")
    if parts.scheme in ("http", "https", "mailto") or (parts.fragment and not parts.path):
        return
    name = unquote(parts.path)
    if name.endswith(".ipynb") and has_page(page := f"{name.removesuffix('.ipynb')}.html"):
        link["href"] = page + (f"#{parts.fragment}" if parts.fragment else "")
    else:
        link.name, link.attrs = "span", {}
