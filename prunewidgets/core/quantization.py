"""Quantization: weights in few bits. Zeros stay exactly zero in both kinds.

Shared: the nonzero weights of an array are divided into 2^bits groups, and all weights of a group get the
same value. Stored are the group number of each weight and a small table of values, the codebook.

Uniform: each weight becomes a whole number of steps; the size of a step is the scale. Used for int8 and int4.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..deprecation import former_names
from .arrays import SINGLE, as_float, is_whole, refuse_non_finite

__all__ = ["Shared", "Uniform", "cluster_values", "round_values"]

_RENAMED = {"share": "cluster_values", "uniform": "round_values"}

if not TYPE_CHECKING:
    __getattr__ = former_names(__name__, _RENAMED, public="prunewidgets.quantization")


def __dir__() -> list[str]:
    return sorted(__all__)


@dataclass(frozen=True, eq=False)
class Shared:
    """An array whose nonzero weights share a few values.

    Attributes:
        codes: int16, shape of the array: 0 for a zero, otherwise 1 + the index of the value in the codebook.
        codebook: float32, shape (k,): the values, smallest first.

    Example:
        >>> codes = np.array([[0, 1], [2, 1]], np.int16)
        >>> pw.quantization.Shared(codes, np.array([-0.5, 0.75], np.float32)).values.tolist()
        [[0.0, -0.5], [0.75, -0.5]]
    """

    codes: np.ndarray
    codebook: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """The decoded array, float32."""
        return np.concatenate([np.zeros(1, np.float32), self.codebook])[self.codes]


@dataclass(frozen=True, eq=False)
class Uniform:
    """An array as integer multiples of a step size.

    Attributes:
        codes: int8, shape of the array, from -(2^(bits-1) - 1) to 2^(bits-1) - 1.
        scale: float32, the step size: shape () for the whole array, or one for each index of the last axis.
        bits: From 2 to 8.

    Example:
        >>> codes = np.array([-2, 0, 3], np.int8)
        >>> pw.quantization.Uniform(codes, np.float32(0.25), bits=3).values.tolist()
        [-0.5, 0.0, 0.75]
    """

    codes: np.ndarray
    scale: np.ndarray
    bits: int

    @property
    def values(self) -> np.ndarray:
        """The decoded array, float32."""
        return (self.codes * self.scale).astype(np.float32)


def cluster_values(weights: Any, bits: int, rounds: int = 300) -> Shared:
    """Quantize one array by k-means weight sharing: at most 2^bits values for its nonzero weights.

    The values start evenly spaced from the smallest to the largest weight ("linear initialization"); then
    each weight joins the nearest value, and each value becomes the mean of its group, in turn until nothing
    changes. If there are at most 2^bits distinct weights, they are kept unchanged.

    Args:
        weights: An array of any shape.
        bits: From 1 to 8.
        rounds: The maximum number of rounds, if it does not converge earlier. Defaults to 300.

    Raises:
        ValueError: The bits are out of range, or weights are NaN or infinite.

    Example:
        >>> stored = pw.quantization.cluster_values([0.0, 0.25, 0.5, 0.75, 1.25], bits=1)
        >>> stored.codes.tolist(), stored.codebook.tolist()
        ([0, 1, 1, 2, 2], [0.375, 1.0])
        >>> stored.values.tolist()
        [0.0, 0.375, 0.375, 1.0, 1.0]

    Source: Han, Mao and Dally, "Deep Compression" (2016), sections 3.1 and 3.2; k-means by Lloyd's
        algorithm (1982), on sorted numbers, where each group is a range.
    """
    array = _single(weights)
    _check_bits(bits, 1)
    nonzeros = array[array != 0]
    codebook = _means_of_groups(np.sort(nonzeros).astype(np.float64), 2 ** int(bits), rounds)
    codes = np.zeros(array.shape, np.int16)
    codes[array != 0] = 1 + nearest(nonzeros, codebook)
    return Shared(codes, codebook)


def nearest(numbers: np.ndarray, codebook: np.ndarray) -> np.ndarray:
    """Return the index of the value nearest to each number in a sorted codebook; ties take the larger."""
    return np.searchsorted(_borders(codebook), numbers, side="right")


def round_values(weights: Any, bits: int = 8, per_channel: bool = False) -> Uniform:
    """Quantize one array symmetrically: value = code × scale, so that the largest magnitude fits exactly.

    Args:
        weights: An array of any shape.
        bits: From 2 to 8; codes range from -(2^(bits-1) - 1) to 2^(bits-1) - 1.
        per_channel: Whether to use a separate scale for each index of the last axis: the outputs of Keras's
            Dense and convolution kernels (the inputs of transposed ones). Defaults to one scale.

    Raises:
        ValueError: The bits are out of range, or weights are NaN or infinite.

    Example:
        >>> stored = pw.quantization.round_values([0.0, -0.3, 0.75], bits=3)
        >>> stored.codes.tolist(), float(stored.scale)
        ([0, -1, 3], 0.25)
        >>> stored.values.tolist()
        [0.0, -0.25, 0.75]

    Source: Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
        inference" (2018), section 2.1, with the zero point at 0.
    """
    array = _single(weights)
    _check_bits(bits, 2)
    most = 2 ** (int(bits) - 1) - 1
    axes = tuple(range(array.ndim - 1)) if per_channel else None
    reach = np.max(np.abs(array), axis=axes, initial=0)
    step = np.asarray(reach / most, np.float32)
    scale = np.where(step > 0, step, np.float32(1))
    codes = np.clip(np.rint(array / scale), -most, most)
    return Uniform(codes.astype(np.int8), scale, int(bits))


def _means_of_groups(ordered: np.ndarray, count: int, rounds: int) -> np.ndarray:
    """Return the values that k-means ends with, float32, smallest first."""
    different = np.unique(ordered)
    if different.size <= count:
        return different.astype(np.float32)
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    values = np.linspace(ordered[0], ordered[-1], count)
    for _ in range(rounds):
        # Group number i is ordered[ends[i] : ends[i + 1]].
        ends = np.concatenate([[0], np.searchsorted(ordered, _borders(values)), [ordered.size]])
        sizes = np.diff(ends)
        means = np.diff(sums[ends]) / np.maximum(sizes, 1)
        moved = np.where(sizes > 0, means, values)  # an empty group keeps its value
        if np.array_equal(moved, values):
            break
        values = moved
    return values.astype(np.float32)


def _borders(values: np.ndarray) -> np.ndarray:
    return (values[1:] + values[:-1]) / 2


def _single(weights: Any) -> np.ndarray:
    with np.errstate(over="ignore"):
        array = as_float(weights, SINGLE, check=False).astype(np.float32)
    refuse_non_finite(array, SINGLE, "weights")
    return array


def _check_bits(bits: int, least: int) -> None:
    if not is_whole(bits, least, 8):
        raise ValueError(f"bits {bits!r} is not a whole number from {least} to 8.")
