"""A notebook as a page: it is run, its cells become HTML, and its views move without the kernel."""

import html
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from ..utils.notebook_run import NotebookStopped, read_notebook, run_cells
from .clean import Cleaned, cleaned, missing
from .exporter import cells_of
from .words import PAGE
from .writing import VARIABLE, VIEW

STATE = "application/vnd.jupyter.widget-state+json"
PLACE = re.compile(r'data-model="(\w+)"')


def run(path: Path) -> tuple[NotebookNode, dict[str, Any]]:
    """Run a notebook in its folder; return it with its outputs, and what `collected.py` wrote of its views.

    Raises:
        ValueError: the file is not a notebook.
        RuntimeError: a cell ends with an error, or the kernel dies.
    """
    notebook = read_notebook(path)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "views.json"

        def collect() -> str:
            write = f"write_views({_shown(notebook)!r}, {str(file)!r})"
            return f"from prunewidgets.pages.collected import write_views\n{write}"

        try:
            run_cells(notebook, path.parent, {VARIABLE: "1"}, collect)
        except NotebookStopped as error:
            raise RuntimeError(f"{path.name} cannot become a page: {error}") from None
        return notebook, json.loads(file.read_text(encoding="utf-8"))


def _shown(notebook: NotebookNode) -> list[str]:
    """Return the model ids of all widgets in the outputs, in their order."""
    ids: dict[str, None] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if VIEW in data:
                ids[data[VIEW]["model_id"]] = None
            else:
                ids.update(dict.fromkeys(PLACE.findall(data.get("text/html", ""))))
    return list(ids)


def body_of(path: Path, beside: Path) -> tuple[Cleaned, dict[str, Any]]:
    """Return the cells of a notebook for a page, and what `collected.py` wrote of its views.

    Args:
        path: name of the notebook.
        beside: the folder of the page; a link to another notebook needs a page there.
    """
    notebook, views = run(path)
    places = {id: _place(shown, path.parent) for id, shown in views["shown"].items()}
    # For nbconvert: of these it shows the widget, of others the picture or the text that came with it.
    notebook.metadata["widgets"] = {STATE: {"state": dict.fromkeys(places, {})}}
    has_page: Callable[[str], bool] = lambda name: (beside / name).is_file()  # noqa: E731
    return cleaned(cells_of(notebook, path.parent), places, has_page), views


def _place(shown: dict[str, Any], folder: Path) -> str:
    """Return the HTML of what a page shows of a widget, in a notebook in this folder."""
    match shown:
        case {"part": part, "view": view}:
            return f'<section class="page-part" data-part="{part}" data-view="{view}"></section>'
        case {"title": title, "under": under}:
            return f'<div><p class="page-tab">{html.escape(title)}</p>{_place(under, folder)}</div>'
        case {"row": places} | {"column": places}:
            way = "row" if "row" in shown else "column"
            return f'<div class="page-{way}">{"".join(_place(each, folder) for each in places)}</div>'
        case {"output": output}:
            captured = nbformat.v4.new_code_cell(outputs=[nbformat.from_dict(output)])
            return cells_of(nbformat.v4.new_notebook(cells=[captured]), folder)
        case {"missing": kind}:
            return missing("page_widget", kind=html.escape(kind))
        case {"follows": view, "pictures": pictures}:
            drawn = (
                f'<div data-above="{above}"{" hidden" if number else ""}>{picture}</div>'
                for number, (above, picture) in enumerate(pictures)
            )
            return f'<div class="cell-html" data-follows="{view}">{"".join(drawn)}</div>'
    return f'<div class="cell-html">{shown["pictures"][0][1]}</div>'


def head(moves: bool) -> str:
    """Return the start of a page: what works in it, for its text was written for a notebook.

    Args:
        moves: whether it has views.
    """
    said = f"{PAGE['page_head_views']} {PAGE['page_head']}" if moves else PAGE["page_head"]
    how = f'<a href="#needs-python">{html.escape(PAGE["page_how"])}</a>'
    return f'<p class="cell page-head" data-slide="skip">{html.escape(said)} {how}</p>'


def needs_python() -> str:
    """Return the end of a page: what needs Python, and how to get it."""
    commands = html.escape(PAGE["page_python_commands"])
    return (
        '<section class="cell cell-prose" id="needs-python" data-slide="skip">'
        f"<h2>{html.escape(PAGE['page_python'])}</h2>"
        f"<p>{html.escape(PAGE['page_python_how'])}</p><pre>{commands}</pre></section>"
    )
