"""Layouts: which axes of a weight array are a layer's inputs, and which are its outputs.

An array alone does not show this. If nothing else is known, it is assumed to be a kernel of Keras's Dense
(inputs, outputs) or convolution (…space, inputs, outputs). The arrays of a model, such as
``LiveModel.weights`` and the scores made from them, carry the layout of each (`ModelArrays`).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Layout"]


class Layout(NamedTuple):
    """The axes of a weight array. Axes in none of the three fields are spatial: the window of a convolution.

    All axes are negative, counted from the end: -1 is the last.

    Example:
        >>> layout = pw.layouts.Layout(inputs=(-1,), outputs=(-2,))  # as PyTorch stores a linear layer
        >>> masks = pw.Masks.from_sparsity(
        ...     pw.score(pw.example.W.T), 0.5, granularity="column", layouts={"weights": layout}
        ... )
        >>> masks["weights"].astype(int)
        array([[0, 0, 0],
               [1, 1, 1],
               [1, 1, 1],
               [0, 0, 0]])
    """

    inputs: tuple[int, ...] = (-2,)
    outputs: tuple[int, ...] = (-1,)
    groups: tuple[int, ...] = ()
    """Axes shared by inputs and outputs: an output at one index depends on the inputs at that index alone."""
    gates: int = 1
    """Gates of a recurrent unit: the last output axis has this many equal parts, one per gate."""
    parts: int = 1
    """Groups of a convolution: the last output axis has this many equal parts, each with its own inputs."""
    of: str = ""
    """The class of the layer, for error messages and warnings."""
    known: bool = True
    """False for a layer of an unknown kind, whose layout is assumed."""
    picture: tuple[int, ...] = ()
    """(height, width, channels) of the input picture, for a layer that reads the pixels themselves."""

    def places(self, ndim: int) -> tuple[int, ...]:
        """Return the spatial axes of an array with `ndim` axes: the window of a convolution."""
        named = {axis % ndim for axis in (*self.inputs, *self.outputs, *self.groups)} if ndim else set()
        return tuple(axis for axis in range(ndim) if axis not in named)

    def channels(self, ndim: int) -> list[int]:
        """Return [input axis, output axis] of a convolution kernel; an empty list for any other kind."""
        inputs = self.inputs or self.groups
        plain = self.gates == 1 and len(inputs) == len(self.outputs) == 1
        return [axis % ndim for axis in (*inputs, *self.outputs)] if plain and self.places(ndim) else []

    def fits(self, ndim: int) -> bool:
        """Return whether an array with `ndim` axes has all axes of this layout."""
        return all(-axis <= ndim for axis in (*self.inputs, *self.outputs, *self.groups))


KERAS = Layout()
"""The layout of Dense and convolution, assumed if nothing is known."""


class ModelArrays(dict[str, np.ndarray]):
    """{name: array} of one model, with the layout and the number of each array.

    Attributes:
        layouts: {name: Layout}, for the arrays that have one.
        numbers: {name: number}: the place of each among all weights of the model, independent of names.
    """

    def __init__(
        self, arrays: Mapping[str, Any], layouts: Mapping[str, Layout], numbers: Mapping[str, int]
    ) -> None:
        """Store the arrays themselves, not copies."""
        super().__init__(arrays)
        self.layouts, self.numbers = layouts, numbers


def picture_shape(shape: tuple[int | None, ...]) -> tuple[int, ...]:
    """Return (height, width, channels) if examples of this shape look like small pictures, else ().

    Args:
        shape: (height, width) if both are the same, to exclude series of vectors; or (height, width, 1 or 3).
    """
    if len(shape) == 2 and shape[0] == shape[1]:
        shape = (*shape, 1)
    sides = [side for side in shape[:2] if side is not None and 4 <= side <= 256]
    fits = len(shape) == 3 and shape[2] in (1, 3) and len(sides) == 2
    return tuple(int(side) for side in shape if side is not None) if fits else ()


def like(given: Any, arrays: dict[str, Any]) -> dict[str, Any]:
    """Return `arrays` with the layouts and numbers of `given`, if `given` has them (same names)."""
    return ModelArrays(arrays, given.layouts, given.numbers) if isinstance(given, ModelArrays) else arrays


def layouts_of(given: Any, layouts: Mapping[str, Layout] | None = None) -> dict[str, Layout]:
    """Return {name: Layout}: the layouts passed in, and those of the arrays for all other names.

    Args:
        given: arrays, with or without layouts.
        layouts: {name: Layout}; names left out keep the layout that the arrays carry.

    Raises:
        TypeError: a value is not a `Layout`.
    """
    for name, layout in (layouts or {}).items():
        if not isinstance(layout, Layout):
            raise TypeError(f"the layout of '{name}' is {layout!r}; give a pw.layouts.Layout.")
    return {**getattr(given, "layouts", {}), **(layouts or {})}


def from_einsum(equation: str, ndim: int, of: str = "EinsumDense") -> Layout:
    """Return the layout of the kernel in an einsum equation such as ``abc,cde->abde``."""
    operands, outputs = equation.replace(" ", "").split("->")
    inputs, kernel = operands.split(",")
    axes: dict[bool | None, list[int]] = {True: [], False: [], None: []}
    for place, letter in enumerate(kernel):
        both = letter in inputs and letter in outputs
        axes[None if both else letter in outputs].append(place - ndim)
    return Layout(tuple(axes[False]), tuple(axes[True]), tuple(axes[None]), of=of)


def to_matrices(array: np.ndarray, layout: Layout) -> np.ndarray:
    """Return a view or copy of shape (…, inputs, outputs), with several axes of a kind flattened into one."""
    array, inputs, outputs = _ordered(array, layout)
    rest = array.shape[: array.ndim - inputs - outputs]
    sizes = array.shape[len(rest) :]
    return array.reshape(*rest, _product(sizes[:inputs]), _product(sizes[inputs:]))


def from_matrices(matrices: np.ndarray, shape: tuple[int, ...], layout: Layout) -> np.ndarray:
    """Undo `to_matrices` for an array of this shape."""
    places = np.arange(_product(shape)).reshape(shape)
    result = np.empty(shape, matrices.dtype)
    result.flat[to_matrices(places, layout).ravel()] = matrices.ravel()
    return result


def to_products(array: np.ndarray, layout: Layout) -> np.ndarray:
    """Return the matrices of a layer's products: a view or copy (parts, weights of an output, outputs).

    Parts share no weights: the groups of a convolution, or the axes that inputs and outputs share. The
    weights of an output are ordered by place in the window, then by input.
    """
    matrices = to_matrices(array, layout)
    parts, places = int(layout.parts > 1), len(layout.places(array.ndim))
    lead = matrices.shape[:-2]
    sizes = _product(lead[:parts]), _product(lead[parts : parts + places]), _product(lead[parts + places :])
    inputs, outputs = matrices.shape[-2:]
    matrices = matrices.reshape(*sizes, inputs, outputs).transpose(0, 2, 1, 3, 4)
    return matrices.reshape(sizes[0] * sizes[2], sizes[1] * inputs, outputs)


def from_products(products: np.ndarray, shape: tuple[int, ...], layout: Layout) -> np.ndarray:
    """Undo `to_products` for an array of this shape."""
    if layout.parts == 1 and (layout.inputs, layout.outputs, layout.groups) == KERAS[:3]:
        return products.reshape(shape)  # a matrix, or the window in front of it: no axis moves
    places = np.arange(_product(shape)).reshape(shape)
    result = np.empty(shape, products.dtype)
    result.flat[to_products(places, layout).ravel()] = products.ravel()
    return result


def _ordered(array: np.ndarray, layout: Layout) -> tuple[np.ndarray, int, int]:
    """Return the array with its input and then its output axes last, and the number of each."""
    inputs, outputs, groups = layout.inputs, layout.outputs, layout.groups
    order = [*layout.places(array.ndim), *(axis % array.ndim for axis in (*groups, *inputs, *outputs))]
    array = array.transpose(order)
    if layout.parts > 1:  # each part is a matrix of its own
        array = array.reshape(*array.shape[:-1], layout.parts, -1)
        array = np.moveaxis(array, -2, 0)
    return array, len(inputs), len(outputs)


def _product(sizes: tuple[int, ...]) -> int:
    return int(np.prod(sizes, dtype=np.int64))
