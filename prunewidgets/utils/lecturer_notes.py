"""Notes for the lecturer among the cells of a notebook."""

from collections.abc import Mapping
from typing import Any


def slide_type(cell: Mapping[str, Any]) -> Any:
    """Return the slide type of a cell; None if it has none."""
    slideshow = cell["metadata"].get("slideshow")
    return slideshow.get("slide_type") if isinstance(slideshow, Mapping) else None


def is_lecturer_note(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell is a note (slide type "notes") that JupyterLab folds; other notes are text."""
    jupyter = cell["metadata"].get("jupyter")
    folded = isinstance(jupyter, Mapping) and jupyter.get("source_hidden") is True
    return slide_type(cell) == "notes" and folded
