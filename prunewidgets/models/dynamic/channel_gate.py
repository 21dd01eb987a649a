"""A gate that keeps some channels of a layer's output, chosen for each example."""

from typing import Any

import keras
from keras import ops

from ...core.arrays import is_whole


@keras.saving.register_keras_serializable(package="prunewidgets")
class ChannelGate(keras.layers.Layer):
    """Keep the channels of each example that look most useful for it; the others are 0.

    What the layer before reads, its ``source``, says which: the mean absolute value of each of its channels
    goes through batch normalisation and a small dense layer with ReLU, which gives a gate for each channel of
    ``x``. Channels with the ``keep`` largest gates are multiplied by their gate, all others by 0. As the
    gates are known before the layer that makes ``x`` begins, it would have to make only those channels; Keras
    makes all of them, so the time does not fall. To cost less is up to what runs it.

    Args:
        keep: How many channels each example keeps, 1 or more.
        **kwargs: Keras's own, such as ``name``.

    Call arguments:
        x: (examples, …, channels): what a layer makes.
        source: (examples, …, other channels): what that layer reads.

    Example:
        >>> image = keras.Input((28, 28, 3))
        >>> made = keras.layers.Conv2D(16, 3, activation="relu")(image)
        >>> kept = pw.ChannelGate(keep=4, name="gate")(made, image)
        >>> model = keras.Model(image, kept)
        >>> pixels = np.random.default_rng(0).random((2, 28, 28, 3), np.float32)
        >>> (model.get_layer("gate").gates(pixels).numpy() > 0).sum(axis=1).tolist()  # of 16
        [4, 4]

    Source: Gao, Zhao, Dudziak, Mullins and Xu, "Dynamic channel pruning: feature boosting and suppression"
        (2019), equations 5 to 9. Here the means are normalised, and the gate comes behind bias and ReLU,
        so that a suppressed channel is 0.
    """

    uses_per_example = 1  # of its kernel, to count multiply-adds

    def __init__(self, keep: int, **kwargs: Any) -> None:
        """Make the gate; its weights are made when it is first called."""
        super().__init__(**kwargs)
        if not is_whole(keep, 1, 1_000_000):
            raise ValueError(f"keep is {keep!r}; it has to be a whole number of channels, 1 or more.")
        self.keep = int(keep)
        self.norm = keras.layers.BatchNormalization(center=False, scale=False, momentum=0.9, name="norm")

    def build(self, x_shape: tuple[int | None, ...], source_shape: tuple[int | None, ...]) -> None:
        """Make a kernel, (channels of source, channels of x), and a bias that begins at 1."""
        read, made = source_shape[-1], x_shape[-1]
        if made is None or self.keep > made:
            raise ValueError(f"{self.name} is to keep {self.keep} channels, and there are {made}.")
        start = keras.initializers.RandomNormal(stddev=0.3)
        self.norm.build((None, read))
        self.kernel = self.add_weight(name="kernel", shape=(read, made), initializer=start)
        self.bias = self.add_weight(name="bias", shape=(made,), initializer="ones")

    def call(self, x: Any, source: Any, training: bool | None = None) -> Any:
        """Return x with each channel times its gate."""
        gates = self.gates(source, training)
        return x * ops.reshape(gates, (-1, *[1] * (len(x.shape) - 2), gates.shape[-1]))

    def gates(self, source: Any, training: bool | None = None) -> Any:
        """Return the gates, (examples, channels of x): 0 for all but the ``keep`` largest.

        Fewer are above 0 where ReLU leaves fewer. Of equal ones the first is kept.
        """
        source = ops.convert_to_tensor(source, self.compute_dtype)
        means = ops.mean(ops.abs(source), axis=tuple(range(1, len(source.shape) - 1)))
        found = ops.relu(self.norm(means, training=training) @ self.kernel + self.bias)
        ranks = ops.argsort(ops.argsort(-found, axis=-1), axis=-1)
        return ops.where(ranks < self.keep, found, ops.zeros_like(found))

    def compute_output_shape(self, x_shape: Any, source_shape: Any) -> Any:
        """Return the shape of x."""
        return x_shape

    def get_config(self) -> dict[str, Any]:
        """Return what the layer is made from."""
        return super().get_config() | {"keep": self.keep}
