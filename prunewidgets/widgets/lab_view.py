"""LabView: the lab as the page sees it, traits only. `labs.pruning_lab` connects it to a model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets as t

from ..core.arrays import by_weight, has_entry_for, is_within
from ..core.criteria import CRITERIA, score
from ..core.thresholds import sorted_scores
from .assets import module
from .packed import Packed
from .view import Ranked, Refused, checked_layer, short_threshold_for


class PerLayer(t.Dict):
    """A trait {layer: τ}, computed whenever it is read; empty while all layers share one τ."""

    def get(self, obj: Any, cls: type | None = None) -> dict[str, float]:
        """Return a τ for each layer; while several traits are set together, the value that was set."""
        own: Any = super().get(obj, cls)
        if obj._cross_validation_lock:
            return own
        common = obj._last_set("threshold")
        return {name: own.get(name, common) for name in obj._scores if obj.scope == "layer"}

    def set(self, obj: Any, value: Any) -> None:
        """Set the τ of the named layers or weights; the others keep theirs."""
        if obj.scope == "layer" and isinstance(value, dict) and not value.keys() >= obj._scores.keys():
            known = {key: value[key] for key in value if any(is_within(name, key) for name in obj._scores)}
            unknown = {key: value[key] for key in value if key not in known}  # these are refused later
            value = {**obj._own_thresholds, **by_weight(known, obj._scores, "thresholds"), **unknown}
        super().set(obj, value)


SIDE = 28
"""Pixels along each side of a drawing."""


class Drawing(t.Bytes):
    """A trait for a drawing: 28 rows of 28 bytes, 0 for the ground and 255 for ink; or none, b""."""

    def validate(self, obj: Any, value: Any) -> bytes:
        """Return it as bytes; a page sends a buffer."""
        if isinstance(value, bytes | bytearray | memoryview) and len(bytes(value)) in (0, SIDE * SIDE):
            return bytes(value)
        raise Refused(f"a drawing is {SIDE * SIDE} bytes, or none at all.")


class LabView(Packed):
    """The weights of one model under one τ, or one τ for each layer, and what was measured.

    Attributes:
        scope: "global", one τ for all layers; or "layer", one τ per layer (see `thresholds`).
        layer: the layer shown; with scope "layer", `threshold` is the τ of this layer.
        thresholds: {layer: τ} with scope "layer", else empty. Layers that you do not set keep theirs;
            "conv_1" means all weights of that layer.
        criterion: name of the criterion.
    """

    view_name = "lab"
    script = t.Unicode(module(view_name)).tag(sync=True)

    title = t.Unicode("").tag(sync=True)
    layer = t.Unicode("").tag(sync=True, page=True)
    scope = t.Enum(["global", "layer"], "global").tag(sync=True, page=True)
    thresholds = PerLayer().tag(sync=True, page=True)
    criteria = t.List(list(CRITERIA)).tag(sync=True)
    # Whether only kernels and embeddings are counted, so that the page can say what is not.
    kernels_only = t.Bool(True).tag(sync=True)

    # What was measured, and for which state: generation of the weights, criterion, weights removed per layer.
    measured = t.Dict().tag(sync=True)
    measuring = t.Bool(False).tag(sync=True)
    cancelled = t.Bool(False).tag(sync=True)
    unpruned = t.Float(None, allow_none=True).tag(sync=True)
    data = t.Unicode("examples").tag(sync=True)
    examples = t.Int(0).tag(sync=True)
    # What flipped, see labs/flips.py; there is no room for it where no single example is right or wrong.
    can_flip = t.Bool(True).tag(sync=True)
    flips = t.Dict().tag(sync=True)
    flip_images = t.Bytes(b"").tag(sync=True)
    image_shape = t.List([0, 0, 0]).tag(sync=True)
    series: "t.List[Any]" = t.List().tag(sync=True)
    # Name, direction and range of what is measured, {} for the accuracy: see core/measures.py.
    measure: "t.Dict[str, Any]" = t.Dict().tag(sync=True)
    # The long task that is running, in words ("" for none), and its progress, 0 to 1.
    working = t.Unicode("").tag(sync=True)
    progress = t.Float(0.0).tag(sync=True)
    # Weights held at zero in the model, and whether there is something to restore.
    applied = t.Int(0).tag(sync=True)
    restorable = t.Bool(False).tag(sync=True)
    # Whether layer, scope, criterion and the switches of the axes are unfolded.
    settings_open = t.Bool(False).tag(sync=True, page=True)
    # A digit drawn in the page, what it is read as (with `drawn` in hexadecimal), and where it is misread.
    takes_drawings = t.Bool(False).tag(sync=True)
    drawn = Drawing(b"").tag(sync=True, page=True)
    reading = t.Dict().tag(sync=True)
    misread = t.Dict().tag(sync=True)

    @property
    def drawing(self) -> np.ndarray | None:
        """The digit drawn in the lab, (28, 28) float32, 0 for the ground and 1 for ink; None without one."""
        if not self.drawn:
            return None
        return np.frombuffer(self.drawn, np.uint8).reshape(SIDE, SIDE).astype(np.float32) / np.float32(255)

    @property
    def data_name(self) -> str:
        """What the lab calls the examples; set it and the page follows."""
        return self.data

    @data_name.setter
    def data_name(self, name: str) -> None:
        self.data = name

    def show_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Show these weights ({name: array}) under the current criterion and thresholds."""
        self._show(weights, score(weights, self.criterion))

    def _show(self, weights: Mapping[str, np.ndarray], scores: Mapping[str, np.ndarray]) -> None:
        self._ranked = Ranked(weights, scores, sorted_scores(scores), self.criterion)
        self.kernels_only = all(array.ndim > 1 for array in weights.values())
        if self.layer not in weights:
            self.layer = max(weights, key=lambda name: weights[name].size)
        self._send_weights(weights, scores, self.criterion)

    def threshold_of(self, layer: str) -> float:
        """Return the current τ of a layer."""
        common = self._last_set("threshold")
        return self._own_thresholds.get(layer, common) if self.scope == "layer" else common

    @property
    def _own_thresholds(self) -> dict[str, float]:
        """The thresholds that were set last."""
        return self._trait_values.get("thresholds") or {}

    def _threshold_now(self) -> float:
        return self.threshold_of(self.layer)

    def _thresholds_for_masks(self) -> float | dict[str, float]:
        """Return what `Masks.from_threshold` takes: one τ for all layers, or {layer: τ}."""
        return self.thresholds if self.scope == "layer" else self.threshold

    def removed_per_layer(self) -> list[int]:
        """Return the number of weights removed from each layer, in the order of `layers`."""
        return [self._removed_from(name, self.threshold_of(name)) for name in self._scores]

    def _removed_from(self, layer: str, threshold: float) -> int:
        # As in `count_below`: compare in the dtype that is used for all scores.
        return int(np.count_nonzero(self._scores[layer] < self._ordered.dtype.type(threshold)))

    def _sparsity_now(self) -> float:
        if self.scope == "global" or not self._scores:
            return super()._sparsity_now()
        return sum(self.removed_per_layer()) / self._ordered.size

    def _reachable(self, sparsity: float) -> float:
        if self.scope == "global" or not self._scores:
            return super()._reachable(sparsity)
        each = self._thresholds_for(sparsity)
        removed = sum(self._removed_from(name, threshold) for name, threshold in each.items())
        return removed / self._ordered.size

    def _move_to_sparsity(self, sparsity: float) -> None:
        if self.scope == "global":
            super()._move_to_sparsity(sparsity)
        else:
            self.thresholds = self._thresholds_for(sparsity)

    def _thresholds_for(self, sparsity: float) -> dict[str, float]:
        """Return {layer: τ}; each τ removes this share of its layer, or the nearest share it can."""
        return {
            name: short_threshold_for(sorted_scores(self._scores[name]), sparsity) for name in self._scores
        }

    @t.validate("thresholds")
    def _check_thresholds(self, proposal: dict[str, Any]) -> dict[str, float]:
        given = proposal["value"]
        if self.scope == "global":
            if not given:
                return given
            raise Refused("there is one τ for all layers now: set lab.scope = 'layer' before lab.thresholds.")
        unknown = [name for name in given if name not in self._scores]
        if unknown:
            raise Refused(has_entry_for("thresholds", unknown, self._scores))
        checked = {name: self._checked_threshold(given[name]) for name in given}
        return {name: checked.get(name, self.threshold_of(name)) for name in self._scores}

    @t.observe("thresholds")
    def _thresholds_moved(self, change: dict[str, Any]) -> None:
        if self.scope == "layer" and self._scores:
            self.threshold = self.threshold_of(self.layer)
            self._derive_sparsity()

    def notify_change(self, change: t.Bunch) -> None:
        """With one τ per layer, store a new one for the layer shown before observers are notified."""
        if change["name"] == "threshold" and self.scope == "layer" and self._scores:
            self.thresholds = {self.layer: change["new"]}
        super().notify_change(change)

    def _set_from_page(self, values: dict[str, Any]) -> None:
        """Set the scope first: the page chose the other values under the new scope.

        After a long cell, everything that was done in the page meanwhile arrives in one message.
        """
        if "scope" in values:
            super()._set_from_page({"scope": values["scope"]})
            old = ("scope", "thresholds") if self.scope == "global" else ("scope",)
            values = {name: value for name, value in values.items() if name not in old}
        super()._set_from_page(values)

    @t.observe("scope")
    def _scope_chosen(self, change: dict[str, Any]) -> None:
        own = self._own_thresholds
        if self.scope == "global" and own:  # the overall sparsity stays
            removed = sum(self._removed_from(name, own[name]) for name in own)
            self.threshold = short_threshold_for(self._ordered, removed / self._ordered.size)
        self.thresholds = {}  # each layer starts from the common τ
        self._derive_sparsity()

    def _interrupted(self) -> None:
        if self.scope == "global" or self._own_thresholds.keys() != self._scores.keys():
            self.thresholds = {}  # only the scope was set before the interrupt
        super()._interrupted()

    def _show_other_scores(self, weights: Mapping[str, np.ndarray], scores: Mapping[str, np.ndarray]) -> None:
        """Show other scores of the same weights at the same sparsity: a τ means something else for them."""
        sizes = [array.size for array in weights.values()]
        shares = [count / max(size, 1) for count, size in zip(self.removed_per_layer(), sizes, strict=True)]
        sparsity = self._sparsity_now()  # also accounts for a τ that came in the same message
        self._show(weights, scores)
        if self.scope == "global":
            self.sparsity = sparsity
        else:
            each = zip(self._scores, shares, strict=True)
            self.thresholds = {
                name: short_threshold_for(sorted_scores(self._scores[name]), share) for name, share in each
            }

    @t.observe("layer")
    def _layer_chosen(self, change: dict[str, Any]) -> None:
        if self.scope == "layer" and self._scores:
            self.threshold = self.threshold_of(self.layer)

    @t.validate("layer")
    def _check_layer(self, proposal: dict[str, Any]) -> str:
        return checked_layer(proposal["value"], self._scores) if self._scores else proposal["value"]
