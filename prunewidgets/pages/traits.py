"""The traits that draw a view."""

from typing import Any

from ..widgets.drawn import Drawn

NOT_DRAWN = ("script", "layout", "tabbable", "tooltip", "words")


def drawn_traits(view: Drawn) -> dict[str, Any]:
    """Return {name: value} as the view sends them; its script and words come once for all views of a page."""
    return {
        name: value
        for name, value in view.get_state().items()
        if not name.startswith("_") and name not in NOT_DRAWN
    }
