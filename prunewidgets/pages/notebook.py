"""A notebook as a page: it is run, its cells become HTML, and its views move without the kernel."""

import html
import json
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from ..utils.progress_bar import progress
from .clean import Cleaned, cleaned
from .exporter import cells_of
from .words import PAGE
from .writing import VARIABLE

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
PLACE = re.compile(r'data-model="(\w+)"')


def run(path: Path) -> tuple[NotebookNode, dict[str, Any]]:
    """Run a notebook in its folder; return it with its outputs, and what `collected.py` wrote of its views.

    Raises:
        RuntimeError: a cell ends with an error, or the kernel dies.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=None,  # a chapter may train for minutes
        store_widget_state=False,
        extra_arguments=["--log-level=40"],  # what the kernel says of its transport is not about the page
        resources={"metadata": {"path": str(path.parent)}},
    )
    cells = list(enumerate(notebook.cells))
    at = ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "views.json"
        try:
            with client.setup_kernel(env={**os.environ, VARIABLE: "1"}):
                for number, cell in progress(cells, unit="cell"):
                    at = f"cell {cell.get('id', number)}"
                    client.execute_cell(cell, number)
                at = "collecting its views"
                collect = f"write_views({_shown(notebook)!r}, {str(file)!r})"
                code = f"from prunewidgets.pages.collected import write_views\n{collect}"
                notebook.cells.append(nbformat.v4.new_code_cell(code))
                client.execute_cell(notebook.cells[-1], len(cells))
                notebook.cells.pop()
        except NoSuchKernel as error:
            needs = f"needs the kernel {error.name!r}, which is not installed"
            raise RuntimeError(f"{path.name} cannot become a page: it {needs}.") from None
        except CellExecutionError as error:
            why = f"stopped with {error.ename}: {error.evalue}"
            raise RuntimeError(f"{path.name} cannot become a page: {at} {why}") from None
        except DeadKernelError:
            raise RuntimeError(f"{path.name} cannot become a page: its kernel died in {at}.") from None
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
    places = {id: _place(shown) for id, shown in views["shown"].items() if shown}
    # For nbconvert: of these it shows the widget, of others the picture or the text that came with it.
    notebook.metadata["widgets"] = {STATE: {"state": dict.fromkeys(places, {})}}
    has_page: Callable[[str], bool] = lambda name: (beside / name).is_file()  # noqa: E731
    return cleaned(cells_of(notebook, path.parent), places, has_page), views


def _place(shown: dict[str, Any] | None) -> str:
    """Return the HTML of what a page shows of a widget; "" if that is what stands in its place already."""
    if shown is None:
        return ""
    if "part" in shown:
        return (
            f'<section class="page-part" data-part="{shown["part"]}" data-view="{shown["view"]}"></section>'
        )
    for way in ("row", "column"):
        if way in shown:
            return f'<div class="page-{way}">{"".join(map(_place, shown[way]))}</div>'
    if "follows" not in shown:
        return f'<div class="cell-html">{shown["pictures"][0][1]}</div>'
    pictures = (
        f'<div data-above="{above}"{" hidden" if number else ""}>{picture}</div>'
        for number, (above, picture) in enumerate(shown["pictures"])
    )
    return f'<div class="cell-html" data-follows="{shown["follows"]}">{"".join(pictures)}</div>'


def head(moves: bool) -> str:
    """Return the start of a page: what works in it, for its text was written for a notebook.

    Args:
        moves: whether it has views.
    """
    said = f"{PAGE['page_head_views']} {PAGE['page_head']}" if moves else PAGE["page_head"]
    how = f'<a href="#needs-python">{html.escape(PAGE["page_how"])}</a>'
    return f'<p class="cell page-head">{html.escape(said)} {how}</p>'


def needs_python() -> str:
    """Return the end of a page: what needs Python, and how to get it."""
    commands = html.escape(PAGE["page_python_commands"])
    return (
        f'<section class="cell cell-prose" id="needs-python"><h2>{html.escape(PAGE["page_python"])}</h2>'
        f"<p>{html.escape(PAGE['page_python_how'])}</p><pre>{commands}</pre></section>"
    )
