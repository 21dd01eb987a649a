"""Sparse training of the two LeNets: gradual magnitude pruning with regrowth.

Every hundred steps the smallest weights of all layers are removed, so that the number kept falls by the same
factor each time; some more are removed, and as many come back where the gradient is largest. Weights that
cannot affect the output are exchanged too, and units without weights are left out of the computation.
Sources: Han et al., "Learning both weights and connections" (2015); Zhu and Gupta, "To prune, or not to
prune" (2017); Evci et al., "Rigging the lottery" (2020); Liu et al., "Sparse training via boosting pruning
plasticity with neuroregeneration" (2021); for LeNet-5 see also `unit_strength`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import prunewidgets as pw

from .dead_ends import as_inputs, fed, without_dead_ends
from .sparse_loop import BATCH, Loop
from .unit_strength import scores_by_strength
from .variational_stage import chosen_by_noise

EVERY = 100
"""Steps from one pruning to the next."""
_BEGIN = 0.02
"""First pruning, as a share of all steps."""
_WARM_UP = 0.01
"""The learning rate rises for this share of all steps."""


@dataclass(frozen=True)
class Settings:
    """How one network is trained, with stochastic gradient descent.

    Attributes:
        net: "lenet_300_100" or "lenet_5".
        ratio: Dense weights ÷ weights kept.
        epochs: Passes over the training digits.
        learning_rate: Until pruning has ended; from then on it falls along a cosine to 0.
        dropout: Share of hidden dense units dropped while training.
        l2: Factor with which a kernel is added to its gradient.
        longest: Largest norm of all gradients together; longer ones are scaled down to it.
        end: Last pruning that raises the sparsity, as a share of all steps.
        settle: Share of all steps after which no weights are exchanged.
        regrow: Share of the kept weights that is exchanged at first; falls along a cosine to 0 at `settle`.
        masks: "global" or "layer": the smallest weights of all layers or of each; "random": drawn once.
        widths: Units of the hidden layers, for a smaller dense network; () for the original ones.
        strength: Power with which the strength of its units multiplies a magnitude, in global masks.
        noisy: Passes over the training digits before these, with noise on the weights: see
            `variational_stage`.
        left: Weights left after those.
    """

    net: str
    ratio: float
    epochs: int
    learning_rate: float
    dropout: float = 0.0
    l2: float = 5e-4
    longest: float = 1e9
    end: float = 0.75
    settle: float = 0.85
    regrow: float = 0.3
    masks: str = "global"
    widths: tuple[int, ...] = ()
    strength: float = 0.0
    noisy: int = 0
    left: int = 0


def train(
    settings: Settings, x: np.ndarray, y: np.ndarray, seed: int, saved: Path | None = None
) -> keras.Model:
    """Train one network from its initial weights on images from 0 to 1; return it pruned.

    What the passes with noise have done so far is in the file ``saved``, from which a killed run goes on.
    """
    keras.utils.set_random_seed(seed)
    mean, std = float(x.mean()), float(x.std())
    model = network(settings.net, settings.widths, seed)
    layers = [layer for layer in model.layers if layer.weights]
    kernels, biases = [layer.kernel.numpy() for layer in layers], [layer.bias.numpy() for layer in layers]
    shapes, sizes = [kernel.shape for kernel in kernels], [kernel.size for kernel in kernels]
    data = tf.constant((x - mean) / std), tf.constant(y.astype(np.int32))
    order = _order(len(x), np.random.default_rng(seed))
    if settings.noisy:
        kernels, biases = chosen_by_noise(
            kernels, biases, *data, settings.noisy, settings.left, seed, order, saved
        )
    loop = Loop(kernels, biases, *data, settings.dropout, settings.l2, settings.longest)
    if settings.noisy:
        loop.hold([kernel != 0 for kernel in kernels])
        loop = loop.without_unused_units()
    if settings.masks == "random":
        rng = np.random.default_rng(seed)
        loop.hold(
            [_largest([rng.random(shape)], round(np.prod(shape) / settings.ratio))[0] for shape in shapes]
        )
        loop = loop.without_unused_units()
    total = settings.epochs * (len(x) // BATCH)
    for step in range(0, total, EVERY):
        steps = range(step, min(step + EVERY, total))
        loop.run([next(order) for _ in steps], [_rate(settings, at, total) for at in steps])
        if settings.ratio > 1 and settings.masks != "random":
            loop = _pruned(loop, settings, steps.stop, total, sizes)
    for layer, *arrays in zip(layers, *loop.at_full_size(shapes), strict=True):
        layer.set_weights(arrays)
    _fold(layers[0], mean, std)
    return model


def network(net: str, widths: tuple[int, ...], seed: int) -> keras.Model:
    """Return a new network; `widths`, if given, are the numbers of hidden units, first layer first."""
    model = getattr(pw.models, net)(seed=seed)
    if not widths:
        return model
    config = model.get_config()
    for layer in config["layers"]:
        layer.pop("build_config", None)  # has the old widths
    counted = [layer["config"] for layer in config["layers"] if {"units", "filters"} & set(layer["config"])]
    for layer, width in zip(counted, widths, strict=False):
        layer["units" if "units" in layer else "filters"] = width
    narrower = keras.Sequential.from_config(config)
    narrower.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return narrower


def _pruned(loop: Loop, settings: Settings, step: int, total: int, sizes: list[int]) -> Loop:
    """Remove and exchange the weights due after `step` steps; `sizes`: weights of the dense layers."""
    begin, end, settle = (int(share * total) for share in (_BEGIN, settings.end, settings.settle))
    if not begin <= step < settle + EVERY:
        return loop
    first = settings.left / sum(sizes) if settings.left else 1.0
    left = first * (first * settings.ratio) ** -min((step - begin) / (end - begin), 1)
    kernels = loop.kernels()
    if settings.masks == "layer":
        pairs = zip(kernels, sizes, strict=True)
        loop.hold([_largest([np.abs(kernel)], round(left * size))[0] for kernel, size in pairs])
        return loop.without_unused_units()
    kept = round(left * sum(sizes))
    exchanged = int(settings.regrow * _falling(step, 0, settle) * kept)
    live = without_dead_ends(_largest(scores_by_strength(kernels, settings.strength), kept - exchanged))
    slopes = loop.gradients()
    for number in range(len(live) - 1):
        slopes[number + 1] *= as_inputs(live, number, fed(live[number]))[:, None]
    # Kept weights come first, then those with the largest gradients, up to the number that is due.
    above = 1 + max(slope.max() for slope in slopes)
    wanted = [np.where(mask, above, slope) for mask, slope in zip(live, slopes, strict=True)]
    loop.hold(_largest(wanted, kept))
    return loop.without_unused_units()


def _largest(arrays: list[np.ndarray], kept: int) -> list[np.ndarray]:
    """Return masks of exactly `kept` entries, the largest of all arrays together; all if there are fewer."""
    scores = {f"layer_{number}": array for number, array in enumerate(arrays)}
    size = sum(array.size for array in arrays)
    return list(pw.Masks.from_sparsity(scores, max(0, 1 - kept / size)).values())


def _rate(settings: Settings, step: int, total: int) -> float:
    """Return the learning rate of one step."""
    end = int(settings.end * total) if settings.ratio > 1 else 0
    return settings.learning_rate * _falling(step, end, total) * min(1, (step + 1) / (_WARM_UP * total))


def _falling(step: int, begin: int, end: int) -> float:
    """Return 1 up to `begin`, then half a cosine down to 0 at `end`."""
    share = min(max((step - begin) / (end - begin), 0), 1)
    return (1 + math.cos(math.pi * share)) / 2


def _order(n: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield batches of shuffled example indices, pass after pass; an incomplete last batch is left out."""
    while True:
        yield from rng.permutation(n)[: n // BATCH * BATCH].reshape(-1, BATCH).astype(np.int32)


def _fold(first: keras.Layer, mean: float, std: float) -> None:
    """Move the scaling of the inputs into the first kernel, so that the model takes inputs from 0 to 1."""
    kernel, bias = first.kernel.numpy(), first.bias.numpy()
    shift = kernel.sum(axis=tuple(range(kernel.ndim - 1)), dtype=np.float64) * mean / std
    first.kernel.assign(kernel / np.float32(std))
    first.bias.assign(bias - shift.astype(np.float32))
