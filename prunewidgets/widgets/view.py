"""View: the base of all views over scores, with a threshold and the sparsity it gives."""

from collections.abc import Collection, Mapping
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
from . import trait_bases
from .drawn import Drawn


class Refused(t.TraitError, ValueError):
    """An invalid value for a view, which keeps the one it had."""


class Number(trait_bases.Float):
    """A trait that accepts any real number, including NumPy's."""

    name: str

    def validate(self, obj: t.HasTraits, value: Any) -> float:
        """Return it as a Python float."""
        try:
            return number(value, self.name)
        except (TypeError, ValueError) as error:
            raise Refused(str(error)) from None


class Derived(float):
    """A sparsity computed from the threshold; a plain float is a request to move the threshold.

    The value itself carries the mark, because other threads (training, messages from the page) may change the
    view between an assignment and its notification. Observers never see the mark.
    """


class Computed(Number):
    """A trait computed whenever it is read, so that an interrupted setter leaves no stale value."""

    def get(self, obj: t.HasTraits, cls: type | None = None) -> float:
        """Return the current value; while several traits are set together, the value that was set."""
        stored: Any = super().get(obj, cls)
        return float(stored) if obj._cross_validation_lock else getattr(obj, f"_{self.name}_now")()

    def set(self, obj: t.HasTraits, value: Any) -> None:
        """Notify observers if the value differs from the one set last, or from the current one."""
        new, before = self._validate(obj, value), self.get(obj)
        last = obj._trait_values.get(self.name, self.default_value)
        obj._trait_values[self.name] = new
        if last != new:
            obj._notify_trait(self.name, last, new)
        elif before != new:
            obj._notify_trait(self.name, before, new)


class Share(Computed):
    """A computed trait whose value may be marked as derived."""

    def validate(self, obj: t.HasTraits, value: Any) -> float:
        """Keep the mark."""
        return value if isinstance(value, Derived) else super().validate(obj, value)


class Ranked(NamedTuple):
    """The data of a view; replaced as a whole, so that an interrupt cannot leave half of it.

    Attributes:
        arrays: {name: weights}; empty if a view has only scores.
        scores: {name: scores}.
        ordered: all scores, ascending.
        criterion: name of the criterion of the scores.
    """

    arrays: Mapping[str, np.ndarray] = {}
    scores: Mapping[str, np.ndarray] = {}
    ordered: np.ndarray = np.empty(0, np.float32)
    criterion: str = "magnitude"


NOTHING = Ranked()


class View(Drawn):
    """A view over scores in rank order.

    Attributes:
        threshold: τ; weights with a score below it are removed. Set it and the view follows; its
            observers are called after a drag has ended or paused.
        sparsity: removed ÷ all weights at this threshold, 0 to 1. Set it, and the threshold moves to
            give the nearest sparsity that can be reached (equal scores are removed together).
    """

    threshold = Computed(0.0).tag(sync=True, page=True)
    sparsity = Share(0.0).tag(sync=True, page=True)
    # Views of one group follow each other in the browser; see `link`. One of those that count the same
    # weights shows τ, sparsity and undo.
    group = t.Unicode("").tag(sync=True)
    readout = t.Bool(True).tag(sync=True)

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
        self._move_linked()
        super()._interrupted()

    def _threshold_now(self) -> float:
        """Return the current threshold."""
        return self._last_set("threshold")

    def _last_set(self, name: str) -> float:
        """Return the threshold or sparsity that was set last."""
        return float(self._trait_values.get(name, 0.0))

    def _sparsity_now(self) -> float:
        """Return the sparsity that the current threshold gives."""
        return count_below(self._ordered, self.threshold) / self._ordered.size if self._ordered.size else 0.0

    def _reachable(self, sparsity: float) -> float:
        """Return the sparsity nearest to this one that a threshold can reach."""
        if not self._ordered.size:
            return sparsity
        return count_below(self._ordered, short_threshold_for(self._ordered, sparsity)) / self._ordered.size

    def _move_to_sparsity(self, sparsity: float) -> None:
        """Move the threshold so that it gives this reachable sparsity."""
        self.threshold = short_threshold_for(self._ordered, sparsity)

    @t.validate("threshold")
    def _check_threshold(self, proposal: dict[str, Any]) -> float:
        return self._checked_threshold(proposal["value"])

    def _checked_threshold(self, threshold: float) -> float:
        signed = self._ordered.size > 0 and self._ordered[0] < 0
        try:
            round_threshold(threshold, self._ordered.dtype, signed)
        except (TypeError, ValueError) as error:
            raise Refused(str(error)) from None
        # JSON has no infinity; the largest float removes as many.
        return min(float(threshold), float(np.finfo(float).max))

    @t.validate("sparsity")
    def _check_sparsity(self, proposal: dict[str, Any]) -> float:
        if isinstance(proposal["value"], Derived):
            return proposal["value"]
        try:
            wanted = checked_sparsity(proposal["value"])
            # A τ set together with it (hold_trait_notifications) may be invalid.
            return wanted if wanted == self._sparsity_now() else self._reachable(wanted)
        except ValueError as error:
            raise Refused(str(error)) from None

    @t.observe("threshold")
    def _threshold_moved(self, change: dict[str, Any]) -> None:
        self._derive_sparsity()

    def _derive_sparsity(self) -> None:
        """Update the sparsity from the threshold, again if another thread has moved it meanwhile."""
        while True:
            self.sparsity = Derived(now := self._sparsity_now())
            if self._sparsity_now() == now:
                return

    @t.observe("threshold")
    def _move_linked(self, change: dict[str, Any] | None = None) -> None:
        for view in self.linked:
            view.threshold = self.threshold

    def notify_change(self, change: t.Bunch) -> None:
        """Move the threshold if a sparsity was requested, before observers are notified."""
        if change["name"] == "sparsity":
            requested = change["new"]
            if not isinstance(requested, Derived) and self._sparsity_now() != requested:
                self._move_to_sparsity(requested)
            change = t.Bunch(change, new=float(requested), old=float(change["old"]))
        super().notify_change(change)

    def _set_from_page(self, values: dict[str, Any]) -> None:
        if "threshold" in values:
            # While the model trains, the page's sparsity may belong to older weights: compute it from τ.
            values = {name: value for name, value in values.items() if name != "sparsity"}
        super()._set_from_page(values)

    def __repr__(self) -> str:
        """Return name, threshold and sparsity; a page without widgets shows this text."""
        name = type(self).__name__
        return f"{name}(threshold={self.threshold:g}, sparsity={self.sparsity:.2%})".replace("%", " %")


def checked_layer(layer: str, layers: Collection[str]) -> str:
    """Return the name of a layer, after checking that there is one of this name."""
    if layer not in layers:
        raise Refused(f"layer {layer!r} is not among {list(layers)}.")
    return layer


def short_threshold_for(ordered: np.ndarray, sparsity: float) -> float:
    """Return a τ with few digits whose sparsity is nearest to this one."""
    return short_threshold(ordered, nearest_threshold(ordered, round(sparsity * ordered.size)))


def ordered_scores(view: View) -> np.ndarray:
    """Return all scores of a view, ascending."""
    return view._ordered
