"""The latency of smaller models: measured for some, fitted to what each layer costs, checked at the end."""

from typing import Any

import keras
import numpy as np
from scipy.optimize import nnls

from ..costs.latency import latency
from ..shrinking.shrink import shrink
from .knapsack import Kept
from .parts import Parts, UnitParts

_SHARES = (0.6, 0.3)
_SECONDS = 0.25


class Times:
    """Milliseconds for one batch, as a sum over layers of a measured time for each multiply-add.

    Args:
        parts: The groups of units.
        x: Some inputs.
        runner: "tflite" or "keras", see ``latency``.
        batch: Examples in a batch.

    Attributes:
        rows: What was measured: one layer smaller at a time, then all.
        whole: The time of the model as it is, in the same turns. Later times are relative to it, so that a
            machine which has become busier makes no model seem slower.
    """

    def __init__(self, parts: UnitParts, x: Any, runner: str, batch: int) -> None:
        """Time the model with one group smaller at a time, in turns, and fit the times."""
        self._parts, self._x, self._runner, self._batch = parts, x, runner, batch
        self._known: dict[tuple[int, ...], float] = {}
        choices = [dict(parts.sizes)]
        for share in _SHARES:
            smaller = {n: max(1, round(share * size)) for n, size in parts.sizes.items()}
            choices += [parts.sizes | {n: kept} for n, kept in smaller.items()]
            choices.append(smaller)
        times = self._timed(choices, parts, _SECONDS)
        self.rows = [
            dict(zip([*parts.sizes, "ms"], [*c.values(), t], strict=True))
            for c, t in zip(choices, times, strict=True)
        ]
        self.whole = times[0]
        work = np.array([self._work(kept) for kept in choices])
        self._scale = np.maximum(work.max(axis=0), 1)
        self._each, _ = nnls(work / self._scale, np.asarray(times))

    def __call__(self, kept: Kept) -> float:
        """Return the fitted time."""
        return float(self._work(kept) / self._scale @ self._each)

    def measured(self, kept: Kept, parts: Parts) -> float:
        """Shrink the model and time it, relative to the time of the whole model at first."""
        key = tuple(kept.values())
        if key not in self._known:
            whole, smaller = self.together(kept, parts)
            self._known[key] = self.whole * smaller / whole
        return self._known[key]

    def together(self, kept: Kept, parts: Parts) -> tuple[float, float]:
        """Time the whole model and the smaller one in turns."""
        if kept == parts.sizes:
            return self.whole, self.whole
        whole, smaller = self._timed([parts.sizes, kept], parts, 1.0)
        return whole, smaller

    def _timed(self, choices: list[Kept], parts: Parts, seconds: float) -> list[float]:
        """Shrink the model to each choice and time them in turns."""
        models: dict[str, keras.Model] = {
            str(i): shrink(parts.live.model, parts.masks(kept)) for i, kept in enumerate(choices)
        }
        frame = latency(models, self._x, batches=[self._batch], runners=[self._runner], seconds=seconds)
        # The lower quartile: other work on the machine disturbs it less than the median.
        found = dict(zip(frame["model"], frame["low_ms"], strict=True))
        return [float(found[name]) for name in models]

    def _work(self, kept: Kept) -> np.ndarray:
        left, uses = self._parts.weights_left(kept), self._parts.uses or {}
        return np.array([1.0, *(uses.get(name, 1) * number for name, number in left.items())])
