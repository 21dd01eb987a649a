"""Sparse training of the two LeNets: gradual magnitude pruning with regrowth, in one compiled loop.

Every hundred steps the smallest weights of all layers go, along a cubic schedule; some more of them go and
as many come back, where the gradient is largest. Weights into units that lead nowhere are exchanged too.
Sources: Zhu and Gupta, "To prune, or not to prune" (2017); Evci et al., "Rigging the lottery" (2020); Liu et
al., "Sparse training via boosting pruning plasticity with neuroregeneration" (2021).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
import tensorflow as tf

import prunewidgets as pw
from prunewidgets.schedules import polynomial

EVERY = 100
"""Steps from one pruning to the next."""
BATCH = 128
_GRADIENT_EXAMPLES = 2_000
"""So many training digits tell which weights should come back."""


@dataclass(frozen=True)
class Settings:
    """How one network is trained.

    Attributes:
        net: "lenet_300_100" or "lenet_5".
        ratio: Dense weights ÷ weights kept.
        epochs: Passes over the training digits.
        optimizer: "adam", or "sgd" with Nesterov's momentum of 0.9.
        learning_rate: Until pruning has ended; from then on it falls along a cosine to 0.
        dropout: Share of hidden dense units dropped while training.
        l2: So many times a kernel is added to its gradient.
        begin: First pruning, as a share of all steps.
        end: Last one that removes more.
        settle: From here on nothing is exchanged any more.
        regrow: Share of the kept weights that is exchanged at first; falls along a cosine to 0 at `settle`.
        masks: "global" and "layer": smallest weights of all layers together or of each; "random": drawn once.
    """

    net: str
    ratio: float
    epochs: int
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    dropout: float = 0.0
    l2: float = 0.0
    begin: float = 0.05
    end: float = 0.6
    settle: float = 0.75
    regrow: float = 0.3
    masks: str = "global"


def train(settings: Settings, x: np.ndarray, y: np.ndarray, seed: int) -> keras.Model:
    """Train one network from its initial weights on images from 0 to 1; returns it pruned."""
    keras.utils.set_random_seed(seed)
    mean, std = float(x.mean()), float(x.std())
    model = getattr(pw.models, settings.net)(seed=seed)
    loop = _Loop(model, (x - mean) / std, y.astype(np.int32), settings)
    order = _order(len(x), np.random.default_rng(seed))
    total = settings.epochs * (len(x) // BATCH)
    end = int(settings.end * total) if settings.ratio > 1 else 0
    if settings.masks == "random":
        scores = pw.score(loop.weights(), "random", seed=seed)
        loop.hold(pw.Masks.from_sparsity(scores, 1 - 1 / settings.ratio, scope="layer"))
    for step in range(0, total, EVERY):
        steps = range(step, min(step + EVERY, total))
        rates = [settings.learning_rate * _falling(at, end, total) for at in steps]
        loop.run([next(order) for _ in steps], rates)
        if settings.ratio > 1 and settings.masks != "random":
            _prune(loop, settings, steps.stop, total)
    _fold(model, mean, std)
    return model


def _prune(loop: "_Loop", settings: Settings, step: int, total: int) -> None:
    """Remove and exchange what is due after so many steps."""
    begin, end, settle = (int(share * total) for share in (settings.begin, settings.end, settings.settle))
    if not begin <= step < settle + EVERY:
        return
    size = sum(weight.size for weight in loop.weights().values())
    sparsity = polynomial(step, 1 - 1 / settings.ratio, begin, end)
    kept = size - round(sparsity * size)
    exchanged = int(settings.regrow * _falling(step, 0, settle) * kept) if settings.masks == "global" else 0
    scores = pw.score(loop.weights())
    masks = pw.Masks.from_sparsity(scores, 1 - (kept - exchanged) / size, scope=settings.masks)
    if settings.masks == "global":
        live = without_dead_ends(dict(masks), settings.net)
        slopes = loop.gradients()
        # What is kept comes first, then the largest gradients, until there are as many as are due.
        above = 1 + max(slope.max() for slope in slopes.values())
        wanted = {name: np.where(live[name], above, slopes[name]) for name in live}
        masks = pw.Masks.from_sparsity(wanted, 1 - kept / size)
    loop.hold(masks)


def without_dead_ends(masks: dict[str, np.ndarray], net: str) -> dict[str, np.ndarray]:
    """The same masks without the weights into units from which none leads on."""
    names = list(masks)
    for first, second in reversed(list(zip(names, names[1:], strict=False))):
        onward = masks[second]
        if net == "lenet_5" and first.endswith("conv_2/kernel"):  # flattened: all filters of a place
            onward = onward.reshape(-1, masks[first].shape[-1], onward.shape[-1])
        used = onward.any(axis=tuple(axis for axis in range(onward.ndim) if axis != onward.ndim - 2))
        masks[first] = masks[first] & used
    return masks


def _falling(step: int, begin: int, end: int) -> float:
    """1 up to `begin`, then half a cosine down to 0 at `end`."""
    share = min(max((step - begin) / (end - begin), 0), 1)
    return (1 + math.cos(math.pi * share)) / 2


def _order(n: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Batches of shuffled numbers of examples, pass after pass; what does not fill a batch is left out."""
    while True:
        yield from rng.permutation(n)[: n // BATCH * BATCH].reshape(-1, BATCH).astype(np.int32)


def _fold(model: keras.Model, mean: float, std: float) -> None:
    """Let the first kernel do the scaling of the inputs, so that the model takes them from 0 to 1."""
    first = next(layer for layer in model.layers if layer.weights)
    kernel, bias = first.kernel.numpy(), first.bias.numpy()
    shift = kernel.sum(axis=tuple(range(kernel.ndim - 1)), dtype=np.float64) * mean / std
    first.kernel.assign(kernel / np.float32(std))
    first.bias.assign(bias - shift.astype(np.float32))


class _Loop:
    """Compiled training steps of one model, on data that stays in TensorFlow's memory."""

    def __init__(self, model: keras.Model, x: np.ndarray, y: np.ndarray, settings: Settings) -> None:
        self._layers, self._dropout, self._l2 = model.layers, settings.dropout, settings.l2
        self._x, self._y = tf.constant(x), tf.constant(y)
        self._variables = model.trainable_variables
        self._kernels = {variable.path: variable for variable in self._variables if variable.name == "kernel"}
        self._kept = {path: tf.Variable(tf.ones(kernel.shape)) for path, kernel in self._kernels.items()}
        self._optimizer = {
            "adam": keras.optimizers.Adam,
            "sgd": partial(keras.optimizers.SGD, momentum=0.9, nesterov=True),
        }[settings.optimizer]()
        self._optimizer.build(self._variables)
        self._steps = tf.function(
            self._take_steps,
            input_signature=[tf.TensorSpec((None, BATCH), tf.int32), tf.TensorSpec((None,), tf.float32)],
        )
        self._slopes = tf.function(
            self._take_slopes, input_signature=[tf.TensorSpec((_GRADIENT_EXAMPLES,), tf.int32)]
        )
        self._rng = np.random.default_rng(0)

    def weights(self) -> dict[str, np.ndarray]:
        return {path: kernel.numpy() for path, kernel in self._kernels.items()}

    def hold(self, masks: pw.Masks) -> None:
        for path, kernel in self._kernels.items():
            self._kept[path].assign(masks[path].astype(np.float32))
            kernel.assign(kernel.value * self._kept[path])

    def run(self, examples: list[np.ndarray], rates: list[float]) -> None:
        self._steps(tf.constant(np.stack(examples)), tf.constant(rates, tf.float32))

    def gradients(self) -> dict[str, np.ndarray]:
        """|gradient| of all weights, held ones too, on a few training digits."""
        some = self._rng.choice(len(self._x), _GRADIENT_EXAMPLES, replace=False).astype(np.int32)
        slopes = self._slopes(tf.constant(some))
        return {path: np.abs(slope.numpy()) for path, slope in zip(self._kernels, slopes, strict=True)}

    def _take_steps(self, examples: tf.Tensor, rates: tf.Tensor) -> None:
        for step in tf.range(tf.shape(examples)[0]):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch([variable.value for variable in self._variables])
                loss = self._loss(examples[step], self._dropout)
            slopes = tape.gradient(loss, [variable.value for variable in self._variables])
            slopes = [
                (slope + self._l2 * variable.value) * self._kept[variable.path]
                if variable.path in self._kept
                else slope
                for slope, variable in zip(slopes, self._variables, strict=True)
            ]
            self._optimizer.learning_rate.assign(rates[step])
            self._optimizer.apply(slopes)
            for path, kernel in self._kernels.items():
                kernel.assign(kernel.value * self._kept[path])

    def _take_slopes(self, examples: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            loss = self._loss(examples, 0.0)
        return tape.gradient(loss, [kernel.value for kernel in self._kernels.values()])

    def _loss(self, examples: tf.Tensor, dropout: float) -> tf.Tensor:
        """Mean cross-entropy, from the inputs of the softmax."""
        x = tf.gather(self._x, examples)
        for layer in self._layers[:-1]:
            x = layer(x)
            if dropout and isinstance(layer, keras.layers.Dense):
                x = tf.nn.dropout(x, dropout)
        last = self._layers[-1]
        logits = tf.matmul(x, last.kernel) + last.bias
        labels = tf.gather(self._y, examples)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
