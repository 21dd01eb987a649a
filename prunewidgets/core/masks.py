"""Masks: which weights are kept, chosen exactly by a threshold or by a count."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from .allocation import check_scope, keep
from .arrays import as_float, by_weight, float_arrays, named, refuse_non_finite
from .granularity import group_scores, spread
from .layouts import Layout, layouts_of
from .thresholds import round_threshold, score_dtype
from .user_line import user_line


class Masks(Mapping[str, np.ndarray]):
    """One boolean array per layer, True = kept. Immutable; the arrays are read-only.

    Build them with `from_threshold` (remove all scores below τ), `from_sparsity` (remove an exact number) or
    `from_zeros` (remove what is already zero). Only arrays that have a mask are counted: sparsity is
    removed ÷ all weights in the masks.

    Example:
        >>> masks = pw.Masks.from_threshold(pw.score(pw.example.W), pw.example.TAU)
        >>> masks
        Masks: 6 of 12 weights removed (50.00 %)
        >>> pruned = masks.apply(pw.example.W)
        >>> pruned["weights"]
        array([[0.5, 0. , 0.8, 0. ],
               [0. , 0.6, 0.9, 0. ],
               [0. , 0.7, 0. , 0.6]])
        >>> pw.Masks.from_zeros(pruned) == masks
        True
    """

    _counted = "weights"  # what an entry stands for

    def __init__(self, arrays: Any, threshold: float | dict[str, float] | None = None) -> None:
        """Make masks from copies of boolean arrays.

        Args:
            arrays: {name: bool array, True = kept}, or one array (then its name is "weights").
            threshold: the τ that explains the masks, if there is one.

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
            granularity: which weights are removed together, see `granularity.GRANULARITIES`; for groups,
                τ is compared with the mean score of each group. Defaults to single weights.
            layouts: {name: Layout}, needed for groups; as in `from_sparsity`.

        Raises:
            ValueError: τ is NaN, or negative although no score is; a layer is unknown; scores are NaN.
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

        The lowest scores are removed first. Of equal scores, the earlier one is removed: by the order of the
        names, then by position in the array (C order). So a weight that is removed at one sparsity is also
        removed at every higher one.

        Args:
            scores: {name: array}, see `score`; or one array.
            sparsity: the fraction to remove, 0 to 1; or {name: fraction}, which implies scope "layer" (layers
                left out are not pruned). The name of a layer, conv_2, means each array in it, such as
                conv_2/kernel.
            scope: "global" ranks all layers together; "layer" removes the fraction from each layer; "output"
                removes it from the weights of each output, a column of a Dense kernel (as Wanda does);
                "erk" removes more from large layers than from small ones, see ``allocation.erk``, exactly
                the fraction in all. Defaults to "global".
            granularity: which weights are removed together, see `granularity.GRANULARITIES`. Groups differ
                in size, so with scope "global" the sparsity of the weights may differ from `sparsity`.
            layouts: {name: Layout}: which axes are inputs and outputs, needed for groups. Scores of a model
                carry them; if nothing is known, Keras's Dense and convolution are assumed.

        Raises:
            ValueError: a sparsity is outside 0 to 1, a scope or layer is unknown, scores are NaN, or the
                scope is "output" or "erk" and whole groups are to be removed.

        Example:
            >>> masks = pw.Masks.from_sparsity(pw.score(pw.example.W), 0.25)
            >>> masks.removed, masks.size, masks.threshold
            (3, 12, 0.3)
        """
        check_scope(scope, granularity)
        arrays = {name: as_float(array, name, "scores", check=False) for name, array in named(scores).items()}
        axes = layouts_of(scores, layouts)
        fractions = _per_layer(sparsity, arrays, "sparsity")
        # A layer that is not pruned need not have such groups.
        units = {
            name: group_scores(array, granularity, name, axes.get(name)) if name in fractions else array
            for name, array in arrays.items()
        }
        for name, unit in units.items():
            # A mean is NaN or infinite if any of its scores is, and there are fewer means to check.
            if not np.isfinite(unit).all():
                refuse_non_finite(arrays[name], name, "scores")
        kept, threshold = keep(units, sparsity, fractions, scope, axes)
        full = {
            name: spread(kept[name], array.shape, granularity, axes.get(name))
            if name in fractions
            else kept[name]
            for name, array in arrays.items()
        }
        return cls(full, threshold)

    @classmethod
    def from_zeros(cls, weights: Any) -> "Masks":
        """Keep all nonzero weights: the masks of weights that are already pruned."""
        return cls({name: np.asarray(array != 0) for name, array in float_arrays(weights, "weights").items()})

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one layer's mask, a read-only bool array."""
        try:
            return self._arrays[name]
        except KeyError:
            raise KeyError(f"no mask for {name!r}; there are masks for {list(self._arrays)}") from None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._arrays)

    def __len__(self) -> int:
        """Return the number of masks."""
        return len(self._arrays)

    def __eq__(self, other: object) -> bool:
        """Return whether both keep the same weights under the same names."""
        if not isinstance(other, Masks):
            return NotImplemented
        return self.keys() == other.keys() and all(np.array_equal(self[name], other[name]) for name in self)

    __hash__ = None  # type: ignore[assignment]

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Unpickle or deep-copy; the arrays become read-only again."""
        Masks.__init__(self, state["_arrays"], state["_threshold"])

    @property
    def threshold(self) -> float | dict[str, float] | None:
        """The τ behind the masks, for explanation only: with ties it may remove fewer than they do."""
        return self._threshold

    @property
    def size(self) -> int:
        """The number of weights in all masks together."""
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
        """The names of the masks that keep no weight at all."""
        return tuple(name for name, mask in self.items() if mask.size and not mask.any())

    def by_layer(self) -> dict[str, dict[str, int | float]]:
        """Return {name: {"size", "removed", "sparsity"}}."""
        return {name: _figures(mask) for name, mask in self.items()}

    def apply(self, weights: Any) -> dict[str, np.ndarray]:
        """Return new arrays of the same dtype with the removed weights set to +0.

        Args:
            weights: {name: array}, or one array. Arrays without a mask, such as biases, are copied unchanged.

        Raises:
            ValueError: a mask has no weights, or another shape than its weights.
        """
        result = {name: np.array(array) for name, array in named(weights).items()}
        for name, mask in self.items():
            if name not in result:
                raise ValueError(f"there is a mask for '{name}' but no weights; weights: {list(result)}.")
            _same_shape(name, mask, result[name])
            np.copyto(result[name], result[name].dtype.type(0), where=~mask)
        return result

    def __and__(self, other: "Masks") -> "Masks":
        """Return masks that keep what both keep; names and shapes must be the same."""
        if not isinstance(other, Masks):
            return NotImplemented
        if self.keys() != other.keys():
            different = sorted(self.keys() ^ other.keys())
            raise ValueError(f"only one of the two masks has {different}; combine masks of the same layers.")
        for name, mask in self.items():
            _same_shape(name, mask, other[name])
        return Masks({name: mask & other[name] for name, mask in self.items()})

    def __repr__(self) -> str:
        """Return how many of how many weights, or units, are removed, as text."""
        share = f"{self.sparsity:.2%}".replace("%", " %")
        return f"Masks: {self.removed:,} of {self.size:,} {self._counted} removed ({share})"


def warn_emptied(masks: Masks, when: str = "", known: Iterable[str] = ()) -> None:
    """Warn about layers with no weights left, through which the next layers get no input.

    Args:
        masks: the masks to check.
        when: the beginning of the message, such as "At sparsity 0.9: ".
        known: names to leave out of the warning, because it was given before.
    """
    names = [name for name in masks.emptied if name not in set(known)]
    if names:
        named_so = ", ".join(f"{name!r} ({masks[name].size:,} weights)" for name in names)
        warnings.warn(
            f"{when}Nothing is left of {named_so}, and what comes after gets no input through it. "
            "Remove less, take the share from each layer (scope='layer'), or leave it whole (exclude=...).",
            stacklevel=user_line(),
        )


def _per_layer(value: Any, arrays: Mapping[str, np.ndarray], what: str) -> dict[str, Any]:
    """Return {name: value} from one value for all layers, or from a mapping that names some of them."""
    if not isinstance(value, Mapping):
        return dict.fromkeys(arrays, value)
    return by_weight(value, arrays, what)


def _figures(mask: np.ndarray) -> dict[str, int | float]:
    removed = mask.size - int(np.count_nonzero(mask))
    return {"size": mask.size, "removed": removed, "sparsity": removed / mask.size if mask.size else 0.0}


def _same_shape(name: str, mask: np.ndarray, other: np.ndarray) -> None:
    if mask.shape != other.shape:
        raise ValueError(
            f"the mask for '{name}' has shape {mask.shape}, but its array has shape {other.shape}; "
            "make the masks from scores of these weights."
        )
