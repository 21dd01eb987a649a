"""AccuracyMeasurement: a lab's accuracy under its current masks, and the examples that flipped."""

import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

import numpy as np

from ..core.masks import Masks
from ..core.paired import paired
from ..models.live.examples import Reading
from ..models.live.live_model import LiveModel
from ..models.live.snapshot import Snapshot
from ..models.live.streamed_examples import AnyExamples
from ..models.measuring.accuracy import Accuracy, as_columns
from ..utils.latest_job import Outdated
from ..widgets.lab_view import LabView
from . import flips
from .background import MEASURING, BackgroundWork
from .request import Request


class AccuracyMeasurement:
    """The accuracy of a live model under a lab's masks, measured in the background and shown in the lab.

    Attributes:
        examples: what it is measured on.
    """

    def __init__(
        self, lab: LabView, live: LiveModel, examples: AnyExamples, background: BackgroundWork
    ) -> None:
        """Start with nothing measured; the lab holds this object."""
        self._lab = cast(LabView, weakref.proxy(lab))
        self._live, self.examples, self._background = live, examples, background
        # The newest request, None while it is being submitted; the last answered one, with its answer.
        self._requested: Request | None = None
        self._answered: tuple[Request | None, Accuracy | float | None] = (None, None)
        self._original: dict[str, Reading] = {}  # "reading": that of the model before the first apply

    def request(self, request: Request, make_masks: Callable[[], Masks]) -> None:
        """Measure this next; drop a measurement of other weights or masks.

        Args:
            request: the state to measure.
            make_masks: makes its masks, in the background.
        """
        self._requested = None  # first: an interrupt may come before the new request is submitted
        job = partial(self._measure, request, self._lab.restorable, make_masks, self._original)
        self._background.submit(MEASURING, job)
        self._requested = request

    def is_known_or_coming(self, request: Request) -> bool:
        """Return whether this state has been measured, or is being measured now."""
        coming = self._background.is_running(MEASURING) and request.same(self._requested)
        return coming or request.same(self._answered[0])

    def answer(self, request: Request) -> Accuracy | float | None:
        """Return the accuracy measured in this state; None if it was not."""
        answered, value = self._answered
        return value if request.same(answered) else None

    def forget_unpruned(self) -> None:
        """Measure the model without masks again: nothing is applied, and its weights have changed."""
        self._original, self._lab.unpruned = {}, None

    def _measure(
        self,
        request: Request,
        pruned: bool,
        make_masks: Callable[[], Masks],
        original: dict[str, Reading],
        outdated: Outdated,
    ) -> None:
        """Measure part of the examples for a first answer, then all of them, then find the flipped ones."""
        snapshot, belongs = request.snapshot, request.belongs
        masks = make_masks()
        if self.examples.many:
            self._publish(self.examples.quick(self._live, snapshot, masks, outdated), belongs)
        reading = self.examples.all(self._live, snapshot, masks, outdated)
        if reading is None:
            return
        self._answered = request, reading.value
        self._publish(reading, belongs)
        # Once for all thresholds: what the model predicts without masks.
        unpruned = self._live.snapshot(original=True) if pruned else snapshot
        before = original.get("reading") or self.examples.all(self._live, unpruned, {}, outdated)
        if before is not None and not outdated():
            original["reading"] = before
            self._lab.unpruned = float(before.value)
            self._show_flips(before, reading, belongs, [(unpruned, {}), (snapshot, masks)])

    def _publish(self, reading: Reading | None, belongs: dict[str, Any]) -> None:
        if reading is None:
            return
        self._lab.measured = {**belongs, **as_columns(reading.value, missing=None), "n": reading.n}

    def _show_flips(
        self,
        before: Reading,
        now: Reading,
        belongs: dict[str, Any],
        states: list[tuple[Snapshot, Mapping[str, np.ndarray]]],
    ) -> None:
        """Show what flipped; `states` are the weights and masks before and now."""
        predicted, labels = now.predicted, now.labels
        if before.predicted is None or predicted is None or labels is None or predicted.ndim > 1:
            return
        flipped = flips.flips(before.predicted, predicted, labels)
        difference = paired(before.predicted == labels, predicted == labels)
        images = len(flipped) > 0 and self._lab.image_shape[0] > 0
        pictures = flips.images(self.examples.x, flipped) if images else b""
        right_before = int((before.predicted == labels).sum())
        shown = flips.describe(flipped, predicted, labels)
        for key, answer, state in zip(("before", "after"), ("label", "read"), states, strict=True):
            if shown:
                outputs = self.examples.outputs(self._live, *state, flipped[: len(shown)])
                shares = flips.probabilities(outputs, [flip[answer] for flip in shown])
                for flip, share in zip(shown, shares or [], strict=False):
                    flip[key] = share
        with self._lab.hold_sync():
            self._lab.flip_images = pictures
            self._lab.flips = {
                **belongs,
                "total": len(flipped),
                "n": right_before,
                "won": difference.won,
                "p_value": difference.p_value,
                "shown": shown,
            }
