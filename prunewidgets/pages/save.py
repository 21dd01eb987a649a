"""save_page: labs and views as one HTML file that needs no Python."""

import html
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from .. import __version__
from ..utils.atomic_file import whole_file
from ..widgets.assets import joined, stylesheet
from ..widgets.drawn import Drawn
from ..widgets.lab_view import LabView
from ..widgets.words import ENGLISH
from .document import document
from .payload import packed
from .traits import drawn_traits
from .words import PAGE

PACKAGE = Path(__file__).parents[1]
STATIC = Path(__file__).parent / "static"
VENDOR = Path(__file__).parent / "vendor"


def save_page(what: Drawn | Iterable[Drawn], path: str | os.PathLike[str], title: str | None = None) -> Path:
    """Save labs and views as one HTML file that opens by double-click, without Python and without a network.

    Every view moves as in a notebook, and linked views stay linked. A `PruningLab` is measured in the page
    itself, on all its examples, which travel with the page: the reader drags, and the browser runs the
    network on the masked weights. Where the page cannot run a model (a layer that it does not know, a metric
    of your own, more weights than a view sends), it says why, and shows accuracies that are measured now, at
    about twenty sparsities. The page cannot change a model, so it has no Apply and Restore.

    An existing file is replaced only when the new one is complete. Whoever has the page can read the weights,
    the examples and their labels out of it.

    Args:
        what: a lab or a view, or a list of them, shown one below the other.
        path: name of an ``.html`` file.
        title: the heading. Defaults to the name of the model.

    Returns:
        The path.

    Raises:
        TypeError: something that is neither a lab nor a view; a path or title that is not text.
        ValueError: an empty list, a path that does not end with .html.
        FileNotFoundError: The folder does not exist.
        RuntimeError: A lab's accuracy cannot be measured; the message says why.

    Example:
        >>> slider = pw.ThresholdSlider(pw.score(pw.example.W), threshold=0.5)
        >>> heatmap = pw.SparsityHeatmap(pw.example.W)
        >>> pw.link(slider, heatmap)
        >>> path = pw.save_page([slider, heatmap], "matrix.html", title="Twelve numbers")
        >>> path.name, path.stat().st_size < 400_000
        ('matrix.html', True)
    """
    views = _checked_views(what)
    path = _checked_path(path)
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title has to be text, not {type(title).__name__}.")
    with whole_file(path) as temporary:  # first: it refuses a folder that does not exist
        text = page_of(views, title)
        temporary.write_bytes(text.encode())
    return path


def page_of(views: list[Drawn], title: str | None) -> str:
    """Return the HTML of a page with these views."""
    parts, blocks = [], {}
    for number, view in enumerate(views):
        part, data = part_of(view)
        parts.append({"view": view.view_name, **part})
        if data:
            blocks[f"data-{number}"] = packed(data)
    names = sorted({part["view"] for part in parts})
    blocks = {"page": packed({"words": ENGLISH | PAGE, "parts": parts}), **blocks}
    if any(block.startswith("data-") for block in blocks):
        blocks["engine"] = packed(engine())
    title = _title_of(views) if title is None else title
    foot = PAGE["page_foot"].format(version=__version__, date=date.today().isoformat())
    body = (
        f'<header><h1>{html.escape(title)}</h1></header>\n<main id="views"></main>\n'
        f"<footer>{html.escape(foot)}</footer>\n<noscript>{html.escape(PAGE['page_no_script'])}</noscript>"
    )
    style = stylesheet() + (STATIC / "page.css").read_text(encoding="utf-8")
    return document(title, style, body, script_with(names), blocks)


def part_of(view: Drawn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a page shows of a view, and the data to measure it with; none if nothing is measured."""
    if isinstance(view, LabView):
        from .lab_part import lab_part  # with it come Keras and TensorFlow, which no other view needs

        return lab_part(view)
    if hasattr(view, "wait"):  # a ledger: the page shows what it measures now
        view.wait()
    return {"state": {**drawn_traits(view), "in_page": "fixed"}}, {}


def script_with(names: list[str]) -> str:
    """Return the page's script, which shows views of these names."""
    places = {name: f"widgets/static/views/{name}.js" for name in names}
    main = "pages/static/main.js"
    views = ", ".join(f'{name}: files["{place}"].{name}' for name, place in places.items())
    return joined([*places.values(), main], PACKAGE) + f'files["{main}"].start({{ {views} }});\n'


def engine() -> dict[str, Any]:
    """Return the script of the worker that measures, and the WebAssembly that it runs."""
    names = ("tf-core.min.js", "tf-backend-wasm.min.js")
    library = [(VENDOR / name).read_text(encoding="utf-8") for name in names]
    # A debugger would ask for the files named there, which are not in the page.
    library = [text.partition("//# sourceMappingURL=")[0] for text in library]
    worker = joined(["pages/static/worker.js"], PACKAGE)
    source = "\n".join([*library, worker, 'files["pages/static/worker.js"].listen();\n'])
    return {"source": source, "wasm": (VENDOR / "tfjs-backend-wasm-simd.wasm").read_bytes()}


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


def _checked_path(path: Any) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path has to be the name of a file, such as 'lesson.html', not {path!r:.60}.")
    path = Path(path)
    if path.suffix not in (".html", ".htm"):
        raise ValueError(f"{path} has the extension {path.suffix!r}; a page is an .html file.")
    return path
