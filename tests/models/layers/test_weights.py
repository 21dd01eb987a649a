import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

_KERNELS = ("kernel", "recurrent_kernel")


def names(model, **options):
    return list(pw.LiveModel(model, **options).names)


def functional(shape, *stack):
    x = inputs = keras.Input(shape)
    for layer in stack:
        x = layer(x)
    return keras.Model(inputs, x)


def test_biases_and_normalisation_are_not_prunable(dense):
    assert names(dense) == ["first/kernel", "second/kernel"]


@pytest.mark.parametrize(
    ("shape", "layer", "expected"),
    [
        ((9, 2), layers.Conv1D(3, 2, name="x"), ["kernel"]),
        ((9, 9, 2), layers.Conv2D(3, 2, name="x"), ["kernel"]),
        ((5, 5, 5, 1), layers.Conv3D(2, 2, name="x"), ["kernel"]),
        ((9, 2), layers.Conv1DTranspose(3, 2, name="x"), ["kernel"]),
        ((9, 9, 2), layers.Conv2DTranspose(3, 2, name="x"), ["kernel"]),
        ((5, 5, 5, 1), layers.Conv3DTranspose(2, 2, name="x"), ["kernel"]),
        ((9, 9, 2), layers.DepthwiseConv2D(2, name="x"), ["kernel"]),
        ((9, 9, 2), layers.SeparableConv2D(3, 2, name="x"), ["depthwise_kernel", "pointwise_kernel"]),
        ((9, 2), layers.SeparableConv1D(3, 2, name="x"), ["depthwise_kernel", "pointwise_kernel"]),
        ((4,), layers.Embedding(7, 3, name="x"), ["embeddings"]),
        ((4, 3), layers.EinsumDense("abc,cd->abd", (4, 5), bias_axes="d", name="x"), ["kernel"]),
        ((4, 3), layers.LSTM(2, name="x"), ["lstm_cell/kernel", "lstm_cell/recurrent_kernel"]),
        ((4, 3), layers.GRU(2, name="x"), ["gru_cell/kernel", "gru_cell/recurrent_kernel"]),
        (
            (4, 3),
            layers.SimpleRNN(2, name="x"),
            ["simple_rnn_cell/kernel", "simple_rnn_cell/recurrent_kernel"],
        ),
        ((4, 3), layers.TimeDistributed(layers.Dense(2, name="in"), name="x"), ["in/kernel"]),
        (
            (4, 3),
            layers.Bidirectional(layers.GRU(2, name="g"), name="x"),
            [f"{way}_g/gru_cell/{kernel}" for way in ("forward", "backward") for kernel in _KERNELS],
        ),
        ((9, 9, 2), layers.PReLU(name="x"), []),
        ((4, 3), layers.LayerNormalization(axis=[1, 2], name="x"), []),
        ((4, 3), layers.SpectralNormalization(layers.Dense(2, name="in"), name="x"), ["in/kernel"]),
    ],
)
def test_kernels_of_each_layer_are_found(shape, layer, expected):
    model = functional(shape, layer, layers.Flatten(), layers.Dense(2, name="out"))
    assert names(model) == [*(f"x/{name}" for name in expected), "out/kernel"]


def test_attention_has_four_kernels_and_no_biases():
    x = keras.Input((4, 6))
    model = keras.Model(x, layers.MultiHeadAttention(2, 3, name="att")(x, x))
    assert names(model) == [f"att/{part}/kernel" for part in ("query", "key", "value", "attention_output")]


def test_a_shared_layer_counts_once():
    a, b, shared = keras.Input((3,)), keras.Input((3,)), layers.Dense(3, name="shared")
    model = keras.Model([a, b], layers.Dense(2, name="out")(layers.add([shared(a), shared(b)])))
    assert names(model) == ["shared/kernel", "out/kernel"]


def test_subclassed_models_are_searched_in_lists_dicts_and_their_own_weights(subclassed):
    assert sorted(names(subclassed)) == ["a/kernel", "b/kernel", "head/kernel", "subclassed/mix"]


def nested():
    inside = functional((3,), layers.Dense(3, name="dense"))
    inside.name = "encoder"
    sequence = keras.Sequential([keras.Input((3,)), layers.Dense(3, name="dense")], name="decoder")
    return functional((3,), inside, sequence, layers.Dense(2, name="dense"))


