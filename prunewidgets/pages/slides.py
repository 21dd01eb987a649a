"""Which cell of a notebook begins a slide: by its metadata or, where a notebook has none, by its headings."""

import html

from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode

from ..utils import lecturer_notes

TYPES = ("slide", "subslide", "fragment", "skip", "notes")
"""The standard's types of a cell; any other, and "-", continues what the cell before it began."""


def slide_type(cell: NotebookNode) -> str:
    """Return the attributes of a cell's HTML that say what it is in a lecture; "" for one that continues.

    A note whose source the notebook folds (``jupyter.source_hidden``) is for the lecturer alone, and is not
    shown to whoever reads the page; other notes are a part of the text.
    """
    kind = lecturer_notes.slide_type(cell)
    if kind not in TYPES:
        return ""
    return f' data-slide="{html.escape(kind)}"' + (
        " data-lecturer" if lecturer_notes.is_lecturer_note(cell) else ""
    )


def mark_slides(soup: BeautifulSoup) -> None:
    """Let each heading of the second level begin a slide, in the cells of a notebook without slide types.

    Args:
        soup: the cells; one with such a heading after other text is divided there.
    """
    cells = soup.select("section.cell")
    if any("data-slide" in cell.attrs for cell in cells):
        return
    for cell in cells:
        if "cell-prose" in cell.get_attribute_list("class"):
            for heading in cell.find_all("h2", recursive=False):
                _begin(soup, heading)


def _begin(soup: BeautifulSoup, heading: Tag) -> None:
    """Begin a slide at a heading, in a cell of its own."""
    cell = heading.parent
    assert cell is not None  # a heading that was found in a cell
    before = [part for part in heading.previous_siblings if isinstance(part, Tag) or str(part).strip()]
    if before:
        rest = soup.new_tag("section", attrs={"class": "cell cell-prose"})
        for part in [heading, *heading.next_siblings]:
            rest.append(part.extract())
        cell.insert_after(rest)
        cell = rest
    cell["data-slide"] = "slide"
