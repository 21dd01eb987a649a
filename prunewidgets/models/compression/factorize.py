"""Dense layers and convolutions as two smaller layers each: a low-rank network."""

import warnings
from collections.abc import Mapping
from typing import Any

import keras

from ...low_rank import split_kernel
from ..shrinking.rebuild import NOTHING, Sizes, Successors, own_objects, take_up
from .rank_plan import rank_plan


def factorize(
    model: keras.Model,
    rank: Mapping[str, int] | None = None,
    energy: float | None = None,
    budget: float | None = None,
) -> keras.Model:
    """Return a new model with two layers for each dense layer and 2-D convolution, where that is smaller.

    ``dense_1`` becomes ``dense_1_narrow`` (to a few units; no bias, no activation) and ``dense_1``. A
    convolution becomes one with the same window to few channels, and a 1 × 1 convolution. By the truncated
    SVD, no such pair is nearer to the kernel. Layers that would not get smaller stay as they are, and a
    warning names them; ``rank_plan`` tells beforehand. Layers within nested models stay too.

    Args:
        model: Sequential or Functional, built; it stays as it is.
        rank: {name of a layer: rank}; or
        energy: the share of each kernel's energy (squared singular values) to keep, above 0, at most 1; or
        budget: the share of each kernel's weights to keep, above 0, below 1.

    Returns:
        A model with the same inputs and outputs, compiled like the original if that is, optimizer new.

    Raises:
        ValueError: As ``rank_plan``, or nothing would get smaller.

    Source: Denton et al. (2014) and Zhang et al. (2016), see ``prunewidgets.low_rank``.
    """
    plan = rank_plan(model, rank, energy, budget)
    chosen = plan[plan["left_because"].isna()].set_index("layer")["rank"].astype(int).to_dict()
    if not chosen:
        raise ValueError(
            "No layer would get smaller; choose a lower rank, energy or budget. pw.rank_plan shows them all."
        )
    left = plan[plan["left_because"] == "two layers would not be smaller"]["layer"].tolist()
    if left:
        warnings.warn(f"Left whole, since two layers would not be smaller: {', '.join(left)}.", stacklevel=2)
    return _rebuilt(model, chosen)


def _rebuilt(model: keras.Model, ranks: Mapping[str, int]) -> keras.Model:
    whole = Successors(Sizes(NOTHING, {}))
    taken = {layer.name for layer in model.layers}
    pairs = {name: _pair(model.get_layer(name), rank, taken) for name, rank in ranks.items()}

    def successor(layer: keras.Layer) -> keras.Layer:
        return pairs[layer.name][1] if layer.name in pairs else whole(layer)

    def call(layer: keras.Layer, *args: Any, **kwargs: Any) -> Any:
        if layer.name in pairs:
            args = (pairs[layer.name][0](*args, **kwargs),)
        return layer(*args, **kwargs)

    with keras.saving.custom_object_scope(own_objects(model)):
        if isinstance(model, keras.Sequential):
            new = _chain(model, successor, pairs)
        else:
            new = keras.models.clone_model(model, clone_function=successor, call_function=call)
    whole.take_weights(Sizes(NOTHING, {}))
    for name, (narrow, wide) in pairs.items():
        layer = model.get_layer(name)
        kernel = keras.ops.convert_to_numpy(layer.kernel)
        as_convolution = kernel if kernel.ndim == 4 else kernel[None, None]
        first, second = split_kernel(as_convolution, ranks[name])
        narrow.kernel.assign(first if kernel.ndim == 4 else first[0, 0])
        wide.kernel.assign(second if kernel.ndim == 4 else second[0, 0])
        if layer.use_bias:
            wide.bias.assign(layer.bias.value)
    take_up(new)
    return new


def _pair(layer: keras.Layer, rank: int, taken: set[str]) -> tuple[keras.Layer, keras.Layer]:
    """The two layers in place of one, without weights yet; the name of the first becomes a taken one."""
    config, name = layer.get_config(), f"{layer.name}_narrow"
    while name in taken:
        name += "_narrow"
    taken.add(name)
    return type(layer).from_config(_first(config, rank, name)), type(layer).from_config(_second(config))


def _chain(model: keras.Sequential, successor: Any, pairs: Mapping[str, Any]) -> keras.Sequential:
    stack: list[Any] = [keras.Input(batch_shape=model.input_shape, dtype=model.inputs[0].dtype)]
    for layer in model.layers:
        stack += pairs.get(layer.name) or [successor(layer)]
    chain = keras.Sequential(stack, name=model.name, trainable=model.trainable)
    if model.compiled:
        chain.compile_from_config(model.get_compile_config())
    return chain


def _first(config: dict[str, Any], rank: int, name: str) -> dict[str, Any]:
    """The old layer with its window and strides, to few units and nothing more."""
    units = "filters" if "filters" in config else "units"
    plain = {"use_bias": False, "activation": None, "activity_regularizer": None}
    plain |= {"bias_regularizer": None, "bias_constraint": None, "kernel_constraint": None}
    return {**config, units: rank, "name": name, **plain}


def _second(config: dict[str, Any]) -> dict[str, Any]:
    """The old layer's units, bias and activation, one place at a time."""
    if "filters" not in config:
        return config
    ones = {"kernel_size": (1, 1), "strides": (1, 1), "dilation_rate": (1, 1), "padding": "valid"}
    return {**config, **ones}
