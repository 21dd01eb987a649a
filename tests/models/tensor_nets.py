"""Tiny networks that move, split and combine the axes of tensors by ``keras.ops``."""

import keras
import numpy as np
from keras import layers, ops


def own_attention():
    """Attention by hand: the channels are split into heads, moved, multiplied and joined again."""
    inputs = keras.Input((5, 4))
    steps = np.arange(5)[:, None] / np.arange(1, 9)
    x = layers.Dense(8, name="stem")(inputs) + np.sin(steps).astype("float32")
    y = layers.LayerNormalization(name="norm")(x)

    def heads(name):
        part = ops.reshape(layers.Dense(8, name=name)(y), (-1, 5, 2, 4))
        return ops.transpose(part, (0, 2, 1, 3))

    scores = ops.matmul(heads("query"), ops.transpose(heads("key"), (0, 1, 3, 2))) / 2.0
    y = ops.matmul(ops.softmax(scores, axis=-1), heads("value"))
    y = ops.reshape(ops.transpose(y, (0, 2, 1, 3)), (-1, 5, 8))
    x = x + layers.Dense(8, name="out")(y)
    return keras.Model(inputs, layers.Dense(2, name="last")(ops.mean(x, axis=1)))


def einsums():
    """Scores over all heads at once, and a constant matrix."""
    inputs = keras.Input((5, 4))
    query, key = layers.Dense(6, name="query")(inputs), layers.Dense(6, name="key")(inputs)
    scores = ops.softmax(ops.einsum("btc,bsc->bts", query, key), axis=1)
    x = ops.einsum("bts,bsc->btc", scores, layers.Dense(7, activation="sigmoid", name="value")(inputs))
    mixing = np.random.default_rng(0).normal(size=(7, 3)).astype("float32")
    return keras.Model(inputs, layers.Dense(2, name="last")(ops.matmul(x, mixing)))


def gates():
    """Split in two (GLU), sliced, padded, and factors for each channel."""
    inputs = keras.Input((6, 3))
    first, second = ops.split(layers.Dense(10, name="both")(inputs), 2, axis=-1)
    x = first * ops.sigmoid(second) * np.linspace(0.5, 1.5, 5, dtype="float32")
    early, late = ops.split(layers.Dense(6, name="wide")(x), [2], axis=1)
    x = ops.concatenate([late[:, :, 1:5], ops.pad(late, ((0, 0), (0, 0), (1, 0)))], axis=-1)
    x = layers.Dense(8, activation="exponential", name="next")(x)
    x = ops.stack([x, ops.flip(x, axis=1)], axis=1)
    x = ops.max(ops.clip(x, -2.0, 2.0), axis=(1, 2)) + ops.mean(ops.tile(early, (1, 1, 2))[..., :8], axis=1)
    return keras.Model(inputs, layers.Dense(2, name="last")(x))


def mixer():
    """Dense layers along the tokens, then along the channels."""
    inputs = keras.Input((5, 4))
    x = layers.Dense(6, name="stem")(inputs)
    for number in range(2):
        y = ops.swapaxes(layers.LayerNormalization(name=f"norm_{number}")(x), 1, 2)
        y = layers.Dense(7, activation="gelu", name=f"tokens_{number}")(y)
        x = x + layers.Permute((2, 1))(layers.Dense(5, name=f"back_{number}")(y))
        x = x + layers.Dense(6, name=f"down_{number}")(layers.Dense(9, "relu", name=f"up_{number}")(x))
    return keras.Model(inputs, layers.Dense(2, name="last")(x[:, 0]))


def u_net():
    """Down, resized and up again, joined to what was there before; excitation by means."""
    inputs = keras.Input((8, 8, 2))
    one = layers.Conv2D(4, 3, padding="same", activation="relu", name="one")(inputs)
    two = layers.Conv2D(6, 3, strides=2, padding="same", activation="silu", name="two")(one)
    gate = layers.Dense(6, activation="sigmoid", name="gate")(ops.mean(two, axis=(1, 2), keepdims=True))
    x = ops.image.resize(two * gate, (8, 8))
    x = layers.BatchNormalization(name="norm")(ops.concatenate([one, x], axis=-1))
    x = layers.Conv2D(5, 3, padding="same", activation="relu", name="three")(x)
    return keras.Model(inputs, layers.Conv2D(2, 1, name="last")(layers.Resizing(4, 4)(x)))


def clips():
    """A network for each picture of a sequence, then an LSTM over them."""
    cnn = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(6, 3, activation="relu", name="conv"),
            layers.GroupNormalization(3, name="pairs"),
            layers.Flatten(),
            layers.Dense(5, name="dense"),
        ],
        name="cnn",
    )
    inputs = keras.Input((3, 6, 6, 2))
    x = layers.TimeDistributed(cnn, name="steps")(inputs)
    x = layers.TimeDistributed(layers.LayerNormalization(name="norm"), name="norms")(x)
    x = layers.Bidirectional(layers.LSTM(4, name="lstm"), name="both")(x)
    return keras.Model(inputs, layers.Dense(2, name="last")(x))


