"""Which layers read the input picture, and on which pixel a weight lies: found by changing one pixel."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

PICTURE = keras.Input((6, 5, 3), name="picture")


def sequential(*parts, shape=(6, 5, 3)):
    return keras.Sequential([keras.Input(shape), *parts])


def picture(model, name):
    return pw.LiveModel(model).layouts[f"{name}/kernel"].picture


DENSE = {
    "flattened": lambda: sequential(layers.Flatten(), layers.Dense(4, name="first")),
    "rescaled": lambda: sequential(
        layers.Rescaling(1 / 255), layers.Dropout(0.5), layers.Flatten(), layers.Dense(4, name="first")
    ),
    "reshaped": lambda: sequential(layers.Reshape((90,)), layers.Dense(4, name="first")),
}


@pytest.mark.parametrize("make", DENSE.values(), ids=DENSE)
def test_a_row_of_a_first_dense_kernel_is_one_value_of_one_pixel(make):
    model = make()
    height, width, channels = picture(model, "first")
    assert (height, width, channels) == (6, 5, 3)
    x = np.zeros((1, 6, 5, 3), np.float32)
    for row, column, channel in [(0, 0, 0), (2, 3, 1), (5, 4, 2)]:
        changed = x.copy()
        changed[0, row, column, channel] = 100
        difference = np.asarray(model(changed) - model(x))[0]
        kernel = model.get_layer("first").kernel.numpy()[(row * width + column) * channels + channel]
        assert np.allclose(difference / np.abs(difference).max(), kernel / np.abs(kernel).max(), atol=1e-4)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: sequential(layers.Conv2D(4, 3, name="first")), (6, 5, 3)),
        (lambda: sequential(layers.Reshape((5, 18, 1)), layers.Conv2D(4, 3, name="first")), (5, 18, 1)),
        (lambda: sequential(layers.Flatten(), layers.Dense(4, name="first"), shape=(28, 28)), (28, 28, 1)),
        (lambda: sequential(layers.MaxPooling2D(1), layers.Conv2D(4, 3, name="first")), ()),
        (lambda: sequential(layers.Permute((2, 1, 3)), layers.Flatten(), layers.Dense(4, name="first")), ()),
        (lambda: sequential(layers.Flatten(data_format="channels_first"), layers.Dense(4, name="first")), ()),
        (lambda: sequential(layers.Dense(4, name="first")), ()),  # on the channels of each pixel
        (lambda: sequential(layers.Flatten(), layers.Dense(4, name="first"), shape=(20, 3)), ()),  # a series
        (
            lambda: sequential(layers.Dense(4, name="first"), shape=(784,)),
            (),
        ),  # nobody says that it is a picture
        (lambda: sequential(layers.Conv2D(4, 3, dilation_rate=2, name="first")), ()),
        (lambda: sequential(layers.Conv2D(3, 3), layers.Conv2D(4, 3, name="first")), ()),
        (lambda: keras.Model(PICTURE, layers.Dense(4, name="first")(layers.Flatten()(PICTURE + 1.0))), ()),
    ],
)
def test_only_layers_that_read_the_pixels_in_their_places_have_a_picture(make, expected):
    assert picture(make(), "first") == expected


def test_a_layer_used_on_the_picture_and_on_something_else_has_none():
    layer, inputs = layers.Conv2D(3, 3, padding="same", name="first"), keras.Input((6, 5, 3))
    assert picture(keras.Model(inputs, layer(layer(inputs))), "first") == ()


def test_the_picture_reaches_the_page_with_the_weights():
    model = pw.models.lenet_300_100(seed=0)
    view = pw.SparsityHeatmap(pw.LiveModel(model).weights)
    assert [layer["picture"] for layer in view.layers] == [[28, 28, 1], [], []]
    assert pw.SparsityHeatmap(pw.example.W).layers[0]["picture"] == []
