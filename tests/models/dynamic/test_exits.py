"""Early exits: the model they make, what they cost, who leaves where, and what is not run any more."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw
from prunewidgets.models.dynamic.exits import exit_multiply_adds


@pytest.fixture
def trunk():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(3, 3, name="conv_1"),
            layers.MaxPooling2D(name="pool_1"),
            layers.Conv2D(5, 2, activation="relu", name="conv_2"),
            layers.Flatten(name="flatten"),
            layers.Dense(4, "softmax", name="last"),
        ],
        name="trunk",
    )


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(40, 8, 8, 1)).astype("float32")


@pytest.fixture
def exits(trunk):
    model = pw.early_exits(trunk, ["conv_2", "pool_1"])  # in the wrong order
    kernel = model.get_layer("exit_conv_2").layers[-1].kernel
    kernel.assign(20 * kernel)  # surer than it would be untrained
    return model


def first_sure(outputs, threshold):
    """Who leaves where, one example and one exit after the other."""
    places = []
    for number in range(len(outputs[0])):
        place = 0
        while place < len(outputs) - 1 and max(outputs[place][number]) < np.float32(threshold):
            place += 1
        places.append(place)
    return np.array(places)


def middle(exits, x):
    """A threshold at which 16 of 40 leave at the first exit."""
    return float(np.sort(exits.predict(x, verbose=0)[0].max(axis=1))[24])


def test_exits_share_the_layers_and_do_not_change_the_model(trunk, exits, x):
    assert exits.output_names == ["exit_pool_1", "exit_conv_2", "last"]
    assert all(exits.get_layer(layer.name) is layer for layer in trunk.layers)
    *_, last = exits.predict(x, verbose=0)
    np.testing.assert_allclose(last, trunk.predict(x, verbose=0), rtol=1e-6)
    kernel, bias = exits.get_layer("exit_pool_1").get_weights()
    between = keras.Function(trunk.inputs, trunk.get_layer("pool_1").output)([x])
    logits = np.asarray(between).reshape(40, -1) @ kernel + bias
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(exits.predict(x, verbose=0)[0], expected, rtol=1e-4)


def test_multiply_adds_by_hand(exits):
    conv_1, head_1 = 9 * 3 * 6 * 6, 3 * 3 * 3 * 4
    conv_2, head_2, last = 3 * 5 * 4 * 2 * 2, 20 * 4, 20 * 4
    assert exit_multiply_adds(exits) == {
        "exit_pool_1": conv_1 + head_1,
        "exit_conv_2": conv_1 + head_1 + conv_2 + head_2,
        "last": conv_1 + head_1 + conv_2 + head_2 + last,
    }


def test_a_curve_against_one_example_after_the_other(exits, x):
    outputs = exits.predict(x, verbose=0)
    y = np.random.default_rng(1).integers(0, 4, 40)
    levels = [0, middle(exits, x), 1.01]
    frame = pw.exit_curve(exits, x, y, levels)
    for level, row in zip(levels, frame.itertuples(), strict=True):
        places = first_sure(outputs, level)
        given = [outputs[place][number].argmax() for number, place in enumerate(places)]
        assert row.accuracy == pytest.approx(np.mean(given == y))
        spent = [exit_multiply_adds(exits)[exits.output_names[place]] for place in places]
        assert row.multiply_adds == pytest.approx(np.mean(spent))
        assert [row.exit_pool_1, row.exit_conv_2, row.last] == pytest.approx(
            [np.mean(places == place) for place in range(3)]
        )
    assert set(first_sure(outputs, levels[1])) == {0, 1, 2}, "the threshold in the middle tests little"
    assert frame.loc[0, "exit_pool_1"] == frame.loc[2, "last"] == 1


@pytest.mark.parametrize("compact", [True, False])
@pytest.mark.parametrize("batch", [1, 40])
def test_a_runner_leaves_where_the_outputs_say(exits, x, compact, batch):
    level = middle(exits, x)
    run = pw.exit_runner(exits, level, compact)
    outputs = exits.predict(x, verbose=0)
    places = first_sure(outputs, level)
    pieces = [run(x[start : start + batch]) for start in range(0, 40, batch)]
    np.testing.assert_array_equal(np.concatenate([left_at for _, left_at in pieces]), places)
    expected = np.array([outputs[place][number] for number, place in enumerate(places)])
    np.testing.assert_allclose(np.concatenate([found for found, _ in pieces]), expected, rtol=1e-4)


class Counted(layers.Layer):
    """Notes the length of each batch that comes by."""

    seen = []

    def call(self, x):
        def note(given):
            Counted.seen.append(len(given))
            return given

        y = tf.py_function(note, [x], x.dtype)
        y.set_shape(x.shape)
        return y

    def compute_output_shape(self, shape):
        return shape


@pytest.mark.parametrize(("compact", "expected"), [(True, [24]), (False, [40])])
def test_layers_behind_an_exit_run_only_for_those_still_there(x, compact, expected):
    steps = [keras.Input((8, 8, 1)), layers.Flatten(name="flat"), Counted(name="counted")]
    exits = pw.early_exits(keras.Sequential([*steps, layers.Dense(4, "softmax", name="end")]), "flat")
    run = pw.exit_runner(exits, middle(exits, x), compact)
    Counted.seen.clear()
    _, left_at = run(x)
    assert Counted.seen == expected and (left_at == 1).sum() == 24
    run(x[left_at == 0])
    assert Counted.seen == expected, "all had left"


def test_a_runner_of_a_model_without_exits_runs_the_model(trunk, x):
    found, left_at = pw.exit_runner(trunk, 0)(x)
    np.testing.assert_allclose(found, trunk.predict(x, verbose=0), rtol=1e-5)
    assert not left_at.any()


def test_zeros_are_held_in_the_trunk_and_in_the_exits(trunk, exits, x, tmp_path):
    masks = pw.prune(exits, 0.5)
    assert {"conv_1/kernel", "exit_pool_1/dense/kernel"} <= masks.keys()
    exits.compile("adam", ["sparse_categorical_crossentropy"] * 3)
    y = np.arange(40) % 4
    exits.fit(x, [y] * 3, verbose=0)
    pw.save_model(exits, tmp_path / "exits.keras")
    loaded = pw.load_model(tmp_path / "exits.keras")
    loaded.fit(x, [y] * 3, verbose=0)
    for model in (exits, loaded):
        for name, weights in pw.LiveModel(model).weights.items():
            assert not weights[~masks[name]].any(), name
    assert not trunk.get_layer("conv_1").kernel.numpy()[~masks["conv_1/kernel"]].any()
    _, left_at = pw.exit_runner(loaded, 0)(x)
    assert not left_at.any()


def test_a_runner_reads_the_weights_as_they_are(exits, x):
    run = pw.exit_runner(exits, 1.01)
    before, _ = run(x)
    pw.prune(exits, 0.5, scope="layer")
    after, _ = run(x)
    assert not np.allclose(before, after)
    np.testing.assert_allclose(after, exits.predict(x, verbose=0)[-1], rtol=1e-5)


def test_layers_that_another_model_calls_too(trunk, x):
    other = keras.Input((8, 8, 1))
    keras.Model(other, trunk(other))
    assert pw.early_exits(trunk, ["pool_1"]).predict(x, verbose=0)[0].shape == (40, 4)


def test_a_head_of_ones_own(trunk):
    def head(name):
        return keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(4, "softmax")], name=name)

    exits = pw.early_exits(trunk, ["conv_1"], head)
    assert exits.get_layer("exit_conv_1").count_params() == 3 * 4 + 4


def block():
    image = keras.Input((6,))
    around = layers.Dense(6, name="in")(image)
    inside = layers.Dense(6, name="branch")(around)
    total = layers.Add(name="sum")([around, inside])
    return keras.Model(image, layers.Dense(3, "softmax", name="out")(total), name="block")


def test_an_exit_behind_a_block_runs_in_pieces_and_one_within_it_does_not():
    x = np.ones((2, 6), "float32")
    found, _ = pw.exit_runner(pw.early_exits(block(), ["sum"]), 1.01)(x)
    assert found.shape == (2, 3)
    with pytest.raises(ValueError, match="cannot be run in pieces.*'out'.*the sum at the end of a block"):
        pw.exit_runner(pw.early_exits(block(), ["branch"]), 1.01)


class Own(keras.Model):
    def __init__(self):
        super().__init__(name="own")
        self.dense = layers.Dense(2)

    def call(self, x):
        return self.dense(x)


def own():
    model = Own()
    model(np.zeros((1, 3), "float32"))
    return model


@pytest.mark.parametrize(
    ("made", "names", "message"),
    [
        (block, ["summ"], "none of that name; it has .*in, branch, sum, out"),
        (block, ["out"], "is the last of 'block'"),
        (block, [], "layers is empty"),
        (own, ["dense"], "no graph of layers"),
    ],
    ids=["unknown", "last", "none", "subclassed"],
)
def test_what_early_exits_refuses(made, names, message):
    with pytest.raises(ValueError, match=message):
        pw.early_exits(made(), names)


def test_a_layer_called_twice_side_by_side_is_refused():
    """Both calls are as far from the end, so neither is the exit's place."""
    image = keras.Input((4,))
    shared = layers.Dense(4, name="shared")
    total = layers.Add()([shared(layers.ReLU()(image)), shared(layers.Activation("tanh")(image))])
    model = keras.Model(image, layers.Dense(2, "softmax")(total))
    with pytest.raises(ValueError, match="'shared'.* calls it several times"):
        pw.early_exits(model, ["shared"])


