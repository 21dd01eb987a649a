"""Which units matter: one score for each unit of each group."""

import numbers
from collections.abc import Mapping
from contextlib import suppress
from inspect import signature
from typing import Any

import keras
import numpy as np

from ...core.arrays import refuse_non_finite
from ...deprecation import former_order
from ..data.inputs import inputs_for
from ..data.source import is_stream
from ..holding.lora import adapted_layers
from ..layers.quantized import are_quantized, quantized_layers
from ..layers.weights import Layers, named_variables, prunable_variables, selected, tensor_of
from ..live.live_model import LiveModel
from ..pruning.gradients import Gradients
from ..pruning.loss_data import LossData
from .channels import ChannelGroup, ChannelGroups, channel_groups
from .unit_rows import KERNEL_CRITERIA, Criterion, Weights, judged, norms


def _judges(value: Any) -> bool:
    """Return whether this is a function of something, as a criterion is and one that makes data is not."""
    with suppress(TypeError, ValueError):  # a function in C may not say what it takes
        required = [part for part in signature(value).parameters.values() if part.default is part.empty]
        return callable(value) and bool(required)
    return callable(value)


UNIT_CRITERIA = (*KERNEL_CRITERIA, "batch_norm", "taylor", "random")


@former_order("model", "criterion", "x", "y", if_second=lambda x: isinstance(x, str) or _judges(x))
def unit_score(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    criterion: str | Criterion = "l2",
    batch_size: int = 128,
    seed: int = 0,
    embedding_rows: bool = False,
    layers: Layers = None,
    exclude: Layers = None,
    sample_weight: Any = None,
    class_weight: Mapping[int, float] | None = None,
    steps: int | None = None,
) -> dict[str, np.ndarray]:
    """Return a score for every unit that can be removed; the higher, the more it should be kept.

    Where several layers make a unit together, as before an addition, their scores are added; "batch_norm"
    takes the mean. "taylor" scores the unit as a whole. Units of different groups have
    different numbers of weights, so for all criteria but "taylor" and "batch_norm" choose within each group:
    ``pw.unit_masks(scores, 0.5)``.

    Args:
        model: A built Sequential or Functional model; it is not changed.
        x: Inputs, for "taylor": training or validation examples; or a data set of batches (x, y) or (x, y,
            sample_weight), as for ``data_score``.
        y: Their targets.
        criterion: How to score a unit. Defaults to "l2".

            - "l1", "l2": the norm of the kernel weights that make it (Li et al. 2017), without biases.
            - "geometric_median": the summed distance of its weights to those of the others (He et al. 2019).
            - "batch_norm": the absolute value of the scale γ behind it (Liu et al., "Learning efficient
              convolutional networks through network slimming", 2017, section 3). Groups without batch
              normalisation have no scores, so masks made from the scores leave those groups whole.
            - "taylor": (Σ g·w)² over the weights that read it, mean over batches, each counted by its number
              of answers. That is the squared slope of the loss along a gate that multiplies the unit
              (Molchanov et al., "Importance estimation for neural network pruning", 2019, section 3); for
              rows of an embedding, which no weight reads, over the weights of the row. The slope is that of
              a batch's mean loss, so scores depend on ``batch_size``. Needs x, y and a compiled loss.
            - "random": random numbers from ``seed``.
            - a function from (units, weights per unit) float64 to (units,) scores, called for each layer.
        batch_size: For "taylor": examples in each gradient. Defaults to 128.
        seed: For "random".
        embedding_rows: Also score rows of embeddings, one for each word; see ``channel_groups``.
        layers: Only groups that one of these layers makes: names of layers or weights, classes, expressions
            or a function, see ``LiveModel``. Masks made from the scores leave other groups whole.
        exclude: Leave out groups that one of these makes.
        sample_weight: For "taylor": weights in the loss, one per example or per answer, as for ``fit``.
        class_weight: For "taylor": {class: weight}, instead of ``sample_weight``, as for ``fit``.
        steps: For "taylor": batches of a data set to read, needed if it has no end. Defaults to all.

    Returns:
        {name of a group: (units,) float64 array}, in the order of ``channel_groups``.

    Raises:
        TypeError: x or y are not data, such as a criterion in their place.
        ValueError: An unknown criterion, no examples for "taylor", no batch normalisation for "batch_norm",
            a function that returns the wrong shape, scores that are NaN or infinite; a model all of whose
            units stay because kernels have LoRA adapters or are quantized.

    Example:
        >>> model = pw.models.small_cnn(seed=0)
        >>> scores = pw.unit_score(model)
        >>> {name: units.shape for name, units in scores.items()}
        {'conv_1': (16,), 'conv_2': (32,), 'dense_1': (64,)}
        >>> smaller = pw.shrink(model, pw.unit_masks(scores, 0.5))
        >>> model.count_params(), smaller.count_params()
        (56714, 14410)
    """
    groups = channel_groups(model, embedding_rows)
    _refuse_fixed(model, groups)
    _check_data(model, x, y)
    if not callable(criterion) and not (isinstance(criterion, str) and criterion in UNIT_CRITERIA):
        raise ValueError(
            f"criterion {criterion!r:.60} is not known for units; choose one of {', '.join(UNIT_CRITERIA)}, "
            "or give a function from (units, weights of one) to (units,) scores."
        )
    weights = {name: np.asarray(tensor_of(variable)) for name, variable in named_variables(model).items()}
    if callable(criterion):
        scores = {name: judged(group, weights, criterion) for name, group in groups.items()}
    elif criterion in ("l1", "l2"):
        scores = {name: norms(group, weights, criterion) for name, group in groups.items()}
    elif criterion in KERNEL_CRITERIA:
        judge = KERNEL_CRITERIA[criterion]
        scores = {name: judged(group, weights, judge) for name, group in groups.items()}
    elif criterion == "batch_norm":
        scores = _batch_norm(model, groups, weights)
    elif criterion == "taylor":
        if x is None or (y is None and not is_stream(x)):
            raise ValueError(
                "criterion 'taylor' scores units on examples, and there are none: pass x and y, training or "
                "validation examples rather than those it is tested on."
            )
        data = LossData(model, x, y, batch_size, sample_weight, class_weight, steps)
        scores = _taylor(model, groups, data)
    else:
        rng = np.random.default_rng(seed)
        scores = {name: rng.random(group.units) for name, group in groups.items()}
    chosen = _chosen(model, groups, layers, exclude)
    scores = {name: values for name, values in scores.items() if name in chosen}
    for name, values in scores.items():
        refuse_non_finite(values, name, "scores")
    return scores


