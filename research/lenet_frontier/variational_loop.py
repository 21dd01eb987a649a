"""Sparse variational dropout of a chain of layers: noise on each weight shows which the network needs.

Source: Molchanov, Ashukha and Vetrov, "Variational dropout sparsifies deep neural networks" (2017). A weight
is θ + σε with ε normal, and both θ and s = log σ² are trained. The loss has Σ KL(α) ÷ examples added, with
log α = s − log θ²; what bears much noise, so has a large α, leaves. Unlike there, how many stay is given
from outside, and a convolution draws one kernel for each quarter of a batch, which costs less than a noise
for each output.
"""

from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from .convolution import convolved_and_pooled
from .dead_ends import units_in_use, without_dead_ends

FIRST_LOG_VARIANCE = -10.0
_GROUPS = 4
"""Parts of a batch that get a convolution's kernel with noise of their own."""
_K = (0.63576, 1.87320, 1.48695)
_LARGEST = 8.0
"""log α is kept within ±8: beyond, the approximation of KL is flat."""
_TINY = 1e-8
_FASTER = 3.0
"""Times the learning rate of the weights, for s."""
_BETAS = (0.9, 0.999)

Arrays = list[tf.Tensor]


def divergence(log_alpha: tf.Tensor) -> tf.Tensor:
    """Return KL(α) of each weight, equation 14 of the paper with the sign turned; 0 for infinite α."""
    k1, k2, k3 = _K
    return k1 - k1 * tf.sigmoid(k2 + k3 * log_alpha) + 0.5 * tf.math.softplus(-log_alpha)


def log_alpha(theta: tf.Tensor, s: tf.Tensor) -> tf.Tensor:
    """Return log σ² − log θ², within ±8."""
    return tf.clip_by_value(s - tf.math.log(theta**2 + _TINY), -_LARGEST, _LARGEST)


def variance(theta: tf.Tensor, s: tf.Tensor) -> tf.Tensor:
    """Return σ², at most e⁸ times θ²."""
    return tf.exp(tf.minimum(s, tf.math.log(theta**2 + _TINY) + _LARGEST))


@dataclass(frozen=True)
class State:
    """A network in training, and Adam's moments. Lists have one array a layer, first layer first.

    Attributes:
        trained: All θ, then all s, then all biases.
        means: Adam's first moments, in the same order.
        squares: Adam's second moments.
        kept: 1 for weights that are kept, else 0, as float32.
        units: Which of its first units each layer still has.
        step: Number of steps taken.
    """

    trained: Arrays
    means: Arrays
    squares: Arrays
    kept: Arrays
    units: list[np.ndarray]
    step: int = 0

    @property
    def thetas(self) -> Arrays:
        """The weights without noise."""
        return self.trained[: len(self.kept)]

    @property
    def logs(self) -> Arrays:
        """The logarithms of the noise's variance."""
        return self.trained[len(self.kept) : 2 * len(self.kept)]

    @property
    def biases(self) -> Arrays:
        """The biases, which have no noise."""
        return self.trained[2 * len(self.kept) :]


def begun(kernels: list[np.ndarray], biases: list[np.ndarray]) -> State:
    """Return the state before the first step."""
    logs = [np.full(kernel.shape, FIRST_LOG_VARIANCE, np.float32) for kernel in kernels]
    trained = [tf.constant(array) for array in (*kernels, *logs, *biases)]
    zeros = [tf.zeros_like(array) for array in trained]
    units = [np.arange(len(bias)) for bias in biases]
    return State(trained, zeros, zeros, [tf.ones(kernel.shape) for kernel in kernels], units)


def pruned(state: State, number: int) -> State:
    """Keep so many weights at most, those of the smallest α; dead ends go first.

    Units without weights are left out once they are a fifth of a layer: each new shape is compiled anew.
    """
    live = without_dead_ends([kept.numpy() != 0 for kept in state.kept])
    scores = [
        np.where(mask, np.log(theta.numpy() ** 2 + 1e-12) - s.numpy(), -np.inf)
        for mask, theta, s in zip(live, state.thetas, state.logs, strict=True)
    ]
    ranked = np.sort(np.concatenate([score.ravel() for score in scores]))[::-1]
    lowest = ranked[min(number, int(np.isfinite(ranked).sum())) - 1]
    masks = [score >= lowest for score in scores]
    read, used = units_in_use(masks)
    if all(units.mean() > 0.8 for units in used):
        read, used = ([np.ones_like(units) for units in some] for some in (read, used))
    pairs = list(zip(read, used, strict=True))

    def cut(arrays: Arrays) -> Arrays:
        """Return arrays in the order of ``trained`` without the inputs and units that are left out."""
        kernels = [
            array.numpy()[..., inputs, :][..., units]
            for array, (inputs, units) in zip(arrays[: 2 * len(pairs)], 2 * pairs, strict=True)
        ]
        biases = [array.numpy()[units] for array, units in zip(arrays[2 * len(pairs) :], used, strict=True)]
        return [tf.constant(array) for array in (*kernels, *biases)]

    kept = [
        tf.constant(mask[..., inputs, :][..., units].astype(np.float32))
        for mask, (inputs, units) in zip(masks, pairs, strict=True)
    ]

    def zeroed(arrays: Arrays) -> Arrays:
        """Return arrays, cut already, with zeros for the weights that are removed."""
        return [theta * mask for theta, mask in zip(arrays, kept, strict=False)] + arrays[len(kept) :]

    units = [numbers[some] for numbers, some in zip(state.units, used, strict=True)]
    return replace(
        state,
        trained=zeroed(cut(state.trained)),
        means=zeroed(cut(state.means)),  # or Adam would go on moving them
        squares=cut(state.squares),
        kept=kept,
        units=units,
    )


