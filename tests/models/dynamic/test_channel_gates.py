"""Gates for channels against NumPy; they are saved, counted and pruned like other layers."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw


@pytest.fixture
def trunk():
    return keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(8, 3, activation="relu", name="conv"),
            layers.Flatten(name="flatten"),
            layers.Dense(3, "softmax", name="last"),
        ],
        name="trunk",
    )


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(30, 6, 6, 2)).astype("float32")


def by_numpy(gate, source, keep):
    """The gates of one example after the other."""
    kernel, bias = gate.kernel.numpy(), gate.bias.numpy()
    mean, variance = (np.asarray(v) for v in (gate.norm.moving_mean, gate.norm.moving_variance))
    rows = []
    for example in source:
        means = np.abs(example).mean(axis=(0, 1))
        row = np.maximum((means - mean) / np.sqrt(variance + gate.norm.epsilon) @ kernel + bias, 0)
        row[sorted(range(len(row)), key=lambda place: (-row[place], place))[keep:]] = 0
        rows.append(row)
    return np.array(rows)


def fit(model, x):
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(x, np.arange(len(x)) % 3, verbose=0)


def test_each_example_keeps_the_channels_with_the_largest_gates(trunk, x):
    gated = pw.gate_channels(trunk, {"conv": 3})
    fit(gated, x)  # so that the normalisation has seen something
    gate = gated.get_layer("conv_gate")
    expected = by_numpy(gate, x, 3)
    assert len(np.unique(expected > 0, axis=0)) > 1, "all examples keep the same"
    np.testing.assert_allclose(gate.gates(x), expected, rtol=1e-4, atol=1e-6)
    made = keras.Function(gated.inputs, gated.get_layer("conv").output)([x])
    kept = keras.Function(gated.inputs, gate.output)([x])
    np.testing.assert_allclose(kept, np.asarray(made) * expected[:, None, None], rtol=1e-4, atol=1e-6)


def test_of_equal_gates_the_first_are_kept(x):
    gate = pw.ChannelGate(2)
    gate(np.ones((1, 4, 5), "float32"), x[:1])
    gate.kernel.assign(np.zeros((2, 5)))
    np.testing.assert_array_equal(gate.gates(x[:1]), [[1, 1, 0, 0, 0]])


def test_the_copy_has_the_weights_and_the_model_stays_as_it_was(trunk, x):
    before = trunk.predict(x, verbose=0)
    gated = pw.gate_channels(trunk, {"conv": 8})
    gate = gated.get_layer("conv_gate")
    gate.kernel.assign(np.zeros(gate.kernel.shape))  # so all gates are 1
    np.testing.assert_allclose(gated.predict(x, verbose=0), before, rtol=1e-5)
    fit(gated, x)
    np.testing.assert_array_equal(trunk.predict(x, verbose=0), before)


def test_a_functional_model_may_have_an_input_without_a_name_and_several_outputs(x):
    """Keras gives the copy's input another name than the model's."""
    image = keras.Input((6, 6, 2))
    made = layers.Conv2D(4, 3, name="conv")(image)
    ends = [layers.Dense(3, "softmax", name=name)(layers.Flatten()(made)) for name in ("a", "b")]
    model = keras.Model(image, ends)
    gated = pw.gate_channels(model, {"conv": 4})
    gated.get_layer("conv_gate").kernel.assign(np.zeros((2, 4)))  # so all gates are 1
    for one, other in zip(gated(x), model(x), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


def merged():
    image = keras.Input((6, 6, 2), name="picture")
    conv = layers.Conv2D(2, 3, padding="same", name="conv")
    twice = layers.Add(name="sum")([conv(image), image])
    return keras.Model(image, layers.Flatten()(conv(twice)), name="merged")


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        ({"sum": 1}, "'sum' of 'merged' reads 2 tensors"),
        ({"picture": 1}, "'picture' of 'merged' reads nothing"),
        ({"conv": 1}, "'conv' of 'merged' is called 2 times"),
    ],
    ids=["several", "none", "twice"],
)
def test_a_layer_that_a_gate_cannot_stand_behind_is_refused(keep, message):
    with pytest.raises(ValueError, match=message):
        pw.gate_channels(merged(), keep)


def test_names_without_numbers_are_refused(trunk):
    with pytest.raises(TypeError, match=r"keep is \['conv'\]; give \{name of a layer: channels"):
        pw.gate_channels(trunk, ["conv"])


def test_zeros_are_held_through_training_and_a_file(trunk, x, tmp_path):
    gated = pw.gate_channels(trunk, {"conv": 3})
    masks = pw.prune(gated, 0.5)
    assert set(masks) == {"conv/kernel", "conv_gate/kernel", "last/kernel"}
    fit(gated, x)
    pw.save_model(gated, tmp_path / "gated.keras")
    loaded = pw.load_model(tmp_path / "gated.keras")
    np.testing.assert_allclose(loaded.predict(x, verbose=0), gated.predict(x, verbose=0), rtol=1e-5)
    fit(loaded, x)
    for name, weights in pw.LiveModel(loaded).weights.items():
        assert not weights[~masks[name]].any(), name


def test_multiply_adds_by_hand(trunk):
    frame = pw.costs(pw.gate_channels(trunk, {"conv": 3}), batches=())
    assert frame["multiply_adds"].item() == 9 * 2 * 8 * 16 + 2 * 8 + 16 * 8 * 3  # all channels, and the gate


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        ({"conv": 0}, "keep is 0; it has to be a whole number"),
        ({"conv": 2.5}, "keep is 2.5; it has to be a whole number"),
        ({"conv": 9}, "to keep 9 channels, and there are 8"),
        ({"convolution": 2}, "no layer 'convolution'; it has conv, flatten, last"),
    ],
)
def test_what_is_refused(trunk, keep, message):
    with pytest.raises(ValueError, match=message):
        pw.gate_channels(trunk, keep)


def test_units_around_a_gate_cannot_be_removed_silently(trunk):
    gated = pw.gate_channels(trunk, {"conv": 3})
    assert "conv" not in pw.channel_groups(gated)
