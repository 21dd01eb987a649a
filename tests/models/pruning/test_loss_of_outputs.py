"""Scores of models with dict inputs, masks, weights and several outputs, by Keras's own loss."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw

from ..streams import some

N, STEPS, TAGS = 24, 5, 4


def two_outputs(outputs="dict", **compiled):
    """Words and numbers in, a tag for each word and a number out; words of 0 are padding."""
    words, extra = keras.Input((STEPS,), dtype="int32", name="words"), keras.Input((3,), name="extra")
    x = layers.Embedding(9, 6, mask_zero=True, name="embed")(words)
    side = layers.Dense(6, "tanh", name="side")(extra)
    x = layers.Add()([x, layers.RepeatVector(STEPS)(side)])
    tags = layers.Dense(TAGS, "softmax", name="tags")(x)
    number = layers.Dense(1, name="number", kernel_regularizer="l2")(side)
    found = {"tags": tags, "number": number} if outputs == "dict" else [tags, number]
    model = keras.Model({"words": words, "extra": extra}, found)
    losses = {"tags": "sparse_categorical_crossentropy", "number": "mse"}
    compiled = {"loss": losses, "loss_weights": {"tags": 0.7, "number": 2.0}} | compiled
    if outputs == "list":
        compiled = {key: [part["tags"], part["number"]] for key, part in compiled.items()}
    model.compile("sgd", **compiled)
    return model


def sentences():
    """Inputs, targets and weights for ``two_outputs``."""
    rng = np.random.default_rng(0)
    real = np.arange(STEPS) < rng.integers(1, STEPS + 1, N)[:, None]
    x = {"words": rng.integers(1, 9, (N, STEPS)) * real, "extra": rng.normal(size=(N, 3)).astype("float32")}
    y = {"tags": rng.integers(0, TAGS, (N, STEPS)), "number": rng.normal(size=(N, 1)).astype("float32")}
    weights = {"tags": rng.uniform(0, 2, (N, STEPS)), "number": rng.uniform(0, 2, N)}
    return x, y, {name: part.astype("float32") for name, part in weights.items()}


def by_tape(model, x, y, weights, size=N):
    """{name: [gradient · weight of each batch]} of Keras's own loss, without the regularisers."""
    names = pw.LiveModel(model).names
    kernels = [next(variable for variable in model.variables if variable.path == name) for name in names]
    products = {name: [] for name in names}
    for start in range(0, N, size):
        rows = slice(start, start + size)
        with tf.GradientTape() as tape:
            found = model(some(x, rows), training=False)
            loss = model.compute_loss(None, some(y, rows), found, some(weights, rows)) - sum(model.losses)
        slopes = tape.gradient(loss, [variable.value for variable in kernels])
        for name, variable, slope in zip(names, kernels, slopes, strict=True):
            products[name].append(tf.convert_to_tensor(slope).numpy() * variable.numpy())
    return products


def compare(scores, expected):
    for name, array in expected.items():
        np.testing.assert_allclose(scores[name], array, rtol=1e-3, atol=1e-7)
        assert np.abs(array).max() > 1e-4


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("outputs", ["dict", "list"])
def test_two_outputs_by_the_total_loss(outputs, weighted):
    x, y, weights = sentences()
    weights = weights if weighted else {"tags": np.ones((N, STEPS)), "number": np.ones(N)}
    model = two_outputs(outputs)
    if outputs == "list":
        y, weights = [y["tags"], y["number"]], [weights["tags"], weights["number"]]
    products = by_tape(model, x, y, weights)
    given = {"sample_weight": weights if weighted else None}
    compare(pw.data_score(model, x, y, **given), {n: np.abs(part[0]) for n, part in products.items()})
    total = sum(np.abs(part[0]).sum() for part in products.values())
    snip = pw.data_score(model, x, y, "snip", **given)
    compare(snip, {name: np.abs(part[0]) / total for name, part in products.items()})
    parts = by_tape(model, x, y, weights, size=8)  # each batch counts as in Keras: by its examples
    scores = pw.data_score(model, x, y, batch_size=8, **given)
    compare(scores, {name: np.mean(np.abs(part), axis=0) for name, part in parts.items()})


