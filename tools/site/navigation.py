"""The line of links, at the top and at the end of a chapter's page, that makes pages a book."""

import html
from collections.abc import Sequence
from pathlib import Path

from prunewidgets.pages.document import digest
from tools import repository

from .chapters import Chapter

STYLE = (Path(__file__).parent / "navigation.css").read_text(encoding="utf-8")
ALL = "All chapters"
OPEN = "Open this chapter in"


def with_navigation(page: str, chapters: Sequence[Chapter], number: int) -> str:
    """Return the text of a page with links to the chapters before and after it.

    Args:
        page: the text of a page that `save_page` wrote.
        chapters: all chapters of the site, in their order.
        number: which of them the page is.
    """
    before = chapters[number - 1] if number else None
    after = chapters[number + 1] if number + 1 < len(chapters) else None
    links = [
        _link(before, "site-previous", "prev", "← {}") if before else "",
        f'<a href="../index.html">{ALL}</a>',
        _link(after, "site-next", "next", "{} →") if after else "",
    ]
    style = page.partition("<style>")[2].partition("</style>")[0]
    # The policy of the page allows one style, by its digest.
    page = page.replace(digest(style), digest(style + STYLE), 1).replace(style, style + STYLE, 1)
    places = (("<main", "Chapters", ""), ("<footer>", "Chapters, again", _open_in(chapters[number])))
    for tag, name, more in places:
        line = f'<nav class="site-links" aria-label="{name}">{"".join(links)}{more}</nav>\n'
        page = page.replace(tag, line + tag, 1)
    return page


def _link(chapter: Chapter, style: str, relation: str, text: str) -> str:
    said = html.escape(text.format(f"{chapter.number} · {chapter.title}"))
    return f'<a class="{style}" rel="{relation}" href="{html.escape(chapter.page)}">{said}</a>'


def _open_in(chapter: Chapter) -> str:
    """Return links to where the notebook of a chapter runs; "" where the repository has no address yet."""
    path = f"notebooks/{chapter.notebook.name}"
    places = {
        "Google Colab": repository.in_colab(path),
        "Binder": repository.in_binder(path),
        "GitHub": repository.on_github(path),
    }
    links = [f'<a href="{html.escape(link)}">{name}</a>' for name, link in places.items() if link]
    return f'<span class="site-open">{OPEN} {" ".join(links)}</span>' if links else ""