def plain_attention():
    """Layers that multiply queries by keys without weights of their own."""
    inputs = keras.Input((5, 4))
    query, key = layers.Dense(6, name="query")(inputs), layers.Dense(6, name="key")(inputs)
    value = layers.Dense(7, name="value")(inputs)
    x = layers.Attention(use_scale=True, name="dot")([query, value, key])
    wide = layers.Dense(8, activation="sigmoid", name="wide")(x)
    y = layers.AdditiveAttention(name="sum")([wide, layers.Dense(8, name="memory")(inputs)])
    return keras.Model(inputs, layers.Dense(2, name="last")(ops.squeeze(y[:, None, 0], 1)))


def einsum_heads():
    """Attention as KerasHub writes it: kernels with an axis for heads and one for their width."""
    inputs = keras.Input((5, 4))
    x = layers.EinsumDense("abc,cd->abd", (None, 6), bias_axes="d", activation="gelu", name="stem")(inputs)
    parts = {
        name: layers.EinsumDense("abc,cde->abde", (None, 3, 4), bias_axes="de", name=name)(x)
        for name in ("query", "key", "value")
    }
    scores = ops.softmax(ops.einsum("abde,acde->adbc", parts["query"], parts["key"]))
    y = ops.einsum("adbc,acde->abde", scores, parts["value"])
    x = x + layers.EinsumDense("abde,dec->abc", (None, 6), bias_axes="c", name="out")(y)
    return keras.Model(inputs, layers.Dense(2, name="last")(ops.mean(x, axis=1)))


def scaled_heads():
    """``dot_product_attention`` of split channels, scaled by their width, then of kernels with heads."""
    inputs = keras.Input((5, 4))
    parts = [
        ops.reshape(layers.Dense(8, name=name)(inputs), (-1, 5, 2, 4)) for name in ("query", "key", "value")
    ]
    bias = np.random.default_rng(0).normal(size=(5, 5)).astype("float32")
    mask = np.tril(np.ones((1, 1, 5, 5), bool))
    x = ops.reshape(ops.dot_product_attention(*parts, bias=bias, mask=mask), (-1, 5, 8))
    x = layers.Dense(6, activation="relu", name="between")(x)
    parts = [
        layers.EinsumDense("abc,cde->abde", (None, 3, 4), bias_axes="de", name=f"own_{name}")(x)
        for name in ("query", "key", "value")
    ]
    y = ops.dot_product_attention(*parts, is_causal=True)
    y = layers.EinsumDense("abde,dec->abc", (None, 2), bias_axes="c", name="last")(y)
    return keras.Model(inputs, y)


def dots():
    """The layer Dot over units, over places and of vectors, and as a cosine."""
    inputs = keras.Input((5, 4))
    query, key = layers.Dense(6, name="query")(inputs), layers.Dense(6, name="key")(inputs)
    scores = layers.Softmax()(layers.Dot(axes=(2, 2))([query, key]))
    x = layers.Dot(axes=(2, 1))([scores, layers.Dense(7, name="value")(inputs)])
    first = layers.Dense(8, "relu", name="first")(ops.mean(x, axis=1))
    second = layers.Dense(8, name="second")(ops.max(x, axis=1))
    both = [layers.Dot(axes=1)([first, second]), layers.Dot(axes=-1, normalize=True)([first, second])]
    both.append(layers.Dot(axes=(2, 1))([x, layers.Dense(7, name="third")(first)]))
    return keras.Model(inputs, layers.Dense(2, name="last")(layers.Concatenate()(both)))


def cells():
    """RNN around single cells and around stacks of them, with their states as outputs."""
    inputs = keras.Input((5, 4))
    stack = [
        layers.LSTMCell(6, name="lstm"),
        layers.GRUCell(5, name="gru"),
        layers.SimpleRNNCell(3, name="simple"),
    ]
    outputs = layers.RNN(
        layers.StackedRNNCells(stack), return_sequences=True, return_state=True, name="deep"
    )(inputs)
    x, *states = outputs
    x, *more = layers.RNN(layers.LSTMCell(7), return_state=True, name="single")(x)
    x = layers.RNN([layers.GRUCell(4, reset_after=False, name="one")], name="list")(
        ops.stack([x, more[1]], axis=1)
    )
    return keras.Model(
        inputs, layers.Dense(2, name="last")(layers.Concatenate()(keras.tree.flatten([x, states])))
    )


TENSOR_NETS = [own_attention, einsum_heads, einsums, gates, mixer, u_net, clips, plain_attention]
TENSOR_NETS += [scaled_heads, dots, cells]
