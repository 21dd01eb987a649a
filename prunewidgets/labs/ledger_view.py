"""LedgerView: what pruning saves, side by side, against the dense model."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import traitlets as t

from ..compact import to_bytes
from ..core.arrays import refuse_unknown
from ..core.ledger import VALUE_BYTES, counted, gzip_size
from ..core.masks import Masks
from ..core.thresholds import count_below, number
from ..deprecation import former_arguments
from ..utils.latest_job import Outdated
from ..widgets.buffers import MOST_SENT
from ..widgets.ledger_traits import LedgerTraits
from .background import MEASURING, BackgroundWork


class LedgerView(LedgerTraits):
    """A ledger of parameters, bytes and multiply-adds, a bar for each against the dense model.

    While the threshold moves, the page itself counts what can be counted, exactly; file sizes are measured
    once the threshold stops moving. `LedgerLab` also measures a live model's latencies.

    Attributes:
        threshold: τ for all layers; it follows a slider that the ledger is linked to, see `pw.link`.
        sparsity: removed ÷ all weights, 0 to 1.
        positions: {name: how often each weight is used for one example}, or None.
        dense_costs: counts of the model to compare with, {} for these weights, unpruned; you can set it.
        measured: {what: {"value", "base" (the dense model's), "low" and "high" (quartiles of timings), and
            the state it was measured in: "generation", "criterion", "removed", "threshold"}}.

    Example:
        >>> live = pw.LiveModel(pw.models.small_cnn(seed=0))
        >>> slider = pw.ThresholdSlider(pw.score(live.weights))
        >>> ledger = pw.LedgerView(live.weights, live.positions())
        >>> pw.link(slider, ledger)
        >>> slider.sparsity = 0.9
        >>> round(ledger.sparsity, 2), ledger.wait()
        (0.9, True)
        >>> sorted(ledger.measured)
        ['compact_bytes', 'gzip_bytes']
    """

    _timed: tuple[str, ...] = ()  # what a subclass measures in addition to the files

    @former_arguments(dense="dense_costs")
    def __init__(
        self,
        weights: Any,
        positions: Mapping[str, int] | None = None,
        criterion: str = "magnitude",
        threshold: float = 0.0,
        dense_costs: Mapping[str, int | float] | None = None,
    ) -> None:
        """Show the costs of weights.

        Args:
            weights: {name: array} or one array. Everything given is counted, including any biases.
            positions: {name: how often each weight is used for one example}, as returned by
                `LiveModel.positions`; without it no multiply-adds are shown.
            criterion: name of the criterion whose score is compared with the threshold.
            threshold: initial τ.
            dense_costs: result of `ledger` for the model to compare with, such as the one that these weights
                were shrunk from. Defaults to these weights, unpruned.

        Raises:
            TypeError: dense_costs that are not numbers by name.
            ValueError: NaN or infinite weights, positions of unknown weights, unknown names in dense_costs,
                an unknown criterion, a negative threshold.
        """
        arrays, _ = self._check_weights(weights, criterion)
        checked = None if positions is None else {name: int(uses) for name, uses in positions.items()}
        refuse_unknown("positions", checked or (), arrays, "weight")
        costs = _checked_costs(dense_costs)
        self._background = BackgroundWork(self, MEASURING)
        super().__init__(arrays, criterion, threshold=threshold)
        self.positions = checked  # type: ignore[assignment]  # it may be None
        self.dense = costs
        self.offered = [*self._files, *self._timed]
        self._measure_again()

    @property
    def dense_costs(self) -> dict[str, int | float]:
        """Counts of the model to compare with; {} for these weights, unpruned."""
        return self.dense

    @dense_costs.setter
    def dense_costs(self, costs: Mapping[str, int | float] | None) -> None:
        self.dense = _checked_costs(costs)
        self._measure_again()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is being measured; return False if that takes longer than `timeout` seconds."""
        return self._background.wait(timeout)

    def cancel(self) -> None:
        """Stop measuring; finished results are kept."""
        self._background.cancel()

    def _interrupted(self) -> None:
        super()._interrupted()
        self._measure_again()

    @t.observe("threshold", "generation")
    def _measure_again(self, change: dict[str, Any] | None = None) -> None:
        """Measure at the current threshold; drop a measurement at another one."""
        if self._closed or not self.generation:
            return
        belongs = {
            "generation": self.generation,
            "criterion": self.criterion,
            "removed": count_below(self._ordered, self.threshold),
            "threshold": self.threshold,
        }
        job = partial(self._mask_and_measure, self._arrays, self._scores, belongs)
        self._background.submit(MEASURING, job)

    def _mask_and_measure(
        self,
        arrays: Mapping[str, np.ndarray],
        scores: Mapping[str, np.ndarray],
        belongs: dict[str, Any],
        outdated: Outdated,
    ) -> None:
        self._measure(arrays, Masks.from_threshold(scores, belongs["threshold"]), belongs, outdated)

    def _measure(
        self, arrays: Mapping[str, np.ndarray], masks: Masks, belongs: dict[str, Any], outdated: Outdated
    ) -> None:
        """Measure all that the page cannot count, one after the other."""
        if self._ordered.size > MOST_SENT:
            costs = counted(arrays, masks, self.positions)
            if not outdated():
                self.counted = {**belongs, "costs": costs}
        left = masks.apply(arrays)
        dense = self.dense.get("dense_bytes", VALUE_BYTES * self._ordered.size)
        for name in self._files:
            going_on = (array for array in left.values() if not outdated())
            size = gzip_size(going_on) if name == "gzip_bytes" else len(to_bytes(left))
            if outdated():
                return
            self._publish(belongs, **{name: {"value": size, "base": dense}})

    @property
    def _files(self) -> list[str]:
        """The files to measure; coding the compact file of a large model takes long and cannot be stopped."""
        return ["gzip_bytes"] if self._ordered.size > MOST_SENT else ["gzip_bytes", "compact_bytes"]

    def _publish(self, belongs: dict[str, Any], **numbers: dict[str, Any]) -> None:
        """Show measured numbers in the page; the others stay."""
        self.measured = {**self.measured, **{name: {**n, **belongs} for name, n in numbers.items()}}


def _checked_costs(costs: Any) -> dict[str, int | float]:
    """Return the counts of the model to compare with, or raise an error that says what is wrong with them."""
    if costs is None:
        return {}
    if not isinstance(costs, Mapping):
        raise TypeError(
            f"dense_costs has to be the result of pw.ledger.ledger, not {type(costs).__name__}; to compare "
            "with a model, give pw.LedgerLab dense_model=."
        )
    known = [*counted({}, positions={}), "gzip_bytes"]
    refuse_unknown("dense_costs", costs, known, "count of pw.ledger.ledger")
    for name, count in costs.items():
        number(count, f"dense_costs[{name!r}]")
    return dict(costs)
