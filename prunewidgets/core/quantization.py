"""Quantization: weights in few bits. A zero stays exactly zero in both kinds.

Shared: the nonzero weights of an array are sorted into 2^bits groups, and all of a group get one value. What
is kept is the group's number for each weight and a small table, the codebook.

Uniform: a weight becomes a whole number of steps of one size, its scale; int8 and int4.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import SINGLE, as_float, is_whole, refuse_non_finite


@dataclass(frozen=True, eq=False)
class Shared:
    """An array whose nonzero weights share few values.

    Attributes:
        codes: int16, the array's shape: 0 for a zero, else 1 + the number of its value in the codebook.
        codebook: float32, shape (k,), the values, smallest first.
    """

    codes: np.ndarray
    codebook: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """The array that it stands for, float32."""
        return np.concatenate([np.zeros(1, np.float32), self.codebook])[self.codes]


@dataclass(frozen=True, eq=False)
class Uniform:
    """An array in whole numbers of steps.

    Attributes:
        codes: int8, the array's shape, from -(2^(bits-1) - 1) to 2^(bits-1) - 1.
        scale: float32, the size of a step: shape () for the array, or one for each of the last axis.
        bits: From 2 to 8.
    """

    codes: np.ndarray
    scale: np.ndarray
    bits: int

    @property
    def values(self) -> np.ndarray:
        """The array that it stands for, float32."""
        return (self.codes * self.scale).astype(np.float32)


def share(weights: Any, bits: int, rounds: int = 300) -> Shared:
    """Weight sharing by k-means: 2^bits values for the nonzero weights of one array.

    The groups begin evenly spread from the smallest to the largest weight ("linear initialization"); then in
    turn each weight joins the nearest value, and each value becomes the mean of its group, until nothing
    changes. If there are no more than 2^bits different weights, they are kept as they are.

    Args:
        weights: An array of any shape.
        bits: From 1 to 8.
        rounds: The most, if it does not settle earlier.

    Raises:
        ValueError: Other bits; NaN or infinite weights.

    Source: Han, Mao and Dally, "Deep Compression" (2016), sections 3.1 and 3.2; k-means as Lloyd (1982) does
        it, on sorted numbers, where a group is a range.
    """
    array = _single(weights)
    _check_bits(bits, 1)
    nonzeros = array[array != 0]
    codebook = _means_of_groups(np.sort(nonzeros).astype(np.float64), 2 ** int(bits), rounds)
    codes = np.zeros(array.shape, np.int16)
    codes[array != 0] = 1 + nearest(nonzeros, codebook)
    return Shared(codes, codebook)


def nearest(numbers: np.ndarray, codebook: np.ndarray) -> np.ndarray:
    """For each number the place of the nearest value in a sorted codebook; halfway the larger one."""
    return np.searchsorted(_borders(codebook), numbers, side="right")


def uniform(weights: Any, bits: int = 8, per_channel: bool = False) -> Uniform:
    """Symmetric uniform quantization of one array: value = code × scale; the largest weight fits exactly.

    Args:
        weights: An array of any shape.
        bits: From 2 to 8; codes reach from -(2^(bits-1) - 1) to 2^(bits-1) - 1.
        per_channel: A scale for each of the last axis, which is the output of Keras's Dense and convolution
            kernels (of transposed ones it is the input).

    Raises:
        ValueError: Other bits; NaN or infinite weights.

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
    """The values that k-means ends with, float32, smallest first."""
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
