"""The three networks of the workbook, built and compiled, for 28×28 grey images in 10 classes."""

import keras
from keras import layers


def lenet_300_100(seed: int | None = None) -> keras.Model:
    """Build LeNet-300-100: two hidden dense layers; 266,200 prunable weights.

    Args:
        seed: Makes the initial weights reproducible.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> {name: kernel.shape for name, kernel in pw.LiveModel(model).weights.items()}
        {'dense_1/kernel': (784, 300), 'dense_2/kernel': (300, 100), 'dense_3/kernel': (100, 10)}

    Source: LeCun et al., "Gradient-based learning applied to document recognition" (1998), section III.C.4.
    """
    return _compiled(
        "lenet_300_100",
        [
            layers.Flatten(name="flatten"),
            layers.Dense(300, activation="relu", name="dense_1"),
            layers.Dense(100, activation="relu", name="dense_2"),
            layers.Dense(10, activation="softmax", name="dense_3"),
        ],
        seed,
    )


def lenet_5(seed: int | None = None) -> keras.Model:
    """Build LeNet-5 as Caffe ships it, the form most pruning papers use; 430,500 prunable weights.

    The only ReLU is after the layer of 500 units; the convolutions are followed by max pooling only.

    Args:
        seed: Makes the initial weights reproducible.

    Example:
        >>> pw.LiveModel(pw.models.lenet_5(seed=0))
        LiveModel('lenet_5', 430,500 prunable weights, applied: None)

    Source: BVLC Caffe, ``examples/mnist/lenet_train_test.prototxt``.
    """
    return _compiled(
        "lenet_5",
        [
            layers.Conv2D(20, 5, name="conv_1"),
            layers.MaxPooling2D(name="pool_1"),
            layers.Conv2D(50, 5, name="conv_2"),
            layers.MaxPooling2D(name="pool_2"),
            layers.Flatten(name="flatten"),
            layers.Dense(500, activation="relu", name="dense_1"),
            layers.Dense(10, activation="softmax", name="dense_2"),
        ],
        seed,
    )


def small_cnn(seed: int | None = None) -> keras.Model:
    """Build a small convolutional network that trains in seconds; 56,592 prunable weights.

    Args:
        seed: Makes the initial weights reproducible.

    Example:
        >>> model = pw.models.small_cnn(seed=0)
        >>> [layer.name for layer in model.layers if layer.weights]
        ['conv_1', 'conv_2', 'dense_1', 'dense_2']
    """
    return _compiled(
        "small_cnn",
        [
            layers.Conv2D(16, 3, activation="relu", name="conv_1"),
            layers.MaxPooling2D(name="pool_1"),
            layers.Conv2D(32, 3, activation="relu", name="conv_2"),
            layers.MaxPooling2D(name="pool_2"),
            layers.Flatten(name="flatten"),
            layers.Dense(64, activation="relu", name="dense_1"),
            layers.Dense(10, activation="softmax", name="dense_2"),
        ],
        seed,
    )


def _compiled(name: str, stack: list[keras.Layer], seed: int | None) -> keras.Model:
    """Stack the layers on a 28×28×1 input, and compile with Adam 1e-3 and the loss for integer labels."""
    if seed is not None:
        for number, layer in enumerate(stack):
            if hasattr(layer, "kernel_initializer"):
                # One seed per layer: with the same seed, layers of the same shape would get the same weights.
                layer.kernel_initializer = keras.initializers.GlorotUniform(seed=1000 * seed + number)
    model = keras.Sequential([keras.Input((28, 28, 1)), *stack], name=name)
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model
