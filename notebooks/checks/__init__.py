"""Immediate checks of the exercises, one file a chapter, on one engine (`verdicts.py`)."""

from .verdicts import (  # noqa: F401
    best_fill,
    frugal_lab,
    keeps_by_size,
    last_one_standing,
    not_fooled,
    reveal,
    right_places,
    three_ways,
    threshold_for_ninety,
    thresholds_that_leave,
    wrong_in_removed,
    wrong_in_sorted,
)
