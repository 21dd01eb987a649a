"""LedgerLab: the ledger of a live model, with latencies measured on this machine."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
import traitlets as t

from ..core.ledger import counted
from ..core.masks import Masks
from ..deprecation import former_arguments
from ..models.costs.memory import measured_memory
from ..models.costs.products import largest_layer
from ..models.costs.runners import filled
from ..models.costs.units import compared, cut_to
from ..models.formats.tflite import to_tflite
from ..models.live.live_model import LiveModel, as_live
from ..models.plain_error import plain_error
from ..utils.latest_job import Outdated
from ..widgets.assets import module
from ..widgets.cells import after_each_cell
from .background import MEASURING
from .latencies import AGAINST, BATCHES, Latencies
from .ledger_view import LedgerView

RUNNERS = tuple(AGAINST)

WINS_SECONDS = 0.05
"""Seconds to time a product for at each sparsity, to find out where the sparse product becomes faster."""

REST = 1.0
"""Seconds without another request before the slower measurements start."""

TIMES = tuple(f"{runner}_{batch}" for runner in RUNNERS for batch in BATCHES)
UNITS = (
    "units_parameters",
    "units_multiply_adds",
    *(f"units_{name}" for name in TIMES if not name.startswith("csr")),
    "units_peak_bytes",
)
"""The same costs of the model with whole units removed."""


class LedgerLab(LedgerView):
    """A ledger of what pruning saves in your own model: counted at once, then measured.

    Dragging the threshold never changes the model. Timed runs alternate with runs of the dense model, so that
    other load on the machine slows both down alike. For comparison, the ledger also shows a model with about
    as many weights left after removing whole units (`models.costs.units`), unless you give a `dense_model`.

    Attributes:
        threshold: τ for all layers; set it and the ledger follows.
        sparsity: removed ÷ prunable weights, 0 to 1; set it and the threshold moves.
        live: the LiveModel.
        dense_model: the model to compare with, read-only; the lab's own if none was given.
        measured: see `LedgerView`; here also "keras_1", "keras_32", "tflite_1", … in seconds, and
            "units_parameters", "units_keras_1", … of the model with whole units removed.
        wins: of the largest dense layer: its "inputs" and "units", and "from": the sparsity from which a
            sparse product was faster, at batch 1 and at 32; None for never.
        error: the last error, "" for none; also shown in the ledger.

    Example:
        >>> lab = pw.LedgerLab(pw.models.lenet_300_100(seed=0))
        >>> lab.sparsity = 0.9
        >>> lab.masks
        Masks: 239,580 of 266,200 weights removed (90.00 %)
        >>> lab.cancel()  # stops the measurements that run in the background
    """

    view_name = "ledger_lab"
    script = t.Unicode(module(view_name)).tag(sync=True)

    _timed = ("tflite_sparse_bytes", *TIMES, "peak_bytes", *UNITS)

    @former_arguments(dense="dense_model")
    def __init__(self, model: Any, x: Any = None, dense_model: Any = None, threshold: float = 0.0) -> None:
        """Open a ledger.

        Args:
            model: a built Keras 3 model, or a LiveModel with its own choice of prunable weights.
            x: inputs to time with, at least one; they are repeated to fill a batch. Defaults to random
                numbers.
            dense_model: the model to compare with, such as the one that `model` was shrunk from. Defaults to
                `model` without masks.
            threshold: initial τ.

        Raises:
            TypeError: not a Keras 3 model.
            ValueError: a model that is not built or has nothing to prune, NaN weights, a negative threshold.
        """
        self.live, self._x = as_live(model), x
        self._compared = self.live if dense_model is None else as_live(dense_model)
        self._latencies = Latencies(self._compared.model, x)
        self._dense_file = 0  # bytes, once it has been written
        if dense_model is not None:
            self._timed = tuple(name for name in self._timed if name not in UNITS)
        self._missing: set[str] = set()  # names of the costs that cannot be measured for this model
        self._model_trains = False
        self._snapshot = self.live.snapshot()
        positions, unknown = _positions(self.live)
        costs = None
        if dense_model is not None:
            costs = counted(self._compared.weights, None, _positions(self._compared)[0])
        super().__init__(self._snapshot.weights, positions, threshold=threshold, dense_costs=costs)
        self.title = self.live.model.name
        self._report("positions", unknown)
        self.live.watch(self._model_changed)
        after_each_cell(self._model_changed)

    @property
    def dense_model(self) -> Any:
        """The model to compare with; the lab's own if none was given."""
        return self._compared.model

    @property
    def masks(self) -> Masks:
        """The masks of the current threshold; True = kept."""
        return Masks.from_threshold(self._scores, self.threshold)

    def follow(self, weights: Mapping[str, np.ndarray], settled: bool) -> None:
        """Count the costs while the model trains, see `pw.FollowTraining`; time it after the cell has run."""
        self._model_trains = True
        try:
            super().follow(weights, settled)
        finally:
            self._model_trains = False

    def measure_again(self) -> None:
        """Measure at the current threshold again."""
        self._model_changed()
        self._measure_again()

    @t.observe("threshold", "generation")
    def _measure_again(self, change: dict[str, Any] | None = None) -> None:
        if self._model_trains:  # the machine is busy, and the weights are about to change
            self._background.drop(MEASURING)
        else:
            super()._measure_again(change)

    def _handle_custom_msg(self, content: dict[str, Any], buffers: Any) -> None:
        """Handle a pressed button; a callback given to `on_msg` would keep a closed ledger in memory."""
        super()._handle_custom_msg(content, buffers)
        if content.get("do") in ("measure_again", "cancel"):
            getattr(self, content["do"])()

    def _model_changed(self) -> None:
        """Show changed weights, after any apply or restore and after each cell, which may have trained."""
        if self._closed:
            return
        try:
            now = self.live.snapshot()
            if not now.same(self._snapshot):
                self.show_weights(now.weights)
                self._snapshot = now  # last: after an interrupt, the next cell shows the weights again
        except ValueError as error:
            self._report("model", str(error))
        else:
            self._report("model", "")

    def _measure(
        self, arrays: Mapping[str, np.ndarray], masks: Masks, belongs: dict[str, Any], outdated: Outdated
    ) -> None:
        super()._measure(arrays, masks, belongs, outdated)
        numbers = self._latencies.measure(self.live.model, masks, RUNNERS, self._attempt, outdated)
        if outdated():
            return
        self._show_measured(TIMES, numbers, belongs)
        end = time.monotonic() + REST
        while time.monotonic() < end and not outdated():
            time.sleep(0.05)
        self._measure_at_rest(masks, belongs, outdated)

    def _measure_at_rest(self, masks: Masks, belongs: dict[str, Any], outdated: Outdated) -> None:
        """Measure what takes longer: build a smaller model, write another file, start a process."""
        small = None
        if self._compared is self.live and not outdated():
            small = self._attempt("units", lambda: cut_to(self.live.model, masks.kept, list(masks)))
        numbers = {}
        if small is not None:
            runners = [runner for runner in RUNNERS if AGAINST[runner] == runner]
            times = self._latencies.measure(small, None, runners, self._attempt, outdated)
            numbers = compared(small, self.live.model, list(masks)) | times
            numbers = {f"units_{name}": number for name, number in numbers.items()}
        if outdated():
            return
        self._show_measured(UNITS[:-1], numbers, belongs)
        size = self._attempt("tflite_sparse", lambda: self._tflite_size(masks))
        if outdated():
            return
        self._show_measured(["tflite_sparse_bytes"], {"tflite_sparse_bytes": size} if size else {}, belongs)
        models = {"left": self.live.model, "dense": self._compared.model}
        models |= {} if small is None else {"units": small}
        masked = {"left": masks}
        memory = partial(measured_memory, models, self._x, masked, max(BATCHES), outdated)
        peak = self._attempt("memory", memory) or {}
        if outdated():
            return
        names = {"left": "peak_bytes", "units": "units_peak_bytes"}
        peaks = {names[n]: {"value": peak[n], "base": peak["dense"]} for n in names if n in peak}
        self._show_measured(names.values(), peaks, belongs)  # measured on Linux only
        if not self.wins:  # the same for all masks
            self.wins = largest_layer(self.live.model, self.positions or {}, BATCHES, WINS_SECONDS, outdated)

    def _show_measured(
        self, names: Iterable[str], numbers: Mapping[str, dict[str, Any]], belongs: dict[str, Any]
    ) -> None:
        """Publish the numbers; names without a number get no row."""
        self._missing = (self._missing | set(names)) - set(numbers)
        self.offered = [name for name in (*self._files, *self._timed) if name not in self._missing]
        self._publish(belongs, **numbers)
        runs = [number["runs"] for number in self.measured.values() if "runs" in number]
        self.conditions = {"runs": min(runs, default=0), "processors": os.cpu_count() or 1}

    def _attempt(self, what: str, work: Callable[[], Any]) -> Any:
        """Return the result of the work; if this model does not support it, report that and return None."""
        try:
            done = work()
        except (ValueError, RuntimeError) as error:  # such as a layer that TFLite cannot express
            self._report(what, plain_error(error))
            return None
        self._report(what, "")
        return done

    def _tflite_size(self, masks: Masks) -> dict[str, int]:
        """Return the size of the pruned model's sparse file and of the dense model's plain one, in bytes."""
        examples = filled(self.live.model, 1, self._x)
        self._dense_file = self._dense_file or len(to_tflite(self._compared.model, examples=examples))
        sparse = to_tflite(self.live.model, "sparse", examples, masks)
        return {"value": len(sparse), "base": self._dense_file}


def _positions(live: LiveModel) -> tuple[dict[str, int] | None, str]:
    """Return the positions to count multiply-adds with, or None and why they cannot be counted."""
    try:
        return live.positions(), ""
    except ValueError as error:
        return None, str(error)
