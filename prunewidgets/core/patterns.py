"""Masks in patterns that hardware can use: n of every m weights, and whole blocks.

Which axes are inputs and outputs depends on the kind of layer, see `layouts`: scores of a model carry it; if
nothing is known, Keras's Dense (inputs, outputs) and convolution (…space, inputs, outputs) are assumed. In an
embedding the words are the inputs.
"""

from collections.abc import Iterator, Mapping
from numbers import Integral
from typing import Any

import numpy as np

from .arrays import float_arrays, is_whole
from .granularity import assumed
from .layouts import KERAS, Layout, from_matrices, layouts_of, to_matrices
from .masks import Masks

__all__ = ["blocks", "n_of_m"]


def n_of_m(scores: Any, n: int = 2, m: int = 4, layouts: Mapping[str, Layout] | None = None) -> Masks:
    """Keep the n highest scores of every m consecutive weights along the inputs of each output.

    2 of 4 is the pattern of NVIDIA's sparse tensor cores. Of equal scores, the earlier one is removed. If the
    number of inputs is not a multiple of m, ⌈n·r/m⌉ of the last r inputs are kept: the same share, rounded up
    so that at least one is kept.

    Args:
        scores: {name: array of two or more axes}, see `score`; or one array.
        n: the number of weights kept in each group, 1 to m.
        m: the number of weights in a group, 1 or more.
        layouts: {name: Layout}, for scores that do not carry it.

    Raises:
        TypeError: n or m is not a whole number.
        ValueError: n or m is out of range, an array has fewer than two axes or no axis of inputs (as in a
            depthwise kernel, where each output has one input), or scores are NaN.

    Example:
        >>> masks = pw.patterns.n_of_m(np.array([[0.4], [0.1], [0.3], [0.2]]), 2, 4)
        >>> masks["weights"].ravel().tolist()
        [True, False, True, False]

    Source: Mishra et al., "Accelerating sparse deep neural networks" (2021), for 2:4.
    """
    if not (isinstance(n, Integral) and isinstance(m, Integral)):
        raise TypeError(f"n is {n!r} and m is {m!r}; give whole numbers.")
    if not 1 <= n <= m:
        raise ValueError(f"n is {n} and m is {m}; of every m weights n stay, so give 1 <= n <= m.")
    kept = {}
    for name, (array, layout, shape) in _matrices(scores, layouts).items():
        mask = np.ones(array.shape, bool)
        for scored, part in zip(_in_groups(array, m), _in_groups(mask, m), strict=True):
            part[...] = _keep_highest(scored, -(-n * part.shape[-2] // m))
        kept[name] = from_matrices(mask, shape, layout)
    return Masks(kept)


def checked_pair(pair: Any) -> tuple[int, int]:
    """Return (n, m) as it is given to ``n_of_m=``; ValueError if it is not such a pair."""
    whole = isinstance(pair, tuple | list) and len(pair) == 2
    if not whole or not is_whole(pair[1], 1, 2**31) or not is_whole(pair[0], 1, pair[1]):
        raise ValueError(f"n_of_m is {pair!r}; of every m weights n stay: give (n, m) with 1 <= n <= m.")
    return int(pair[0]), int(pair[1])


def group_places(shape: tuple[int, ...], layout: Layout, m: int) -> list[np.ndarray]:
    """Return where the groups of `n_of_m` lie in an array of this shape, and in its layout.

    Returns:
        Two int arrays (groups, weights of a group) of flat positions: the groups of m, and the shorter ones
        at the ends; either may be empty.
    """
    places = to_matrices(np.arange(np.prod(shape, dtype=np.int64)).reshape(shape), layout)
    rows = [np.moveaxis(part, -2, -1) for part in _in_groups(places, m)]
    return [part.reshape(np.prod(part.shape[:-1], dtype=np.int64), part.shape[-1]) for part in rows]


def blocks(
    scores: Any,
    sparsity: float,
    shape: tuple[int, int] = (4, 4),
    layouts: Mapping[str, Layout] | None = None,
) -> Masks:
    """Remove exactly round(sparsity · n) of n blocks of weights, those with the lowest mean score first.

    Blocks lie side by side along inputs and outputs; the last ones may be smaller. All blocks of all layers
    are ranked together; of equal means, the earlier block is removed. As blocks may differ in size, the
    sparsity of the weights may differ from `sparsity`.

    Args:
        scores: {name: array of two or more axes}, see `score`; or one array.
        sparsity: fraction of the blocks to remove, 0 to 1; or {name: fraction}, to remove a fraction of the
            blocks of each layer separately (layers left out are not pruned).
        shape: height (inputs) and width (outputs) of a block, each 1 or more.
        layouts: {name: Layout}, for scores that do not carry it.

    Raises:
        TypeError: the shape is not two whole numbers.
        ValueError: a side of the block is less than 1, a sparsity is outside 0 to 1, an array has fewer than
            two axes or no axis of inputs, or scores are NaN.

    Example:
        >>> masks = pw.patterns.blocks(pw.score(pw.example.W), 0.5, shape=(3, 1))
        >>> masks["weights"].astype(int)
        array([[0, 1, 1, 0],
               [0, 1, 1, 0],
               [0, 1, 1, 0]])

    Source: Gray, Radford and Kingma, "GPU kernels for block-sparse weights" (2017); Narang, Undersander and
        Diamos, "Block-sparse recurrent neural networks" (2017), which ranks a block by its largest weight;
        here blocks are ranked by their mean, like all groups, see `granularity`.
    """
    if np.shape(shape) != (2,) or not all(isinstance(side, Integral) for side in shape):
        raise TypeError(f"shape is {shape!r}; give two whole numbers, such as (4, 4).")
    height, width = shape
    if height < 1 or width < 1:
        raise ValueError(f"shape is {tuple(shape)}; a block has at least one row and one column.")
    arrays = _matrices(scores, layouts)
    means = {name: _block_means(array, height, width) for name, (array, *_) in arrays.items()}
    chosen = Masks.from_sparsity(means, sparsity)
    kept = {}
    for name, (array, layout, own_shape) in arrays.items():
        inputs, outputs = array.shape[-2:]
        rows = chosen[name].repeat(height, axis=-2)[..., :inputs, :]
        kept[name] = from_matrices(rows.repeat(width, axis=-1)[..., :outputs], own_shape, layout)
    return Masks(kept, chosen.threshold)


def _matrices(
    scores: Any, layouts: Mapping[str, Layout] | None
) -> dict[str, tuple[np.ndarray, Layout, tuple[int, ...]]]:
    """Return {name: (scores as (…, inputs, outputs), layout, the shape of the original array)}."""
    axes, found = layouts_of(scores, layouts), {}
    for name, array in float_arrays(scores).items():
        layout = axes.get(name, KERAS)
        if not layout.fits(array.ndim) or not layout.inputs:
            kind = (
                f" and is in a layer of class {layout.of}, where each output has one input"
                if layout.of
                else ""
            )
            raise ValueError(
                f"'{name}' has shape {array.shape}{kind}; a pattern needs an axis of inputs and one of "
                "outputs. Leave it out."
            )
        assumed(name, layout)
        found[name] = to_matrices(array, layout), layout, array.shape
    return found


def _in_groups(array: np.ndarray, m: int) -> Iterator[np.ndarray]:
    """Yield views (…, weights of a group, outputs): first all groups of m along the inputs, then the rest."""
    inputs, outputs = array.shape[-2:]
    whole = inputs - inputs % m
    yield array[..., :whole, :].reshape(*array.shape[:-2], whole // m, m, outputs)
    yield array[..., whole:, :]


def _keep_highest(groups: np.ndarray, n: int) -> np.ndarray:
    """Return True for the n highest along the second-to-last axis; of equal scores, the later is kept."""
    order = groups.argsort(axis=-2, kind="stable")
    keep = np.ones(groups.shape, bool)
    np.put_along_axis(keep, order[..., : groups.shape[-2] - n, :], False, axis=-2)
    return keep


def _block_means(array: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the mean of each block, in the array's dtype."""
    inputs, outputs = array.shape[-2:]
    tops, lefts = np.arange(0, inputs, height), np.arange(0, outputs, width)
    # Summed in float64, so that blocks of equal scores tie whatever their order.
    sums = np.add.reduceat(array.astype(np.float64), tops, axis=-2)
    sums = np.add.reduceat(sums, lefts, axis=-1)
    sizes = np.outer(np.diff(tops, append=inputs), np.diff(lefts, append=outputs))
    return (sums / sizes).astype(array.dtype)
