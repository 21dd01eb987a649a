"""Still pictures: what a page shows of a view where it cannot run, such as GitHub or an exported PDF.

A PNG, since LaTeX export stops at an SVG unless Inkscape is installed. Drawn when a cell shows the view, from
its own exact numbers; pillow is imported then. Each kind of view has a module with a function `draw`.
"""

from importlib import import_module
from typing import Any

from .png import Still

__all__ = ["Still", "still_of"]


# A view that is drawn by another's module.
SHARED = {"ledger_lab": "ledger"}


def still_of(view: Any) -> Still | None:
    """Return the picture of a view as it is now; None if it cannot be drawn."""
    try:
        name = SHARED.get(view.view_name, view.view_name)
        still: Still = import_module(f".{name}", __package__).draw(view)
        return still
    except Exception:  # whatever it is: the view itself must still be shown
        return None
