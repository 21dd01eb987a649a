"""Snapshot: a model's variables as they were at one moment, without copying them."""

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from ..holding.lora import merge
from ..layers.weights import tensor_of


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The values of a model's variables at one moment.

    No copy is made: TensorFlow gives a variable new memory on its next write if anything still refers to the
    old memory. So an unchanged variable is recognised by its memory address, whatever its size.

    Attributes:
        values: One tensor for each of ``model.variables``.
        weights: {name: array}: the prunable weights, read-only, in their own dtype and shape.
    """

    values: list[tf.Tensor]
    weights: Mapping[str, np.ndarray]

    def same(self, other: "Snapshot") -> bool:
        """Return whether all variables have the same values in both."""
        return len(self.values) == len(other.values) and all(
            ours is theirs or _equal(np.asarray(ours), np.asarray(theirs))
            for ours, theirs in zip(self.values, other.values, strict=True)
        )


def take_snapshot(
    model: keras.Model, named: Mapping[str, keras.Variable], earlier: Mapping[int, tf.Tensor]
) -> Snapshot:
    """Return a snapshot of all variables of a model.

    Args:
        model: The model.
        named: Its prunable variables by name.
        earlier: {id of a variable: the value to use instead of the present one}.

    Raises:
        ValueError: If the model no longer has some of the named variables.
    """
    tensors = values_by_id(model, earlier)
    lost = [name for name, variable in named.items() if id(variable) not in tensors]
    if lost:
        raise ValueError(
            f"The model {model.name!r} no longer has the weights {', '.join(lost)}: a layer was removed or "
            "quantised. Make a new LiveModel or lab for it."
        )
    weights = {name: np.asarray(tensors[id(variable)]) for name, variable in named.items()}
    return Snapshot([tensors[id(variable)] for variable in model.variables], weights)


def values_by_id(model: keras.Model, earlier: Mapping[int, tf.Tensor]) -> dict[int, tf.Tensor]:
    """Return {id of a variable: its value now, or the earlier one}; kernels include their LoRA adapters."""
    values = {
        id(variable): earlier[id(variable)] if id(variable) in earlier else tensor_of(variable)
        for variable in model.variables
    }
    merge(model, values, earlier)
    return values


def _equal(ours: np.ndarray, theirs: np.ndarray) -> bool:
    return ours.ctypes.data == theirs.ctypes.data or np.array_equal(ours, theirs)
