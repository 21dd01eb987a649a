"""A single-shot detector of digits: one network, one pass, at most one box in each cell of a grid."""

import keras
from keras import layers, ops

SIDE, CLASSES = 64, 10
FILTERS, STRIDES = (24, 48, 64, 96, 96), (2, 2, 1, 2, 1)


def detection_loss(y: keras.KerasTensor, outputs: keras.KerasTensor) -> keras.KerasTensor:
    """Return the loss of each cell: is a box there, and if one is, where, how large, and of which class.

    Args:
        y: As ``pw.detection.Grid`` writes boxes, shape (n, rows, columns, 6).
        outputs: Of a detector, shape (n, rows, columns, 5 + classes); see ``pw.detection.Grid``.

    Returns:
        Shape (n, rows, columns). Cells without a box have the first part only. The parts for middle and
        size have the weights 5 and 2, which makes all four of similar size after a few rounds.

    Example:
        >>> y = pw.detection.Grid(8).encode([pw.detection.Boxes([[8, 4, 24, 20]], [3])], (64, 64))
        >>> loss = pw.models.detection_loss(y, np.zeros((1, 8, 8, 15), np.float32)).numpy()
        >>> round(float(loss[0, 0, 0]), 3)  # "one half", where no box is: ln 2
        0.693

    Source: Redmon et al., "You only look once: unified, real-time object detection" (2016), section 2.2, with
        cross-entropies for boxes and classes as in Redmon and Farhadi, "YOLOv3" (2018).
    """
    y = ops.cast(y, outputs.dtype)
    there = y[..., 0]
    is_there = ops.binary_crossentropy(there, outputs[..., 0], from_logits=True)
    middle = ops.sum(ops.square(ops.sigmoid(outputs[..., 1:3]) - y[..., 1:3]), axis=-1)
    size = ops.sum(ops.abs(outputs[..., 3:5] - y[..., 3:5]), axis=-1)
    kind = ops.sparse_categorical_crossentropy(
        ops.cast(y[..., 5], "int32"), outputs[..., 5:], from_logits=True
    )
    return is_there + there * (5 * middle + 2 * size + kind)


# Not as a decorator, which would leave the function without types.
keras.saving.register_keras_serializable("prunewidgets")(detection_loss)


def digit_detector(seed: int | None = None) -> keras.Model:
    """Build a detector for ``pw.datasets.digit_scenes``: five convolutions, each normalised, and a head.

    Args:
        seed: Makes the initial weights reproducible.

    Returns:
        A compiled model: input float32 (n, 64, 64, 1), output float32 (n, 8, 8, 15) for
        ``pw.detection.Grid(8)``.

    Example:
        >>> model = pw.models.digit_detector(seed=0)
        >>> model.output_shape
        (None, 8, 8, 15)
        >>> pw.channel_groups(model)["conv_5"].units
        96

    Source: After Redmon et al., "You only look once: unified, real-time object detection" (2016).
    """
    picture = x = keras.Input((SIDE, SIDE, 1), name="picture")
    for number, (filters, stride) in enumerate(zip(FILTERS, STRIDES, strict=True), start=1):
        own = keras.initializers.HeNormal(None if seed is None else 1000 * seed + number)
        options = {"strides": stride, "padding": "same", "use_bias": False, "kernel_initializer": own}
        x = layers.Conv2D(filters, 3, name=f"conv_{number}", **options)(x)
        x = layers.BatchNormalization(name=f"norm_{number}")(x)
        x = layers.ReLU(name=f"relu_{number}")(x)
    own = keras.initializers.GlorotUniform(None if seed is None else 1000 * seed)
    head = layers.Conv2D(5 + CLASSES, 1, kernel_initializer=own, name="head")
    model = keras.Model(picture, head(x), name="digit_detector")
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=detection_loss)
    return model
