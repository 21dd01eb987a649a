"""Measure: what a model is judged by. Its name, which values are better, and whether it is a share."""

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

DIRECTIONS = ("max", "min")
_SHARES = "accuracy acc auc f1 fbeta hits iou dice precision recall sensitivity specificity".split()
_MORE = [*_SHARES, *"score bleu mrr psnr ssim similarity correlation".split()]
_LESS = (
    "loss error rmse mse mae mape msle perplexity nll crossentropy bce entropy divergence hinge huber "
    "logcosh poisson deviance distance seconds ms bytes"
).split()


class Measure(NamedTuple):
    """What a model is judged by.

    Attributes:
        name: Such as "accuracy" or "mae".
        direction: "max" if higher values are better, "min" if lower ones are, None if that is not known.
        share: Whether the values go from 0 to 1 and are shown in per cent.

    Example:
        >>> from prunewidgets.core.measures import measure_named
        >>> measure_named("val_mae")
        Measure(name='val_mae', direction='min', share=False)
    """

    name: str = "accuracy"
    direction: str | None = "max"
    share: bool = True

    @property
    def is_accuracy(self) -> bool:
        """Whether it is the accuracy, the measure where none is named."""
        return self.name == "accuracy"


ACCURACY = Measure()


def measure_named(name: str, direction: str | None = None) -> Measure:
    """Return what a name says; the last word that is known decides, as in "val_loss" and "top_5_accuracy".

    Args:
        name: Of a metric, loss or any other number.
        direction: "max" or "min", which decides if given.

    Raises:
        ValueError: The direction is another one.
    """
    given = checked_direction(direction)
    words = name.lower().replace("-", "_").replace("io_u", "iou").split("_")  # "mean_io_u" is Keras' own
    for word in reversed(words):
        if word in _LESS:
            return Measure(name, given or "min", False)
        if word in _MORE:
            return Measure(name, given or "max", not set(words).isdisjoint(_SHARES))
    return Measure(name, given, False)


def measure_of(frame: Any) -> Measure:
    """Return the measure of a frame, as its ``attrs`` have it; the accuracy if they name none."""
    attrs = getattr(frame, "attrs", {})
    if not attrs.get("measure"):
        return ACCURACY
    known = measure_named(attrs["measure"], attrs.get("direction"))
    return known._replace(share=bool(attrs.get("share", known.share)))


def attrs_of(measure: Measure) -> dict[str, Any]:
    """Return the ``attrs`` of a frame of this measure; none for the accuracy."""
    if measure.is_accuracy:
        return {}
    return {"measure": measure.name, "direction": measure.direction, "share": measure.share}


def shown(measure: Measure) -> dict[str, Any]:
    """Return a measure as the views take it; empty for the accuracy."""
    return {} if measure.is_accuracy else measure._asdict()


def checked_direction(direction: str | None) -> str | None:
    """Return the direction that a user gives.

    Raises:
        ValueError: It is neither "max" nor "min".
    """
    if direction is not None and direction not in DIRECTIONS:
        raise ValueError(f"direction is {direction!r}; give 'max' if more is better, else 'min'.")
    return direction


def number_text(value: float, digits: int = 4) -> str:
    """Return a measured number for a reader, as ``number`` in static/page/text.js writes it.

    Thousands are separated; a power of ten stands where it is very small, or has more digits before the
    point than float32 holds.

    Args:
        value: The number.
        digits: At least this many are shown, without zeros at the end. Defaults to 4.

    Example:
        >>> from prunewidgets.core.measures import number_text
        >>> number_text(16527.48), number_text(469199968.0)
        ('16,527', '4.692 × 10⁸')
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    size = abs(value)
    if size and (size < 1e-4 or size >= 1e7):
        power = math.floor(math.log10(float(f"{size:.{digits}g}")))
        raised = str(abs(power)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{number_text(value / 10.0**power, digits)} × 10{'⁻' if power < 0 else ''}{raised}"
    decimals = min(max(digits - 1 - math.floor(math.log10(size)), 0), digits + 3) if size else 0
    text = f"{value:,.{decimals}f}"
    return (text.rstrip("0").rstrip(".") if decimals else text).replace("-", "−")


def digits_apart(ticks: Iterable[float]) -> int:
    """Return how many digits tell the numbers of an axis apart, for ``number_text``: at least 4."""
    values = sorted(set(ticks))
    steps = [high - low for low, high in pairwise(values)]
    most = max((abs(value) for value in values), default=0.0)
    if not steps or not math.isfinite(most):
        return 4
    return max(4, math.floor(math.log10(most)) - math.floor(math.log10(min(steps))) + 2)


def value_text(value: float, measure: Measure) -> str:
    """Return a value of a measure for a reader: in per cent if it is a share, else ``number_text``."""
    return f"{100 * value:.2f} %" if measure.share and math.isfinite(value) else number_text(value)
