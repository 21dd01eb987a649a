"""What a saved page takes from a lab, for `pages/` alone."""

from typing import Any

from ..models.live.streamed_examples import AnyExamples
from .pruning_lab import PruningLab


def examples_of(lab: PruningLab) -> AnyExamples:
    """Return the examples that a lab is measured on."""
    return lab._accuracy.examples


def curve_lines(lab: PruningLab) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the measured lines of a lab's curve: {(criterion, scope): rows}."""
    return lab._curve.lines
