"""A model's weights in few bits, and a copy of the model that computes with them."""

from collections.abc import Mapping

import keras
import numpy as np

from ...core.arrays import by_weight, refuse_non_finite
from ...core.quantization import Shared, Uniform, share, uniform
from ..live.weights import named_variables, prunable_variables
from ..shrinking.rebuild import take_up
from .copies import copy_of

Bits = int | Mapping[str, int]
Stored = np.ndarray | Shared | Uniform


def quantized_weights(
    model: keras.Model, bits: Bits = 4, method: str = "shared", bias_bits: int | None = 8
) -> dict[str, Stored]:
    """Every variable of a model, the prunable weights and the biases in few bits; zeros stay zero.

    Each array has a codebook or scale of its own. What is neither a prunable weight nor a bias, such as the
    statistics of a batch normalization, is kept exactly.

    Args:
        model: Any built Keras 3 model; it is only read.
        bits: For all prunable weights, or {name of a layer or weight: bits}; those left out are kept exactly.
        method: "shared" (k-means, 2^bits values) or "uniform" (whole numbers of one step).
        bias_bits: For the biases, uniform; None keeps them exactly.

    Returns:
        {name: array, ``Shared`` or ``Uniform``}, in the model's order: what ``with_weights`` and
        ``save_compact`` take.

    Raises:
        ValueError: Other bits, an unknown method, a name that the model does not have, NaN weights.

    Source: Han et al., "Deep Compression" (2016), section 3.
    """
    if method not in ("shared", "uniform"):
        raise ValueError(f"method {method!r} is not known; choose 'shared' or 'uniform'.")
    wanted = _bits_of_each(list(prunable_variables(model)), bits)
    stored: dict[str, Stored] = {}
    for name, variable in stored_variables(model).items():
        array = keras.ops.convert_to_numpy(variable.value)
        few_bits = name in wanted or (bias_bits is not None and variable.name.endswith("bias"))
        if few_bits:
            refuse_non_finite(array, name, "weights")
        if name in wanted:
            stored[name] = share(array, wanted[name]) if method == "shared" else uniform(array, wanted[name])
        elif few_bits and bias_bits is not None:
            stored[name] = uniform(array, bias_bits)
        else:
            stored[name] = array
    return stored


def quantize(
    model: keras.Model, bits: Bits = 4, method: str = "shared", bias_bits: int | None = 8
) -> keras.Model:
    """A copy of a model with the values of ``quantized_weights``, in float32; see there for the arguments.

    The copy is as large as the model and as fast: what few bits save shows in a file (``save_compact``).
    """
    return with_weights(model, quantized_weights(model, bits, method, bias_bits))


def with_weights(model: keras.Model, stored: Mapping[str, Stored]) -> keras.Model:
    """A copy of a model with other values.

    Args:
        model: Sequential or Functional; it stays as it is.
        stored: {name: array, ``Shared`` or ``Uniform``}; variables left out keep their values.

    Raises:
        ValueError: A name or shape that the model does not have, or a model that cannot be copied.
    """
    copy = copy_of(model)
    assign(copy, stored)
    return copy


def assign(model: keras.Model, stored: Mapping[str, Stored]) -> None:
    """Write stored values into a model's variables; nothing is written if one does not fit."""
    variables = stored_variables(model)
    for name in stored:
        if name not in variables:
            raise ValueError(f"The model {model.name!r} has no {name!r}; it has: {', '.join(variables)}.")
    check_shapes(variables, stored)
    for name, part in stored.items():
        variables[name].assign(part if isinstance(part, np.ndarray) else part.values)
    take_up(model)


def check_shapes(variables: Mapping[str, keras.Variable], stored: Mapping[str, Stored]) -> None:
    """Raise ValueError where a value has not the shape of its variable."""
    for name, part in stored.items():
        shape = part.shape if isinstance(part, np.ndarray) else part.codes.shape
        if tuple(variables[name].shape) != shape:
            raise ValueError(
                f"{name!r} has shape {tuple(variables[name].shape)} in the model, {shape} in the weights."
            )


def stored_variables(model: keras.Model) -> dict[str, keras.Variable]:
    """The variables that make up what a model computes, by name: all but the states of random generators."""
    own = {id(variable) for variable in model.weights}
    return {name: variable for name, variable in named_variables(model).items() if id(variable) in own}


def _bits_of_each(names: list[str], bits: Bits) -> dict[str, int]:
    if not isinstance(bits, Mapping):
        return dict.fromkeys(names, bits)
    return by_weight(bits, names, "bits")
