"""Which axes are inputs and outputs: found by what Keras itself computes, never by the table."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.layers.layouts import LAYOUTS

RNG = np.random.default_rng(0)


def one(layer, *shape):
    return keras.Sequential([keras.Input(shape), layer])


def attention(grouped=False):
    inputs = keras.Input((5, 12))
    layer = layers.GroupQueryAttention(4, 3, 3) if grouped else layers.MultiHeadAttention(3, 4)
    return keras.Model(inputs, layer(inputs, inputs))


def own_values(model):
    """Values that tie nowhere, whatever the initializer is."""
    for variable in model.variables:
        if len(variable.shape) > 1:
            variable.assign(RNG.uniform(0.1, 1, variable.shape))
    return model


# {kind: (model, its channels or units)}; without biases, so that an output that nothing makes is 0.
CHANNELS = {
    "Conv1D": (lambda: one(layers.Conv1D(6, 3, use_bias=False), 9, 4), 6),
    "Conv2D": (lambda: one(layers.Conv2D(6, 3, use_bias=False), 8, 8, 4), 6),
    "Conv2D in groups": (lambda: one(layers.Conv2D(6, 3, groups=2, use_bias=False), 8, 8, 4), 6),
    "Conv3D": (lambda: one(layers.Conv3D(4, 2, use_bias=False), 4, 4, 4, 3), 4),
    "Conv1DTranspose": (lambda: one(layers.Conv1DTranspose(6, 3, use_bias=False), 9, 4), 6),
    "Conv2DTranspose": (lambda: one(layers.Conv2DTranspose(6, 3, use_bias=False), 8, 8, 4), 6),
    "Conv3DTranspose": (lambda: one(layers.Conv3DTranspose(4, 2, use_bias=False), 4, 4, 4, 3), 4),
    "DepthwiseConv1D": (lambda: one(layers.DepthwiseConv1D(3, depth_multiplier=2, use_bias=False), 9, 3), 6),
    "DepthwiseConv2D": (
        lambda: one(layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False), 8, 8, 4),
        8,
    ),
    "ConvLSTM2D": (lambda: one(layers.ConvLSTM2D(4, 3, unit_forget_bias=False), 3, 6, 6, 2), 4),
}
UNITS = {
    "Dense": (lambda: one(layers.Dense(6, use_bias=False), 7), 6),
    "EinsumDense": (lambda: one(layers.EinsumDense("abc,dc->abd", (None, 6)), 5, 7), 6),
    "EinsumDense for each place": (lambda: one(layers.EinsumDense("abc,bcd->abd", (5, 6)), 5, 7), 30),
    "LSTM": (lambda: one(layers.LSTM(6, unit_forget_bias=False), 4, 3), 6),
    "GRU": (lambda: one(layers.GRU(6), 4, 3), 6),
    "SimpleRNN": (lambda: one(layers.SimpleRNN(6), 4, 3), 6),
}


@pytest.mark.parametrize("kind", [kind for kind in CHANNELS if kind != "ConvLSTM2D"])
def test_a_filter_is_what_makes_one_channel(kind):
    make, channels = CHANNELS[kind]
    model = own_values(make())
    x = RNG.uniform(0.1, 1, (3, *model.input_shape[1:])).astype("float32")
    for gone in (1, channels // 2):
        pw.prune(model, gone / channels, granularity="filter")
        answers = model.predict(x, verbose=0).reshape(-1, channels)
        assert (answers == 0).all(0).sum() == gone


@pytest.mark.parametrize("kind", ["Dense", "EinsumDense", "EinsumDense for each place"])
def test_a_neuron_is_what_makes_one_output(kind):
    make, outputs = UNITS[kind]
    model = own_values(make())
    kernel = pw.prune(model, 0.5, granularity="neuron")
    assert kernel.removed == kernel.size / 2
    x = RNG.uniform(0.1, 1, (3, *model.input_shape[1:])).astype("float32")
    answers = model.predict(x, verbose=0)
    across = (0, 1) if kind == "EinsumDense" else 0
    assert (answers == 0).all(across).sum() == outputs // 2


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN", "ConvLSTM2D"])
def test_a_recurrent_unit_has_a_column_in_every_gate(kind):
    make, units = (UNITS | CHANNELS)[kind]
    model = own_values(make())
    granularity = "filter" if kind == "ConvLSTM2D" else "neuron"
    masks = pw.prune(model, 0.5, scope="layer", granularity=granularity)
    gates = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1, "ConvLSTM2D": 4}[kind]
    for kept in masks.values():
        each = kept.reshape(-1, gates, units)  # Keras lays the gates side by side
        gone = (~each).all((0, 1))
        assert gone.sum() == units // 2 and each[..., ~gone].all()


@pytest.mark.parametrize("grouped", [False, True])
def test_attention_has_outputs_on_two_axes_and_reads_on_two(grouped):
    model = own_values(attention(grouped))
    masks = pw.prune(model, 0.5, scope="layer", granularity="neuron")
    for name in ("query", "key", "value"):
        kept = next(
            mask for key, mask in masks.items() if key.endswith(f"/{name}/kernel")
        )  # (d, heads, size)
        assert (~kept).all(0).sum() == kept[0].size // 2 and masks[next(iter(masks))].shape[0] == 12
    out = next(mask for key, mask in masks.items() if "output" in key)  # (heads, size, d)
    assert (~out).all((0, 1)).sum() == 6 and (~out).all((1, 2)).sum() == 0
    rows = pw.Masks.from_sparsity(pw.score(pw.LiveModel(attention(grouped)).weights), 0.5, "layer", "row")
    for name, kept in rows.items():
        gone = (~kept).all(2) if "output" in name else (~kept).all((1, 2))
        assert gone.sum() == gone.size // 2
    with pytest.raises(ValueError, match="'filter' needs a convolution kernel.*query/kernel.*EinsumDense"):
        pw.prune(model, 0.5, granularity="filter")


def test_filters_of_a_transposed_convolution_are_its_outputs():
    model = one(layers.Conv2DTranspose(24, 3, name="up"), 8, 8, 16)
    kept = pw.prune(model, 0.5, granularity="filter")["up/kernel"]
    assert ((~kept).all((0, 1, 3)).sum(), (~kept).all((0, 1, 2)).sum()) == (12, 0)


# name: (model, how its kernel becomes (…, inputs)).
INPUTS = {
    "Dense": (lambda: one(layers.Dense(6), 8), lambda k: k.T),
    "Conv2D": (lambda: one(layers.Conv2D(6, 3), 8, 8, 8), lambda k: k.transpose(0, 1, 3, 2)),
    "Conv2DTranspose": (lambda: one(layers.Conv2DTranspose(6, 3), 8, 8, 8), lambda k: k),
    "EinsumDense": (lambda: one(layers.EinsumDense("ab,cb->ac", (6,)), 8), lambda k: k),
    "LSTM": (lambda: one(layers.LSTM(8), 3, 8), lambda k: k.T),
    "attention": (attention, None),
}


@pytest.mark.parametrize("kind", INPUTS)
def test_two_of_four_runs_along_the_inputs_of_each_output(kind):
    make, by_input = INPUTS[kind]
    masks = pw.patterns.n_of_m(pw.score(pw.LiveModel(own_values(make())).weights), 2, 4)
    for name, kept in masks.items():
        if kind == "attention":
            to_last = (
                (lambda k: k.reshape(12, 12).T) if "output" in name else (lambda k: np.moveaxis(k, 0, -1))
            )
        else:
            to_last = by_input
        assert (to_last(kept).reshape(-1, 4).sum(1) == 2).all(), name


def test_blocks_of_a_transposed_convolution_and_of_groups():
    model = own_values(one(layers.Conv2DTranspose(8, 1, name="up"), 4, 4, 4))
    kept = pw.patterns.blocks(pw.score(pw.LiveModel(model).weights), 0.5, (4, 2))["up/kernel"][0, 0]
    assert all(len(set(kept[i : i + 2].ravel())) == 1 for i in range(0, 8, 2)) and kept.sum() == 16
    model = own_values(one(layers.Conv2D(6, 1, groups=2, name="g"), 4, 4, 8))
    kept = pw.patterns.blocks(pw.score(pw.LiveModel(model).weights), {"g": 0.5}, (4, 2))["g/kernel"][0, 0]
    blocks = [kept[:, start : start + width] for start, width in ((0, 2), (2, 1), (3, 2), (5, 1))]
    assert all(len(set(block.ravel())) == 1 for block in blocks)  # none is in both groups


def test_a_depthwise_kernel_has_no_pattern_along_inputs():
    model = one(layers.DepthwiseConv2D(3, name="deep"), 8, 8, 8)
    with pytest.raises(ValueError, match="'deep/kernel'.*DepthwiseConv2D, where each output has one input"):
        pw.patterns.n_of_m(pw.score(pw.LiveModel(model).weights))


class Mixing(keras.layers.Layer):
    """A layer that the table has no line for."""

    def build(self, shape):
        self.kernel = self.add_weight(shape=(5, shape[-1]), name="kernel")

    def call(self, x):
        return x @ keras.ops.transpose(self.kernel)


class Up(keras.layers.Conv2DTranspose):
    """One made from a layer of the table."""


def test_an_unknown_class_is_named_with_what_is_assumed():
    model = own_values(one(Mixing(name="mixing"), 4))
    with pytest.warns(UserWarning, match="'mixing/kernel' is in a layer of class Mixing.*the last two"):
        pw.prune(model, 0.2, granularity="neuron")
    kept = pw.Masks.from_sparsity(
        pw.score(pw.LiveModel(model).weights),
        0.2,
        granularity="neuron",
        layouts={"mixing/kernel": pw.layouts.Layout(inputs=(-1,), outputs=(-2,))},
    )["mixing/kernel"]
    assert (~kept).all(1).sum() == 1
    with pytest.raises(TypeError, match="the layout of 'a' is 3; give a pw.layouts.Layout"):
        pw.patterns.n_of_m({"a": np.ones((4, 4))}, layouts={"a": 3})
    kept = pw.prune(own_values(one(Up(8, 3, name="up"), 8, 8, 4)), 0.5, granularity="filter")["up/kernel"]
    assert (~kept).all((0, 1, 3)).sum() == 4


def test_curves_schedules_and_data_criteria_read_the_same_table():
    def up():
        stack = [keras.Input((4, 4, 4)), layers.Conv2DTranspose(8, 3, name="up")]
        model = keras.Sequential(
            [*stack, layers.Flatten(), layers.Dense(2, name="out", activation="softmax")]
        )
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model

    x, y = RNG.normal(size=(16, 4, 4, 4)).astype("float32"), RNG.integers(0, 2, 16)
    options = {"granularity": "filter", "layers": "up"}
    assert pw.accuracy_curve(up(), x, y, [1 / 8], **options).removed.tolist() == [9 * 4]
    assert pw.sensitivity(up(), x, y, [1 / 8], **options).removed.tolist() == [9 * 4]
    for train in (
        lambda model: pw.prune(model, 0.5, "taylor", data=(x, y), **options),
        lambda model: model.fit(x, y, verbose=0, callbacks=[pw.GradualPruning(0.5, "one_shot", **options)]),
    ):
        model = up()
        train(model)
        assert (model.get_layer("up").kernel.numpy() == 0).all((0, 1, 3)).sum() == 4


def test_shrink_uses_the_axes_of_the_table():
    stack = [
        keras.Input((8, 8, 4)),
        layers.Conv2D(6, 3, name="conv"),
        layers.Conv2DTranspose(5, 3, name="up"),
        layers.SeparableConv2D(7, 3, depth_multiplier=2, name="apart"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(6, name="dense"),
        layers.RepeatVector(3),
        layers.LSTM(4, name="lstm"),
        layers.Dense(3, name="last"),
    ]
    model = keras.Sequential(stack)
    live, checked = pw.LiveModel(model), set()
    for group in pw.channel_groups(model).values():
        for part in group.parts:
            if part.weight in live.layouts and part.role != "carries":
                layout, ndim = live.layouts[part.weight], live.weights[part.weight].ndim
                read = (*layout.inputs, *layout.groups)
                assert part.axis % ndim in {
                    axis % ndim for axis in (layout.outputs if part.role == "makes" else read)
                }
                checked.add(part.weight)
    assert checked == set(live.names)


def test_every_class_in_the_table_is_a_keras_class():
    of_keras = {name for name in dir(layers)} | {"ConvLSTMCell"}
    assert set(LAYOUTS) <= of_keras


# A layer removed whole.


def narrow():
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4, name="thin"), layers.Dense(2, name="out", activation="softmax")]
    )
    model.get_layer("thin").kernel.assign(model.get_layer("thin").kernel * 1e-3)
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


X, Y = RNG.normal(size=(16, 4)).astype("float32"), RNG.integers(0, 2, 16)


@pytest.mark.parametrize(
    "work",
    [
        lambda model: pw.prune(model, 2 / 3),
        lambda model: pw.accuracy_curve(model, X, Y, [0.5, 2 / 3, 0.9, 1]),
        lambda model: pw.sensitivity(model, X, Y, [0.97], layers="thin"),
        lambda model: model.fit(X, Y, verbose=0, callbacks=[pw.GradualPruning(2 / 3, "one_shot")]),
        lambda model: pw.lottery_tickets(
            model,
            lambda m, callbacks: m.fit(X[:1], Y[:1], verbose=0, callbacks=callbacks),
            X,
            Y,
            2 / 3,
            2 / 3,
        ),
    ],
    ids=["prune", "curve", "sensitivity", "gradual", "tickets"],
)
def test_a_layer_removed_whole_is_a_warning(work):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        work(narrow())
    said = [str(each.message) for each in said if "Nothing is left" in str(each.message)]
    assert len(said) == 1 and "Nothing is left of 'thin/kernel' (16 weights)" in said[0]
