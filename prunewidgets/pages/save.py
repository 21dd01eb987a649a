"""save_page: labs, views and notebooks as one HTML file that needs no Python."""

import html
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from .. import __version__
from ..utils.atomic_file import whole_file
from ..widgets.assets import lecture_style, stylesheet
from ..widgets.drawn import Drawn
from .content import content_of, script_with
from .document import document
from .words import PAGE

STATIC = Path(__file__).parent / "static"
OPENS = " data-lecture"
"""Attribute of a page that opens as slides."""


def save_page(
    what: Drawn | Iterable[Drawn] | str | os.PathLike[str],
    path: str | os.PathLike[str],
    title: str | None = None,
    lecture: bool = False,
) -> Path:
    """Save labs and views as one HTML file that opens by double-click, without Python and without a network.

    Every view moves as in a notebook, and linked views stay linked. A `PruningLab` is measured in the page
    itself, on all its examples, which travel with the page: the reader drags, and the browser runs the
    network on the masked weights. Where the page cannot run a model (a layer that it does not know, a metric
    of your own, more weights than a view sends), it says why, and shows accuracies that are measured now, at
    about twenty sparsities. The page cannot change a model, so it has no Apply and Restore.

    A notebook is run first, in its own folder. The page has its prose, code, maths, pictures and printed
    outputs, and its views where the notebook shows them. A guess is compared with what was found; changing a
    cell needs Python, and the page says how to get it. It needs the extra ``prunewidgets[lab]``.

    Each page has a button “Lecture”, which shows it as slides: a notebook's by its cells' ``slideshow``
    metadata, or else from each heading of the second level on; otherwise one view a slide.

    An existing file is replaced only when the new one is complete. Whoever has the page can read the weights,
    the examples and their labels out of it.

    Args:
        what: a lab or a view, or a list of them, shown one below the other; or the name of a notebook.
        path: name of an ``.html`` file.
        title: the heading; of a notebook, which has its own, the title of the window. Defaults to the name of
            the model, or the notebook's first heading.
        lecture: whether the page opens as slides.

    Returns:
        The path.

    Raises:
        TypeError: something that is neither a lab nor a view; a path or title that is not text.
        ValueError: an empty list, a path that does not end with .html.
        FileNotFoundError: The folder or the notebook does not exist.
        RuntimeError: A lab's accuracy cannot be measured, or a cell ends with an error; the message says why.

    Example:
        >>> slider = pw.ThresholdSlider(pw.score(pw.example.W), threshold=0.5)
        >>> heatmap = pw.SparsityHeatmap(pw.example.W)
        >>> pw.link(slider, heatmap)
        >>> path = pw.save_page([slider, heatmap], "matrix.html", title="Twelve numbers")
        >>> path.name, path.stat().st_size < 400_000
        ('matrix.html', True)
    """
    notebook = _checked_notebook(what) if isinstance(what, str | os.PathLike) else None
    views = [] if notebook else _checked_views(what)
    path = _checked_path(path)
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title has to be text, not {type(title).__name__}.")
    with whole_file(path) as temporary:  # first: it refuses a folder that does not exist
        text = (
            page_of_notebook(notebook, path, title, lecture) if notebook else page_of(views, title, lecture)
        )
        temporary.write_bytes(text.encode())
    return path


def page_of(views: list[Drawn], title: str | None, lecture: bool) -> str:
    """Return the HTML of a page with these views."""
    names, blocks = content_of(views)
    title = _title_of(views) if title is None else title
    places = (
        f'<section class="page-part" data-part="{number}" data-slide="slide"></section>'
        for number in range(len(views))
    )
    head = f"<header><h1>{html.escape(title)}</h1></header>"
    body = f"{head}\n<main{OPENS if lecture else ''}>{''.join(places)}</main>"
    return _document(title, "", body, names, blocks)


def page_of_notebook(notebook: Path, page: Path, title: str | None, lecture: bool) -> str:
    """Return the HTML of a page with the cells of a notebook."""
    try:
        from .notebook import body_of, head, needs_python  # with it comes all of nbconvert
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"A page of a notebook needs {error.name!r}, which is not installed: "
            "pip install 'prunewidgets[lab]'",
            name=error.name,
        ) from None
    cells, views = body_of(notebook, page.parent)
    title = cells.heading or notebook.stem if title is None else title
    style = (STATIC / "notebook.css").read_text(encoding="utf-8") + cells.style
    whole = f"{head(bool(views['names']))}{cells.body}{needs_python()}"
    body = f'<main class="page-notebook"{OPENS if lecture else ""}>{whole}</main>'
    return _document(title, style, body, views["names"], views["blocks"], pictures=True)


def _document(
    title: str, style: str, body: str, names: list[str], blocks: dict[str, str], pictures: bool = False
) -> str:
    """Return a page with a foot and the script that shows views of these names."""
    foot = PAGE["page_foot"].format(version=__version__, date=date.today().isoformat())
    foot = f"<footer>{html.escape(foot)}</footer>"
    broken = f'<p class="page-broken" role="alert" hidden>{html.escape(PAGE["page_broken"])}</p>'
    no_script = f"<noscript>{html.escape(PAGE['page_no_script'])}</noscript>"
    page, slides = ((STATIC / name).read_text(encoding="utf-8") for name in ("page.css", "lecture.css"))
    style = stylesheet() + page + lecture_style() + slides + style
    return document(
        title, style, f"{broken}\n{body}\n{foot}\n{no_script}", script_with(names), blocks, pictures
    )


def _title_of(views: list[Drawn]) -> str:
    names = dict.fromkeys(filter(None, (getattr(view, "title", "") for view in views)))
    return PAGE["page_title"].format(model=", ".join(names)) if names else PAGE["page_of_views"]


def _checked_views(what: Any) -> list[Drawn]:
    views = [what] if isinstance(what, Drawn) or not isinstance(what, Iterable) else list(what)
    if not views:
        raise ValueError("there is nothing to save: give a lab or a view, or a list of them.")
    for view in views:
        if not isinstance(view, Drawn):
            raise TypeError(
                "a page shows labs and views, such as PruningLab and SparsityHeatmap; "
                f"not {type(view).__name__}."
            )
    return views


def _checked_notebook(what: str | os.PathLike[str]) -> Path:
    path = Path(what)
    if path.suffix != ".ipynb":
        raise ValueError(f"{path} has the extension {path.suffix!r}; a notebook is an .ipynb file.")
    if not path.is_file():
        raise FileNotFoundError(f"There is no notebook {path}.")
    return path.absolute()


def _checked_path(path: Any) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path has to be the name of a file, such as 'lesson.html', not {path!r:.60}.")
    path = Path(path)
    if path.suffix not in (".html", ".htm"):
        raise ValueError(f"{path} has the extension {path.suffix!r}; a page is an .html file.")
    return path
