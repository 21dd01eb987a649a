"""What is given as x and y and is no array, or not for this model, is named."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw


class Batchwise(keras.utils.PyDataset):
    """Says when it is read."""

    def __len__(self):
        return 4

    def __getitem__(self, number):
        pytest.fail("it was read")


IMAGES = [np.zeros((28, 28)) for _ in range(5)]


@pytest.mark.parametrize("call", ["evaluate", "curve", "sensitivity", "scores", "lab"])
@pytest.mark.parametrize(
    ("x", "message"),
    [
        (IMAGES, r"x is a list of 5 arrays, one for each input, but .* takes 1 input\. .*np\.stack"),
        (Batchwise(), "x is a Batchwise, whose batches .* leave y out"),
        ((row for row in IMAGES), "x is a generator, whose batches .* leave y out"),
        (
            tf.data.Dataset.from_tensor_slices(np.zeros((5, 28, 28))),
            "x is a .*Dataset, whose batches .* leave y out",
        ),
    ],
)
def test_inputs_that_are_not_arrays_are_named(call, x, message):
    model = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(3, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    y = np.zeros(5, int)
    calls = {
        "evaluate": lambda: pw.LiveModel(model).evaluate(x, y),
        "curve": lambda: pw.accuracy_curve(model, x, y, [0]),
        "sensitivity": lambda: pw.sensitivity(model, x, y, [0]),
        "scores": lambda: pw.data_score(model, x, y),
        "lab": lambda: pw.PruningLab(model, x, y),
    }
    with pytest.raises(ValueError, match=message):
        calls[call]()


def test_labels_of_several_outputs_and_in_streams(dense, data):
    live = pw.LiveModel(dense)
    for call in (
        live.evaluate,
        lambda x, y: pw.PruningLab(dense, x, y),
        lambda x, y: pw.data_score(dense, x, y),
    ):
        with pytest.raises(
            ValueError, match="y is a dict of 2, as for a model with several outputs|does not accept this y"
        ):
            call(data[0], {"p": data[1], "q": data[1]})
        with pytest.raises(ValueError, match="y is of type Batchwise"):
            call(data[0], Batchwise())


def test_a_dict_with_one_output_is_that_output(data):
    inputs = keras.Input((6,))
    model = keras.Model(inputs, {"only": layers.Dense(4, "softmax", name="only")(inputs)})
    expected = (model.predict(data[0], verbose=0)["only"].argmax(-1) == data[1]).mean()
    assert pw.LiveModel(model).evaluate(*data) == expected
