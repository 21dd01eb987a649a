"""Whether this kernel runs a notebook for a page: its outputs then need no kernel later."""

import os

VARIABLE = "PRUNEWIDGETS_WRITES_A_PAGE"
VIEW = "application/vnd.jupyter.widget-view+json"
"""The kind of an output that names a widget, of which it has no more than the model id."""


def writing() -> bool:
    """Return whether `save_page` started this kernel."""
    return VARIABLE in os.environ


def place_of(model_id: str) -> str:
    """Return HTML in whose place the page shows a view, or another widget, that an output has."""
    return f'<div data-model="{model_id}"></div>'