def test_grasp_of_two_outputs_from_differences():
    """w · H g, with H g from two gradients of the total loss."""
    x, y, weights = sentences()
    model = two_outputs()
    before = by_tape(model, x, y, weights)
    kernels = {v.path: v for v in model.variables}
    values = {name: kernels[name].numpy() for name in before}
    g = {name: before[name][0] / values[name] for name in before}
    ends = []
    for step in (1e-2, -1e-2):
        for name, value in values.items():
            kernels[name].assign(value + step * g[name])
        ends.append({n: part[0] / kernels[n].numpy() for n, part in by_tape(model, x, y, weights).items()})
    for name, value in values.items():
        kernels[name].assign(value)
    scores = pw.data_score(model, x, y, "grasp", sample_weight=weights)
    for name, value in values.items():
        expected = value * (ends[0][name] - ends[1][name]) / 2e-2
        np.testing.assert_allclose(scores[name], expected, rtol=0.02, atol=1e-3 * np.abs(expected).max())


def test_units_and_movement_of_two_outputs():
    x, y, weights = sentences()
    model = two_outputs("list")
    y, weights = [y["tags"], y["number"]], [weights["tags"], weights["number"]]
    scores = pw.data_score(model, x, y, "movement", steps=1, batch_size=N, sample_weight=weights)
    compare(scores, {name: -part[0] for name, part in by_tape(model, x, y, weights).items()})
    masks = pw.prune(model, 0.5, "snip", data=(x, y, weights))
    assert masks.removed == round(masks.size / 2)


def test_one_loss_for_all_outputs_and_one_weight_for_each_example():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, [layers.Dense(2, name="a")(inputs), layers.Dense(2, name="b")(inputs)])
    model.compile(loss="mse")
    rng = np.random.default_rng(0)
    x, y, weights = rng.normal(size=(N, 3)), rng.normal(size=(2, N, 2)), rng.uniform(0, 2, N)
    scores = pw.data_score(model, x, list(y), "taylor", sample_weight=weights)
    for number, name in enumerate(("a", "b")):
        w, b = (value.numpy().astype(float) for value in model.get_layer(name).weights)
        slope = x.T @ (weights[:, None] * (x @ w + b - y[number])) / N
        np.testing.assert_allclose(scores[f"{name}/kernel"], np.abs(slope * w), rtol=1e-3, atol=1e-7)


def test_a_fixed_batch_of_two_outputs():
    """What pads the last batch does not count in either output."""
    x, y, weights = sentences()
    free = two_outputs()
    inputs = {
        name: keras.Input(batch_shape=(10, *part.shape[1:]), name=name, dtype=part.dtype)
        for name, part in free.input.items()
    }
    fixed = keras.Model(inputs, free(inputs))
    fixed.compile(loss=["mse", "sparse_categorical_crossentropy"])
    free.compile(loss={"number": "mse", "tags": "sparse_categorical_crossentropy"})
    ours = pw.data_score(fixed, x, y, "snip", sample_weight=weights)
    theirs = pw.data_score(free, x, y, "snip", batch_size=10, sample_weight=weights)
    for found, right in zip(ours.values(), theirs.values(), strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-4, atol=1e-8)


def test_what_does_not_fit_several_outputs():
    x, y, weights = sentences()
    model = two_outputs()
    with pytest.raises(ValueError, match="x holds 24 examples and y 23"):
        pw.data_score(model, x, y | {"number": y["number"][:-1]})
    with pytest.raises(ValueError, match="x holds 24 examples and sample_weight 23"):
        pw.data_score(model, x, y, sample_weight=weights | {"number": weights["number"][:-1]})
    with pytest.raises(ValueError, match="class_weight is for models with one output"):
        pw.data_score(model, x, y, class_weight={0: 2.0})
    with pytest.raises(ValueError, match="'obd' needs .* has at the output 'tags' the loss sparse_cat.*5, 4"):
        pw.data_score(model, x, y, "obd")
    with pytest.raises(ValueError, match="does not accept this y"):
        pw.data_score(model, x, y["number"])
