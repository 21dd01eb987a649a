"""Which layers of a model get smaller when split into two, and the rank between the two."""

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import pandas as pd

from ...core.arrays import is_whole, refuse_non_finite
from ...core.low_rank import rank_for_parameters, singular_values, smallest_rank
from ..shrinking.channel_walk import graph_of
from ..shrinking.sharing import layers_of
from .copies import check_copyable

TOO_SMALL = "two layers would not be smaller"
HOLDS = "whose inner layers cannot be replaced"
_KINDS = (keras.layers.Dense, keras.layers.Conv2D)
COLUMNS = ["layer", "shape", "rank", "parameters", "parameters_after", "energy", "left_because"]


def rank_plan(
    model: keras.Model,
    rank: Mapping[str, int] | None = None,
    energy: float | None = None,
    budget: float | None = None,
) -> pd.DataFrame:
    """Return what ``factorize`` would do with the same arguments, one row for each layer with weights.

    Args:
        model: A built Sequential or Functional model.
        rank: {name of a layer: rank}; the others are left. Layers of nested models have names such as
            ``backbone/conv_1``. Give exactly one of rank, energy and budget.
        energy: Use the smallest rank that keeps this share of each kernel's squared singular values.
        budget: Use the largest rank at which a layer has at most this share of its kernel's weights.

    Returns:
        The columns layer, shape (of the kernel as a matrix), rank (full if the layer is left), parameters and
        parameters_after (kernels only), energy (share kept), left_because (None if the layer is factorized).

    Raises:
        ValueError: Not exactly one of rank, energy and budget, or one that makes no sense; an unknown layer.

    Example:
        >>> plan = pw.rank_plan(pw.models.lenet_300_100(seed=0), budget=0.5)
        >>> plan[["layer", "rank", "parameters", "parameters_after"]]
             layer  rank  parameters  parameters_after
        0  dense_1   108      235200            117072
        1  dense_2    37       30000             14800
        2  dense_3     4        1000               440
    """
    check_copyable(model)
    _check_choice(model, rank, energy, budget)
    rows: list[tuple[Any, ...]] = []
    held = _held(model)
    for name, layer in named_layers(model):
        reason = _unfit(layer, held)
        if reason:
            rows.append((name, None, None, layer.count_params(), layer.count_params(), 1.0, reason))
            continue
        matrix = keras.ops.convert_to_numpy(layer.kernel).reshape(-1, layer.kernel.shape[-1])
        refuse_non_finite(matrix, f"{name}/kernel", "weights")
        values, full = np.square(singular_values(matrix)), min(matrix.shape)
        wanted = _wanted(name, matrix.shape, np.sqrt(values), rank, energy, budget)
        after = (wanted or 0) * sum(matrix.shape)
        if wanted is None or not after < matrix.size:
            reason = "not asked for" if wanted is None and rank else TOO_SMALL
            rows.append((name, matrix.shape, full, matrix.size, matrix.size, 1.0, reason))
        else:
            kept = float(values[:wanted].sum() / values.sum()) if values.any() else 1.0
            rows.append((name, matrix.shape, wanted, matrix.size, after, kept, None))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"rank": "Int64"})


def named_layers(model: keras.Model, within: str = "") -> Iterator[tuple[str, keras.Layer]]:
    """Yield the layers with weights, each once; those of nested models are named ``backbone/conv_1``."""
    seen: set[int] = set()
    for name, layer in _named_layers(model, within):
        if id(layer) not in seen:
            seen.add(id(layer))
            yield name, layer


def _named_layers(model: keras.Model, within: str) -> Iterator[tuple[str, keras.Layer]]:
    for layer in model.layers:
        if isinstance(layer, keras.Model) and graph_of(layer) is not None:
            yield from _named_layers(layer, f"{within}{layer.name}/")
        elif layer.weights:
            yield f"{within}{layer.name}", layer


def _held(model: keras.Model) -> dict[int, str]:
    """Return {id of a layer within another layer: name of the outer layer}."""
    return {
        id(inner): layer.name
        for layer in layers_of(model)
        if graph_of(layer) is None
        for inner in layer._flatten_layers(include_self=False)
    }


def _unfit(layer: keras.Layer, held: Mapping[int, str]) -> str | None:
    """Return why a layer cannot be factorized, or None if it can."""
    kind = type(layer).__name__
    if isinstance(layer, keras.Model) or any(isinstance(one, _KINDS) for one in layer._flatten_layers(False)):
        return f"a {kind}, {HOLDS}"
    if type(layer) not in _KINDS:
        return f"a {kind}, neither Dense nor Conv2D"
    if id(layer) in held:
        return f"{held[id(layer)]} shares it"
    if getattr(layer, "groups", 1) != 1:
        return "its channels are in groups"
    if getattr(layer, "quantization_mode", None) or getattr(layer, "lora_enabled", False):
        return "its kernel is quantized or has adapters"
    return None


def _wanted(
    name: str,
    shape: tuple[int, int],
    values: np.ndarray,
    rank: Mapping[str, int] | None,
    energy: float | None,
    budget: float | None,
) -> int | None:
    if rank is not None:
        return int(rank[name]) if name in rank else None
    if energy is not None:
        return smallest_rank(values, energy)
    assert budget is not None  # one of the three is given
    affordable = int(budget * shape[0] * shape[1])
    return rank_for_parameters(shape, affordable) if affordable >= sum(shape) else None


def _check_choice(model: keras.Model, rank: Any, energy: Any, budget: Any) -> None:
    if sum(choice is not None for choice in (rank, energy, budget)) != 1:
        raise ValueError("Give exactly one of rank={layer: rank}, energy=0.9 and budget=0.25.")
    if energy is not None and not 0 < energy <= 1:
        raise ValueError(f"energy {energy!r} is not a share above 0 and at most 1.")
    if budget is not None and not 0 < budget < 1:
        raise ValueError(f"budget {budget!r} is not a share between 0 and 1.")
    if not isinstance(rank or {}, Mapping):
        raise ValueError(f"rank is {{name of a layer: rank}}, not {rank!r}.")
    held = _held(model)
    fit = {name: layer for name, layer in named_layers(model) if not _unfit(layer, held)}
    for name, wanted in (rank or {}).items():
        if name not in fit:
            raise ValueError(f"{name!r} is no Dense or Conv2D layer here; these are: {', '.join(fit)}.")
        kernel = fit[name].kernel.shape
        most = min(int(np.prod(kernel[:-1])), kernel[-1])
        if not is_whole(wanted, 1, most):
            raise ValueError(f"rank {wanted!r} of {name!r} is not a whole number from 1 to {most}.")
