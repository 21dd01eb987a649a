"""Notes for the lecturer among the cells of a notebook."""

from collections.abc import Mapping
from typing import Any


def is_lecturer_note(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell is a note (slide type "notes") that JupyterLab folds; other notes are text."""
    metadata = cell["metadata"]
    kind = (metadata.get("slideshow") or {}).get("slide_type")
    return kind == "notes" and (metadata.get("jupyter") or {}).get("source_hidden") is True
