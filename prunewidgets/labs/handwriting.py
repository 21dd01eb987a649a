"""Handwriting: a digit drawn in the lab, read by the model under the lab's masks and without them."""

import math
import weakref
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple, cast

import numpy as np

from ..core.masks import Masks
from ..core.thresholds import sorted_scores
from ..models.data.labels import are_probabilities, only_output, predicted_labels
from ..models.layers.batch_states import recurrent_states
from ..models.live.live_model import LiveModel
from ..models.live.snapshot import Snapshot
from ..models.live.streamed_examples import AnyExamples
from ..utils.latest_job import Outdated
from ..widgets.lab_view import SIDE, LabView
from ..widgets.view import short_threshold_for
from .background import BackgroundWork
from .request import Request

READING = "reading"
"""The queue in which a drawing is read."""

FINDING = "finding"
"""The queue in which the first sparsity is searched at which a drawing is misread."""

CLASSES = 10

COARSE, FINE = 50, 20
"""Sparsities tried from 0 to 1; and between the last one read as before and the first one read otherwise."""


class Read(NamedTuple):
    """What a network reads a drawing as: its class, and the probability of each."""

    label: int
    shares: list[float]


class Misread(NamedTuple):
    """A sparsity at which a drawing is misread: the level tried, its τ, the sparsity it gives, the class."""

    level: float
    threshold: float | dict[str, float]
    sparsity: float
    label: int


class Handwriting:
    """The drawing in a lab, read in the background whenever it or the masks change; the model never does."""

    def __init__(
        self, lab: LabView, live: LiveModel, examples: AnyExamples, background: BackgroundWork
    ) -> None:
        """Start with nothing to read; the lab holds this object."""
        self._lab = cast(LabView, weakref.proxy(lab))
        self._live, self._x, self._background = live, examples.x, background
        self._request: Request | None = None
        lab.observe(self._drawn, "drawn")

    def request(self, request: Request) -> None:
        """Read the drawing under these masks next; stop looking for others."""
        self._request = request
        self._background.drop(FINDING)
        if self._lab.drawn:
            job = partial(self._read, request, self._lab.drawn, self._lab.restorable)
            self._background.submit(READING, job)

    def find(self) -> None:
        """Look for the smallest sparsity tried at which the drawing is misread, and move the lab there.

        More pruning does not always read worse, so all of them are tried, from the smallest on.
        """
        if self._lab.drawn and self._request is not None:
            job = partial(self._find, self._request, self._lab.drawn, self._lab.restorable)
            self._background.submit(FINDING, job)

    def _drawn(self, change: dict[str, Any]) -> None:
        self._background.drop(READING, FINDING)
        self._lab.misread = {}
        if not change["new"]:
            self._lab.reading = {}
        elif self._request is not None and not self._lab._closed:
            self.request(self._request)

    def _read(self, request: Request, drawn: bytes, pruned: bool, outdated: Outdated) -> None:
        scores = request.ranked.scores
        masks = Masks.from_threshold(scores, dict(zip(scores, request.thresholds, strict=True)))
        x = as_input(drawn, self._x)
        now = self._answer(x, masks, request.snapshot)
        if outdated():
            return
        was = self._unpruned(x, request, pruned)
        if not outdated():
            self._lab.reading = {
                **request.belongs,
                "drawn": drawn.hex(),
                "read": now.label,
                "now": now.shares,
                "was": was.label,
                "unpruned": was.shares,
            }

    def _find(self, request: Request, drawn: bytes, pruned: bool, outdated: Outdated) -> None:
        lab, scores, scope = self._lab, request.ranked.scores, self._lab.scope
        x = as_input(drawn, self._x)
        was = self._unpruned(x, request, pruned).label
        each = {name: sorted_scores(array) for name, array in scores.items()} if scope == "layer" else {}

        def first(levels: list[float]) -> Misread | None:
            for level in levels:
                if outdated():
                    return None
                lab.progress = level
                lab.working = lab.words["finding_misread"].format(sparsity=f"{100 * level:.1f} %")
                threshold = (
                    {name: short_threshold_for(ordered, level) for name, ordered in each.items()}
                    if each
                    else short_threshold_for(request.ranked.ordered, level)
                )
                masks = Masks.from_threshold(scores, threshold)
                label = self._answer(x, masks, request.snapshot).label
                if label != was:
                    return Misread(level, threshold, masks.sparsity, label)
            return None

        try:
            found = first([done / COARSE for done in range(1, COARSE + 1)])
            if found is not None:  # something nearer may lie in the step before it
                found = first([found.level + (done / FINE - 1) / COARSE for done in range(1, FINE + 1)])
        finally:
            lab.working, lab.progress = "", 0.0
        if outdated():
            return
        belongs = {name: request.belongs[name] for name in ("generation", "criterion")}
        sparsity, label = (None, None) if found is None else (found.sparsity, found.label)
        # First, so that the page keeps the threshold to go back to.
        lab.misread = {**belongs, "scope": scope, "was": was, "sparsity": sparsity, "read": label}
        if found is not None:
            setattr(lab, "thresholds" if each else "threshold", found.threshold)

    def _unpruned(self, x: np.ndarray, request: Request, pruned: bool) -> Read:
        """Read it without masks: with the weights before the first apply if the model is pruned itself."""
        snapshot = self._live.snapshot(original=True) if pruned else request.snapshot
        return self._answer(x, {}, snapshot)

    def _answer(self, x: np.ndarray, masks: Mapping[str, np.ndarray], snapshot: Snapshot) -> Read:
        outputs = only_output(self._live.predict(x, masks, snapshot=snapshot))
        if outputs.shape != (1, CLASSES):
            raise ValueError(
                f"A drawing is read by a model with {CLASSES} outputs, one for each digit; the outputs of "
                f"{self._live.model.name!r} have the shape {outputs.shape[1:]}."
            )
        if not np.isfinite(outputs).all():
            raise ValueError(f"{self._live.model.name!r} answers this drawing with NaN or infinity.")
        return Read(int(predicted_labels(outputs, 0.0)[0]), probabilities(outputs[0]).tolist())


