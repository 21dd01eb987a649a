"""Masks: which weights are kept. Exact by threshold, exact by count."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from .arrays import as_float, by_weight, float_arrays, named, refuse_non_finite
from .granularity import group_scores, spread
from .layouts import Layout, layouts_of
from .selection import keep_largest
from .thresholds import checked_sparsity, round_threshold, score_dtype


class Masks(Mapping[str, np.ndarray]):
    """One boolean array per layer, True = kept. Immutable; the arrays are read-only.

    Build them with `from_threshold` (everything below τ goes), `from_sparsity` (an exact count goes) or
    `from_zeros` (what is zero already). Only the arrays given are counted: sparsity is removed ÷ all
    weights in the masks.
    """

    def __init__(self, arrays: Any, threshold: float | dict[str, float] | None = None) -> None:
        """Copy boolean arrays into masks.

        Args:
            arrays: {name: bool array, True = kept}, or one array (then its name is "weights").
            threshold: the τ that explains the masks, if one does.

        Raises:
            TypeError: an array is not boolean.
        """
        self._arrays: dict[str, np.ndarray] = {}
        self._threshold = threshold
        for name, values in named(arrays).items():
            mask = np.array(values, order="C")
            if mask.dtype != bool:
                raise TypeError(
                    f"the mask for '{name}' has dtype {mask.dtype}; masks are boolean, True = kept "
                    "(array.astype(bool))."
                )
            mask.flags.writeable = False
            self._arrays[name] = mask

    @classmethod
    def from_threshold(
        cls,
        scores: Any,
        threshold: float | Mapping[str, float],
        granularity: str = "weight",
        layouts: Mapping[str, Layout] | None = None,
    ) -> "Masks":
        """Keep every score >= τ.

        Args:
            scores: {name: array}, see `score`; or one array.
            threshold: one τ for all layers, or {name: τ}, as in `from_sparsity`. τ is rounded
                once to the dtype of the scores (`thresholds.score_dtype`) and compared in it.
            granularity: what goes together, see `granularity.GRANULARITIES`; then τ is compared with the
                mean score of each group.
            layouts: {name: Layout}, for granularities; as in `from_sparsity`.

        Raises:
            ValueError: τ is NaN, or negative although no score is; an unknown layer; NaN scores.
        """
        arrays = float_arrays(scores)
        dtype = score_dtype(arrays)
        signed = any(array.size and array.min() < 0 for array in arrays.values())
        per_layer = _per_layer(threshold, arrays, "threshold")
        cut = {name: round_threshold(value, dtype, signed) for name, value in per_layer.items()}
        kept, axes = {}, layouts_of(scores, layouts)
        for name, array in arrays.items():
            kept[name] = np.ones(array.shape, bool)
            if name in cut:
                keep = group_scores(array, granularity, name, axes.get(name)) >= dtype.type(cut[name])
                kept[name] = spread(keep, array.shape, granularity, axes.get(name))
        explained = cut if isinstance(threshold, Mapping) else round_threshold(threshold, dtype, signed)
        return cls(kept, explained)

    @classmethod
    def from_sparsity(
        cls,
        scores: Any,
        sparsity: float | Mapping[str, float],
        scope: str = "global",
        granularity: str = "weight",
        layouts: Mapping[str, Layout] | None = None,
    ) -> "Masks":
        """Remove exactly round(sparsity · n) of n groups (n weights, unless a granularity is given).

        The lowest scores go first. Where scores tie, the earlier goes: by the order of the names, then by
        position in the array (C order). So a weight once removed stays removed when the sparsity rises.

        Args:
            scores: {name: array}, see `score`; or one array.
            sparsity: the fraction to remove, 0 to 1; or {name: fraction}, which means scope "layer" (a
                layer left out stays whole). The name of a layer, conv_2, means each array in it, such as
                conv_2/kernel.
            scope: "global" ranks all layers together; "layer" takes the fraction from each layer.
            granularity: what goes together, see `granularity.GRANULARITIES`. Groups differ in size, so
                with scope "global" the sparsity reached may differ from the one asked for.
            layouts: {name: Layout}: which axes are inputs and outputs, for granularities. Scores of a model
                carry them; where nothing is known, Keras's Dense and convolution are assumed.

        Raises:
            ValueError: a sparsity outside 0 to 1, an unknown scope or layer, NaN scores.
        """
        if scope not in ("global", "layer"):
            raise ValueError(f"scope {scope!r} is not known; choose 'global' or 'layer'.")
        arrays = {name: as_float(array, name, "scores", check=False) for name, array in named(scores).items()}
        axes = layouts_of(scores, layouts)
        overall = scope == "global" and not isinstance(sparsity, Mapping)
        fractions = _per_layer(sparsity, arrays, "sparsity")
        # What is left whole need not have such groups.
        units = {
            name: group_scores(array, granularity, name, axes.get(name)) if name in fractions else array
            for name, array in arrays.items()
        }
        for name, unit in units.items():
            # A mean is NaN or infinite if a member is, and there are fewer of them.
            if not np.isfinite(unit).all():
                refuse_non_finite(arrays[name], name, "scores")
        kept: dict[str, np.ndarray] = {}
        threshold: float | dict[str, float]
        if overall:
            total = sum(unit.size for unit in units.values())
            kept, threshold = keep_largest(units, round(checked_sparsity(sparsity) * total))
        else:
            threshold = {}
            for name, unit in units.items():
                fraction = checked_sparsity(fractions.get(name, 0.0))
                layer, threshold[name] = keep_largest({name: unit}, round(fraction * unit.size))
                kept |= layer
        full = {
            name: spread(kept[name], array.shape, granularity, axes.get(name))
            if name in fractions
            else kept[name]
            for name, array in arrays.items()
        }
        return cls(full, threshold)

    @classmethod
    def from_zeros(cls, weights: Any) -> "Masks":
        """Keep what is not zero: the masks of weights that were pruned before."""
        return cls({name: np.asarray(array != 0) for name, array in float_arrays(weights, "weights").items()})

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one layer's mask, a read-only bool array."""
        try:
            return self._arrays[name]
        except KeyError:
            raise KeyError(f"no mask for {name!r}; there are masks for {list(self._arrays)}") from None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the layers' names."""
        return iter(self._arrays)

    def __len__(self) -> int:
        """Return the number of layers."""
        return len(self._arrays)

    def __eq__(self, other: object) -> bool:
        """Whether both keep the same weights in the same layers."""
        if not isinstance(other, Masks):
            return NotImplemented
        return self.keys() == other.keys() and all(np.array_equal(self[name], other[name]) for name in self)

    __hash__ = None  # type: ignore[assignment]

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Unpickle or deep-copy; the arrays become read-only again."""
        Masks.__init__(self, state["_arrays"], state["_threshold"])

    @property
    def threshold(self) -> float | dict[str, float] | None:
        """The τ behind the masks, as an explanation only: with ties it may remove fewer than the masks do."""
        return self._threshold

    @property
    def size(self) -> int:
        """The number of weights in all layers together."""
        return sum(mask.size for mask in self.values())

    @property
    def kept(self) -> int:
        """The number of weights kept."""
        return sum(int(np.count_nonzero(mask)) for mask in self.values())

    @property
    def removed(self) -> int:
        """The number of weights removed."""
        return self.size - self.kept

    @property
    def sparsity(self) -> float:
        """Removed ÷ size, 0 to 1; 0.0 if there are no weights."""
        return self.removed / self.size if self.size else 0.0

    @property
    def emptied(self) -> tuple[str, ...]:
        """The names of the layers that nothing is left of."""
        return tuple(name for name, mask in self.items() if mask.size and not mask.any())

    def by_layer(self) -> dict[str, dict[str, int | float]]:
        """Return {name: {"size", "removed", "sparsity"}}."""
        return {name: _figures(mask) for name, mask in self.items()}

    def apply(self, weights: Any) -> dict[str, np.ndarray]:
        """Return new arrays of the same dtype, removed places set to +0.

        Args:
            weights: {name: array}, or one array. Weights without a mask (biases, say) are copied whole.

        Raises:
            ValueError: a mask without weights, or of another shape than its weights.
        """
        result = {name: np.array(array) for name, array in named(weights).items()}
        for name, mask in self.items():
            if name not in result:
                raise ValueError(f"there is a mask for '{name}' but no weights; weights: {list(result)}.")
            _same_shape(name, mask, result[name])
            np.copyto(result[name], result[name].dtype.type(0), where=~mask)
        return result

    def __and__(self, other: "Masks") -> "Masks":
        """Keep what both keep. Both must have the same layers and shapes."""
        if not isinstance(other, Masks):
            return NotImplemented
        if self.keys() != other.keys():
            different = sorted(self.keys() ^ other.keys())
            raise ValueError(f"only one of the two masks has {different}; combine masks of the same layers.")
        for name, mask in self.items():
            _same_shape(name, mask, other[name])
        return Masks({name: mask & other[name] for name, mask in self.items()})

    def __repr__(self) -> str:
        """Say how many of how many weights are removed."""
        return f"Masks: {self.removed:,} of {self.size:,} weights removed ({self.sparsity:.2%})".replace(
            "%", " %"
        )


def warn_emptied(masks: Masks, when: str = "", known: Iterable[str] = ()) -> None:
    """Warn of layers that nothing is left of: what comes after them sees no input any more.

    Args:
        masks: what is removed.
        when: said first, such as "At sparsity 0.9: ".
        known: names of layers that are no news.
    """
    names = [name for name in masks.emptied if name not in set(known)]
    if names:
        named_so = ", ".join(f"{name!r} ({masks[name].size:,} weights)" for name in names)
        warnings.warn(
            f"{when}Nothing is left of {named_so}, and what comes after gets no input through it. "
            "Remove less, take the share from each layer (scope='layer'), or leave it whole (exclude=...).",
            stacklevel=4,
        )


def _per_layer(value: Any, arrays: Mapping[str, np.ndarray], what: str) -> dict[str, Any]:
    """Return {name: value}, from one value for all layers or from a mapping that names some of them."""
    if not isinstance(value, Mapping):
        return dict.fromkeys(arrays, value)
    return by_weight(value, arrays, what)


def _figures(mask: np.ndarray) -> dict[str, int | float]:
    removed = mask.size - int(np.count_nonzero(mask))
    return {"size": mask.size, "removed": removed, "sparsity": removed / mask.size if mask.size else 0.0}


def _same_shape(name: str, mask: np.ndarray, other: np.ndarray) -> None:
    if mask.shape != other.shape:
        raise ValueError(
            f"the mask for '{name}' has shape {mask.shape}, but it meets an array of shape {other.shape}; "
            "make the masks from scores of these weights."
        )
