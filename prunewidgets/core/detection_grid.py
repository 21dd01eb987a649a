"""Boxes, and how a single-shot detector writes them: at most one in each cell of a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .arrays import is_whole


class Boxes(NamedTuple):
    """The boxes of one picture.

    Attributes:
        corners: Top, left, bottom, right of each, shape (boxes, 4).
        classes: Their classes, integers, shape (boxes,).
        scores: How sure the detector is of each, shape (boxes,). None for true boxes.

    Example:
        >>> boxes = pw.detection.Boxes([[0, 0, 10, 10], [20, 20, 30, 30]], [3, 7]).checked()
        >>> boxes.corners.shape, boxes.classes, boxes.scores
        ((2, 4), array([3, 7]), array([1., 1.]))
    """

    corners: Any
    classes: Any
    scores: Any = None

    def checked(self) -> "Boxes":
        """Return them as arrays: float64, int64, float64 (ones if there are no scores).

        Raises:
            ValueError: If the lengths differ, a box ends before it begins, or a corner or a score is NaN.
        """
        corners = _as_corners(self.corners)
        classes = np.asarray(self.classes, np.int64).reshape(-1)
        scores = np.ones(len(corners)) if self.scores is None else np.asarray(self.scores, float).reshape(-1)
        if not len(corners) == len(classes) == len(scores):
            raise ValueError(
                f"{len(corners):,} boxes, {len(classes):,} classes and {len(scores):,} scores: give one of "
                "each."
            )
        refuse_nan(scores)
        return Boxes(corners, classes, scores)


def _as_corners(boxes: Any) -> np.ndarray:
    """Return boxes as float64, shape (n, 4), or raise ValueError."""
    corners = np.asarray(boxes, np.float64)
    if corners.size and corners.shape[-1] != 4:
        raise ValueError(
            f"A box is four numbers, top, left, bottom and right; these have the shape {corners.shape}."
        )
    corners = corners.reshape(-1, 4)
    if not np.isfinite(corners).all():
        raise ValueError("A corner of a box is NaN or infinite; look at the values that the boxes come from.")
    if (corners[:, 2:] < corners[:, :2]).any():
        raise ValueError("A box ends before it begins; give top, left, bottom, right.")
    return corners


def refuse_nan(scores: np.ndarray) -> None:
    """Raise ValueError if a score is NaN."""
    if np.isnan(scores).any():
        raise ValueError("A score is NaN, and NaN has no place in an order; look at the model's weights.")


def iou(first: Any, second: Any) -> np.ndarray:
    """Return the intersection over union of each box of the first with each of the second.

    Args:
        first: Shape (n, 4).
        second: Shape (m, 4).

    Returns:
        float64, shape (n, m), from 0 (they share nothing) to 1 (the same box).

    Raises:
        ValueError: If a box is not four numbers, ends before it begins, or has a NaN.

    Example:
        >>> pw.detection.iou([[0, 0, 10, 10]], [[0, 0, 10, 10], [0, 5, 10, 15], [20, 20, 30, 30]]).round(3)
        array([[1.   , 0.333, 0.   ]])
    """
    a, b = _as_corners(first), _as_corners(second)
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    both = _areas(a)[:, None] + _areas(b)[None, :] - shared
    return np.divide(shared, both, out=np.zeros_like(shared), where=both > 0)


def _areas(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)


def suppress(boxes: Any, scores: Any, overlap: float = 0.5) -> np.ndarray:
    """Return which boxes stay: of boxes on the same object, the one with the highest score.

    This is non-maximum suppression. Highest score first (of equal ones the first), each box removes those
    after it that it overlaps by more than ``overlap``.

    Args:
        boxes: Shape (n, 4).
        scores: Shape (n,).
        overlap: The intersection over union that two boxes may have and both stay. Defaults to 0.5.

    Returns:
        int64, their numbers, highest score first.

    Raises:
        ValueError: If there is not one score for each box, a score is NaN, or the overlap is not from 0 to 1.

    Example:
        >>> boxes = [[0, 0, 10, 10], [1, 0, 11, 10], [20, 20, 30, 30]]
        >>> pw.detection.suppress(boxes, [0.6, 0.9, 0.8])  # the first two overlap by 0.82
        array([1, 2])
    """
    if not 0 <= overlap <= 1:
        raise ValueError(f"overlap is {overlap!r}; it has to be from 0 to 1, where 1 keeps all boxes.")
    shared, scores = iou(boxes, boxes), np.asarray(scores, float).reshape(-1)
    if len(shared) != len(scores):
        raise ValueError(f"There are {len(shared):,} boxes and {len(scores):,} scores: give one of each.")
    refuse_nan(scores)
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    for place in order:
        if not (shared[place, kept] > overlap).any():
            kept.append(int(place))
    return np.array(kept, np.int64)


@dataclass(frozen=True)
class Grid:
    """How a single-shot detector writes boxes: a cell of the grid holds the one whose middle is in it.

    Labels y are float32 (n, rows, columns, 6): 1 where there is a box; where its middle is in the cell, down
    and across, 0 to 1; log of height and width ÷ (2 · cell); its class. Outputs are (n, rows, columns,
    5 + classes): a logit that there is a box, two logits of the middle, two logs of the size, and a logit for
    each class.

    Attributes:
        cell: Side of a cell in pixels, the stride of the network.

    Example:
        >>> grid = pw.detection.Grid(cell=8)
        >>> y = grid.encode([pw.detection.Boxes([[8, 4, 24, 20]], [3])], (64, 64))
        >>> y.shape, y[0, 2, 1].tolist()  # the middle is at 16, 12
        ((1, 8, 8, 6), [1.0, 0.0, 0.5, 0.0, 0.0, 3.0])
        >>> grid.truth(y)[0].corners
        array([[ 8.,  4., 24., 20.]])

    Source: Redmon and Farhadi, "YOLOv3: an incremental improvement" (2018), section 2.1; here a cell has one
        box.
    """

    cell: int = 8

    def __post_init__(self) -> None:
        """Raise ValueError for a cell that is no whole number of pixels."""
        if not is_whole(self.cell, 1, 1_000_000):
            raise ValueError(f"cell is {self.cell!r}; it has to be a whole number of pixels, 1 or more.")

    def encode(self, boxes: Sequence[Boxes], size: tuple[int, int]) -> np.ndarray:
        """Return the labels for pictures of this size (height, width), float32.

        Raises:
            ValueError: If two boxes have their middles in the same cell, a middle is outside the picture, or
                the picture is no whole number of cells.
        """
        if size[0] % self.cell or size[1] % self.cell:
            raise ValueError(
                f"A picture of {size[0]} × {size[1]} pixels is no whole number of cells of {self.cell} × "
                f"{self.cell}: choose a cell that divides both sides."
            )
        rows, columns = size[0] // self.cell, size[1] // self.cell
        y = np.zeros((len(boxes), rows, columns, 6), np.float32)
        for number, one in enumerate(boxes):
            corners, classes, _ = one.checked()
            middles, sizes = (
                (corners[:, :2] + corners[:, 2:]) / 2 / self.cell,
                corners[:, 2:] - corners[:, :2],
            )
            cells = np.floor(middles).astype(int)
            if ((cells < 0) | (cells >= (rows, columns))).any():
                raise ValueError(f"The middle of a box of picture {number} is outside the picture.")
            if len(np.unique(cells, axis=0)) < len(cells):
                raise ValueError(
                    f"Two boxes of picture {number} have their middles in the same cell of {self.cell} × "
                    f"{self.cell} pixels, and a cell holds one: use smaller cells."
                )
            logs = np.log(np.maximum(sizes, 1e-6) / (2 * self.cell))
            there = np.ones((len(cells), 1))
            y[number, cells[:, 0], cells[:, 1]] = np.hstack([there, middles - cells, logs, classes[:, None]])
        return y

    def truth(self, y: Any) -> list[Boxes]:
        """Return the boxes of each picture that labels (n, rows, columns, 6) stand for.

        Raises:
            ValueError: If the labels have another shape.
        """
        y = np.asarray(y, np.float64)
        if y.ndim != 4 or y.shape[-1] != 6:
            raise ValueError(f"y has the shape {y.shape}; Grid.encode makes labels (n, rows, columns, 6).")
        boxes = []
        for one in y:
            cells = np.argwhere(one[..., 0] > 0)
            values = one[tuple(cells.T)]
            boxes.append(
                Boxes(self._corners(cells, values[:, 1:3], values[:, 3:5]), values[:, 5].astype(int))
            )
        return boxes

    def found(self, outputs: Any, least: float = 0.01, overlap: float = 0.5) -> list[Boxes]:
        """Return the boxes of each picture that outputs stand for, after ``suppress``.

        Args:
            outputs: Shape (n, rows, columns, 5 + classes).
            least: The least score of a box: probability that one is there, times that of its likeliest
                class. Defaults to 0.01, which leaves all that counts for the average precision.
            overlap: See ``suppress``; boxes of different classes suppress each other, too.

        Raises:
            ValueError: If the outputs have another shape, or hold NaN or infinite values.
        """
        outputs = np.asarray(outputs, np.float64)
        if outputs.ndim != 4 or outputs.shape[-1] < 6:
            raise ValueError(
                f"The outputs have the shape {outputs.shape}; give (n, rows, columns, 5 + classes)."
            )
        if broken := outputs.size - int(np.isfinite(outputs).sum()):  # NaN would pass for "nothing there"
            raise ValueError(
                f"The outputs hold {broken:,} values that are NaN or infinite; look at the model's weights."
            )
        logits = outputs[..., 5:] - outputs[..., 5:].max(axis=-1, keepdims=True)
        likeliest = 1 / np.exp(logits).sum(axis=-1)
        scores, classes = _sigmoid(outputs[..., 0]) * likeliest, logits.argmax(axis=-1)
        boxes = []
        for one, score, kind in zip(outputs, scores, classes, strict=True):
            cells = np.argwhere(score >= least)
            place = tuple(cells.T)
            values = one[place]
            corners = self._corners(cells, _sigmoid(values[:, 1:3]), values[:, 3:5])
            kept = suppress(corners, score[place], overlap)
            boxes.append(Boxes(corners[kept], kind[place][kept], score[place][kept]))
        return boxes

    def _corners(self, cells: np.ndarray, inside: np.ndarray, logs: np.ndarray) -> np.ndarray:
        middles, half = self.cell * (cells + inside), self.cell * np.exp(np.minimum(logs, 10))
        return np.hstack([middles - half, middles + half])


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return (1 + np.tanh(values / 2)) / 2  # without overflow
