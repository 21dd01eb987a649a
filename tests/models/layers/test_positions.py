import keras
import pytest
from keras import layers

import prunewidgets as pw


def functional(shape, *stack):
    x = inputs = keras.Input(shape)
    for layer in stack:
        x = layer(x)
    return keras.Model(inputs, x)


def test_lenet_5_by_hand():
    live = pw.LiveModel(pw.models.lenet_5())
    positions = live.positions()
    assert positions == {
        "conv_1/kernel": 24 * 24,
        "conv_2/kernel": 8 * 8,
        "dense_1/kernel": 1,
        "dense_2/kernel": 1,
    }
    counts = pw.ledger.ledger(live.weights, positions=positions)
    assert counts["multiply_adds"] == 500 * 576 + 25_000 * 64 + 400_000 + 5_000


@pytest.mark.parametrize(
    ("shape", "layer", "expected"),
    [
        ((9,), layers.Dense(3), [1]),
        ((5, 9), layers.Dense(3), [5]),
        ((9, 2), layers.Conv1D(3, 2), [8]),
        ((9, 9, 2), layers.Conv2D(3, 3, strides=2), [16]),
        ((9, 9, 2), layers.DepthwiseConv2D(2), [64]),
        ((9, 9, 2), layers.SeparableConv2D(3, 2), [64, 64]),
        ((4, 5, 2), layers.Conv2DTranspose(3, 2, strides=2), [20]),
        ((3, 4, 5, 2), layers.Conv3D(3, 2), [2 * 3 * 4]),
        ((7,), layers.Embedding(9, 3), [0]),
        ((7, 3), layers.GRU(2), [7, 7]),
        ((7, 3), layers.Bidirectional(layers.LSTM(2)), [7] * 4),
        ((7, 3), layers.Bidirectional(layers.RNN([layers.LSTMCell(2), layers.GRUCell(2)])), [7] * 8),
        ((5, 9, 9, 3), layers.ConvLSTM2D(2, 3, strides=2), [5 * 16] * 2),
        ((5, 9, 3), layers.ConvLSTM1D(2, 3, return_sequences=True, return_state=True), [5 * 7] * 2),
        ((5, 9, 3), layers.Bidirectional(layers.ConvLSTM1D(2, 3)), [5 * 7] * 4),
        ((7, 3), layers.TimeDistributed(layers.Dense(2)), [7]),
        ((7, 6, 6, 3), layers.TimeDistributed(layers.Conv2D(2, 3)), [7 * 16]),
        ((9,), layers.EinsumDense("ab,bc->ac", 3), [1]),
        ((5, 9), layers.EinsumDense("abc,cde->abde", (None, 2, 3)), [5]),
        ((5, 2, 3), layers.EinsumDense("abde,dec->abc", (None, 9)), [5]),
        ((4, 5, 9), layers.EinsumDense("...x,xy->...y", 3), [4 * 5]),
        ((5, 9), layers.EinsumDense("abc,bd->adc", (3, 9)), [9]),
    ],
)
def test_uses_by_hand(shape, layer, expected):
    assert list(pw.LiveModel(functional(shape, layer)).positions().values()) == expected


def test_channels_first_are_not_taken_for_space():
    model = keras.Sequential([keras.Input((2, 9, 8)), layers.Conv2D(3, 2, data_format="channels_first")])
    assert list(pw.LiveModel(model).positions().values()) == [8 * 7]


def test_nested_models_are_counted_too():
    inner = functional((6, 6, 1), layers.Conv2D(2, 3, name="conv"))
    model = functional((6, 6, 1), inner, layers.Flatten(), layers.Dense(2, name="out"))
    assert list(pw.LiveModel(model).positions().values()) == [16, 1]


def test_a_layer_or_model_called_several_times_counts_each_time():
    shared, small, large = layers.Conv2D(2, 3, name="conv"), keras.Input((5, 5, 1)), keras.Input((9, 9, 1))
    model = keras.Model([small, large], [shared(small), shared(large)])
    assert list(pw.LiveModel(model).positions().values()) == [9 + 49]
    inner, x = functional((6,), layers.Dense(6, name="dense")), keras.Input((6,))
    model = keras.Model(x, inner(inner(inner(x))))
    assert list(pw.LiveModel(model).positions().values()) == [3]