def _refuse_fixed(model: keras.Model, groups: ChannelGroups) -> None:
    """Refuse a model without units that can be removed if adapters or quantization are the reason."""
    if groups:
        return
    if quantized := quantized_layers(model, floats=True):
        raise ValueError(
            f"No units of {model.name!r} can be removed: {are_quantized(quantized)}. Remove units of the "
            "float model first, and quantize the smaller model."
        )
    if adapted := adapted_layers(model):
        raise ValueError(
            f"No units of {model.name!r} can be removed: {', '.join(adapted)} have adapters (LoRA). "
            "model.save_weights writes the sums of kernels and adapters: load that file into the same model "
            "made without adapters, and remove units of that one."
        )


def _check_data(model: keras.Model, x: Any, y: Any) -> None:
    """Refuse what is no data. Most criteria ignore data, so a criterion in its place would be ignored too."""
    takes_text = any(tensor.dtype == "string" for tensor in model.inputs)
    for name, value, meant in (("x", x, "examples"), ("y", y, "targets")):
        if name == "x" and is_stream(value) and not _judges(value):
            continue
        parts = [] if value is None else keras.tree.flatten(value)
        text = any(isinstance(part, str | bytes) for part in parts) and not (name == "x" and takes_text)
        if text or isinstance(value, str | numbers.Number) or any(map(callable, parts)):
            raise TypeError(
                f"{name} has to be an array of {meant}, not {value!r:.60}; give a criterion as "
                "criterion=, and leave out x and y if it needs none."
            )
    if x is not None and not is_stream(x):
        inputs_for(model, x)


def _chosen(
    model: keras.Model, groups: Mapping[str, ChannelGroup], layers: Layers, exclude: Layers
) -> set[str]:
    """Return the names of the groups that ``layers`` and ``exclude`` select."""
    if layers is None and exclude is None:
        return set(groups)
    kernels = prunable_variables(model)
    taken, left = selected(model, kernels, layers), selected(model, kernels, None, exclude)
    makers = {
        name: {part.weight for part in group.parts if part.role == "makes"} & kernels.keys()
        for name, group in groups.items()
    }
    return {name for name, own in makers.items() if own & taken.keys() and own <= left.keys()}


def _batch_norm(model: keras.Model, groups: Any, weights: Weights) -> dict[str, np.ndarray]:
    scores = {}
    for name, group in groups.items():
        gammas = [part for part in group.parts if part.role == "carries" and part.weight.endswith("/gamma")]
        total, count = np.zeros(group.units), np.zeros(group.units)
        for part in gammas:
            inside = part.units >= 0
            np.add.at(total, part.units[inside], np.abs(weights[part.weight][inside]))
            np.add.at(count, part.units[inside], 1)
        if gammas and count.all():
            scores[name] = total / count
    if not scores:
        raise ValueError(
            f"criterion 'batch_norm' needs batch normalisation with a scale behind the units, and "
            f"{model.name!r} has none; choose 'l2', say."
        )
    return scores


def _taylor(model: keras.Model, groups: Any, data: LossData) -> dict[str, np.ndarray]:
    live = LiveModel(model, prunable="all")
    values = live.snapshot().weights
    gradients = Gradients(live, values, data)
    places = list(gradients.places.values())
    scores, total = {name: np.zeros(group.units) for name, group in groups.items()}, 0.0
    for step in gradients.steps(places):
        products = {
            name: np.asarray(slope, np.float64) * values[name]
            for name, slope in zip(gradients.names, step.slopes, strict=True)
        }
        total += step.counted
        for name, group in groups.items():
            scores[name] += step.counted * np.square(_sums(group, products))
    return {name: found / max(total, 1) for name, found in scores.items()}


def _sums(group: ChannelGroup, products: Weights) -> np.ndarray:
    """Return Σ g·w of each unit over the weights that read it, or all its weights if none do."""
    total = np.zeros(group.units)
    readers = [part for part in group.parts if part.role == "reads"]
    for part in readers or group.parts:
        values = products[part.weight]
        along = values.sum(axis=tuple(axis for axis in range(values.ndim) if axis != part.axis))
        inside = part.units >= 0
        np.add.at(total, part.units[inside], along[inside])
    return total
