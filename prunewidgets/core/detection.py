"""Judge a detector: overlap of boxes, suppression of doubles, average precision.

A box is four numbers: top, left, bottom, right, in any unit, such as pixels.

Source: Everingham and Winn, "The PASCAL visual object classes challenge 2010 development kit" (2010),
sections 3.4.1 and 4.4: precision is interpolated at every recall. As in COCO's own code, a box that was found
is set against the true box of its class that it overlaps most *and that none with a higher score has taken*.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .detection_grid import Boxes, Grid, iou, refuse_nan, suppress

__all__ = [
    "Boxes",
    "DetectionMetric",
    "Grid",
    "Hits",
    "average_precision",
    "iou",
    "match",
    "mean_average_precision",
    "suppress",
]


class Hits(NamedTuple):
    """Which boxes of one picture were found.

    Attributes:
        found: For each box that was found whether it is right, bool, shape (found,).
        truth: For each true box whether it was found, bool, shape (true,).

    Example:
        >>> there = pw.detection.Boxes([[0, 0, 10, 10]], [3])
        >>> pw.detection.match(pw.detection.Boxes([], []), there).truth
        array([False])
    """

    found: np.ndarray
    truth: np.ndarray


def match(found: Boxes, truth: Boxes, overlap: float = 0.5) -> Hits:
    """Set the boxes found in a picture against the true ones, each at most once.

    Highest score first, each box takes the true one of its class that it overlaps most among those that are
    left. Of two boxes on the same object one is right and one is wrong.

    Args:
        found: What a detector says.
        truth: What is there; its scores do not matter.
        overlap: The least intersection over union with which a box is right. Defaults to 0.5.

    Raises:
        ValueError: If the overlap is not above 0 and at most 1, or the boxes do not fit, see ``Boxes``.

    Example:
        >>> truth = pw.detection.Boxes([[0, 0, 10, 10], [20, 20, 30, 30]], [3, 7])
        >>> corners = [[0, 1, 10, 11], [0, 0, 10, 9], [20, 20, 30, 30]]  # a double, another class
        >>> found = pw.detection.Boxes(corners, [3, 3, 1], [0.9, 0.8, 0.7])
        >>> pw.detection.match(found, truth)
        Hits(found=array([ True, False, False]), truth=array([ True, False]))
    """
    _check_overlap(overlap)
    found, truth = found.checked(), truth.checked()
    shared = iou(found.corners, truth.corners)
    shared[found.classes[:, None] != truth.classes[None, :]] = 0
    hits = Hits(np.zeros(len(found.corners), bool), np.zeros(len(truth.corners), bool))
    if not shared.size:
        return hits
    for row in np.argsort(-found.scores, kind="stable"):
        left = np.where(hits.truth, -1.0, shared[row])
        best = int(left.argmax())
        if left[best] >= overlap:
            hits.found[row] = hits.truth[best] = True
    return hits


def average_precision(right: Any, scores: Any, objects: int) -> float:
    """Return the area under the curve of precision against recall.

    The precision at a recall is the best that is reached there or beyond. What has the same score is
    accepted together, so the order of the boxes makes no difference.

    Args:
        right: Whether each box that was found is right, shape (found,).
        scores: Its score, same shape.
        objects: How many there are to find, at least 1.

    Raises:
        ValueError: If the shapes differ, a score is NaN, or more boxes are right than there are objects.

    Example:
        >>> # Three boxes for two objects: right, wrong, right. Precision 1 up to recall 1/2, then 2/3.
        >>> round(pw.detection.average_precision([True, False, True], [0.9, 0.8, 0.7], objects=2), 4)
        0.8333
    """
    right, scores = np.asarray(right, bool), np.asarray(scores, float)
    if right.ndim != 1 or right.shape != scores.shape:
        raise ValueError(f"right of shape {right.shape} and scores of shape {scores.shape} do not fit.")
    refuse_nan(scores)
    if objects < 1 or right.sum() > objects:
        raise ValueError(f"{right.sum():,} boxes are right, of {objects:,} objects; at least 1 is needed.")
    if not right.any():
        return 0.0
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)  # of those with the same score
    hits = np.cumsum(right[order])[last]
    precision = hits / (np.flatnonzero(last) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(hits, prepend=0) * best) / objects)


def mean_average_precision(found: Sequence[Boxes], truth: Sequence[Boxes], overlap: float = 0.5) -> float:
    """Return the mean over the classes of their average precision; classes that nowhere occur do not count.

    Args:
        found: What a detector says of each picture.
        truth: What is there, in the same order.
        overlap: The least intersection over union with which a box is right. Defaults to 0.5.

    Raises:
        ValueError: If there are no true boxes at all, the lengths differ, or ``match`` refuses a picture.

    Example:
        >>> truth = [pw.detection.Boxes([[0, 0, 10, 10]], [3]), pw.detection.Boxes([[5, 5, 9, 9]], [7])]
        >>> found = [pw.detection.Boxes([[0, 0, 10, 10]], [3], [0.9]), pw.detection.Boxes([], [])]
        >>> pw.detection.mean_average_precision(found, truth)  # all of class 3, nothing of class 7
        0.5
    """
    found, truth = [boxes.checked() for boxes in found], [boxes.checked() for boxes in truth]
    hits = match_all(found, truth, overlap)
    there = np.concatenate([boxes.classes for boxes in truth])
    right, scores, classes = (
        np.concatenate(parts)
        for parts in zip(
            *((h.found, f.scores, f.classes) for h, f in zip(hits, found, strict=True)), strict=True
        )
    )
    each = [
        average_precision(right[classes == kind], scores[classes == kind], int(count))
        for kind, count in zip(*np.unique(there, return_counts=True), strict=True)
    ]
    return float(np.mean(each))


def match_all(found: Sequence[Boxes], truth: Sequence[Boxes], overlap: float) -> list[Hits]:
    """Return ``match`` for each picture, or raise ValueError if there is nothing to find in any of them."""
    if len(found) != len(truth):
        raise ValueError(
            f"There are boxes found in {len(found):,} pictures, and true ones of {len(truth):,}."
        )
    hits = [match(one, other, overlap) for one, other in zip(found, truth, strict=True)]
    if not any(len(one.truth) for one in hits):
        raise ValueError("There are no true boxes, so there is nothing to find: give other examples.")
    return hits


def _check_overlap(overlap: float) -> None:
    if not 0 < overlap <= 1:
        raise ValueError(f"overlap is {overlap!r}; it has to be above 0 and at most 1.")


class DetectionMetric:
    """A measure of a detector, for ``metric=``: mean average precision, or recall.

    Attributes:
        found: From the outputs of the model to the boxes found in each picture.
        truth: From y to the true boxes of each picture.
        overlap: The least intersection over union with which a box is right.
        name: "mean_average_precision" or "recall".

    Example:
        >>> grid = pw.detection.Grid(cell=8)
        >>> truth = [pw.detection.Boxes([[8, 8, 24, 24]], [3])]
        >>> y = grid.encode(truth, (64, 64))
        >>> metric = pw.detection.DetectionMetric(grid.found, grid.truth)
        >>> metric(y, np.full((1, 8, 8, 15), -9.0))  # a model that finds nothing
        0.0
    """

    def __init__(
        self,
        found: Callable[[Any], Sequence[Boxes]],
        truth: Callable[[Any], Sequence[Boxes]],
        overlap: float = 0.5,
        name: str = "mean_average_precision",
    ) -> None:
        """Make the measure.

        Args:
            found: From the outputs of the model to the boxes found in each picture.
            truth: From y to the true boxes of each picture.
            overlap: The least intersection over union with which a box is right. Defaults to 0.5.
            name: "mean_average_precision"; or "recall", the share of the true boxes that were found.

        Raises:
            ValueError: If the overlap is not above 0 and at most 1, or there is no measure of that name.
        """
        _check_overlap(overlap)
        if name not in ("mean_average_precision", "recall"):
            raise ValueError(
                f"There is no measure {name!r}; there are 'mean_average_precision' and 'recall'."
            )
        self.found, self.truth, self.overlap, self.name = found, truth, overlap, name

    def __repr__(self) -> str:
        """Return one line, such as ``DetectionMetric(recall, overlap 0.5)``."""
        return f"DetectionMetric({self.name}, overlap {self.overlap:g})"

    def __call__(self, y: Any, outputs: Any) -> float:
        """Return the measure, 0 to 1.

        Args:
            y: Labels of all examples.
            outputs: What the model answers to them.

        Raises:
            ValueError: If there are no true boxes at all, or the outputs hold NaN.
        """
        found, truth = self.found(outputs), self.truth(y)
        if self.name == "mean_average_precision":
            return mean_average_precision(found, truth, self.overlap)
        hits = np.concatenate([one.truth for one in match_all(found, truth, self.overlap)])
        return float(hits.mean())
