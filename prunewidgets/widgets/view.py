"""View: what all views have in common. A threshold, the sparsity it gives, an error line, their words."""

from typing import Any

import anywidget
import numpy as np
import traitlets as t

from ..thresholds import checked_sparsity, count_below, nearest_threshold, round_threshold, short_threshold
from .words import ENGLISH


class View(anywidget.AnyWidget):
    """A view over scores in rank order.

    Attributes:
        threshold: τ; weights with a score below it are removed. Set it and the view follows; observe it
            and it calls, after a drag has ended or paused.
        sparsity: removed ÷ all weights at this threshold, 0 to 1. Set it and the threshold moves to the
            nearest sparsity that a threshold can reach (equal scores go together), which it then reads.
        error: a sentence shown at the foot of the view; "" for none.
    """

    threshold = t.Float(0.0).tag(sync=True)
    sparsity = t.Float(0.0).tag(sync=True)
    error = t.Unicode("").tag(sync=True)
    # Views of one group follow each other in the browser; see `link`.
    group = t.Unicode("").tag(sync=True)
    words = t.Dict(ENGLISH).tag(sync=True)

    linked: tuple["View", ...] = ()  # all views of the group, this one too
    _ordered: np.ndarray = np.empty(0, np.float32)  # all scores, ascending

    def _sparsity_now(self) -> float:
        """What the present threshold gives."""
        return count_below(self._ordered, self.threshold) / self._ordered.size if self._ordered.size else 0.0

    def _threshold_at(self, sparsity: float) -> float:
        return reaching(self._ordered, sparsity)

    @t.validate("threshold")
    def _check_threshold(self, proposal: dict[str, Any]) -> float:
        signed = self._ordered.size > 0 and self._ordered[0] < 0
        round_threshold(proposal["value"], self._ordered.dtype, signed)
        # JSON has no infinity; the largest number removes as much.
        return min(proposal["value"], float(np.finfo(float).max))

    @t.validate("sparsity")
    def _check_sparsity(self, proposal: dict[str, Any]) -> float:
        return checked_sparsity(proposal["value"])

    @t.observe("threshold")
    def _threshold_moved(self, change: dict[str, Any]) -> None:
        self.sparsity = self._sparsity_now()

    @t.observe("sparsity")
    def _sparsity_moved(self, change: dict[str, Any]) -> None:
        if self._sparsity_now() == self.sparsity:
            return  # the threshold says so already
        self.threshold = self._threshold_at(self.sparsity)
        self.sparsity = self._sparsity_now()

    def __repr__(self) -> str:
        """Name, threshold and sparsity; also what a page without widgets shows."""
        name = type(self).__name__
        return f"{name}(threshold={self.threshold:g}, sparsity={self.sparsity:.2%})".replace("%", " %")


def reaching(ordered: np.ndarray, sparsity: float) -> float:
    """Return a τ, in few digits, with the sparsity nearest to the one asked for."""
    return short_threshold(ordered, nearest_threshold(ordered, round(sparsity * ordered.size)))
