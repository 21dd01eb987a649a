"""Layers with adapters (LoRA): their kernel is a stored one plus a product of two small matrices."""

from collections.abc import Iterator, Mapping

import keras
import numpy as np

_KERNELS = ("_kernel", "_embeddings")


def adapted_layers(model: keras.Model) -> Iterator[keras.Layer]:
    """The layers of a model, at any depth, for which ``enable_lora`` was called."""
    for layer in model._flatten_layers(include_self=False):
        if getattr(layer, "lora_enabled", False):
            yield layer


def is_adapter(variable: keras.Variable) -> bool:
    """Whether a variable is one of the two small matrices."""
    return variable.name.startswith(("lora_kernel_", "lora_embeddings_"))


def used_kernels(model: keras.Model, values: Mapping[int, np.ndarray]) -> dict[int, np.ndarray]:
    """What layers with adapters compute with: few zeros of the stored kernel are zeros of this one.

    Args:
        model: The model.
        values: {id of a variable: value} to compute with, such as masked ones.

    Returns:
        {id of the stored kernel: the kernel with what the adapters add}.
    """
    found = {}
    for layer in adapted_layers(model):
        stored = next(getattr(layer, name) for name in _KERNELS if hasattr(layer, name))
        mapping = [(variable, values[id(variable)]) for variable in layer.variables if id(variable) in values]
        with keras.StatelessScope(state_mapping=[(v, keras.ops.convert_to_tensor(a)) for v, a in mapping]):
            used = layer.kernel if hasattr(layer, "_kernel") else layer.embeddings
            found[id(stored)] = keras.ops.convert_to_numpy(used)
    return found