@pytest.mark.parametrize(
    "head",
    [lambda name: layers.Dense(3, "softmax", name="mine"), lambda name: None],
    ids=["another name", "nothing"],
)
def test_a_head_that_is_no_layer_of_the_name_is_refused(head):
    """With another name the exit would not be found again."""
    with pytest.raises(ValueError, match="head has to return a layer named 'exit_branch'"):
        pw.early_exits(block(), ["branch"], head)


def test_one_threshold_may_be_a_number_of_any_kind(exits, x):
    y = np.zeros(40, int)
    expected = pw.exit_curve(exits, x, y, [0.5])
    for threshold in (0.5, np.float32(0.5), np.array([0.5])):
        assert pw.exit_curve(exits, x, y, threshold).equals(expected)


def test_what_a_curve_refuses(trunk, exits, x):
    y = np.zeros(40, int)
    for threshold in ("0.5", None):
        with pytest.raises(ValueError, match=f"threshold {threshold!r} is no probability"):
            pw.exit_curve(exits, x, y, [threshold])
        with pytest.raises(ValueError, match=f"threshold {threshold!r} is no probability"):
            pw.exit_runner(exits, threshold)
    with pytest.raises(ValueError, match="no early exits: add some with"):
        pw.exit_curve(trunk, x, y, [0.9])
    with pytest.raises(ValueError, match=r"threshold -0.1 is no probability"):
        pw.exit_curve(exits, x, y, [-0.1])
    with pytest.raises(ValueError, match="threshold nan"):
        pw.exit_runner(exits, np.nan)
    logits = pw.early_exits(trunk, ["pool_1"], lambda name: keras.Sequential([layers.Flatten()], name=name))
    with pytest.raises(ValueError, match="'exit_pool_1'.*finish with a softmax"):
        pw.exit_curve(logits, x, y, [0.9])
    image = keras.Input((3,))
    two = keras.Model(image, [layers.Dense(2, name="a")(image), layers.Dense(2, name="b")(image)])
    with pytest.raises(ValueError, match="outputs a of .* are not early exits"):
        pw.exit_runner(two, 0.9)
