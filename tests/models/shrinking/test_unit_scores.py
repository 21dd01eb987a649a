"""Scores of units against NumPy, by hand and by measuring the loss."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.shrinking.channels import channel_groups
from prunewidgets.models.shrinking.shrink import mask_units
from prunewidgets.models.shrinking.unit_scores import unit_score

from .. import small_nets
from ..small_nets import randomise


@pytest.fixture
def joined():
    """Two dense layers whose outputs are added, batch normalisation, and one that reads them."""
    inputs = keras.Input((3,))
    x = layers.Add()([layers.Dense(4, name="a")(inputs), layers.Dense(4, name="b")(inputs)])
    x = layers.Dense(2, name="last")(layers.ReLU()(layers.BatchNormalization(name="norm")(x)))
    model = randomise(keras.Model(inputs, x))
    model.compile("sgd", "mse")
    return model


def kernels(model):
    return [model.get_layer(name).kernel.numpy().astype(float) for name in "ab"]


def test_norms_are_summed_over_the_layers_that_make_a_unit(joined):
    a, b = kernels(joined)
    np.testing.assert_allclose(unit_score(joined, criterion="l1")["a"], abs(a).sum(0) + abs(b).sum(0))
    np.testing.assert_allclose(unit_score(joined)["a"], np.sqrt((a**2).sum(0)) + np.sqrt((b**2).sum(0)))
    own = unit_score(joined, criterion=lambda rows: rows.max(axis=1))
    np.testing.assert_allclose(own["a"], a.max(0) + b.max(0))


def test_geometric_median_is_the_distance_to_all_others(joined):
    expected = [
        sum(np.linalg.norm(kernel[:, i] - kernel[:, j]) for kernel in kernels(joined) for j in range(4))
        for i in range(4)
    ]
    np.testing.assert_allclose(unit_score(joined, criterion="geometric_median")["a"], expected)


def test_batch_norm_is_the_scale_of_the_next_batch_normalisation(joined):
    gamma = joined.get_layer("norm").gamma
    gamma.assign([0.5, -2.0, 0.1, 0.0])
    np.testing.assert_allclose(unit_score(joined, criterion="batch_norm")["a"], [0.5, 2.0, 0.1, 0.0])


def test_batch_norm_skips_groups_without_a_scale_and_refuses_models_without_any(dense):
    assert list(unit_score(dense, criterion="batch_norm")) == ["first"]
    with pytest.raises(ValueError, match="'batch_norm' needs batch normalisation.*'gru' has none"):
        gru = small_nets.gru()
        unit_score(keras.Model(gru.inputs, gru.outputs, name="gru"), criterion="batch_norm")


def test_taylor_is_the_squared_slope_of_the_loss_along_a_gate(joined):
    """Oracle: multiply the unit just before it is read, and take the difference quotient of the loss."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 3)).astype("float32"), rng.normal(size=(8, 2)).astype("float32")
    seen = np.asarray(keras.Model(joined.input, joined.layers[-2].output)(x), float)
    kernel, bias = (values.astype(float) for values in joined.get_layer("last").get_weights())

    def loss(rows, gate):
        return np.mean(((seen * gate) @ kernel + bias - y)[rows] ** 2)

    def slopes(rows):
        step = 1e-4 * np.eye(4)
        return np.array([(loss(rows, 1 + s) - loss(rows, 1 - s)) / 2e-4 for s in step])

    for batch_size, batches in ((8, [slice(8)]), (4, [slice(4), slice(4, 8)])):
        expected = np.mean([slopes(rows) ** 2 for rows in batches], axis=0)
        scores = unit_score(joined, x, y, "taylor", batch_size=batch_size)
        np.testing.assert_allclose(scores["a"], expected, rtol=1e-3)


def test_a_dead_unit_has_the_lowest_score_by_every_criterion_that_sees_it(joined):
    for name in "ab":
        layer = joined.get_layer(name)
        keep = np.array([1, 1, 0, 1], "float32")
        layer.kernel.assign(layer.kernel * keep)
        layer.bias.assign(layer.bias * keep)
    for name in ("gamma", "beta"):
        variable = getattr(joined.get_layer("norm"), name)
        variable.assign(variable * keep)
    x = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
    y = np.ones((16, 2), "float32")
    for criterion in ("l1", "l2", "batch_norm", "taylor"):
        scores = unit_score(joined, x, y, criterion)
        masks = pw.Masks.from_sparsity(scores, 0.25, scope="layer")
        assert masks["a"].tolist() == [True, True, False, True], criterion
    np.testing.assert_allclose(np.asarray(mask_units(joined, masks)(x)), np.asarray(joined(x)), rtol=1e-6)


def test_units_of_an_lstm_are_scored_over_all_gates():
    model = small_nets.lstm()
    cell = model.get_layer("two").cell
    expected = sum(
        abs(variable.numpy()).sum(0).reshape(4, 4).sum(0) for variable in (cell.kernel, cell.recurrent_kernel)
    )
    np.testing.assert_allclose(unit_score(model, criterion="l1")["two"], expected, rtol=1e-6)


def test_random_is_repeatable_and_every_group_has_scores(dense):
    first, second = (unit_score(dense, criterion="random", seed=seed) for seed in (3, 3))
    np.testing.assert_array_equal(first["first"], second["first"])
    for net in (small_nets.nested, small_nets.words, small_nets.attention, small_nets.depthwise):
        model = net()
        groups = channel_groups(model)
        for criterion in ("l2", "geometric_median", "random"):
            scores = unit_score(model, criterion=criterion)
            assert {name: len(values) for name, values in scores.items()} == {
                name: group.units for name, group in groups.items()
            }


@pytest.mark.parametrize(
    ("criterion", "says"),
    [
        ("magnitude", "'magnitude' is not known for units; choose one of l1, l2"),
        ("taylor", "'taylor' scores units on examples, and there are none"),
        (lambda rows: rows, "returned shape \\(8, 6\\) for the 8 units of 'first'"),
        (lambda rows: rows[:, 0] * np.nan, "'first' holds 8 NaN scores"),
    ],
)
def test_models_that_cannot_be_scored_are_refused(dense, criterion, says):
    with pytest.raises(ValueError, match=says):
        unit_score(dense, criterion=criterion)


def test_the_default_groups_keep_every_word_and_give_a_plain_model(tmp_path):
    """Units of an embedding are its columns; rows, which are words, only where they are asked for."""
    model = randomise(small_nets.words())
    assert "words/rows" not in {*pw.channel_groups(model), *pw.unit_score(model)}
    small = pw.shrink(model, pw.Masks.from_sparsity(pw.unit_score(model), 0.5, scope="layer"))
    table = small.get_layer("words")
    assert (type(table), table.embeddings.shape) == (layers.Embedding, (20, 4))
    assert all(type(layer).__module__.startswith("keras.") for layer in small.layers)
    assert pw.channel_groups(model, embedding_rows=True)["words/rows"].units == 20
    scores = pw.unit_score(model, criterion="l1", embedding_rows=True)["words/rows"]
    np.testing.assert_allclose(scores, np.abs(model.get_layer("words").get_weights()[0]).sum(1), rtol=1e-6)
