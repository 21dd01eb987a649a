"""Smaller models answer as masked ones do; what cannot be removed is named; bad masks change nothing."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.shrinking.channels import channel_groups
from prunewidgets.models.shrinking.shrink import mask_units, shrink

from ..small_nets import NETS, examples, randomise, residual, some_units


def answers(model, x):
    return [np.asarray(y) for y in keras.tree.flatten(model(x, training=False))]


def state(model):
    return [variable.numpy().tobytes() for variable in model.variables]


def layer_names(model):
    """Names of all layers with weights, as the groups call them."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from (f"{layer.name}/{name}" for name in layer_names(layer))
        elif layer.weights:
            yield layer.name


@pytest.mark.parametrize("net", NETS, ids=lambda net: net.__name__)
def test_the_small_model_has_the_outputs_of_the_masked_one(net):
    model = randomise(net())
    before, x = state(model), examples(model)
    groups = channel_groups(model, embedding_rows=True)
    masks = some_units(groups)
    masked, small = mask_units(model, masks), shrink(model, masks)
    whole = answers(model, x)
    for wide, narrow, full in zip(answers(masked, x), answers(small, x), whole, strict=True):
        np.testing.assert_allclose(narrow, wide, rtol=1e-5, atol=1e-5)
        assert np.abs(wide - full).max() > 1e-4 * np.abs(full).max()  # and the masks do something
    assert [variable.shape for variable in masked.weights] == [variable.shape for variable in model.weights]
    assert state(model) == before
    left = channel_groups(small, embedding_rows=True)
    assert {name: group.units for name, group in left.items()} == {
        name: int(masks[name].sum()) for name, group in groups.items() if masks[name].sum() > 1
    }


def test_every_layer_with_weights_is_in_a_group_or_listed_as_fixed():
    for net in NETS:
        model = net()
        groups = channel_groups(model)
        moved = {part.layer for group in groups.values() for part in group.parts if part.role != "reads"}
        assert set(layer_names(model)) <= moved | set(groups.fixed), net
        assert all(why.endswith(".") for why in groups.fixed.values())


def residual_masks(model, kept=3):
    return pw.Masks({"stem": np.arange(6) < kept})


@pytest.fixture
def residual_net():
    model = randomise(residual())
    model.compile(
        keras.optimizers.Adam(0.003, clipnorm=2.0), loss="mse", metrics=["mae"], steps_per_execution=2
    )
    return model


