"""The smallest networks for a small problem: every structure of one hidden layer, each trained many times."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from ...core.arrays import is_whole
from ...utils.progress_bar import progress

_AT_ONCE = 2_000_000  # hidden values in memory, of all networks that train together
_STEPS_A_CALL = 50
_RATE, _DECAYS, _SMALL = 0.1, (0.9, 0.99), 1e-7  # Adam's

Unit = tuple[int, ...]
"""The inputs that a hidden unit reads."""
Structure = tuple[Unit, ...]


@dataclass(frozen=True)
class SmallestNetworks:
    """What ``smallest_networks`` found.

    Attributes:
        frame: One row per structure, the fewest weights first: ``weights``, ``units`` (for each hidden unit
            its inputs, such as "x1 x2"), ``accuracy`` of the best of all restarts, and ``solved``, the share
            of the restarts in which every example is right.

    Example:
        >>> x = np.array([[0], [1], [2]], np.float32)
        >>> found = pw.smallest_networks(x, x[:, 0] == 1, weights=4, units=2, restarts=5)
        >>> found.frame["weights"].tolist()
        [2, 4]
        >>> [weights.shape for weights in found.network(1).get_weights()]
        [(1, 2), (2,), (2, 1), (1,)]
    """

    frame: pd.DataFrame
    _best: tuple[tuple[np.ndarray, ...], ...]

    def network(self, row: int) -> keras.Model:
        """Return the best network of a row as a Keras model, with layers "hidden" (ReLU) and "out" (sigmoid).

        Args:
            row: The label of the row in ``frame``.
        """
        if row not in self.frame.index:
            raise ValueError(f"there is no row {row!r}; the rows are 0 to {len(self.frame) - 1}.")
        kernel, bias, out, out_bias = self._best[row]
        hidden = keras.layers.Dense(kernel.shape[1], "relu", name="hidden")
        model = keras.Sequential(
            [keras.Input((len(kernel),)), hidden, keras.layers.Dense(1, "sigmoid", name="out")]
        )
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        model.set_weights([kernel, bias, out, out_bias])
        return model


def smallest_networks(
    x: np.ndarray,
    y: np.ndarray,
    weights: int = 12,
    units: int = 4,
    restarts: int = 40,
    steps: int = 600,
    seed: int = 0,
) -> SmallestNetworks:
    """Train every structure of a small network, to find those with the fewest weights that are always right.

    A network has one hidden layer of ReLU units and one output. A structure says which inputs each hidden
    unit reads; it costs one weight for each of them and one for the unit's way to the output. Biases are
    free. So two units that read x1 and x2, and one that reads both, are seven weights. Structures that
    differ by the order of the units alone are trained once.

    All of them are: nothing is left out but other values of the weights. So a structure that solves the
    problem is proof that it can be solved with so few weights. That fewer are not enough is shown only as far
    as the restarts go.

    Args:
        x: (n, inputs) float array with 1 to 4 inputs.
        y: (n,) array of classes, 0 and 1.
        weights: The most weights of a structure. Defaults to 12.
        units: The most hidden units. Defaults to 4.
        restarts: How often each structure is trained, from random weights. Defaults to 40.
        steps: Steps of Adam on all examples at once, with cosine decay from 0.1. Rounded up to a
            multiple of 50. Defaults to 600.
        seed: Of the first weights. Defaults to 0.

    Returns:
        A frame with a row per structure, and the networks.

    Raises:
        ValueError: Another shape of x or y, other classes, a number that is too small.

    Example:
        >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
        >>> found = pw.smallest_networks(x, x[:, 0] != x[:, 1], weights=6, units=2)
        >>> found.frame.loc[found.frame["solved"] > 0, ["weights", "units"]].values.tolist()
        [[6, ('x1 x2', 'x1 x2')]]

    Source: Zhang and Papyan, "Sparsest models elude pruning: an exposé of pruning's current capabilities"
        (2024), section 3, who search deeper networks in two phases instead.
    """
    x, labels = _checked(x, y)
    least_of = (("weights", weights, 2), ("units", units, 1), ("restarts", restarts, 1), ("steps", steps, 1))
    for what, number, least in least_of:
        if not is_whole(number, least, 10_000):
            raise ValueError(f"{what} is {number!r}; it has to be a whole number, {least} or more.")
    every = sorted(_structures(x.shape[1], int(weights), int(units)), key=_size)
    share = max(1, _AT_ONCE // (restarts * len(x) * units))
    parts = [every[start : start + share] for start in range(0, len(every), share)]
    calls = -(-steps // _STEPS_A_CALL)
    rows: list[dict[str, Any]] = []
    best: list[tuple[np.ndarray, ...]] = []
    rounds = progress(range(calls * len(parts)), "round")
    with closing(rounds) as bar:  # type: ignore[type-var]  # after Ctrl-C too
        for part in parts:
            networks = _Networks(part, x, labels, units, restarts, calls * _STEPS_A_CALL, seed)
            for _ in range(calls):
                next(bar)
                networks.train()
            right = networks.right().reshape(len(part), restarts)
            for number, structure in enumerate(part):
                first = int(right[number].argmax())
                best.append(networks.values(number * restarts + first, len(structure)))
                rows.append(
                    {
                        "weights": _size(structure),
                        "units": tuple(" ".join(f"x{i + 1}" for i in unit) for unit in structure),
                        "accuracy": right[number, first],
                        "solved": float(np.mean(right[number] == 1)),
                    }
                )
    return SmallestNetworks(pd.DataFrame(rows), tuple(best))


class _Networks:
    """Networks of several structures, each with many first values, as arrays with one more axis."""

    def __init__(
        self,
        structures: list[Structure],
        x: np.ndarray,
        y: np.ndarray,
        units: int,
        restarts: int,
        steps: int,
        seed: int,
    ) -> None:
        """Draw the first values."""
        rng, many, inputs = np.random.default_rng(seed), len(structures) * restarts, x.shape[1]
        reads = np.zeros((len(structures), inputs, units), np.float32)
        for number, structure in enumerate(structures):
            for place, unit in enumerate(structure):
                reads[number, list(unit), place] = 1
        reads = np.repeat(reads, restarts, axis=0)
        self._masks = [tf.constant(mask) for mask in (reads, reads.max(axis=1)[:, :, None])]
        first = [
            rng.normal(0, 1.5, (many, inputs, units)),
            rng.uniform(-1, 1, (many, 1, units)),
            rng.normal(0, 1.5, (many, units, 1)),
            np.zeros((many, 1, 1)),
        ]
        self._values = [tf.Variable(value, dtype=tf.float32) for value in first]
        self._moments = [[tf.Variable(tf.zeros_like(v)) for v in self._values] for _ in _DECAYS]
        self._step, self._steps = tf.Variable(0.0), float(steps)
        self._x = tf.constant(np.broadcast_to(x, (many, *x.shape)))
        self._y = tf.constant(np.broadcast_to(y[:, None], (many, len(y), 1)))

    @tf.function  # type: ignore[untyped-decorator]
    def train(self) -> None:
        """Make a number of steps of Adam."""
        for _ in tf.range(_STEPS_A_CALL):  # a loop of TensorFlow: Python's would be traced step by step
            with tf.GradientTape() as tape:
                losses = tf.nn.sigmoid_cross_entropy_with_logits(self._y, self._logits())
                loss = tf.reduce_sum(tf.reduce_mean(losses, axis=(1, 2)))  # each network has its own
            slopes = tape.gradient(loss, self._values)
            rate = _RATE * 0.5 * (1 + tf.cos(np.pi * self._step / self._steps))
            self._step.assign_add(1.0)
            for value, slope, mean, square in zip(self._values, slopes, *self._moments, strict=True):
                mean.assign(_DECAYS[0] * mean + (1 - _DECAYS[0]) * slope)
                square.assign(_DECAYS[1] * square + (1 - _DECAYS[1]) * slope**2)
                along, width = mean / (1 - _DECAYS[0] ** self._step), square / (1 - _DECAYS[1] ** self._step)
                value.assign_sub(rate * along / (tf.sqrt(width) + _SMALL))

    def right(self) -> np.ndarray:
        """Return (networks,) the share of examples that each reads right."""
        return np.mean((self._logits().numpy() > 0) == (self._y.numpy() > 0), axis=(1, 2))

    def values(self, number: int, units: int) -> tuple[np.ndarray, ...]:
        """Return kernel and bias of both layers of one network, without the places of units it has not."""
        kernel, bias, out, out_bias = (value[number].numpy() for value in self._values)
        reads, leads = (mask[number].numpy() for mask in self._masks)
        return (kernel * reads)[:, :units], bias[0, :units], (out * leads)[:units], out_bias[0]

    def _logits(self) -> tf.Tensor:
        kernel, bias, out, out_bias = self._values
        reads, leads = self._masks
        hidden = tf.nn.relu(tf.matmul(self._x, kernel * reads) + bias)
        return tf.matmul(hidden, out * leads) + out_bias


def _structures(inputs: int, weights: int, units: int) -> Iterator[Structure]:
    """Yield each choice of units, whatever their order, that takes no more than so many weights."""
    kinds = [unit for many in range(1, inputs + 1) for unit in combinations(range(inputs), many)]
    for number in range(1, units + 1):
        for structure in combinations_with_replacement(kinds, number):
            if _size(structure) <= weights:
                yield structure


def _size(structure: Structure) -> int:
    return sum(len(unit) + 1 for unit in structure)


def _checked(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(x, np.float32), np.asarray(y)
    if x.ndim != 2 or not 1 <= x.shape[1] <= 4 or not len(x):
        raise ValueError(f"x has shape {x.shape}; examples with one to four inputs are needed, (n, inputs).")
    if y.shape != (len(x),) or not np.isin(y, (0, 1)).all():
        raise ValueError(
            f"y has shape {y.shape} and values such as {np.unique(y)[:3].tolist()}; it has to be one class, "
            f"0 or 1, for each of the {len(x):,} examples."
        )
    if not np.isfinite(x).all():
        raise ValueError("x contains values that are NaN or infinite.")
    return x, y.astype(np.float32)