def takes_drawings(live: LiveModel, examples: AnyExamples) -> bool:
    """Return whether a model reads pictures like MNIST's: 28×28 grey values on a dark ground, 10 classes."""
    model, x, y = live.model, examples.x, examples.y
    if getattr(x, "shape", ())[1:] not in ((SIDE, SIDE), (SIDE, SIDE, 1), (SIDE * SIDE,)):
        return False
    outputs = getattr(model, "output_shape", None)
    if outputs is None:  # a subclassed model; its labels are what is known
        ten = getattr(y, "shape", ())[1:] == (CLASSES,) or np.array_equal(np.unique(y), range(CLASSES))
        ten = ten and examples.metric is None
    else:
        ten = isinstance(outputs, tuple) and len(outputs) == 2 and outputs[1] == CLASSES
    if not ten or recurrent_states(model):  # with states, an answer depends on the examples before it
        return False
    low, high = float(x.min()), float(x.max())
    pictures = x[:1000].reshape(-1, SIDE, SIDE)
    dark = float(pictures[:, [0, -1]].mean()) - low < 0.25 * (high - low)
    return dark and math.isfinite(high - low)


def as_input(drawn: bytes, x: np.ndarray) -> np.ndarray:
    """Return a drawing as one example: in the shape, dtype and range of values of the examples x."""
    low, high = x.min(), x.max()
    shares = np.frombuffer(drawn, np.uint8).astype(np.float32) / np.float32(255)
    values = low + (high - low) * shares
    values = np.rint(values) if x.dtype.kind in "iu" else values
    return values.astype(x.dtype).reshape(1, *x.shape[1:])


def probabilities(outputs: np.ndarray) -> np.ndarray:
    """Return the outputs of one example as probabilities: softmax, unless they are probabilities already."""
    outputs = outputs.astype(np.float64)
    if are_probabilities(outputs):
        return np.minimum(outputs, 1.0)
    shares = np.exp(outputs - outputs.max())
    return shares / shares.sum()
