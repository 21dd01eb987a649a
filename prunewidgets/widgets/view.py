"""View: what all views over scores have in common. A threshold and the sparsity it gives."""

from typing import Any

import numpy as np
import traitlets as t

from ..thresholds import (
    checked_sparsity,
    count_below,
    nearest_threshold,
    number,
    round_threshold,
    short_threshold,
)
from .drawn import Drawn


class Refused(t.TraitError, ValueError):
    """A value that a view does not take; it keeps the one it had."""


class Number(t.Float):
    """A real number of any kind, NumPy's included."""

    def validate(self, obj: t.HasTraits, value: Any) -> float:
        """Return it as a Python float."""
        try:
            return number(value, self.name)
        except (TypeError, ValueError) as error:
            raise Refused(str(error)) from None


class Derived(float):
    """A sparsity that follows from the threshold. A plain float is a wish to move the threshold.

    The mark is on the value, and never seen outside, because other threads (a training, the page's messages)
    change things between setting and hearing of it.
    """


class Share(Number):
    """A number that may be marked as derived."""

    def validate(self, obj: t.HasTraits, value: Any) -> float:
        """Keep the mark."""
        return value if isinstance(value, Derived) else super().validate(obj, value)

    def get(self, obj: t.HasTraits, cls: type | None = None) -> float:
        """Return it without the mark."""
        return float(super().get(obj, cls))


class View(Drawn):
    """A view over scores in rank order.

    Attributes:
        threshold: τ; weights with a score below it are removed. Set it and the view follows; observe it
            and it calls, after a drag has ended or paused.
        sparsity: removed ÷ all weights at this threshold, 0 to 1. Set it and it becomes the nearest one that
            a threshold can reach (equal scores go together), and the threshold moves there.
    """

    threshold = Number(0.0).tag(sync=True)
    sparsity = Share(0.0).tag(sync=True)
    # Views of one group follow each other in the browser; see `link`.
    group = t.Unicode("").tag(sync=True)

    _ordered: np.ndarray = np.empty(0, np.float32)  # all scores, ascending

    def _sparsity_now(self) -> float:
        """What the present threshold gives."""
        return count_below(self._ordered, self.threshold) / self._ordered.size if self._ordered.size else 0.0

    def _reachable(self, sparsity: float) -> float:
        """The sparsity nearest to this one that a threshold reaches."""
        if not self._ordered.size:
            return sparsity
        return count_below(self._ordered, reaching(self._ordered, sparsity)) / self._ordered.size

    def _go_to(self, sparsity: float) -> None:
        """Move the threshold to where it gives this sparsity, which is reachable."""
        self.threshold = reaching(self._ordered, sparsity)

    @t.validate("threshold")
    def _check_threshold(self, proposal: dict[str, Any]) -> float:
        return self._checked_threshold(proposal["value"])

    def _checked_threshold(self, threshold: float) -> float:
        signed = self._ordered.size > 0 and self._ordered[0] < 0
        try:
            round_threshold(threshold, self._ordered.dtype, signed)
        except ValueError as error:
            raise Refused(str(error)) from None
        # JSON has no infinity; the largest number removes as much.
        return min(threshold, float(np.finfo(float).max))

    @t.validate("sparsity")
    def _check_sparsity(self, proposal: dict[str, Any]) -> float:
        if isinstance(proposal["value"], Derived):
            return proposal["value"]
        try:
            wanted = checked_sparsity(proposal["value"])
            # A τ set together with it (hold_trait_notifications) may be one to refuse.
            return wanted if wanted == self._sparsity_now() else self._reachable(wanted)
        except ValueError as error:
            raise Refused(str(error)) from None

    @t.observe("threshold")
    def _threshold_moved(self, change: dict[str, Any]) -> None:
        self._derive_sparsity()

    def _derive_sparsity(self) -> None:
        """Say what the present threshold gives; again if another thread has moved it meanwhile."""
        while True:
            self.sparsity = Derived(now := self._sparsity_now())
            if self._sparsity_now() == now:
                return

    @t.observe("threshold")
    def _tell_linked(self, change: dict[str, Any]) -> None:
        for view in self.linked:
            view.threshold = self.threshold

    def notify_change(self, change: t.Bunch) -> None:
        """Move the threshold where a sparsity is wished for, before anybody hears of it."""
        if change["name"] == "sparsity":
            wished = change["new"]
            if not isinstance(wished, Derived) and self._sparsity_now() != wished:
                self._go_to(wished)
            change = t.Bunch(change, new=float(wished), old=float(change["old"]))
        super().notify_change(change)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page sends; what is refused is said in the error line and taken back in the page."""
        if "threshold" in sync_data:
            # The page's sparsity may be of other weights, when the model trains: it follows from τ.
            sync_data = {name: value for name, value in sync_data.items() if name != "sparsity"}
        super().set_state(sync_data)

    def __repr__(self) -> str:
        """Name, threshold and sparsity; also what a page without widgets shows."""
        name = type(self).__name__
        return f"{name}(threshold={self.threshold:g}, sparsity={self.sparsity:.2%})".replace("%", " %")


def reaching(ordered: np.ndarray, sparsity: float) -> float:
    """Return a τ, in few digits, with the sparsity nearest to the one asked for."""
    return short_threshold(ordered, nearest_threshold(ordered, round(sparsity * ordered.size)))
