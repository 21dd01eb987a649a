"""Dense layers and convolutions as two smaller layers each: a low-rank network."""

import warnings
from collections.abc import Mapping
from typing import Any

import keras

from ...core.low_rank import split_kernel
from ..shrinking.rebuild import rebuilt
from ..shrinking.sizes import NOTHING
from .rank_plan import HOLDS, TOO_SMALL, named_layers, rank_plan


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
    warning names them; ``rank_plan`` tells beforehand. So do layers within a layer (``TimeDistributed``) and
    those that it shares; nested models are gone into, their layers are called ``backbone/conv_1``.

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
    reasons = plan["left_because"].fillna("")
    for why, rows in ((TOO_SMALL, reasons == TOO_SMALL), (HOLDS, reasons.str.endswith(HOLDS))):
        if rows.any():
            warnings.warn(f"Left whole ({why}): {', '.join(plan['layer'][rows])}.", stacklevel=2)
    return _rebuilt(model, chosen)


def _rebuilt(model: keras.Model, ranks: Mapping[str, int]) -> keras.Model:
    layers = dict(named_layers(model))
    taken = {layer.name for layer in layers.values()}
    chosen = {id(layers[name]): (layers[name], rank) for name, rank in ranks.items()}
    pairs = {number: _pair(layer, rank, taken) for number, (layer, rank) in chosen.items()}
    new = rebuilt(model, NOTHING, {}, pairs=pairs)
    for number, (narrow, wide) in pairs.items():
        layer, rank = chosen[number]
        kernel = keras.ops.convert_to_numpy(layer.kernel)
        as_convolution = kernel if kernel.ndim == 4 else kernel[None, None]
        first, second = split_kernel(as_convolution, rank)
        narrow.kernel.assign(first if kernel.ndim == 4 else first[0, 0])
        wide.kernel.assign(second if kernel.ndim == 4 else second[0, 0])
        if layer.use_bias:
            wide.bias.assign(layer.bias.value)
    return new


def _pair(layer: keras.Layer, rank: int, taken: set[str]) -> tuple[keras.Layer, keras.Layer]:
    """The two layers in place of one, without weights yet; the name of the first becomes a taken one."""
    config, name = layer.get_config(), f"{layer.name}_narrow"
    while name in taken:
        name += "_narrow"
    taken.add(name)
    return type(layer).from_config(_first(config, rank, name)), type(layer).from_config(_second(config))


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
