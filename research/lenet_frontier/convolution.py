"""A convolution with its 2×2 max pooling; three to four times as fast for the first layer of a LeNet.

With one input channel, TensorFlow's convolution and the gradient of its pooling take half the time of a
training step on a processor. So the four outputs that are pooled together are computed as four channels: the
image's 2×2 squares become channels, 14 × 14 × 4, and one 3×3 kernel has the 5×5 kernel at its four places.
"""

import tensorflow as tf

_PLACES = ((0, 0), (0, 1), (1, 0), (1, 1))


def convolved_and_pooled(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """Return ``max_pool2d(conv2d(x, kernel))``, both without padding.

    Args:
        x: (n, height, width, channels) float32; with one channel, height and width are even.
        kernel: (5, 5, channels, filters) float32, or of another odd size.
    """
    if kernel.shape[2] > 1:
        return tf.nn.max_pool2d(tf.nn.conv2d(x, kernel, 1, "VALID"), 2, 2, "VALID")
    squares = tf.nn.space_to_depth(x, 2)
    return _largest_of_four(tf.nn.conv2d(squares, _at_four_places(kernel), 1, "VALID"))


def _at_four_places(kernel: tf.Tensor) -> tf.Tensor:
    """Return (3, 3, 4, 4 · filters): the kernel at each place of a square, in 3×3 squares of pixels."""
    shifted = [tf.pad(kernel[:, :, 0], ((y, 1 - y), (x, 1 - x), (0, 0))) for y, x in _PLACES]
    squares, filters = (kernel.shape[0] + 1) // 2, 4 * kernel.shape[-1]
    pixels = tf.reshape(tf.stack(shifted, 2), (squares, 2, squares, 2, filters))
    return tf.reshape(tf.transpose(pixels, (0, 2, 1, 3, 4)), (squares, squares, 4, filters))


@tf.custom_gradient
def _largest_of_four(x: tf.Tensor) -> tuple[tf.Tensor, object]:
    """Return the largest of four blocks of channels; of equal ones the first gets the gradient."""
    blocks = tf.split(x, 4, -1)
    largest = tf.maximum(tf.maximum(blocks[0], blocks[1]), tf.maximum(blocks[2], blocks[3]))

    def gradient(slope: tf.Tensor) -> tf.Tensor:
        slopes, free = [], tf.ones_like(largest, tf.bool)
        for block in blocks:
            here = free & (block >= largest)
            slopes.append(tf.where(here, slope, 0.0))
            free &= ~here
        return tf.concat(slopes, -1)

    return largest, gradient