def test_attention_counts_uses_by_the_lengths_of_queries_and_values():
    asking, answering = keras.Input((5, 8)), keras.Input((7, 8))
    attention = layers.MultiHeadAttention(2, 4, name="attention")
    live = pw.LiveModel(keras.Model([asking, answering], attention(asking, value=answering)))
    uses = {name.split("/")[-2]: count for name, count in live.positions().items()}
    assert uses == {"query": 5, "key": 7, "value": 7, "attention_output": 5}
    attention = layers.GroupQueryAttention(4, 4, 2, name="grouped")
    live = pw.LiveModel(keras.Model([asking, answering], attention(asking, value=answering)))
    assert uses == {name.split("/")[-2]: count for name, count in live.positions().items()}


@pytest.mark.parametrize(("tied", "uses"), [(True, [4, 4]), (False, [0, 4, 4])])
def test_an_embedding_used_in_reverse_multiplies(tied, uses):
    """To look words up costs nothing; to score 9 words at 4 places is a product at each."""
    inputs = keras.Input((4,), dtype="int32")
    words = layers.ReversibleEmbedding(9, 5, tie_weights=tied, name="words")
    model = keras.Model(inputs, words(layers.Dense(5, name="dense")(words(inputs)), reverse=True))
    assert list(pw.LiveModel(model).positions().values()) == uses


def test_models_whose_positions_are_unknown_are_named(subclassed):
    with pytest.raises(ValueError, match="'subclassed'.*a/kernel.*positions = {name: uses}"):
        pw.LiveModel(subclassed).positions()
    with pytest.raises(ValueError, match="conv/kernel"):
        pw.LiveModel(functional((None, None, 1), layers.Conv2D(2, 3, name="conv"))).positions()


MASKED = {
    "embedding": lambda: [keras.Input((8,)), layers.Embedding(9, 3, mask_zero=True), layers.LSTM(2)],
    "built later": lambda: [layers.Embedding(9, 3, mask_zero=True), layers.LSTM(2)],
    "both ways": lambda: [
        keras.Input((8,)),
        layers.Embedding(9, 3, mask_zero=True),
        layers.Bidirectional(layers.LSTM(2)),
    ],
    "masking": lambda: [keras.Input((8, 3)), layers.Masking(), layers.GRU(2)],
    "each step": lambda: [
        keras.Input((8,)),
        layers.Embedding(9, 3, mask_zero=True),
        layers.TimeDistributed(layers.Dense(2)),
        layers.GlobalAveragePooling1D(),
    ],
    "nested": lambda: [
        keras.Input((8,)),
        keras.Sequential([keras.Input((8,)), layers.Embedding(9, 3, mask_zero=True), layers.LSTM(2)]),
    ],
}


@pytest.mark.parametrize("kind", MASKED)
def test_a_mask_that_reaches_a_later_layer_counts_nothing(kind):
    """8 steps each, as without a mask; an embedding is looked up, and the last layer is used once."""
    model = keras.Sequential([*MASKED[kind](), layers.Dense(2, name="last")])
    model.build((None, 8, 3) if kind == "masking" else (None, 8))
    for name, uses in pw.LiveModel(model).positions().items():
        assert uses == (0 if "embeddings" in name else 1 if "last" in name else 8), name


def test_layers_added_one_by_one_or_called_by_another_model_too_count_once():
    model = keras.Sequential()
    for layer in (keras.Input((6, 6, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)):
        model.add(layer)
    assert list(pw.LiveModel(model).positions().values()) == [16, 1]
    other = keras.Input((9, 9, 1))
    keras.Model(other, model.layers[0](other))
    assert list(pw.LiveModel(model).positions().values()) == [16, 1]


class Own(keras.layers.Layer):
    """A layer that is used at three positions, as it says itself."""

    uses_per_example = 3

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], shape[-1]), name="kernel")

    def call(self, x):
        return x @ self.kernel


def test_a_layer_of_ones_own_says_its_uses():
    image = keras.Input((5,))
    layer = Own(name="own")
    model = keras.Model(image, layer(layer(image)))
    assert pw.LiveModel(model).positions() == {"own/kernel": 6}  # called twice
