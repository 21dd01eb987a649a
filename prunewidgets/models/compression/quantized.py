"""Quantize a model's weights to few bits, and make a copy of the model with the quantized values."""

from collections.abc import Callable, Mapping

import keras
import numpy as np

from ...core.arrays import by_weight, refuse_non_finite
from ...core.quantization import Shared, Uniform, cluster_values, round_values
from ..layers.weights import named_variables, prunable_variables
from ..shrinking.rebuild import refresh_normalization
from .copies import copy_of

Bits = int | Mapping[str, int]
Stored = np.ndarray | Shared | Uniform


def quantized_weights(
    model: keras.Model, bits: Bits = 4, method: str = "shared", bias_bits: int | None = 8
) -> dict[str, Stored]:
    """Return every variable of a model, prunable weights and biases in few bits; zeros stay zero.

    Each array has a codebook or scale of its own. What is neither a prunable weight nor a bias, such as the
    statistics of a batch normalization, is stored exactly.

    Args:
        model: Any built Keras 3 model; it is only read.
        bits: Bits for all prunable weights, or {name of a layer or weight: bits}; others are stored exactly.
            Defaults to 4.
        method: "shared" (k-means, 2^bits values) or "uniform" (integer multiples of one step). Defaults to
            "shared".
        bias_bits: Bits for the biases, which are quantized uniformly; None stores them exactly. Defaults to
            8.

    Returns:
        {name: array, ``Shared`` or ``Uniform``}, in the model's order; pass it to ``copy_with_weights`` or
        ``save_compact``.

    Raises:
        ValueError: Unsupported bits, an unknown method, a name that the model does not have, NaN weights.

    Example:
        >>> stored = pw.quantized_weights(pw.models.small_cnn(seed=0), bits=3)
        >>> {name: type(part).__name__ for name, part in list(stored.items())[:2]}
        {'conv_1/kernel': 'Shared', 'conv_1/bias': 'Uniform'}
        >>> stored["conv_1/kernel"].codebook.size
        8

    Source: Han et al., "Deep Compression" (2016), section 3.
    """
    methods: dict[str, Callable[[np.ndarray, int], Stored]]
    methods = {"shared": cluster_values, "uniform": round_values}
    if method not in methods:
        raise ValueError(f"method {method!r} is not known; choose 'shared' or 'uniform'.")
    wanted = _bits_of_each(list(prunable_variables(model)), bits)
    stored: dict[str, Stored] = {}
    for name, variable in stored_variables(model).items():
        array = keras.ops.convert_to_numpy(variable.value)
        few_bits = name in wanted or (bias_bits is not None and variable.name.endswith("bias"))
        if few_bits:
            refuse_non_finite(array, name, "weights")
        if name in wanted:
            stored[name] = methods[method](array, wanted[name])
        elif few_bits and bias_bits is not None:
            stored[name] = round_values(array, bias_bits)
        else:
            stored[name] = array
    return stored


def quantize(
    model: keras.Model, bits: Bits = 4, method: str = "shared", bias_bits: int | None = 8
) -> keras.Model:
    """Return a copy of a model with the values of ``quantized_weights``, which has the same arguments.

    The copy's variables have the same dtypes as the model's, so it is as large and as fast; few bits save
    space in a file (``save_compact``).

    Example:
        >>> model = pw.models.small_cnn(seed=0)
        >>> small = pw.quantize(model, bits=3)
        >>> np.unique(model.get_layer("conv_1").kernel).size, np.unique(small.get_layer("conv_1").kernel).size
        (144, 8)
    """
    return copy_with_weights(model, quantized_weights(model, bits, method, bias_bits))


def copy_with_weights(model: keras.Model, stored: Mapping[str, Stored]) -> keras.Model:
    """Return a copy of a model with other values.

    Args:
        model: A built Sequential or Functional model; it is not changed.
        stored: {name: array, ``Shared`` or ``Uniform``}; variables left out keep their values.

    Raises:
        TypeError: Not named values.
        ValueError: A name or shape that the model does not have, or a model that cannot be copied.

    Example:
        >>> model = pw.models.small_cnn(seed=0)
        >>> rounded = {name: weights.round(1) for name, weights in pw.LiveModel(model).weights.items()}
        >>> copy = pw.copy_with_weights(model, rounded)
        >>> np.array_equal(copy.get_layer("conv_1").kernel, rounded["conv_1/kernel"])
        True
    """
    if not isinstance(stored, Mapping):
        raise TypeError(f"stored has to be {{name: array}}, as LiveModel(model).weights, not {stored!r:.60}.")
    copy = copy_of(model)
    assign(copy, stored)
    return copy


def assign(model: keras.Model, stored: Mapping[str, Stored]) -> None:
    """Write stored values into a model's variables; if one does not fit, write nothing."""
    variables = stored_variables(model)
    for name in stored:
        if name not in variables:
            raise ValueError(f"The model {model.name!r} has no {name!r}; it has: {', '.join(variables)}.")
    check_shapes(variables, stored)
    for name, part in stored.items():
        variables[name].assign(part if isinstance(part, np.ndarray) else part.values)
    refresh_normalization(model)


def check_shapes(variables: Mapping[str, keras.Variable], stored: Mapping[str, Stored]) -> None:
    """Raise ValueError if a value does not have the shape of its variable."""
    for name, part in stored.items():
        shape = part.shape if isinstance(part, np.ndarray) else part.codes.shape
        if tuple(variables[name].shape) != shape:
            raise ValueError(
                f"{name!r} has shape {tuple(variables[name].shape)} in the model, {shape} in the weights."
            )


def stored_variables(model: keras.Model) -> dict[str, keras.Variable]:
    """Return the variables that determine a model's outputs by name: all but random generator states."""
    own = {id(variable) for variable in model.weights}
    return {name: variable for name, variable in named_variables(model).items() if id(variable) in own}


def _bits_of_each(names: list[str], bits: Bits) -> dict[str, int]:
    if not isinstance(bits, Mapping):
        return dict.fromkeys(names, bits)
    return by_weight(bits, names, "bits")
