"""Low-rank networks: replace each dense layer or convolution by two smaller layers."""

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
    """Return a new model with two layers for each dense layer and 2-D convolution where that is smaller.

    ``dense_1`` becomes ``dense_1_narrow`` (few units, no bias, no activation) and ``dense_1``. A convolution
    becomes one with the same window but few channels, followed by a 1 × 1 convolution. The pair comes from
    the truncated SVD, so no pair of this rank is closer to the kernel. Layers that would not get smaller are
    left as they are, and a warning names them; ``rank_plan`` shows them in advance. Layers within a layer
    (``TimeDistributed``) and those it shares are left, too. Layers of nested models are included, under
    names such as ``backbone/conv_1``.

    Args:
        model: A built Sequential or Functional model; it is not changed.
        rank: {name of a layer: rank}. Give exactly one of rank, energy and budget.
        energy: Share of each kernel's energy (squared singular values) to keep, above 0 and at most 1.
        budget: Share of each kernel's weights to keep, above 0 and below 1.

    Returns:
        A model with the same inputs and outputs; compiled like the original, with a new optimizer, if the
        original is compiled.

    Raises:
        ValueError: As for ``rank_plan``, or no layer would get smaller.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> smaller = pw.factorize(model, rank={"dense_1": 50})
        >>> [layer.name for layer in smaller.layers]
        ['flatten', 'dense_1_narrow', 'dense_1', 'dense_2', 'dense_3']
        >>> model.count_params(), smaller.count_params()
        (266610, 85610)

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
    """Return the two layers that replace one, without weights; add the first one's name to ``taken``."""
    config, name = layer.get_config(), f"{layer.name}_narrow"
    while name in taken:
        name += "_narrow"
    taken.add(name)
    return type(layer).from_config(_first(config, rank, name)), type(layer).from_config(_second(config))


def _first(config: dict[str, Any], rank: int, name: str) -> dict[str, Any]:
    """Return the configuration of the first layer: the old window and strides, few units, no bias."""
    units = "filters" if "filters" in config else "units"
    plain = {"use_bias": False, "activation": None, "activity_regularizer": None}
    plain |= {"bias_regularizer": None, "bias_constraint": None, "kernel_constraint": None}
    return {**config, units: rank, "name": name, **plain}


def _second(config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of the second layer: the old units, bias, activation; a 1 × 1 window."""
    if "filters" not in config:
        return config
    ones = {"kernel_size": (1, 1), "strides": (1, 1), "dilation_rate": (1, 1), "padding": "valid"}
    return {**config, **ones}
