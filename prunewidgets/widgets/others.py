"""Widgets of ipywidgets beside our views in a notebook: found by their ids, and what is in them."""

import html
from typing import Any

import ipywidgets

from .lifetimes import _instances


def widget_of(model_id: str) -> Any:
    """Return the widget of this id; None if it was closed, or there is none."""
    return _instances.get(model_id)


def html_of(widget: Any) -> str | None:
    """Return the HTML that a widget shows; None if it is not one for HTML or text."""
    if isinstance(widget, ipywidgets.Label):
        return html.escape(widget.value)
    return widget.value if isinstance(widget, ipywidgets.HTML | ipywidgets.HTMLMath) else None


def inside(widget: Any) -> tuple[str, list[tuple[str, Any]]]:
    """Return "row" or "column" and (title, widget) for all in a box; ("", []) for any other widget."""
    if not isinstance(widget, ipywidgets.Box):
        return "", []
    title_of = getattr(widget, "get_title", lambda number: "")  # of a Tab or an Accordion
    titled = [(title_of(number) or "", child) for number, child in enumerate(widget.children)]
    return "row" if isinstance(widget, ipywidgets.HBox) else "column", titled


def outputs_of(widget: Any) -> list[dict[str, Any]] | None:
    """Return what an Output widget has captured, as in a notebook; None for any other widget."""
    return list(widget.outputs) if isinstance(widget, ipywidgets.Output) else None
