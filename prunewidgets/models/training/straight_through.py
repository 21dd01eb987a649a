"""Training with n of every m weights by straight-through gradients: what is left out is trained, too."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...core.criteria import score
from ...core.layouts import KERAS, Layout
from ...core.patterns import checked_pair, group_places
from ...core.patterns import n_of_m as pattern_masks
from ...utils.uninterrupted import uninterrupted
from ..layers.weights import Layers, named_variables
from ..live.live_model import LiveModel
from ..pruning.data_criteria import removed_first
from ..pruning.linear import linear, replaced_calls
from .learned import finished, forget_steps, linear_layers


@contextmanager
def sr_ste(
    model: keras.Model,
    n_of_m: tuple[int, int] = (2, 4),
    strength: float = 2e-4,
    layers: Layers = None,
    exclude: Layers = None,
) -> Iterator[None]:
    """Train with the n largest of every m weights, chosen again in each step, within a ``with``.

    The layers compute with w̃, which is w with all but the n largest of every m consecutive weights along the
    inputs of each output left out, see ``pw.patterns.n_of_m``. The gradient with respect to w̃ goes to all of
    w ("straight through"), so that one left out may grow and come back, and ``strength`` · w is added to the
    gradient of those that are left out, which makes the choice settle: the loss has ``strength`` / 2 · Σ w²
    over them. At the end of the ``with``, also by Ctrl-C, the weights are w̃, and its zeros are removed and
    held; what was removed before stays so. ``LiveModel(model).restore()`` brings back the model as it was
    before.

    Args:
        model: A built and compiled Keras 3 model.
        n_of_m: (n, m). Defaults to (2, 4).
        strength: λ of the paper, 0 or more. Defaults to 2e-4, the paper's.
        layers: Kernels to train in this way: names of layers or weights, classes, regular expressions or a
            function, see ``LiveModel``. Defaults to all, which have to be of Dense, EinsumDense, Conv1D,
            Conv2D or Conv3D.
        exclude: Leave these out.

    Raises:
        ValueError: If the model is not compiled, a number is out of range, or a layer is of another kind.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> (x, y), _ = pw.datasets.mnist()
        >>> with pw.sr_ste(model, n_of_m=(2, 4)):
        ...     history = model.fit(x[:1_280], y[:1_280], verbose=0)
        >>> pw.LiveModel(model).applied
        Masks: 133,100 of 266,200 weights removed (50.00 %)
        >>> pw.LiveModel(model).applied["dense_3/kernel"][:8, 0].reshape(2, 4).sum(axis=1).tolist()
        [2, 2]

    Source: Zhou et al., "Learning N:M fine-grained structured sparse neural networks from scratch" (2021),
        equation 5 and section 3.2.
    """
    pair = checked_pair(n_of_m)
    if not (isinstance(strength, int | float) and strength >= 0):
        raise ValueError(f"strength is {strength!r}; give a number, 0 or more, such as 2e-4.")
    live = LiveModel(model, layers, exclude)
    layer_of, named = linear_layers(live), named_variables(model)
    kernels = {name: named[name] for name in layer_of}
    choices = {name: _chooser(kernels[name].shape, live.layouts.get(name, KERAS), *pair) for name in kernels}
    before: Mapping[str, np.ndarray] = live.applied or {}

    def left(weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        masks = pattern_masks(removed_first(score(weights), before), *pair)
        return {**before, **{name: mask & before.get(name, True) for name, mask in masks.items()}}

    live.apply(before)  # saves everything for restore
    try:
        with live.lock, uninterrupted():
            forget_steps(model, kernels.values())
        calls = {name: _call(layer_of[name], kernels[name], choices[name], strength) for name in kernels}
        with replaced_calls((layer_of[name], call) for name, call in calls.items()):
            yield
    finally:
        with live.lock, uninterrupted():
            forget_steps(model, kernels.values())
            live.apply_chosen(left)


Choice = Callable[[tf.Tensor], tf.Tensor]
"""From the weights of a kernel to its mask."""


def _chooser(shape: tuple[int, ...], layout: Layout, n: int, m: int) -> Choice:
    """Return the function that does in TensorFlow what ``pw.patterns.n_of_m`` does with sizes."""
    parts = [places for places in group_places(shape, layout, m) if places.size]
    back = np.argsort(np.concatenate([places.ravel() for places in parts]))

    def choose(weights: tf.Tensor) -> tf.Tensor:
        size = tf.reshape(tf.abs(weights), [-1])
        kept = []
        for places in parts:
            number = places.shape[1]
            removed = number - -(-n * number // m)
            rank = tf.argsort(tf.argsort(tf.gather(size, places), stable=True), stable=True)
            kept.append(tf.reshape(rank >= removed, [-1]))
        return tf.reshape(tf.gather(tf.concat(kept, 0), back), shape)

    return choose


def _call(layer: Any, kernel: keras.Variable, choose: Choice, strength: float) -> Callable[..., tf.Tensor]:
    """Return what a layer computes instead, in training and at inference."""

    def call(inputs: Any, *args: Any, **options: Any) -> tf.Tensor:
        w = tf.cast(tf.convert_to_tensor(kernel), tf.float32)
        chosen = choose(w)
        if layer._get_call_context().get_value("training"):
            layer.add_loss(strength / 2 * tf.reduce_sum(tf.where(chosen, 0.0, tf.square(w))))
        w += tf.stop_gradient(tf.where(chosen, w, 0.0) - w)
        x = tf.convert_to_tensor(inputs)
        return finished(layer, linear(layer, x, tf.cast(w, x.dtype)))

    return call
