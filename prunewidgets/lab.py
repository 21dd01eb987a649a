"""PruningLab: a live Keras model joined to the views. The one place where a model meets a widget."""

import functools
from collections.abc import Callable
from typing import Any

import pandas as pd
import traitlets as t

from . import flips
from .masks import Masks
from .models.accuracy import Accuracy
from .models.curves import as_live, curve_rows
from .models.examples import Examples, Reading
from .models.live import LiveModel, Metric
from .widgets.curve import series_of
from .widgets.lab_view import LabView
from .worker import LatestJob

Outdated = Callable[[], bool]

LEVELS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
"""Sparsities of a measured curve."""


class PruningLab(LabView):
    """Drag the threshold and read the accuracy that your own model has without the weights below it.

    Looking never changes the model: each accuracy is measured on a masked copy, in the background. `apply`
    prunes the model itself and holds the zeros through training; `restore` brings every bit back.

    Attributes:
        threshold: τ; set it and the lab follows.
        sparsity: removed ÷ prunable weights, 0 to 1; set it and the threshold moves.
        live: the LiveModel that measures and prunes.
        error: what went wrong last, "" for nothing; also shown in the lab.
    """

    def __init__(
        self,
        model: Any,
        x: Any,
        y: Any,
        metric: Metric | None = None,
        data: str = "examples",
        threshold: float = 0.0,
    ) -> None:
        """Open a lab.

        Args:
            model: a built Keras 3 model, or a LiveModel that chose its own prunable weights.
            x: inputs to measure on, one row per example; a list or dict of arrays for several inputs.
            y: their labels, integers or one-hot.
            metric: ``metric(y, predictions) -> float`` from 0 to 1 for anything but accuracy.
            data: what the examples are, for the reader, such as "test digits".
            threshold: τ to start with.

        Raises:
            TypeError: not a Keras 3 model.
            ValueError: a model that is not built or has nothing to prune, NaN weights, x and y of different
                length.
        """
        self._measurement, self._curve_measurement = LatestJob(), LatestJob()
        self.live: LiveModel = as_live(model)
        self._examples = Examples(x, y, metric)
        self._asked: dict[str, Any] = {}  # the newest request, and the one that was answered last
        self._answered: tuple[dict[str, Any], Accuracy | float | None] = ({}, None)
        self._unpruned: Reading | None = None
        self._rows: list[dict[str, Any]] = []
        super().__init__()
        self.title, self.data, self.examples = self.live.model.name, data, self._examples.n
        self.image_shape = flips.image_shape(self._examples.x)
        self.refresh()
        self.threshold = threshold
        self.on_msg(self._button_pressed)
        self.live.watch(self._model_changed)

    @property
    def masks(self) -> Masks:
        """The masks that the lab shows now; True = kept."""
        if self.scope == "global":
            return Masks.from_threshold(self._scores, self.threshold)
        return Masks.from_threshold(self._scores, {name: self.threshold_of(name) for name in self._scores})

    @property
    def accuracy(self) -> Accuracy | float:
        """Accuracy with these masks on all examples. Waits until it is measured; never a stale one.

        Raises:
            RuntimeError: it could not be measured; the message says why.
        """
        if self._answered[0] is not self._asked and not self._measurement.busy:
            self._measure_again()
        self._measurement.wait()
        asked, value = self._answered
        if asked is not self._asked or value is None:
            raise RuntimeError(self.error or "The measurement was cancelled; ask again.")
        return value

    @property
    def curve(self) -> pd.DataFrame:
        """All points measured by `measure_curve` so far; columns as in `pw.accuracy_curve`."""
        return pd.DataFrame(self._rows)

    def refresh(self) -> None:
        """Read the weights again, after the model was trained or changed elsewhere, and measure anew."""
        self.show_weights(self.live.weights)
        self._unpruned, self.unpruned, self.measured, self.flips = None, None, {}, {}
        self.applied = self.live.applied.removed if self.live.applied is not None else 0
        self._measure_again()

    def apply(self) -> None:
        """Set the removed weights to zero in the model and hold them there through `fit`."""
        self.live.apply(self.masks)

    def restore(self) -> None:
        """Bring every bit of the model back as it was before the first apply."""
        self.live.restore()

    def measure_curve(self) -> None:
        """Measure the accuracy at twelve sparsities in the background; points appear as they are measured."""
        self._curve_measurement.submit(
            functools.partial(self._guarded, self._measure_curve, self.criterion, self.scope)
        )

    def cancel(self) -> None:
        """Stop measuring; what is finished is kept."""
        self._curve_measurement.cancel()
        self._measurement.cancel()

    def close(self) -> None:
        """Stop measuring and close the view; the model stays as it is."""
        self.cancel()
        super().close()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is being measured; False if that takes longer than `timeout` seconds."""
        return self._measurement.wait(timeout) and self._curve_measurement.wait(timeout)

    def _button_pressed(self, widget: Any, content: dict[str, Any], buffers: Any) -> None:
        if content.get("do") in ("measure_curve", "apply", "restore", "cancel"):
            self._guarded(getattr(self, content["do"]))

    def _model_changed(self) -> None:
        """After apply or restore, from this lab, another one, or `pw.prune`."""
        if self.comm is not None:  # not closed
            self._guarded(self.refresh)

    def _guarded(self, work: Callable[..., None], *args: Any) -> None:
        """Do it; an exception, which would vanish in a callback, becomes the lab's error line."""
        try:
            work(*args)
            self.error = ""
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"

    @t.observe("threshold", "thresholds", "scope")
    def _masks_changed(self, change: dict[str, Any]) -> None:
        self._measure_again()

    @t.observe("criterion")
    def _criterion_chosen(self, change: dict[str, Any]) -> None:
        if self._scores:
            self._guarded(self.show_weights, self.live.weights)
            self._measure_again()

    def _measure_again(self) -> None:
        """Measure the present masks; what is being measured for others is dropped."""
        if not self._scores:
            return
        thresholds = [self.threshold_of(name) for name in self._scores]
        self._asked = {
            "counts": self.removed_per_layer(),
            "thresholds": thresholds,
            "criterion": self.criterion,
        }
        self._measurement.submit(functools.partial(self._guarded, self._measure, self.masks, self._asked))

    def _measure(self, masks: Masks, asked: dict[str, Any], outdated: Outdated) -> None:
        """In the background: a first answer from a part of the examples, then all, then what flipped."""
        self.measuring = True
        try:
            if self._examples.many:
                self._publish(self._examples.quick(self.live, masks, outdated), asked)
            reading = self._examples.all(self.live, masks, outdated)
            if reading is None:
                return
            self._answered = asked, reading.value
            self._publish(reading, asked)
            self._compare(reading, outdated)
        finally:
            self.measuring = False

    def _publish(self, reading: Reading | None, asked: dict[str, Any]) -> None:
        if reading is None:
            return
        value = reading.value
        low, high = value.interval if isinstance(value, Accuracy) else (None, None)
        n = value.n if isinstance(value, Accuracy) else self._examples.n
        self.measured = {**asked, "accuracy": float(value), "low": low, "high": high, "n": n}

    def _compare(self, reading: Reading, outdated: Outdated) -> None:
        """Measure the model without masks, once, and show which examples flipped."""
        if self._unpruned is None:
            self._unpruned = self._examples.all(self.live, None, outdated)
        if self._unpruned is None:
            return
        self.unpruned = float(self._unpruned.value)
        if reading.predicted is None or reading.predicted.ndim > 1:
            return
        flipped = flips.flips(self._unpruned.predicted, reading.predicted, reading.labels)
        shown = flips.describe(flipped, reading.predicted, reading.labels)
        pictures = flips.images(self._examples.x, flipped) if len(flipped) and self.image_shape[0] else b""
        with self.hold_sync():
            self.flip_images = pictures
            self.flips = {
                "total": len(flipped),
                "n": int((self._unpruned.predicted == reading.labels).sum()),
                "shown": shown,
            }

    def _measure_curve(self, criterion: str, scope: str, outdated: Outdated) -> None:
        """In the background: a curve under the present criterion and scope, shown as it grows."""
        examples = self._examples
        self._rows = [row for row in self._rows if (row["criterion"], row["scope"]) != (criterion, scope)]
        try:
            rows = curve_rows(
                self.live, examples.x, examples.y, LEVELS, criterion, scope, metric=examples.metric
            )
            for number, row in enumerate(rows, start=1):
                if outdated():
                    return
                self._rows.append(row)
                self.series = series_of(self.curve)
                self.progress = number / len(LEVELS)
                self.working = self.words["measuring_curve"].format(done=number, total=len(LEVELS))
        finally:
            self.working, self.progress = "", 0.0
