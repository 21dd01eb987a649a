"""Compiled training steps of a chain of layers with some of its weights held at zero.

Written with TensorFlow alone: a network that loses its unused units continues training, smaller, with the
same momentum. Convolutions are followed by 2×2 max pooling, hidden dense layers by ReLU and dropout, as in
the two LeNets.
"""

import numpy as np
import tensorflow as tf

from .convolution import convolved_and_pooled
from .dead_ends import units_in_use

BATCH = 128
_MOMENTUM = 0.9
_GRADIENT_EXAMPLES = 2_000
"""Number of training digits whose gradients decide which weights come back."""


class Loop:
    """Kernels and biases in training, on examples that stay in TensorFlow's memory.

    Args:
        kernels: (…space, inputs, outputs) float32, first layer first.
        biases: (outputs,) float32 of the same layers.
        x: Images, (n, height, width, channels) float32.
        y: (n,) int32 labels.
        dropout: Share of hidden dense units dropped.
        l2: Factor with which a kernel is added to its gradient.
        longest: Largest norm of all gradients together; longer ones are scaled down to it.
    """

    def __init__(
        self,
        kernels: list[np.ndarray],
        biases: list[np.ndarray],
        x: tf.Tensor,
        y: tf.Tensor,
        dropout: float,
        l2: float,
        longest: float = 1e9,
    ) -> None:
        self._x, self._y, self._dropout, self._l2, self._longest = x, y, dropout, l2, longest
        self._kernels = [tf.Variable(kernel) for kernel in kernels]
        self._biases = [tf.Variable(bias) for bias in biases]
        self._kept = [tf.Variable(tf.ones(kernel.shape)) for kernel in kernels]
        self._momentum = [tf.Variable(tf.zeros(array.shape)) for array in (*kernels, *biases)]
        self._units = [np.arange(len(bias)) for bias in biases]
        self._rng = np.random.default_rng(0)
        self._steps = tf.function(
            self._take_steps,
            input_signature=[tf.TensorSpec((None, BATCH), tf.int32), tf.TensorSpec((None,), tf.float32)],
        )
        self._slopes = tf.function(
            self._take_slopes, input_signature=[tf.TensorSpec((_GRADIENT_EXAMPLES,), tf.int32)]
        )

    def kernels(self) -> list[np.ndarray]:
        """Return the kernels as they are now, without the units that were left out."""
        return [kernel.numpy() for kernel in self._kernels]

    def hold(self, masks: list[np.ndarray]) -> None:
        """Set to zero what the masks remove, and keep it there."""
        for kernel, kept, mask in zip(self._kernels, self._kept, masks, strict=True):
            kept.assign(mask.astype(np.float32))
            kernel.assign(kernel * kept)

    def run(self, examples: list[np.ndarray], rates: list[float]) -> None:
        """Take one step for each batch of example indices, with its learning rate."""
        self._steps(tf.constant(np.stack(examples)), tf.constant(rates, tf.float32))

    def gradients(self) -> list[np.ndarray]:
        """Return |gradient| of all kernels, of held weights too, on a few training digits."""
        some = self._rng.choice(len(self._x), _GRADIENT_EXAMPLES, replace=False).astype(np.int32)
        return [np.abs(slope.numpy()) for slope in self._slopes(tf.constant(some))]

    def without_unused_units(self) -> "Loop":
        """Return a loop without the units that nothing reads; this loop itself while they are few."""
        masks = [kept.numpy() != 0 for kept in self._kept]
        read, used = units_in_use(masks)
        if all(units.mean() > 0.8 for units in used):
            return self

        def cut(arrays: list[tf.Variable]) -> list[np.ndarray]:
            pairs = zip(arrays, read, used, strict=True)
            return [array.numpy()[..., inputs, :][..., units] for array, inputs, units in pairs]

        biases = [bias.numpy()[units] for bias, units in zip(self._biases, used, strict=True)]
        smaller = Loop(cut(self._kernels), biases, self._x, self._y, self._dropout, self._l2, self._longest)
        smaller.hold([kept != 0 for kept in cut(self._kept)])
        moving = cut(self._momentum[: len(masks)])
        moving += [
            array.numpy()[units] for array, units in zip(self._momentum[len(masks) :], used, strict=True)
        ]
        for variable, array in zip(smaller._momentum, moving, strict=True):
            variable.assign(array)
        smaller._units = [units[kept] for units, kept in zip(self._units, used, strict=True)]
        smaller._rng = self._rng
        return smaller

    def at_full_size(self, shapes: list[tuple[int, ...]]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return kernels of these shapes and biases, with zeros for the units that were left out."""
        return at_full_size(self.kernels(), [bias.numpy() for bias in self._biases], self._units, shapes)

    def _take_steps(self, examples: tf.Tensor, rates: tf.Tensor) -> None:
        for step in tf.range(tf.shape(examples)[0]):
            kernels = [kernel.value() for kernel in self._kernels]
            biases = [bias.value() for bias in self._biases]
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(kernels + biases)
                loss = self._loss(examples[step], kernels, biases, self._dropout)
            slopes, _ = tf.clip_by_global_norm(tape.gradient(loss, kernels + biases), self._longest)
            shares = [
                (slope + self._l2 * kernel) * kept
                for slope, kernel, kept in zip(slopes, kernels, self._kept, strict=False)
            ]
            shares += slopes[len(kernels) :]
            # Nesterov's momentum, as Keras writes it; a held weight has no gradient, so no momentum.
            for variable, moving, share in zip(
                (*self._kernels, *self._biases), self._momentum, shares, strict=True
            ):
                moving.assign(_MOMENTUM * moving - rates[step] * share)
                variable.assign_add(_MOMENTUM * moving - rates[step] * share)
            for kernel, kept in zip(self._kernels, self._kept, strict=True):
                kernel.assign(kernel * kept)

    def _take_slopes(self, examples: tf.Tensor) -> list[tf.Tensor]:
        kernels = [kernel.value() for kernel in self._kernels]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(kernels)
            loss = self._loss(examples, kernels, [bias.value() for bias in self._biases], 0.0)
        return tape.gradient(loss, kernels)

    def _loss(
        self, examples: tf.Tensor, kernels: list[tf.Tensor], biases: list[tf.Tensor], dropout: float
    ) -> tf.Tensor:
        """Return the mean cross-entropy."""
        x = tf.gather(self._x, examples)
        for number, (kernel, bias) in enumerate(zip(kernels, biases, strict=True)):
            if kernel.shape.rank == 4:
                x = convolved_and_pooled(x, kernel) + bias
                continue
            x = tf.reshape(x, (-1, kernel.shape[0])) @ kernel + bias
            if number < len(kernels) - 1:
                x = tf.nn.relu(x)
                x = tf.nn.dropout(x, dropout) if dropout else x
        labels = tf.gather(self._y, examples)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, x))


def at_full_size(
    kernels: list[np.ndarray],
    biases: list[np.ndarray],
    units: list[np.ndarray],
    shapes: list[tuple[int, ...]],
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return kernels of these shapes and biases, with zeros for the units that were left out."""
    full_kernels, full_biases = [], []
    inputs = np.arange(shapes[0][-2])
    for kernel, bias, own, shape in zip(kernels, biases, units, shapes, strict=True):
        if kernel.shape[-2] != len(inputs):  # flattened: each filter once for each position
            places = kernel.shape[-2] // len(inputs)
            filters = shape[-2] // places
            inputs = (np.arange(places)[:, None] * filters + inputs).ravel()
        full = np.zeros(shape, np.float32)
        full[..., inputs[:, None], own] = kernel
        full_kernels.append(full)
        full_biases.append(np.zeros(shape[-1], np.float32))
        full_biases[-1][own] = bias
        inputs = own
    return full_kernels, full_biases