def test_weights_of_nested_models_are_prefixed_with_the_models_name(tmp_path):
    model = nested()
    expected = ["encoder/dense/kernel", "decoder/dense/kernel", "dense/kernel"]
    assert names(model) == expected
    model.save(tmp_path / "nested.keras")
    assert names(keras.saving.load_model(tmp_path / "nested.keras")) == expected


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (layers.TimeDistributed(layers.Dense(2, name="in"), name="x"), ["in/kernel"]),
        (
            layers.TimeDistributed(keras.Sequential([layers.Dense(2, name="in")], name="block"), name="x"),
            ["block/in/kernel"],
        ),
        (
            layers.Bidirectional(layers.SimpleRNN(2, name="r"), name="x"),
            [f"{way}_r/simple_rnn_cell/{kernel}" for way in ("forward", "backward") for kernel in _KERNELS],
        ),
        (layers.SpectralNormalization(layers.Dense(2, name="in"), name="x"), ["in/kernel"]),
    ],
    ids=lambda part: type(part).__name__,
)
def test_inner_layers_have_the_same_names_after_save_and_load(layer, expected, tmp_path):
    """Keras builds them earlier when it loads, and then leaves the outer name out of the path."""
    model = functional((4, 3), layer, layers.Flatten(), layers.Dense(2, name="out"))
    expected = [*(f"x/{name}" for name in expected), "out/kernel"]
    assert names(model) == expected
    model.save(tmp_path / "m.keras")
    assert names(keras.saving.load_model(tmp_path / "m.keras")) == expected


def test_layers_shared_with_another_model_are_named_as_there(tmp_path):
    first = keras.Sequential(
        [keras.Input((3,)), layers.Dense(4, name="a"), layers.Dense(2, name="b")], name="first"
    )
    shared = keras.Model(first.inputs, layers.Dense(5, name="c")(first.get_layer("a").output), name="shared")
    assert list(pw.LiveModel(shared).weights) == ["a/kernel", "c/kernel"]
    pw.save_model(shared, tmp_path / "shared.keras")
    assert list(pw.LiveModel(pw.load_model(tmp_path / "shared.keras")).weights) == ["a/kernel", "c/kernel"]


def test_two_levels_of_nesting():
    outer = functional((3,), nested(), layers.Dense(1, name="last"))
    middle = outer.layers[1].name
    assert names(outer) == [
        f"{middle}/encoder/dense/kernel",
        f"{middle}/decoder/dense/kernel",
        f"{middle}/dense/kernel",
        "last/kernel",
    ]


def test_the_second_of_two_equal_names_gets_a_number():
    class Twins(keras.Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = layers.Dense(3, name="dense"), layers.Dense(3, name="dense")

        def call(self, x):
            return self.b(self.a(x))

    model = Twins()
    model(np.zeros((1, 3), "float32"))
    assert names(model) == ["dense/kernel", "dense/kernel#2"]


def test_frozen_kernels_count_too(dense):
    dense.trainable = False
    assert names(dense) == ["first/kernel", "second/kernel"]


def test_prunable_selects_weights_but_never_random_seeds(dense):
    assert names(dense, prunable=lambda variable: True) == ["first/kernel", "second/kernel"]
    biases = names(dense, prunable="all", layers=lambda variable: variable.name == "bias")
    assert biases == ["first/bias", "second/bias"]
    everything = names(dense, prunable="all")
    assert "norm/moving_mean" in everything
    assert not any("seed" in name for name in everything)


def test_weights_are_copies(dense):
    live = pw.LiveModel(dense)
    live.weights["first/kernel"][:] = 7
    assert not (live.weights["first/kernel"] == 7).any()


def test_an_unbuilt_model_is_refused():
    with pytest.raises(ValueError, match=r"'raw'.*not built.*model\(x\[:1\]\)"):
        pw.LiveModel(keras.Sequential([layers.Dense(2)], name="raw"))


def test_a_model_without_prunable_weights_is_refused():
    with pytest.raises(ValueError, match="'norms' has no prunable weights.*gamma.*prunable='all'"):
        pw.LiveModel(keras.Sequential([keras.Input((3,)), layers.BatchNormalization()], name="norms"))


@pytest.mark.parametrize("thing", [np.zeros(3), layers.Dense(3), "model", None])
def test_objects_that_are_not_keras_models_are_refused(thing):
    with pytest.raises(TypeError, match=f"{type(thing).__qualname__} is not a Keras 3 model"):
        pw.LiveModel(thing)


def test_naming_a_layer_selects_its_inner_layers_too():
    inner = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, name="x"), layers.Dense(3, name="y")], name="inner"
    )
    inputs = keras.Input((5, 2))
    outputs = layers.Dense(4, name="last")(inner(layers.LSTM(4, name="lstm")(inputs)))
    model = keras.Model(inputs, outputs)
    for name, expected in (("lstm", 2), ("lstm/lstm_cell", 2), ("inner", 2), ("inner/x", 1), ("last", 1)):
        live = pw.LiveModel(model, layers=name)
        assert len(live.names) == expected and all(found.startswith(f"{name}/") for found in live.names)
    with pytest.raises(ValueError, match="'lst' fits no prunable weight"):
        pw.LiveModel(model, layers="lst")