def test_masking_a_unit_equals_zeroing_its_channel():
    """Oracle: the channel set to zero just before everything that reads it, by a layer of its own."""
    inputs = keras.Input((8, 8, 3))
    conv, norm = layers.Conv2D(4, 3), layers.BatchNormalization()
    last = layers.Dense(2)
    model = keras.Model(inputs, last(layers.Flatten()(keras.ops.relu(norm(conv(inputs))))))
    randomise(model)
    kept = np.array([True, False, True, False])
    cut = layers.Rescaling(kept.astype("float32"))
    oracle = keras.Model(inputs, last(layers.Flatten()(cut(keras.ops.relu(norm(conv(inputs)))))))
    x = examples(model)
    small = shrink(model, {"conv2d": kept})
    np.testing.assert_allclose(small(x), oracle(x), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(small.layers[1].kernel, conv.kernel.numpy()[..., kept])


def test_an_lstm_without_a_unit_equals_one_whose_state_is_zero_there():
    """Oracle: the equations of Hochreiter and Schmidhuber in NumPy, with h and c zeroed at every step."""
    model = randomise(keras.Sequential([keras.Input((5, 3)), layers.LSTM(4), layers.Dense(2)]))
    kernel, recurrent, bias, weights, offset = (variable.numpy() for variable in model.weights)
    kept = np.array([1.0, 0.0, 1.0, 1.0])
    x = examples(model)
    h = c = np.zeros((len(x), 4))
    for step in range(5):
        gates = x[:, step] @ kernel + h @ recurrent + bias
        i, f, o = (1 / (1 + np.exp(-gates[:, at : at + 4])) for at in (0, 4, 12))
        c = (f * c + i * np.tanh(gates[:, 8:12])) * kept
        h = o * np.tanh(c) * kept
    small = shrink(model, {"lstm": kept > 0})
    np.testing.assert_allclose(small(x), h @ weights + offset, rtol=1e-4, atol=1e-5)
    assert small.layers[0].cell.kernel.shape == (3, 12)


def test_it_is_compiled_like_the_original(residual_net):
    residual_net.optimizer.learning_rate = 0.01
    small = shrink(residual_net, residual_masks(residual_net))
    assert small.optimizer is not residual_net.optimizer
    assert float(small.optimizer.learning_rate) == pytest.approx(0.01)
    assert (small.optimizer.clipnorm, small.loss, small.steps_per_execution) == (2.0, "mse", 2)
    assert not shrink(residual(), {}).compiled


def test_custom_losses_and_layers_are_copied():
    class Twice(layers.Layer):
        def call(self, x):
            return x * 2

    def own_loss(y, answers):
        return keras.ops.mean(keras.ops.abs(y - answers), axis=-1)

    def own_activation(x):
        return keras.ops.tanh(x)

    inputs = keras.Input((4,))
    x = layers.Dense(5, name="free")(inputs)
    x = layers.Dense(5, activation=own_activation, name="own")(x)
    x = layers.Lambda(lambda x: x + 1, name="plus")(Twice(name="twice")(layers.Dense(6, name="stuck")(x)))
    model = keras.Model(inputs, layers.Dense(2)(x))
    model.compile("sgd", own_loss)
    groups = channel_groups(model)
    assert list(groups) == ["free"]
    assert "own_activation" in groups.fixed["own"]
    assert "Twice" in groups.fixed["stuck"] and "Twice" in groups.fixed["twice"]
    assert "Lambda" in groups.fixed["plus"]
    small = shrink(model, {"free": np.arange(5) < 2})
    small.fit(examples(model), np.zeros((3, 2)), verbose=0)
    assert small.loss is own_loss


def test_it_trains_saves_and_loads_like_any_model(residual_net, tmp_path):
    small = shrink(residual_net, residual_masks(residual_net))
    x = examples(small, n=16)
    y = np.random.default_rng(0).normal(size=(16, 3))
    before = small.evaluate(x, y, verbose=0)[0]
    small.fit(x, y, epochs=5, batch_size=4, verbose=0)
    assert small.evaluate(x, y, verbose=0)[0] < before
    pw.save_model(small, tmp_path / "small.keras")
    loaded = pw.load_model(tmp_path / "small.keras")
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), small.predict(x, verbose=0))
    again = shrink(loaded, {"stem": np.array([True, False, True])})
    assert again.get_layer("outer").filters == 2


def test_removed_rows_of_an_embedding_read_as_zero(tmp_path):
    model = randomise(keras.Sequential([keras.Input((4,)), layers.Embedding(6, 3, name="words")]))
    rows = model.layers[0].embeddings.numpy()
    kept = np.array([True, False, True, True, False, True])
    small = shrink(model, {"words/rows": kept})
    ids = np.array([[0, 1, 2, 3], [4, 5, 5, 1]])
    np.testing.assert_array_equal(small(ids), (rows * kept[:, None])[ids])
    assert small.layers[0].embeddings.shape == (4, 3)
    smaller = shrink(small, {"words/rows": np.array([True, True, False, True])})  # row 3 of those at first
    kept[3] = False
    np.testing.assert_array_equal(smaller(ids), (rows * kept[:, None])[ids])
    pw.save_model(smaller, tmp_path / "words.keras")
    loaded = pw.load_model(tmp_path / "words.keras")
    np.testing.assert_array_equal(loaded(ids), smaller(ids))


def test_attention_can_lose_units_that_only_it_reads():
    """Its output is by default as wide as what it is given: that must not shrink along."""
    inputs = keras.Input((6, 4))
    x = layers.Dense(8, name="stem")(inputs)
    x = layers.MultiHeadAttention(4, 3, name="own")(x, x)
    model = randomise(keras.Model(inputs, layers.Dense(2, name="last")(layers.Flatten()(x))))
    masks = {"stem": np.arange(8) < 3}
    small, masked, x = shrink(model, masks), mask_units(model, masks), examples(model)
    np.testing.assert_allclose(small(x), masked(x), rtol=1e-5, atol=1e-5)
    assert small.get_layer("own")._output_dense.kernel.shape == (4, 3, 8)


def test_adapted_normalization_statistics_are_copied():
    learned = layers.Normalization()
    learned.adapt(np.random.default_rng(0).normal(5, 3, (50, 4)))
    inputs = keras.Input((4,))
    x = layers.Dense(6, name="wide")(learned(inputs))
    model = keras.Model(inputs, layers.Dense(2)(x))
    x = examples(model)
    for copy in (shrink(model, {}), mask_units(model, {})):
        np.testing.assert_array_equal(copy(x), model(x))


