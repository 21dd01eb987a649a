"""One group of units removed at a time, against masked copies that plain Keras evaluates."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw

from ..small_nets import randomise

COLUMNS = "layer sparsity threshold accuracy low high n removed total criterion seed".split()


def convolutional():
    """A chain in which masks of weights are enough, and the first layers run once."""
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.BatchNormalization(),
            layers.Conv2D(5, 3, activation="sigmoid", kernel_regularizer="l2", name="sigmoid"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax", name="out"),
        ]
    )


def residual():
    """Layer normalisation counts the channels that are left; an operation has a constant for each channel."""
    inputs = keras.Input((6, 6, 1))
    x = layers.Dense(6, name="stream")(layers.Reshape((36,))(inputs))
    y = layers.Dense(4, activation="gelu", name="up")(layers.LayerNormalization()(x))
    x = x * np.linspace(0.5, 1.5, 6, dtype="float32") + layers.Dense(6, name="down")(y)
    return keras.Model(inputs, layers.Dense(3, activation="softmax", name="out")(x))


@pytest.fixture(params=[convolutional, residual], ids=["convolutional", "residual"])
def model(request):
    made = randomise(request.param())
    made.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


@pytest.fixture
def examples():
    rng = np.random.default_rng(1)
    return rng.normal(size=(50, 6, 6, 1)).astype("float32"), rng.integers(0, 3, 50)


def best(scores, stay):
    return np.argsort(np.argsort(scores, kind="stable")) >= len(scores) - stay


def test_each_row_is_what_keras_evaluates_on_a_masked_copy(model, examples, everything):
    before = everything(model)
    frame = pw.unit_sensitivity(model, *examples, [0.5, 1.0], metric="loss")
    scores = pw.unit_score(model)
    assert list(frame.columns) == [*COLUMNS, "loss"] and frame.attrs["direction"] == "min"
    assert list(frame.layer) == [name for name in scores for _ in range(2)]
    for row in frame.itertuples():
        units = len(scores[row.layer])
        stay = units - round(units / 2) if row.sparsity <= 0.6 else 1
        masks = {row.layer: best(scores[row.layer], stay)}
        expected = pw.mask_units(model, masks).evaluate(*examples, verbose=0, return_dict=True)
        assert (row.removed, row.total, row.criterion) == (units - stay, units, "l2")
        np.testing.assert_allclose(row.loss, expected["loss"], rtol=1e-5)
    assert frame.loss.nunique() == len(frame)
    assert everything(model) == before


def test_data_sets_criteria_on_data_and_chosen_groups(examples):
    model = randomise(residual())
    model.compile("sgd", "sparse_categorical_crossentropy")
    whole = pw.unit_sensitivity(model, *examples, 0.5, "taylor", data=examples)
    stream = tf.data.Dataset.from_tensor_slices(examples).batch(16)
    again = pw.unit_sensitivity(
        pw.LiveModel(model),
        stream.repeat(),
        sparsities=0.5,
        criterion="taylor",
        data=stream.repeat(),
        steps=4,
    )
    assert whole.drop(columns="threshold").equals(again.drop(columns="threshold"))
    assert list(whole.n) == [50] * len(whole)
    figure = pw.plots.sensitivity(whole)
    assert figure.axes[0].get_xlabel() == "sparsity of the group (% of its units removed)"
    kept = pw.unit_masks({"up": pw.unit_score(model, *examples, "taylor")["up"]}, 0.5)
    predicted = pw.mask_units(model, kept).predict(examples[0], verbose=0).argmax(axis=1)
    some = pw.unit_sensitivity(model, *examples, 0.5, "taylor", data=examples, layers="up")
    assert list(some.layer) == ["up"] and some.accuracy[0] == np.mean(predicted == examples[1])
    with pytest.warns(
        UserWarning, match="Sparsity 0.01 removes nothing from 'up', which has 4 units"
    ) as said:
        pw.unit_sensitivity(model, *examples, 0.01, layers="up")
    assert said[0].filename == __file__


def test_a_model_without_groups_is_refused(examples):
    alone = keras.Sequential([keras.Input((6, 6, 1)), layers.Flatten(), layers.Dense(3, name="out")])
    with pytest.raises(ValueError, match=r"no units that can be removed: out \(fixed\)"):
        pw.unit_sensitivity(alone, *examples, 0.5)
