"""Soft thresholds that are learned, one for each layer, with the weights."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...core.masks import Masks
from ...core.thresholds import checked_sparsity
from ..layers.weights import Layers
from ..pruning.data_criteria import removed_first
from ..pruning.linear import linear
from .learned import Learned, Result, finished, learned


@contextmanager
def learned_thresholds(
    model: keras.Model,
    strength: float = 1e-3,
    first: float = -5.0,
    sparsity: float | None = None,
    layers: Layers = None,
    exclude: Layers = None,
) -> Iterator[None]:
    """Train each layer with a soft threshold of its own, which is learned too, within a ``with``.

    The layer computes with S(w) = sign(w) · max(abs(w) − sigmoid(s), 0) in place of w: what is smaller than
    its threshold is zero, but goes on learning s. The loss has ``strength`` / 2 · Σ s² added, which raises
    the thresholds from sigmoid(``first``) on, and with them the sparsity; the loss holds against it, in each
    layer as far as it needs. At the end of the ``with``, also by Ctrl-C, the weights are S(w), its zeros are
    removed and held, and the thresholds are gone. ``LiveModel(model).restore()`` brings back the model as it
    was before. Within the ``with`` the model is trained by a new optimizer of the same settings.

    Args:
        model: A built and compiled Keras 3 model.
        strength: The factor of the penalty, above 0: the larger, the sparser. Defaults to 1e-3.
        first: s at the start. Defaults to -5, a threshold of 0.0067.
        sparsity: Share of the weights to remove at the end, 0 to 1: those with the smallest
            abs(w) − sigmoid(s) of all layers. Defaults to None: the zeros of S.
        layers: Kernels to train in this way: names of layers or weights, classes, regular expressions or a
            function, see ``LiveModel``. Defaults to all, which have to be of Dense, EinsumDense, Conv1D,
            Conv2D or Conv3D.
        exclude: Leave these out.

    Raises:
        ValueError: If the model is not compiled, a number is out of range, or a layer is of another kind.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> (x, y), _ = pw.datasets.mnist()
        >>> with pw.learned_thresholds(model, strength=1e-2):
        ...     history = model.fit(x[:1_280], y[:1_280], epochs=2, verbose=0)
        >>> pw.LiveModel(model).applied.sparsity > 0.05
        True

    Source: Kusupati et al., "Soft threshold weight reparameterization for learnable sparsity" (2020),
        equations 2 to 5.
    """
    if not (isinstance(strength, int | float) and strength > 0):
        raise ValueError(f"strength is {strength!r}; give a number above 0, such as 1e-3.")
    if not (isinstance(first, int | float) and np.isfinite(first)):
        raise ValueError(f"first is {first!r}; give a number, such as -5.")
    if sparsity is not None:
        checked_sparsity(sparsity)

    def finish(every: Mapping[str, Learned], before: Mapping[str, np.ndarray]) -> Result:
        values = {name: tf.cast(soft(one), one.kernel.dtype) for name, one in every.items()}
        if sparsity is None:
            return Masks.from_zeros({name: value.numpy() for name, value in values.items()}), values
        above = {name: _above(one).numpy() for name, one in every.items()}
        return Masks.from_sparsity(removed_first(above, before), sparsity), values

    def first_of(kernel: keras.Variable) -> tuple[tuple[int, ...], float]:
        return (), float(first)

    def call_of(one: Learned) -> Callable[..., tf.Tensor]:
        def call(inputs: Any, *args: Any, **options: Any) -> tf.Tensor:
            if one.layer._get_call_context().get_value("training"):
                one.layer.add_loss(strength / 2 * tf.square(one.extra.value))
            x = tf.convert_to_tensor(inputs)
            return finished(one.layer, linear(one.layer, x, tf.cast(soft(one), x.dtype)))

        return call

    with learned(model, first_of, call_of, finish, layers, exclude):
        yield


def soft(one: Learned) -> tf.Tensor:
    """Return S(w), in float32."""
    return tf.sign(tf.cast(one.kernel.value, tf.float32)) * tf.nn.relu(_above(one))


def _above(one: Learned) -> tf.Tensor:
    """Return by how much each weight is larger than the threshold of its layer."""
    return tf.abs(tf.cast(one.kernel.value, tf.float32)) - tf.sigmoid(one.extra.value)
