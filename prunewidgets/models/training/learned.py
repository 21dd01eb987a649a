"""Train a model whose kernels come with more to learn, and take that away again at the end."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ...core.masks import Masks
from ...utils.uninterrupted import uninterrupted
from ..holding.retrace import trace_again
from ..layers.weights import Layers, named_variables, owners
from ..live.live_model import LiveModel
from ..pruning.linear import is_linear, replaced_calls


class Learned(NamedTuple):
    """A layer, its kernel, and what is learned beside it."""

    layer: Any
    kernel: keras.Variable
    extra: keras.Variable


Result = tuple[Masks, Mapping[str, tf.Tensor]]
"""Masks, and new values of the kernels that change."""


@contextmanager
def learned(
    model: keras.Model,
    first: Callable[[keras.Variable], tuple[tuple[int, ...], float]],
    call: Callable[[Learned], Callable[..., Any]],
    finish: Callable[[Mapping[str, Learned], Mapping[str, np.ndarray]], Result],
    layers: Layers,
    exclude: Layers,
) -> Iterator[None]:
    """Add a variable to each chosen layer and let it compute something else, within a ``with``.

    The model is trained by a new optimizer with the settings of its own, which is back at the end. Nothing is
    left of the variables then, also after Ctrl-C, and the masks are applied.

    Args:
        model: A compiled model.
        first: Returns shape and first value of the variable for a kernel.
        call: Returns what a layer computes instead.
        finish: Returns what is left at the end, from the learned variables and the masks held before.
        layers: Only these, see ``LiveModel``.
        exclude: All but these.

    Raises:
        ValueError: If the model is not compiled, or a layer is not a linear one.
    """
    live = LiveModel(model, layers, exclude)
    layer_of, named = linear_layers(live), named_variables(model)
    before: Mapping[str, np.ndarray] = live.applied or {}
    live.apply(before)  # saves everything for restore, the optimizer included
    ours = model.optimizer
    every: dict[str, Learned] = {}
    try:
        with live.lock, uninterrupted():
            for name, layer in layer_of.items():
                every[name] = Learned(layer, named[name], _added(layer, *first(named[name])))
            model.optimizer = type(ours).from_config(ours.get_config())
            forget_steps(model, [named[name] for name in every])
        with replaced_calls([(one.layer, call(one)) for one in every.values()]):
            yield
    finally:
        with live.lock, uninterrupted():
            found, values = finish(every, before) if len(every) == len(layer_of) else (Masks({}), {})
            for one in every.values():
                one.layer._untrack_variable(one.extra)
            model.optimizer = ours
            forget_steps(model, [named[name] for name in every])
            live.apply_chosen(lambda weights: {**before, **found}, values)


def linear_layers(live: LiveModel) -> dict[str, Any]:
    """Return {name of a kernel: its layer} of a model to train.

    Raises:
        ValueError: If the model is not compiled, or a layer is not a linear one.
    """
    if getattr(live.model, "optimizer", None) is None:
        raise ValueError(
            f"The model {live.model.name!r} is not compiled with an optimizer: model.compile(...)."
        )
    named, of = named_variables(live.model), owners(live.model)
    layer_of = {name: of[id(named[name])][-1] if id(named[name]) in of else None for name in live.names}
    if strange := [name for name, layer in layer_of.items() if not is_linear(layer, named[name])]:
        raise ValueError(
            f"{', '.join(map(repr, strange))} cannot be trained in this way, which is for kernels of Dense, "
            f"EinsumDense, Conv1D, Conv2D and Conv3D. Leave them out: exclude={strange}."
        )
    return layer_of


def finished(layer: Any, product: tf.Tensor) -> tf.Tensor:
    """Return a layer's output from its product: with its bias and activation."""
    if layer.bias is not None:
        bias = tf.convert_to_tensor(layer.bias)
        if getattr(layer, "data_format", "channels_last") == "channels_first":
            bias = tf.reshape(bias, (-1, *[1] * (product.shape.rank - 2)))
        product += bias
    return product if layer.activation is None else layer.activation(product)


def _added(layer: Any, shape: tuple[int, ...], first: float) -> keras.Variable:
    """Add a variable to a layer that is built."""
    layer._tracker.unlock()
    try:
        value = keras.initializers.Constant(first)
        return layer.add_weight(shape=shape, initializer=value, dtype="float32", name="learned")
    finally:
        layer._tracker.lock()


def forget_steps(model: keras.Model, kernels: Iterable[keras.Variable]) -> None:
    """Have the model's steps traced again: the layers of these kernels compute something else now."""
    model.train_function = model.test_function = model.predict_function = None
    trace_again(kernels)
