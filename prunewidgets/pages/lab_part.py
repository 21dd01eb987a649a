"""What a page shows of a lab: with all that measures it, or with what was measured in Python."""

from typing import Any

import pandas as pd

from ..labs.page_facts import curve_lines
from ..labs.pruning_lab import PruningLab
from ..widgets.curve import series_of
from .lab_data import lab_data
from .stops import measured_stops
from .traits import drawn_traits

NO_DRAWING: dict[str, Any] = {"takes_drawings": False, "drawn": b"", "reading": {}}


def lab_part(lab: PruningLab) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the page's script needs of a lab, and the data for its worker; none if it cannot measure.

    Raises:
        RuntimeError: the accuracy cannot be measured; the message says why.
    """
    float(lab.accuracy)  # measures what is not measured yet
    lab.wait()
    # There is no model to apply masks to, and no scores of other criteria.
    always = {"applied": 0, "restorable": False, "criteria": [lab.criterion], "misread": {}}
    data, reasons = lab_data(lab)
    if data:
        # What the model read before it was pruned for good is not in the page.
        drawing = {} if lab.takes_drawings and not data["applied"] else NO_DRAWING
        state = drawn_traits(lab) | always | drawing | {"in_page": "measures"}
        return {"state": state, "lines": _lines(lab)}, data
    shown, stops = measured_stops(lab, list(drawn_traits(lab)))
    points = [_point(stop) for stop in stops]
    state = shown | always | NO_DRAWING | {"in_page": "fixed", "series": [{"name": "", "points": points}]}
    return {"state": state, "stops": stops, "reasons": reasons}, {}


def _lines(lab: PruningLab) -> list[dict[str, Any]]:
    """Return the lines of the curve that are measured already."""
    return [
        {"criterion": criterion, "scope": scope, "points": series_of(pd.DataFrame(rows))[0]["points"]}
        for (criterion, scope), rows in curve_lines(lab).items()
    ]


def _point(stop: dict[str, Any]) -> dict[str, Any]:
    """Return a stop as a point of a curve."""
    measured = {name: stop["measured"][name] for name in ("accuracy", "low", "high")}
    return {"threshold": None, "sparsity": stop["sparsity"], **measured}
