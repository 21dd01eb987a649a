"""What a method's result is judged by: the name of a number, and whether more or less of it is better."""

from typing import Any

from ..core.measures import measure_named


def direction_of(measure: str, direction: str | None = None) -> str:
    """Return "max" if more of a measure is better, "min" if less is.

    Args:
        measure: its name; the last word that is known decides, as in "val_loss" and "top_5_accuracy".
        direction: what the user says, which decides if given.

    Raises:
        ValueError: the name says nothing, and the user does not either.
    """
    if found := measure_named(measure, direction).direction:
        return found
    raise ValueError(
        f"measure {measure!r} does not say whether more of it is better: give direction='max', or 'min'."
    )


def checked_measure(measure: Any, taken: tuple[str, ...]) -> str:
    """Return the name of a measure.

    Raises:
        TypeError: it is not text.
        ValueError: it is empty, or a column of the frame has this name.
    """
    if not isinstance(measure, str):
        raise TypeError(f"measure is a {type(measure).__name__}; give the name of a number, such as 'loss'.")
    if not measure or measure in taken:
        raise ValueError(f"measure is {measure!r}, which the frame uses for something else; rename it.")
    return measure


def measure_in(frame: Any, measure: str | None = None) -> str:
    """Return the measure of a frame: the one asked for, the one it was made with, or the accuracy."""
    return measure or getattr(frame, "attrs", {}).get("measure") or "accuracy"
