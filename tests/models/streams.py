"""The same examples as data sets and generators, in batches of other sizes."""

import itertools

import keras
import tensorflow as tf


def some(parts, rows):
    """Some rows of all arrays of a structure."""
    return tf.nest.map_structure(lambda part: None if part is None else part[rows], parts)


class Sequence(keras.utils.PyDataset):
    """Batches of 7."""

    def __init__(self, parts):
        super().__init__()
        self.parts, self.n = parts, len(tf.nest.flatten(parts[0])[0])

    def __len__(self):
        return -(-self.n // 7)

    def __getitem__(self, number):
        return some(self.parts, slice(7 * number, 7 * number + 7))


def uneven(parts):
    """A function that makes a generator of batches of 1, 20, an empty one, 2, and the rest."""

    def batches():
        for start, stop in itertools.pairwise([0, 1, 21, 21, 23, len(tf.nest.flatten(parts[0])[0])]):
            yield some(parts, slice(start, stop))

    return batches


FORMS = {
    "tf.data": (lambda parts: tf.data.Dataset.from_tensor_slices(parts).batch(10), None),
    "PyDataset": (Sequence, None),
    "generator": (uneven, None),
    "endless": (lambda parts: tf.data.Dataset.from_tensor_slices(parts).batch(16).repeat(), 4),
}
