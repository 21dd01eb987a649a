"""Sparse variational dropout: noise on each weight, as large as the loss bears, shows which are needed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ...core.arrays import is_whole
from ...core.masks import Masks
from ...core.thresholds import checked_sparsity
from ..layers.weights import Layers
from ..pruning.data_criteria import removed_first
from ..pruning.linear import linear
from .learned import Learned, Result, finished, learned

_K = (0.63576, 1.87320, 1.48695)  # the approximation of the divergence, equation 14 of the paper
_FIRST = -10.0  # log σ² before training
_LARGEST = 8.0  # log α
_NEEDLESS = 3.0  # weights with log α above this are removed: their noise is 20 times their square


class Noisy(NamedTuple):
    """A kernel θ that is trained with noise of variance σ² = exp(log_variance) on each weight."""

    layer: Any
    kernel: keras.Variable
    log_variance: keras.Variable

    def log_alpha(self) -> tf.Tensor:
        """Return log α = log(σ² / θ²), at most 8, in float32."""
        theta = tf.cast(self.kernel.value, tf.float32)
        found = tf.cast(self.log_variance.value, tf.float32) - tf.math.log(tf.square(theta) + 1e-8)
        return tf.minimum(found, _LARGEST)

    def need(self) -> np.ndarray:
        """Return −log α, not cut off, so that weights that need no more than others are ranked too."""
        theta, log_variance = self.kernel.numpy().astype(np.float32), self.log_variance.numpy()
        return np.log(np.square(theta) + np.float32(1e-8)) - log_variance

    def divergence(self) -> tf.Tensor:
        """Return the approximate divergence from the prior, summed over the weights; 0 for infinite α."""
        k1, k2, k3 = _K
        la = self.log_alpha()
        return tf.reduce_sum(k1 - k1 * tf.sigmoid(k2 + k3 * la) + tf.math.softplus(-la) / 2)


@contextmanager
def variational_dropout(
    model: keras.Model,
    examples: int,
    sparsity: float | None = None,
    warm_up: int = 0,
    layers: Layers = None,
    exclude: Layers = None,
) -> Iterator[None]:
    """Train with noise on each weight, within a ``with``, and remove the weights that bear much of it.

    A weight is θ(1 + √α ε) with ε normal and its own α, which is trained too: an output is drawn from
    N(x θ, x² α θ²). The loss has Σ KL / ``examples`` added, KL(α) ≈ k₁ − k₁ sigmoid(k₂ + k₃ log α) +
    ½ log(1 + 1/α), which falls with α. At inference there is no noise, and weights with log α above 3 are
    left out. At the end of the ``with``, also by Ctrl-C, these, or exactly the share asked for with the
    largest α, are removed and held at zero, the others are θ, and noise and penalty are gone.
    ``LiveModel(model).restore()`` brings back the model as it was before.

    Within the ``with`` the model is trained by a new optimizer of the same settings. The learning rate should
    fall towards the end, and Adam is what the paper uses. A trained model to start from helps, or a
    ``warm_up``.

    Args:
        model: A built and compiled Keras 3 model.
        examples: Number of training examples, by which the divergence is divided.
        sparsity: Share of the weights to remove at the end, 0 to 1. Defaults to None: those with log α above
            3.
        warm_up: Number of steps over which the share of the divergence rises from 0 to 1. Defaults to 0.
        layers: Kernels to train with noise: names of layers or weights, classes, regular expressions or a
            function, see ``LiveModel``. Defaults to all, which have to be of Dense, EinsumDense, Conv1D,
            Conv2D or Conv3D.
        exclude: Leave these out.

    Raises:
        ValueError: If the model is not compiled, a number is out of range, or a layer is of another kind.

    Example:
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> (x, y), _ = pw.datasets.mnist()
        >>> with pw.variational_dropout(model, examples=1_280, sparsity=0.9):
        ...     history = model.fit(x[:1_280], y[:1_280], epochs=2, verbose=0)
        >>> pw.LiveModel(model).applied
        Masks: 239,580 of 266,200 weights removed (90.00 %)

    Source: Molchanov, Ashukha and Vetrov, "Variational dropout sparsifies deep neural networks" (2017),
        equations 14 and 17, and section 4.
    """
    if not is_whole(examples, 1, 2**62):
        raise ValueError(f"examples is {examples!r}; it counts training examples, so give 1 or more.")
    if not is_whole(warm_up, 0, 2**62):
        raise ValueError(f"warm_up is {warm_up!r}; it counts steps, so give a whole number, 0 or more.")
    if sparsity is not None:
        checked_sparsity(sparsity)

    def finish(noisy: Mapping[str, Learned], before: Mapping[str, np.ndarray]) -> Result:
        need = {name: Noisy(*one).need() for name, one in noisy.items()}
        scores = removed_first(need, before)
        if sparsity is None:
            kept = {name: (score >= -_NEEDLESS) & before.get(name, True) for name, score in scores.items()}
            return Masks(kept), {}
        return Masks.from_sparsity(scores, sparsity), {}

    share = partial(_share, model, examples, warm_up)
    with learned(
        model,
        lambda kernel: (kernel.shape, _FIRST),
        lambda one: _call(Noisy(*one), share),
        finish,
        layers,
        exclude,
    ):
        yield


def _share(model: keras.Model, examples: int, warm_up: int) -> tf.Tensor:
    """Return the factor of the divergence at the present step."""
    done = tf.cast(model.optimizer.iterations.value, tf.float32) / warm_up if warm_up else 1.0
    return tf.minimum(done, 1.0) / examples


def _call(noisy: Noisy, share: Callable[[], tf.Tensor]) -> Callable[..., tf.Tensor]:
    """Return what a layer computes instead, in training and at inference."""
    layer = noisy.layer

    def call(inputs: Any, *args: Any, **options: Any) -> Any:
        x = tf.convert_to_tensor(inputs)
        theta = tf.convert_to_tensor(noisy.kernel)
        if layer._get_call_context().get_value("training"):
            layer.add_loss(share() * noisy.divergence())
            variance = tf.exp(noisy.log_alpha()) * (tf.square(tf.cast(theta, tf.float32)) + 1e-8)
            spread = linear(layer, tf.square(x), tf.cast(variance, theta.dtype))
            found = linear(layer, x, theta)
            found += tf.random.normal(tf.shape(found), dtype=found.dtype) * tf.sqrt(spread + 1e-8)
        else:
            needed = noisy.log_alpha() <= _NEEDLESS
            found = linear(layer, x, tf.where(needed, theta, tf.zeros((), theta.dtype)))
        return finished(layer, found)

    return call