class Steps:
    """Compiled steps on examples that stay in TensorFlow's memory.

    Args:
        x: Images, (n, height, width, channels) float32, scaled.
        y: (n,) int32 labels.
        seed: Of the noise.
    """

    def __init__(self, x: tf.Tensor, y: tf.Tensor, seed: int) -> None:
        self._x, self._y, self._seed = x, y, seed
        self._compiled = tf.function(self._take)

    def take(
        self, state: State, examples: list[np.ndarray], rates: list[float], shares: list[float]
    ) -> State:
        """Return the state after one step for each batch of indices.

        Args:
            state: The state before.
            examples: (128,) indices of each batch.
            rates: Learning rate of each step.
            shares: Of each step, what the divergence is multiplied by.
        """
        numbers = tf.range(state.step, state.step + len(examples))
        schedule = (numbers, np.stack(examples), np.float32(rates), np.float32(shares))
        trained, means, squares = self._compiled(
            state.trained, state.means, state.squares, state.kept, *map(tf.constant, schedule)
        )
        return replace(state, trained=trained, means=means, squares=squares, step=state.step + len(examples))

    def loss(
        self, trained: Arrays, kept: Arrays, examples: tf.Tensor, share: tf.Tensor, seed: tf.Tensor
    ) -> tf.Tensor:
        """Return the mean cross-entropy with noise plus the share of the divergence of an example."""
        layers = len(kept)
        thetas, logs, biases = trained[:layers], trained[layers : 2 * layers], trained[2 * layers :]
        x = tf.gather(self._x, examples)
        total = 0.0
        for number, (theta, s, bias, mask) in enumerate(zip(thetas, logs, biases, kept, strict=True)):
            total += tf.reduce_sum(mask * divergence(log_alpha(theta, s)))
            own = tf.stack([seed[0], seed[1] * layers + number])
            theta, spread = theta * mask, variance(theta, s) * mask
            if theta.shape.rank == 4:
                x = _convolved(x, theta, spread, own) + bias
                continue
            x = tf.reshape(x, (-1, theta.shape[0]))
            deviation = tf.sqrt(tf.square(x) @ spread + _TINY)
            x = x @ theta + bias + deviation * tf.random.stateless_normal(tf.shape(deviation), own)
            x = tf.nn.relu(x) if number < layers - 1 else x
        wrong = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.gather(self._y, examples), x)
        return tf.reduce_mean(wrong) + share * total / self._x.shape[0]

    def _take(self, trained, means, squares, kept, numbers, examples, rates, shares):  # noqa: ANN001, ANN202
        layers, (first, second) = len(kept), _BETAS
        held = [*kept, *kept, *(tf.ones(()) for _ in trained[2 * layers :])]
        faster = [1.0] * layers + [_FASTER] * layers + [1.0] * layers
        for at in tf.range(tf.shape(numbers)[0]):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(trained)
                seed = tf.stack([self._seed, numbers[at]])
                loss = self.loss(trained, kept, examples[at], shares[at], seed)
            slopes = [slope * mask for slope, mask in zip(tape.gradient(loss, trained), held, strict=True)]
            time = tf.cast(numbers[at] + 1, tf.float32)
            rate = rates[at] * tf.sqrt(1 - second**time) / (1 - first**time)
            means = [first * mean + (1 - first) * slope for mean, slope in zip(means, slopes, strict=True)]
            squares = [
                second * square + (1 - second) * slope**2
                for square, slope in zip(squares, slopes, strict=True)
            ]
            trained = [
                array - rate * times * mean / (tf.sqrt(square) + 1e-7)
                for array, times, mean, square in zip(trained, faster, means, squares, strict=True)
            ]
        return trained, means, squares


def _convolved(x: tf.Tensor, theta: tf.Tensor, spread: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return the pooled convolution of each quarter of the batch with a kernel of its own."""
    deviation = tf.sqrt(spread + 1e-16)
    noise = tf.random.stateless_normal((_GROUPS, *theta.shape), seed)
    parts = [
        convolved_and_pooled(part, theta + deviation * some)
        for part, some in zip(tf.split(x, _GROUPS), tf.unstack(noise), strict=True)
    ]
    return tf.concat(parts, 0)
