"""What a plan chooses from: single weights of each layer, or whole units of each group."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from typing import Any, Protocol

import keras
import numpy as np

from ...core.criteria import lamp
from ...core.layouts import like
from ...core.ledger import VALUE_BYTES
from ...core.masks import Masks
from ...core.unit_masks import UnitMasks
from ..data.batch import Batch
from ..data.source import is_stream
from ..layers.positions import UnknownUsesError, positions
from ..layers.weights import named_variables
from ..live.live_model import LiveModel
from ..pruning.data_criteria import scores_of
from ..shrinking.channels import channel_groups
from ..shrinking.unit_scores import unit_score
from .knapsack import Kept


class Parts(Protocol):
    """Layers or groups, of which a number of weights or units stays.

    Attributes:
        live: The model, with the weights that can be masked.
        sizes: {name: how many there are}.
        additive: Whether the costs are sums over the names.
        uncounted: Names of weights whose multiply-adds cannot be counted; if there are any, none are.
    """

    live: LiveModel
    sizes: Kept
    additive: bool
    uncounted: list[str]

    def masks(self, kept: Kept) -> Masks:
        """Return the masks as the rest of the package takes them."""

    def weight_masks(self, kept: Kept) -> Mapping[str, np.ndarray]:
        """Return masks of weights with the same outputs, to measure with."""

    def costs(self, kept: Kept) -> dict[str, float]:
        """Count what would be left."""

    @property
    def shapes(self) -> dict[str, Callable[[float], Kept]]:
        """{name of a simple rule: function from a density to what it keeps}, to compare with."""


class WeightParts:
    """Single weights, ranked within each layer by their scores."""

    additive = True

    def __init__(self, live: LiveModel, criterion: Any, data: Batch) -> None:
        """Score the weights once."""
        self.live = live
        self._weights = live.weights
        self._scores = scores_of(
            live, self._weights, criterion, data=data.x if is_stream(data.x) else tuple(data)
        )
        self.sizes = {name: array.size for name, array in self._weights.items()}
        self._uses, self.uncounted = _uses(live.model, live.names)
        variables = named_variables(live.model)
        self._others = sum(v.value.shape.num_elements() for n, v in variables.items() if n not in self.sizes)

    def masks(self, kept: Kept) -> Masks:
        """Keep the highest scores of each layer."""
        shares = {name: 1 - kept[name] / size for name, size in self.sizes.items() if name in kept}
        scores = like(self._scores, {name: self._scores[name] for name in shares})
        return Masks.from_sparsity(scores, shares)

    weight_masks = masks

    def costs(self, kept: Kept) -> dict[str, float]:
        """Count weights and multiply-adds; bytes are those of the entropy of positions, see ``bytes_of``."""
        whole = self.sizes | kept
        counts = {
            "weights": float(sum(whole.values())),
            "bytes": VALUE_BYTES * self._others + sum(bytes_of(n, self.sizes[k]) for k, n in whole.items()),
        }
        if self._uses is not None:
            counts["multiply_adds"] = float(sum(self._uses[name] * n for name, n in whole.items()))
        return counts

    @cached_property
    def shapes(self) -> dict[str, Callable[[float], Kept]]:
        """Uniform, global and ERK densities, and those of LAMP."""
        lamps = like(self._weights, {n: lamp(np.asarray(w, np.float32)) for n, w in self._weights.items()})
        magnitudes = like(self._weights, {n: np.abs(w) for n, w in self._weights.items()})

        def by(scores: Mapping[str, np.ndarray], scope: str) -> Callable[[float], Kept]:
            return cache(lambda density: _counts(Masks.from_sparsity(scores, 1 - density, scope)))

        return {
            "uniform": by(magnitudes, "layer"),
            "global": by(magnitudes, "global"),
            "erk": by(magnitudes, "erk"),
            "lamp": by(lamps, "global"),
        }


class UnitParts:
    """Whole units, ranked within each group; what they cost depends on the groups before and behind."""

    additive = False

    def __init__(self, live: LiveModel, criterion: Any, data: Batch, layers: Any, exclude: Any) -> None:
        """Score the units once, and find along which axes of which weights they lie."""
        model = live.model
        self.live = live
        self._scores = unit_score(
            model,
            data.x,
            data.y,
            criterion,
            layers=layers,
            exclude=exclude,
            sample_weight=data.sample_weight if criterion == "taylor" else None,
        )
        if not self._scores:
            raise ValueError(
                f"The model {model.name!r} has no units that can be removed: {channel_groups(model)}"
            )
        groups = channel_groups(model)
        self.sizes = {name: scores.size for name, scores in self._scores.items()}
        self._shapes = {n: tuple(v.shape) for n, v in named_variables(model).items()}
        self._axes: dict[str, dict[int, list[tuple[str, np.ndarray]]]] = {}
        self._read: dict[str, list[tuple[str, int, np.ndarray]]] = {}
        for name in self.sizes:
            for part in groups[name].parts:
                self._axes.setdefault(part.weight, {}).setdefault(part.axis, []).append((name, part.units))
                if part.role == "reads":
                    self._read.setdefault(name, []).append((part.weight, part.axis, part.units))
        self._orders = {n: np.argsort(np.argsort(-s, kind="stable")) for n, s in self._scores.items()}
        prunable = set(LiveModel(model).names)
        self._prunable = [n for n in self._shapes if n in prunable]
        self.uses, self.uncounted = _uses(model, self._prunable)

    def masks(self, kept: Kept) -> Masks:
        """Keep the units with the highest scores of each group."""
        return UnitMasks(
            {name: self._orders[name] < kept.get(name, size) for name, size in self.sizes.items()}
        )

    def weight_masks(self, kept: Kept) -> dict[str, np.ndarray]:
        """Remove the weights that read removed units: nothing of them is left in the outputs."""
        masks: dict[str, np.ndarray] = {}
        for name, units in self.masks(kept).items():
            for weight, axis, places in self._read.get(name, []) if not units.all() else []:
                keep = np.where(places >= 0, units[places], True)
                shape = [1] * len(self._shapes[weight])
                shape[axis] = -1
                mask = masks.get(weight, np.ones(self._shapes[weight], bool))
                masks[weight] = mask & keep.reshape(shape)
        return masks

    def weights_left(self, kept: Kept) -> dict[str, int]:
        """Return {name of a weight: how many of it are left}."""
        units, left = self.masks(kept), {}
        for weight, shape in self._shapes.items():
            lengths = list(shape)
            for axis, found in self._axes.get(weight, {}).items():
                for name, places in found:
                    lengths[axis] -= int((~units[name][places] & (places >= 0)).sum())
            left[weight] = int(np.prod(lengths))
        return left

    def costs(self, kept: Kept) -> dict[str, float]:
        """Count the prunable weights, multiply-adds and bytes of the smaller model."""
        left = self.weights_left(kept)
        counts = {
            "weights": float(sum(left[name] for name in self._prunable)),
            "bytes": float(VALUE_BYTES * sum(left.values())),
        }
        if self.uses is not None:
            counts["multiply_adds"] = float(sum(self.uses[name] * left[name] for name in self._prunable))
        return counts

    @property
    def shapes(self) -> dict[str, Callable[[float], Kept]]:
        """The same share of each group."""
        return {"uniform": lambda share: {n: max(1, round(share * size)) for n, size in self.sizes.items()}}


def _uses(model: keras.Model, names: Iterable[str]) -> tuple[Mapping[str, int] | None, list[str]]:
    """Return how often each weight is used, or None and the names of those for which that is not known."""
    variables = named_variables(model)
    try:
        return positions(model, {name: variables[name] for name in names}), []
    except UnknownUsesError as error:
        return None, error.names


def bytes_of(kept: int, size: int) -> float:
    """Return what a layer takes in a compact file, about: 4 bytes a weight, and where the weights are.

    The positions of n of N weights take N · H(n/N) bits, with H the binary entropy; the file's coder comes
    within a few per cent of that.
    """
    share = kept / size if size else 0.0
    if not 0 < share < 1:
        return float(VALUE_BYTES * kept)
    entropy = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
    return float(VALUE_BYTES * kept + size * entropy / 8)


def _counts(masks: Masks) -> Kept:
    return {name: max(1, int(mask.sum())) for name, mask in masks.items()}
