"""LedgerLab: the ledger of a live model, with latencies measured on this machine."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import traitlets as t

from .ledger import counted
from .masks import Masks
from .models.ledger.memory import peak_memory
from .models.ledger.products import one_thread
from .models.ledger.runners import make_calls
from .models.ledger.timing import rounds, spread
from .models.live import LiveModel, as_live
from .widgets.assets import module
from .widgets.cells import after_each_cell
from .widgets.ledger_view import LedgerView, Outdated

BATCHES = (1, 32)
Case = tuple[str, str, int]  # "left" or "dense", runner, batch

RUNNERS = ("keras", "tflite", "csr")
AGAINST = {"keras": "keras", "tflite": "tflite", "csr": "dense"}
"""A sparse product is compared with the dense one."""

SECONDS = 0.4
"""To time each of them for."""

REST = 1.0
"""Seconds without another request after which peak memory is measured."""


class LedgerLab(LedgerView):
    """Drag the threshold and read what pruning saves in your own model: counted at once, then measured.

    Looking never changes the model. What is timed is timed in turns with the dense model, so that whatever
    else the machine does slows both down alike.

    Attributes:
        threshold: τ for all layers; set it and the ledger follows.
        sparsity: removed ÷ prunable weights, 0 to 1; set it and the threshold moves.
        live: the LiveModel.
        measured: see `LedgerView`; here also "keras_1", "keras_32", "tflite_1", … in seconds.
        error: what went wrong last, "" for nothing; also shown in the ledger.
    """

    script = t.Unicode(module("ledger_lab")).tag(sync=True)

    _timed = (*(f"{runner}_{batch}" for runner in RUNNERS for batch in BATCHES), "peak_bytes")

    def __init__(self, model: Any, x: Any = None, dense: Any = None, threshold: float = 0.0) -> None:
        """Open a ledger.

        Args:
            model: a built Keras 3 model, or a LiveModel that chose its own prunable weights.
            x: inputs to time with, at least one; they are repeated to fill a batch. Random numbers if None.
            dense: the model to compare with, such as the one that `model` was shrunk from; if None, `model`
                without masks.
            threshold: τ to start with.

        Raises:
            TypeError: not a Keras 3 model.
            ValueError: a model that is not built or has nothing to prune, NaN weights, a negative threshold.
        """
        self.live, self._x = as_live(model), x
        self._compared = self.live if dense is None else as_live(dense)
        self._dense_calls: dict[str, dict[tuple[str, int], Callable]] = {}
        self._training = False
        self._snapshot = self.live.snapshot()
        positions, unknown = _positions(self.live)
        costs = (
            None if dense is None else counted(self._compared.weights, None, _positions(self._compared)[0])
        )
        super().__init__(self._snapshot.weights, positions, threshold=threshold, dense=costs)
        self.title = self.live.model.name
        self._report("positions", unknown)
        self.live.watch(self._model_changed)
        after_each_cell(self._model_changed)

    @property
    def masks(self) -> Masks:
        """The masks that the ledger shows now; True = kept."""
        return Masks.from_threshold(self._scores, self.threshold)

    def follow(self, weights: Mapping[str, np.ndarray], settled: bool) -> None:
        """Count a model while it trains, see `pw.FollowTraining`; it is timed when the cell has run."""
        self._training = True
        try:
            super().follow(weights, settled)
        finally:
            self._training = False

    def measure_again(self) -> None:
        """Measure at the present threshold once more."""
        self._model_changed()
        self._measure_again()

    @t.observe("threshold", "generation")
    def _measure_again(self, change: dict[str, Any] | None = None) -> None:
        if self._training:  # the machine is busy, and the weights are about to change
            self._measurement.cancel()
        else:
            super()._measure_again(change)

    def _handle_custom_msg(self, content: dict[str, Any], buffers: Any) -> None:
        """A button was pressed. A callback given to `on_msg` would keep a closed ledger in memory."""
        super()._handle_custom_msg(content, buffers)
        if content.get("do") in ("measure_again", "cancel"):
            getattr(self, content["do"])()

    def _model_changed(self) -> None:
        """After apply or restore, whoever did it, and after each cell, which may have trained the model."""
        if self._closed:
            return
        try:
            now = self.live.snapshot()
            if not now.same(self._snapshot):
                self._snapshot = now
                self.show_weights(now.weights)
        except ValueError as error:
            self._report("model", str(error))
        else:
            self._report("model", "")

    def _measure(
        self, arrays: Mapping[str, np.ndarray], masks: Masks, belongs: dict[str, Any], outdated: Outdated
    ) -> None:
        super()._measure(arrays, masks, belongs, outdated)
        calls: dict[Case, Callable] = {}
        for runner in RUNNERS:
            if outdated():
                return
            calls |= self._calls(runner, masks)
        taken = self._taken(calls, outdated)
        if taken is None:
            return
        numbers = {
            f"{runner}_{batch}": _number(taken["left", runner, batch], taken["dense", AGAINST[runner], batch])
            for which, runner, batch in calls
            if which == "left"
        }
        self.offered = [*self._files, *numbers, "peak_bytes"]  # a model without dense layers has no products
        runs = min(map(len, taken.values()), default=0)
        self.conditions = {"runs": runs, "processors": os.cpu_count() or 1}
        self._publish(belongs, **numbers)
        self._measure_memory(masks, belongs, outdated)

    def _measure_memory(self, masks: Masks, belongs: dict[str, Any], outdated: Outdated) -> None:
        """Last, since it starts a process, and only when the threshold has come to rest."""
        models = {"left": self.live.model, "dense": self._compared.model}
        end = time.monotonic() + REST
        while time.monotonic() < end and not outdated():
            time.sleep(0.05)
        if outdated():
            return
        try:
            bytes_of = peak_memory(models, max(BATCHES), self._x, {"left": masks}, outdated)
        except (ValueError, RuntimeError) as error:
            bytes_of = {}
            self._report("memory", str(error))
        else:
            self._report("memory", "")
        if outdated():
            return
        if bytes_of:
            self._publish(belongs, peak_bytes={"value": bytes_of["left"], "base": bytes_of["dense"]})
        else:  # only Linux tells
            self.offered = [name for name in self.offered if name != "peak_bytes"]

    def _calls(self, runner: str, masks: Masks) -> dict[Case, Callable]:
        """What to time of the pruned and of the dense model; nothing if this runner does not take them."""
        try:
            left = make_calls(self.live.model, BATCHES, self._x, masks, [runner])
            if runner not in self._dense_calls:
                self._dense_calls[runner] = make_calls(
                    self._compared.model, BATCHES, self._x, None, [AGAINST[runner]]
                )
        except (ValueError, RuntimeError) as error:  # such as a layer that TFLite cannot express
            self._report(runner, str(error))
            return {}
        self._report(runner, "")
        dense = self._dense_calls[runner] if left else {}
        return {("left", *case): call for case, call in left.items()} | {
            ("dense", *case): call for case, call in dense.items()
        }

    def _taken(self, calls: Mapping[Case, Callable], outdated: Outdated) -> dict[Case, list[float]] | None:
        """Seconds of each run, all of them in turns; None if nobody wants to know any more."""
        taken: dict[Case, list[float]] = {}
        with one_thread():
            for taken in rounds(calls, SECONDS):  # noqa: B007  the last one is wanted
                if outdated():
                    return None
        return taken


def _number(left: list[float], dense: list[float]) -> dict[str, float]:
    """What the page takes, in seconds."""
    left, dense = spread(left), spread(dense)
    parts = {"value": left.median, "low": left.low, "high": left.high}
    parts |= {"base": dense.median, "base_low": dense.low, "base_high": dense.high}
    return {name: milliseconds / 1000 for name, milliseconds in parts.items()}


def _positions(live: LiveModel) -> tuple[dict[str, int] | None, str]:
    """What multiply-adds are counted with, or why they are not."""
    try:
        return live.positions(), ""
    except ValueError as error:
        return None, str(error)
