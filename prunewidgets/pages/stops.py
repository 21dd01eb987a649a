"""A lab measured in Python at some sparsities, for a page that cannot run its model."""

from typing import Any

from ..labs.page_facts import examples_of
from ..labs.pruning_lab import PruningLab
from ..utils.progress_bar import progress

LEVELS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.99)
"""Sparsities at which it is measured, besides the one that the lab shows."""

MEASURED = ("threshold", "thresholds", "sparsity", "measured", "flips", "flip_images")
"""The traits that each stop has."""


def measured_stops(lab: PruningLab, names: list[str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Measure a lab at all stops.

    A second lab on the same model does it: the one that the user has keeps its threshold.

    Args:
        lab: a lab whose accuracy is measured.
        names: of the traits to return.

    Returns:
        The traits at the lab's own sparsity, and those of `MEASURED` at each stop.
    """
    own, given = lab.sparsity, examples_of(lab)
    other = PruningLab(
        lab.live,
        given.x,
        given.y,
        given.metric,
        lab.data_name,
        memory_limit=lab.memory + 1.0,
        sample_weight=given.sample_weight,
    )
    try:
        other.criterion, other.scope, other.layer = lab.criterion, lab.scope, lab.layer
        stops = []
        for level in progress(sorted({*LEVELS, own}), unit="stop"):
            if level == own:
                other.threshold = lab.threshold
                if lab.scope == "layer":
                    other.thresholds = lab.thresholds
            else:
                other.sparsity = level
            float(other.accuracy)
            other.wait()
            stops.append(other.get_state(list(MEASURED)))
            if level == own:
                state = other.get_state(names)
        return state, stops
    finally:
        other.close()