def test_a_learned_vocabulary_is_refused():
    learned = layers.StringLookup(name="lookup")
    learned.adapt(["a", "b", "c"])
    inputs = keras.Input((2,), dtype="string")
    x = layers.Embedding(4, 3, name="words")(learned(inputs))
    model = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(x)))
    with pytest.raises(ValueError, match="'lookup' has learned its vocabulary by adapt"):
        shrink(model, {"words": np.array([True, True, False])})
    with pytest.raises(ValueError, match="'lookup' has learned"):
        pw.quantize(model)


class Inner(keras.Model):
    """A model within the model whose graph cannot be seen."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.within = layers.Dense(5)

    def call(self, x):
        return self.within(x)


@pytest.mark.parametrize(
    "odd",
    [
        Inner(name="odd"),
        layers.Reshape((-1, 5), name="odd"),  # of a length that is not known
        layers.Bidirectional(layers.ConvLSTM1D(2, 1), name="odd"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_layers_that_cannot_be_pruned_are_copied(odd):
    inputs = keras.Input((None, 4, 3) if isinstance(odd, layers.Bidirectional) else (None, 3))
    x = odd(layers.Dense(10)(inputs))
    model = randomise(keras.Model(inputs, layers.Dense(2)(layers.Dense(4, name="also")(x))))
    masks = {"also": np.arange(4) < 2}
    small, masked, x = shrink(model, masks), mask_units(model, masks), examples(model)
    np.testing.assert_allclose(small(x), masked(x), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(shrink(model, {})(x), model(x), rtol=1e-5, atol=1e-5)
    assert "odd" in channel_groups(model).fixed


def test_classes_named_like_keras_classes_get_no_rule():
    """An operation and a layer of one's own that are called as layers of Keras are."""

    class Dense(layers.Layer):
        def call(self, x):
            return x * 2

    inputs = keras.Input((4,))
    x = layers.Dense(6, name="stuck")(layers.Dense(8, name="free")(inputs))
    x = Dense(name="own")(keras.ops.fft((x, x))[0])
    model = randomise(keras.Model(inputs, layers.Dense(2)(layers.Dense(5, name="wide")(x))))
    masks = {"free": np.arange(8) < 3, "wide": np.arange(5) < 2}
    small, masked, x = shrink(model, masks), mask_units(model, masks), examples(model)
    np.testing.assert_allclose(small(x), masked(x), rtol=1e-5, atol=1e-5)
    assert "FFT" in channel_groups(model).fixed["stuck"]


@pytest.mark.parametrize(
    ("masks", "says"),
    [
        ({"stem": np.zeros(6, bool)}, "nothing of 'stem'"),
        ({"stem": np.ones(5, bool)}, "'stem' has shape \\(5,\\), but the group has 6"),
        ({"nowhere": np.ones(6, bool)}, "no group 'nowhere'; there are stem, inner"),
        (
            {"last": np.ones(3, bool)},
            "'last' cannot be removed. Its units stay: they are the model",
        ),
        (
            {"outer": np.ones(6, bool)},
            "'outer' has no group.*its units are removed with those of 'stem'",
        ),
        ([True], "masks are given as"),
    ],
)
def test_masks_that_do_not_fit_are_refused(residual_net, masks, says):
    before = state(residual_net)
    with pytest.raises(ValueError, match=says):
        shrink(residual_net, masks)
    assert state(residual_net) == before


def test_masks_are_boolean(residual_net):
    with pytest.raises(TypeError, match="the mask for 'stem' has dtype float64"):
        shrink(residual_net, {"stem": np.ones(6)})


def test_models_without_a_graph_are_refused(subclassed):
    with pytest.raises(ValueError, match="'subclassed' has no graph.*keras.Model\\(inputs, outputs\\)"):
        channel_groups(subclassed)
    with pytest.raises(ValueError, match="keras.Input"):
        channel_groups(keras.Sequential([layers.Dense(3)]))
    with pytest.raises(TypeError, match="not a Keras 3 model"):
        shrink("model", {})


def test_trainable_and_frozen_layers_stay_so(residual_net):
    residual_net.get_layer("inner").trainable = False
    small = shrink(residual_net, residual_masks(residual_net))
    assert not small.get_layer("inner").trainable
    assert len(small.trainable_variables) == len(residual_net.trainable_variables)
