"""LabView: the lab as the page sees it, all traits and no model. `prunewidgets.lab` joins it to one."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets as t

from ..criteria import CRITERIA, score
from ..thresholds import count_below, sorted_scores
from .assets import module, stylesheet
from .buffers import pack
from .view import View, reaching


class LabView(View):
    """The weights of one model under one τ, or one τ for each layer, and what was measured.

    Attributes:
        scope: "global", one τ for all layers; or "layer", each its own (see `thresholds`).
        layer: the layer shown; with scope "layer" also the one whose τ `threshold` is.
        thresholds: {layer: τ}, used with scope "layer".
        criterion: name of the criterion.
    """

    _esm = module("lab")
    _css = stylesheet()

    title = t.Unicode("").tag(sync=True)
    layer = t.Unicode("").tag(sync=True)
    scope = t.Enum(["global", "layer"], "global").tag(sync=True)
    thresholds = t.Dict().tag(sync=True)
    criterion = t.Enum(list(CRITERIA), "magnitude").tag(sync=True)
    criteria = t.List(list(CRITERIA)).tag(sync=True)
    layers = t.List().tag(sync=True)
    dtype = t.Unicode("float32").tag(sync=True)
    weights = t.Bytes(b"").tag(sync=True)
    scores = t.Bytes(b"").tag(sync=True)
    stop_lists = t.List().tag(sync=True)
    stops = t.Bytes(b"").tag(sync=True)
    stops_below = t.Bytes(b"").tag(sync=True)

    # What was measured, for which masks (weights removed per layer, criterion), on how many examples.
    measured = t.Dict().tag(sync=True)
    measuring = t.Bool(False).tag(sync=True)
    unpruned = t.Float(None, allow_none=True).tag(sync=True)
    data = t.Unicode("examples").tag(sync=True)
    examples = t.Int(0).tag(sync=True)
    flips = t.Dict().tag(sync=True)
    flip_images = t.Bytes(b"").tag(sync=True)
    image_shape = t.List([0, 0, 0]).tag(sync=True)
    series = t.List().tag(sync=True)
    # What takes long just now, in words ("" for nothing), and how far it is, 0 to 1.
    working = t.Unicode("").tag(sync=True)
    progress = t.Float(0.0).tag(sync=True)
    applied = t.Int(0).tag(sync=True)

    _scores: Mapping[str, np.ndarray] = {}

    def show_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Show these weights ({name: array}) under the present criterion and thresholds."""
        self._scores = score(weights, self.criterion)
        self._ordered = sorted_scores(self._scores)
        self._ordered_layers: dict[str, np.ndarray] = {}
        packed = pack(weights, self._scores, self.criterion)
        with self.hold_sync():
            for name, value in packed.items():
                setattr(self, name, value)
            if self.layer not in weights:
                self.layer = max(weights, key=lambda name: weights[name].size)
            self.sparsity = self._sparsity_now()

    def threshold_of(self, layer: str) -> float:
        """The τ that holds for a layer now."""
        return self.thresholds.get(layer, self.threshold) if self.scope == "layer" else self.threshold

    def removed_per_layer(self) -> list[int]:
        """How many weights go from each layer, in the order of `layers`."""
        return [count_below(self._ordered_of(name), self.threshold_of(name)) for name in self._scores]

    def _ordered_of(self, layer: str) -> np.ndarray:
        if layer not in self._ordered_layers:
            self._ordered_layers[layer] = sorted_scores(self._scores[layer])
        return self._ordered_layers[layer]

    def _sparsity_now(self) -> float:
        if self.scope == "global" or not self._scores:
            return super()._sparsity_now()
        return sum(self.removed_per_layer()) / self._ordered.size

    @t.observe("threshold")
    def _threshold_moved(self, change: dict[str, Any]) -> None:
        if self.scope == "layer" and self._scores:
            self.thresholds = {**self.thresholds, self.layer: self.threshold}
        self.sparsity = self._sparsity_now()

    @t.observe("sparsity")
    def _sparsity_moved(self, change: dict[str, Any]) -> None:
        if self.scope == "global":
            super()._sparsity_moved(change)
        elif self._sparsity_now() != self.sparsity:
            self._give_up_everywhere(self.sparsity)

    def _give_up_everywhere(self, sparsity: float) -> None:
        """Set each layer's τ to what gives it this sparsity, or the nearest that it can reach."""
        thresholds = {name: reaching(self._ordered_of(name), sparsity) for name in self._scores}
        self.thresholds = thresholds
        self.threshold = thresholds[self.layer]
        self.sparsity = self._sparsity_now()

    @t.observe("scope")
    def _scope_chosen(self, change: dict[str, Any]) -> None:
        # Each layer starts from the τ that held for all.
        self.thresholds = dict.fromkeys(self._scores, self.threshold) if self.scope == "layer" else {}
        self.sparsity = self._sparsity_now()

    @t.observe("layer")
    def _layer_chosen(self, change: dict[str, Any]) -> None:
        if self.scope == "layer" and self.layer in self.thresholds:
            self.threshold = self.thresholds[self.layer]

    @t.validate("layer")
    def _check_layer(self, proposal: dict[str, Any]) -> str:
        if self._scores and proposal["value"] not in self._scores:
            raise t.TraitError(f"layer {proposal['value']!r} is not among {list(self._scores)}.")
        return proposal["value"]
