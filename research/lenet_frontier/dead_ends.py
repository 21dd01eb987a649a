"""Weights that cannot affect the output of a chain of layers, and masks without them.

The masks are a list, first layer first: (…space, inputs, outputs) of a convolution, (inputs, outputs) of a
dense layer. A convolution before a dense layer is flattened, position by position, so that each of its
filters is several inputs.
"""

import numpy as np


def without_dead_ends(masks: list[np.ndarray]) -> list[np.ndarray]:
    """Return the masks without weights into units that nothing reads or out of units without inputs."""
    masks = [mask.copy() for mask in masks]
    while True:
        before = sum(mask.sum() for mask in masks)
        for number in range(len(masks) - 1):
            masks[number + 1] &= as_inputs(masks, number, fed(masks[number]))[:, None]
        for number in reversed(range(len(masks) - 1)):
            masks[number] &= leading_on(masks, number)
        if sum(mask.sum() for mask in masks) == before:
            return masks


def fed(mask: np.ndarray) -> np.ndarray:
    """Return which units of a layer have inputs."""
    return mask.any(axis=tuple(range(mask.ndim - 1)))


def leading_on(masks: list[np.ndarray], number: int) -> np.ndarray:
    """Return which units of a layer are read by the next one."""
    return read_by(masks, number).any(axis=(0, 2))


def read_by(arrays: list[np.ndarray], number: int) -> np.ndarray:
    """Return the weights with which the next layer reads a layer: (positions, units, outputs)."""
    onward = arrays[number + 1]
    return onward.reshape(-1, arrays[number].shape[-1], onward.shape[-1])


def as_inputs(masks: list[np.ndarray], number: int, units: np.ndarray) -> np.ndarray:
    """Return units as inputs of the next layer: a filter before a dense layer once for each position."""
    return np.tile(units, masks[number + 1].shape[-2] // len(units))


def units_in_use(masks: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return which inputs of each layer and which of its units a network without unused units has."""
    used = [leading_on(masks, number) for number in range(len(masks) - 1)]
    used.append(np.ones(masks[-1].shape[-1], bool))
    read = [np.ones(masks[0].shape[-2], bool)]
    read += [as_inputs(masks, number, used[number]) for number in range(len(masks) - 1)]
    return read, used
