"""View: what all views over scores have in common. A threshold and the sparsity it gives."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import traitlets as t

from ..core.thresholds import (
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


class Number(t.Float[float, Any]):
    """A real number of any kind, NumPy's included."""

    name: str

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


class Worked(Number):
    """A number that is worked out whenever it is read: an interrupted setter leaves no old one behind."""

    def get(self, obj: t.HasTraits, cls: type | None = None) -> float:
        """Return what it is now; among values set together, which are checked later, what was set."""
        stored: Any = super().get(obj, cls)
        return float(stored) if obj._cross_validation_lock else getattr(obj, f"_{self.name}_now")()

    def set(self, obj: t.HasTraits, value: Any) -> None:
        """Tell of a change of what was told last, or of what it is."""
        new, before = self._validate(obj, value), self.get(obj)
        told = obj._trait_values.get(self.name, self.default_value)
        obj._trait_values[self.name] = new
        if told != new:
            obj._notify_trait(self.name, told, new)
        elif before != new:
            obj._notify_trait(self.name, before, new)


class Share(Worked):
    """A number that may be marked as derived."""

    def validate(self, obj: t.HasTraits, value: Any) -> float:
        """Keep the mark."""
        return value if isinstance(value, Derived) else super().validate(obj, value)


class Ranked(NamedTuple):
    """What a view counts. Replaced as a whole, so that an interrupt leaves no half of it.

    Attributes:
        arrays: {name: weights}; empty where a view has scores alone.
        scores: {name: scores}.
        ordered: all scores, ascending.
        criterion: what made the scores.
    """

    arrays: Mapping[str, np.ndarray] = {}
    scores: Mapping[str, np.ndarray] = {}
    ordered: np.ndarray = np.empty(0, np.float32)
    criterion: str = "magnitude"


NOTHING = Ranked()


class View(Drawn):
    """A view over scores in rank order.

    Attributes:
        threshold: τ; weights with a score below it are removed. Set it and the view follows; observe it
            and it calls, after a drag has ended or paused.
        sparsity: removed ÷ all weights at this threshold, 0 to 1. Set it and it becomes the nearest one that
            a threshold can reach (equal scores go together), and the threshold moves there.
    """

    threshold = Worked(0.0).tag(sync=True, page=True)
    sparsity = Share(0.0).tag(sync=True, page=True)
    # Views of one group follow each other in the browser; see `link`.
    group = t.Unicode("").tag(sync=True)

    _ranked = NOTHING

    @property
    def _arrays(self) -> Mapping[str, np.ndarray]:
        return self._ranked.arrays

    @property
    def _scores(self) -> Mapping[str, np.ndarray]:
        return self._ranked.scores

    @property
    def _ordered(self) -> np.ndarray:
        return self._ranked.ordered

    def _interrupted(self) -> None:
        self._derive_sparsity()
        self._tell_linked()
        super()._interrupted()

    def _threshold_now(self) -> float:
        """The present threshold."""
        return self._told("threshold")

    def _told(self, name: str) -> float:
        """The threshold or sparsity that was set last."""
        return float(self._trait_values.get(name, 0.0))

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
        except (TypeError, ValueError) as error:
            raise Refused(str(error)) from None
        # JSON has no infinity; the largest number removes as much.
        return min(float(threshold), float(np.finfo(float).max))

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
    def _tell_linked(self, change: dict[str, Any] | None = None) -> None:
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

    def _take_from_page(self, values: dict[str, Any]) -> None:
        if "threshold" in values:
            # The page's sparsity may be of other weights, when the model trains: it follows from τ.
            values = {name: value for name, value in values.items() if name != "sparsity"}
        super()._take_from_page(values)

    def __repr__(self) -> str:
        """Name, threshold and sparsity; also what a page without widgets shows."""
        name = type(self).__name__
        return f"{name}(threshold={self.threshold:g}, sparsity={self.sparsity:.2%})".replace("%", " %")


def reaching(ordered: np.ndarray, sparsity: float) -> float:
    """Return a τ, in few digits, with the sparsity nearest to the one asked for."""
    return short_threshold(ordered, nearest_threshold(ordered, round(sparsity * ordered.size)))
