"""What a page shows of a notebook's views, from within the kernel that has run it."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..widgets.drawn import Drawn
from ..widgets.lab_view import LabView
from ..widgets.others import html_of, inside, outputs_of, widget_of
from ..widgets.view import View, ordered_scores
from .content import content_of
from .writing import VIEW

MOST_STEPS = 100
"""Most thresholds at which a picture that follows a view is drawn for the page."""


def write_views(ids: list[str], path: str) -> None:
    """Write what a page needs of the views that a notebook shows.

    Args:
        ids: their model ids, in the order of the notebook.
        path: name of the file for it: JSON with the names of the views, the page's blocks, and what each
            model is: see `static/main.js` and `notebook.py`.
    """
    places = _Places()
    shown = {id: places.of(widget) for id in ids if (widget := widget_of(id)) is not None}
    places.follow()
    names, blocks = content_of(places.views)
    Path(path).write_text(json.dumps({"names": names, "blocks": blocks, "shown": shown}), encoding="utf-8")


class _Places:
    """The views of a page in their order, and the widgets around them."""

    def __init__(self) -> None:
        self.views: list[Drawn] = []
        self._pictures: list[tuple[Any, dict[str, Any]]] = []

    def of(self, widget: Any) -> dict[str, Any]:
        """Return what the page shows of a widget; "missing" is the kind of one that needs Python."""
        if isinstance(widget, Drawn):
            if widget not in self.views:
                self.views.append(widget)
            return {"part": self.views.index(widget), "view": widget.view_name}
        if (picture := html_of(widget)) is not None:
            place: dict[str, Any] = {"pictures": [["", picture]]}
            self._pictures.append((widget, place))
            return place
        if (outputs := outputs_of(widget)) is not None:
            return {"column": [self._captured(output) for output in outputs]}
        way, children = inside(widget)
        if not way:
            return {"missing": type(widget).__name__}
        places = [(title, self.of(child)) for title, child in children]
        return {way: [{"title": title, "under": place} if title else place for title, place in places]}

    def _captured(self, output: dict[str, Any]) -> dict[str, Any]:
        """Return what the page shows of an output that another widget has captured."""
        widget = widget_of(output.get("data", {}).get(VIEW, {}).get("model_id", ""))
        return {"output": output} if widget is None else self.of(widget)

    def follow(self) -> None:
        """Find the pictures that Python redraws when the threshold of a view moves, and draw all of them.

        A page has no Python to do it, so each of these views goes once through all thresholds that differ.
        """
        for number, view in enumerate(self.views):
            if not self._pictures or not isinstance(view, View) or isinstance(view, LabView):
                continue
            scores = np.unique(ordered_scores(view))
            if not 0 < scores.size <= MOST_STEPS:
                continue
            before = view.threshold
            drawn: list[list[list[str]]] = [[] for _ in self._pictures]
            # Equal to a threshold is kept: up to the first score nothing is removed, above the last all is.
            for above, threshold in zip(["", *scores], [*scores, 2 * abs(scores[-1]) + 1], strict=True):
                view.threshold = float(threshold)
                for (widget, _), pictures in zip(self._pictures, drawn, strict=True):
                    pictures.append([above if above == "" else str(float(above)), html_of(widget) or ""])
            view.threshold = before
            for (_, place), pictures in zip(self._pictures, drawn, strict=True):
                if len({text for _, text in pictures}) > 1:
                    place |= {"follows": number, "pictures": pictures}
