"""Layouts: which axes of a weight run over what goes into a layer, and which over what comes out.

An array alone does not say so. Where nothing else is known, it is taken for a kernel of Keras's Dense
(inputs, outputs) or convolution (…space, inputs, outputs). The arrays of a model, such as
``LiveModel.weights`` and the scores made from them, carry the layout of each (`ModelArrays`).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np


class Layout(NamedTuple):
    """The axes of a weight. Those that are in none of the three are places: the window of a convolution.

    All axes are counted from the end, -1 the last.
    """

    inputs: tuple[int, ...] = (-2,)
    outputs: tuple[int, ...] = (-1,)
    groups: tuple[int, ...] = ()
    """Axes along which inputs and outputs go together: what is made here is made of nothing else."""
    gates: int = 1
    """A recurrent unit has so many outputs: one in each of so many equal parts of the last output axis."""
    parts: int = 1
    """The last output axis has so many equal parts, each made of other inputs: a grouped convolution."""
    of: str = ""
    """The class of the layer, for messages."""
    known: bool = True
    """False for a layer of another kind, whose layout is assumed."""

    def places(self, ndim: int) -> tuple[int, ...]:
        """The axes of the window."""
        named = {axis % ndim for axis in (*self.inputs, *self.outputs, *self.groups)} if ndim else set()
        return tuple(axis for axis in range(ndim) if axis not in named)

    def channels(self, ndim: int) -> list[int]:
        """Which axis of a convolution kernel is the inputs, which the outputs; empty for another kind."""
        inputs = self.inputs or self.groups
        plain = self.gates == 1 and len(inputs) == len(self.outputs) == 1
        return [axis % ndim for axis in (*inputs, *self.outputs)] if plain and self.places(ndim) else []

    def fits(self, ndim: int) -> bool:
        """Whether an array with so many axes has all these."""
        return all(-axis <= ndim for axis in (*self.inputs, *self.outputs, *self.groups))


KERAS = Layout()
"""Dense and convolution: what is assumed where nothing is known."""


class ModelArrays(dict[str, np.ndarray]):
    """{name: array} of one model, with what a name does not say.

    Attributes:
        layouts: {name: Layout}, of those that have one.
        places: {name: number}: the place of each among all weights of the model, whatever they are called.
    """

    def __init__(
        self, arrays: Mapping[str, Any], layouts: Mapping[str, Layout], places: Mapping[str, int]
    ) -> None:
        """Keep the arrays themselves."""
        super().__init__(arrays)
        self.layouts, self.places = layouts, places


def like(given: Any, arrays: dict[str, Any]) -> dict[str, Any]:
    """Return other arrays under the same names, with what the given ones say about them."""
    return ModelArrays(arrays, given.layouts, given.places) if isinstance(given, ModelArrays) else arrays


def layouts_of(given: Any, layouts: Mapping[str, Layout] | None = None) -> dict[str, Layout]:
    """Return {name: Layout}: what is handed in, or else what the arrays carry.

    Args:
        given: arrays, with or without layouts.
        layouts: {name: Layout}; for those left out the arrays' own holds.

    Raises:
        TypeError: something else than a `Layout`.
    """
    for name, layout in (layouts or {}).items():
        if not isinstance(layout, Layout):
            raise TypeError(f"the layout of '{name}' is {layout!r}; give a pw.layouts.Layout.")
    return {**getattr(given, "layouts", {}), **(layouts or {})}


def from_einsum(equation: str, ndim: int, of: str = "EinsumDense") -> Layout:
    """Return the layout of the kernel in an equation such as ``abc,cde->abde``."""
    operands, outputs = equation.replace(" ", "").split("->")
    inputs, kernel = operands.split(",")
    axes: dict[bool | None, list[int]] = {True: [], False: [], None: []}
    for place, letter in enumerate(kernel):
        both = letter in inputs and letter in outputs
        axes[None if both else letter in outputs].append(place - ndim)
    return Layout(tuple(axes[False]), tuple(axes[True]), tuple(axes[None]), of=of)


def to_matrices(array: np.ndarray, layout: Layout) -> np.ndarray:
    """Return a view or copy of shape (…, inputs, outputs): several axes of either one after the other."""
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


def _ordered(array: np.ndarray, layout: Layout) -> tuple[np.ndarray, int, int]:
    """The same with inputs and then outputs last, and how many axes there are of each."""
    inputs, outputs, groups = layout.inputs, layout.outputs, layout.groups
    order = [*layout.places(array.ndim), *(axis % array.ndim for axis in (*groups, *inputs, *outputs))]
    array = array.transpose(order)
    if layout.parts > 1:  # each part is a matrix of its own
        array = array.reshape(*array.shape[:-1], layout.parts, -1)
        array = np.moveaxis(array, -2, 0)
    return array, len(inputs), len(outputs)


def _product(sizes: tuple[int, ...]) -> int:
    return int(np.prod(sizes, dtype=np.int64))
