"""Widgets of ipywidgets beside our views in a notebook: found by their ids, and what is in them."""

from collections.abc import Sequence
from typing import Any

import ipywidgets
from ipywidgets.widgets.widget import _instances


def widget_of(model_id: str) -> Any:
    """Return the widget of this id; None if it was closed, or there is none."""
    return _instances.get(model_id)


def html_of(widget: Any) -> str | None:
    """Return the HTML that a widget shows; None if it is not one for HTML."""
    return widget.value if isinstance(widget, ipywidgets.HTML) else None


def inside(widget: Any) -> tuple[str, Sequence[Any]]:
    """Return "row" or "column" and the widgets in a box; ("", ()) for any other widget."""
    if not isinstance(widget, ipywidgets.HBox | ipywidgets.VBox):
        return "", ()
    return "row" if isinstance(widget, ipywidgets.HBox) else "column", widget.children
