"""Tiny networks of every kind that channels can take a way through, each with an input for it."""

import keras
import numpy as np
from keras import layers
from keras.src.applications.convnext import LayerScale


def image(*channels):
    return keras.Input((8, 8, *channels) if channels else (8, 8, 3))


def plain():
    return keras.Sequential(
        [
            image(),
            layers.Rescaling([0.5, 1.0, 2.0]),
            layers.Conv2D(6, 3, activation="relu", name="one"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Conv2D(5, 3, strides=2, name="two"),
            layers.PReLU(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(7, activation="gelu", name="three"),
            layers.PReLU(),
            layers.Dense(3, activation="softmax", name="last"),
        ]
    )


def residual():
    inputs = image()
    x = layers.Conv2D(6, 3, padding="same", use_bias=False, name="stem")(inputs)
    y = layers.BatchNormalization()(x)
    y = layers.Conv2D(4, 3, padding="same", activation="relu", name="inner")(y)
    y = layers.Conv2D(6, 3, padding="same", name="outer")(y)
    x = layers.Activation("relu")(layers.Add()([x, layers.BatchNormalization()(y)]))
    x = layers.Maximum()([x, layers.Conv2D(6, 1, name="third")(x)])
    x = layers.Average()([x, layers.Subtract()([x, layers.Conv2D(6, 1, name="fourth")(x)])])
    return keras.Model(inputs, layers.Dense(3, name="last")(layers.GlobalMaxPooling2D()(x)))


def concatenation():
    inputs = image()
    x = layers.Conv2D(4, 3, name="a")(inputs)
    y = layers.Conv2D(3, 3, name="b")(inputs)
    x = layers.Concatenate()([x, y, layers.AveragePooling2D(1)(x)])
    x = layers.BatchNormalization()(x)
    y = layers.Conv2D(11, 3, padding="same", name="c")(x)  # as long as a, b and a again
    x = layers.Concatenate()([layers.Add()([x, y]), layers.Conv2D(2, 1, name="d")(x)])
    return keras.Model(inputs, layers.Dense(3, name="last")(layers.Flatten()(x)))


def squeeze_and_excite():
    inputs = image()
    x = layers.Conv2D(6, 3, name="stem")(inputs)
    y = layers.Reshape((1, 1, 6))(layers.GlobalAveragePooling2D()(x))
    y = layers.Conv2D(3, 1, activation="silu", name="squeeze")(y)
    y = layers.Conv2D(6, 1, activation="sigmoid", name="excite")(y)
    x = layers.Multiply()([x, y]) * 0.5 + 3.0
    return keras.Model(inputs, layers.Dense(3, name="last")(layers.GlobalAveragePooling2D()(x)))


def depthwise():
    inputs = image()
    x = layers.Conv2D(4, 3, name="stem")(inputs)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, activation="relu6", name="deep")(x)
    x = layers.ZeroPadding2D(1)(layers.BatchNormalization()(x))
    x = layers.SeparableConv2D(5, 3, depth_multiplier=2, name="apart")(x)
    x = layers.UpSampling2D(2)(layers.Cropping2D(1)(x))
    x = layers.Conv2D(10, 3, groups=5, name="each")(x)
    return keras.Model(inputs, layers.Dense(3, name="last")(layers.Flatten()(x)))


def grouped():
    inputs = image()
    x = layers.Conv2D(8, 3, name="stem")(inputs)
    x = layers.Conv2D(12, 3, groups=2, name="grouped")(x)
    return keras.Model(inputs, layers.Dense(3, name="last")(layers.Flatten()(x)))


def transposed():
    inputs = keras.Input((4,))
    x = layers.Dense(2 * 2 * 5, name="seed")(inputs)
    x = layers.Reshape((2, 2, 5))(x)
    x = layers.Conv2DTranspose(4, 3, strides=2, activation="leaky_relu", name="up")(x)
    x = layers.Conv2D(3, 3, name="back")(x)
    x = layers.Permute((2, 1, 3))(x)
    x = layers.Dense(4, name="points")(layers.Reshape((-1, 3))(x))
    return keras.Model(inputs, layers.Dense(2, name="last")(layers.GlobalAveragePooling1D()(x)))


def volume():
    inputs = keras.Input((5, 5, 5, 1))
    x = layers.Conv3D(3, 2, activation="tanh", name="one")(inputs)
    x = layers.Conv3DTranspose(4, 2, name="two")(layers.SpatialDropout3D(0.1)(x))
    return keras.Model(inputs, layers.Dense(2, name="last")(layers.GlobalAveragePooling3D(keepdims=True)(x)))


def sequence():
    inputs = keras.Input((9, 2))
    x = layers.Conv1D(4, 3, padding="causal", name="one")(inputs)
    x = layers.SeparableConv1D(5, 3, padding="same", name="two")(x)
    x = layers.DepthwiseConv1D(3, name="deep")(x)
    x = layers.Conv1DTranspose(4, 3, strides=2, name="up")(x)
    return keras.Model(inputs, layers.Dense(2, name="last")(layers.GlobalAveragePooling1D()(x)))


def shared():
    first, second = keras.Input((6,), name="first"), keras.Input((6,), name="second")
    stem = layers.Dense(5, activation="relu", name="stem")
    twice = layers.Dense(5, activation="relu", name="twice")
    x = twice(twice(stem(first)))  # what it makes is what it reads
    y = layers.Dense(5, name="other")(second)
    head = layers.Dense(4, name="head")
    x = layers.Concatenate()([head(x), head(y)])
    return keras.Model([first, second], [layers.Dense(2, name="a")(x), layers.Dense(3, name="b")(x)])


def nested():
    block = keras.Sequential([layers.Dense(6, activation="relu", name="in"), layers.Dense(5, name="out")])
    left, right = keras.Input((5,)), keras.Input((4,))
    joined = layers.Concatenate(name="join")([left, layers.Dense(3, name="side")(right)])
    pair = keras.Model([left, right], [layers.Dense(5, name="deep")(joined), joined], name="pair")
    inputs = keras.Input((4,))
    x = layers.Dense(5, name="stem")(inputs)
    x, y = pair([block(layers.Add()([x, block(x)])), layers.Dense(4, name="aside")(inputs)])
    return keras.Model(inputs, layers.Dense(2, name="last")(layers.Concatenate()([x, y])))


def lstm():
    inputs = keras.Input((None, 3))
    x = layers.LSTM(6, return_sequences=True, name="one")(inputs)
    x = layers.TimeDistributed(layers.Dense(5, activation="relu"), name="steps")(x)
    x, h, c = layers.LSTM(4, return_state=True, name="two")(x)
    x = layers.Concatenate()([x, h, c])
    return keras.Model(inputs, layers.Dense(2, name="last")(x))


def gru():
    inputs = keras.Input((7, 3))
    x = layers.GRU(6, return_sequences=True, name="one")(inputs)
    x = layers.GRU(5, return_sequences=True, reset_after=False, name="two")(x)
    x = layers.SimpleRNN(4, name="three")(x)
    return keras.Model(inputs, layers.Dense(2, name="last")(x))


def both_ways():
    inputs = keras.Input((7, 3))
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True), name="joined")(inputs)
    x = layers.Bidirectional(layers.GRU(5, return_sequences=True), merge_mode="sum", name="summed")(x)
    back = layers.SimpleRNN(4, activation="relu", go_backwards=True)
    x = layers.Bidirectional(layers.SimpleRNN(4), backward_layer=back, name="unlike")(x)
    return keras.Model(inputs, layers.Dense(2, name="last")(x))


def encoder_decoder():
    given, begun = keras.Input((5, 3)), keras.Input((4, 2))
    _, h, c = layers.LSTM(6, return_state=True, name="encoder")(given)
    x = layers.LSTM(6, return_sequences=True, name="decoder")(begun, initial_state=[h, c])
    return keras.Model([given, begun], layers.Dense(2, name="last")(x))


def frames():
    inputs = keras.Input((4, 6, 6, 2))
    x = layers.ConvLSTM2D(4, 3, return_sequences=True, name="one")(inputs)
    x = layers.TimeDistributed(layers.Conv2D(3, 3), name="steps")(x)
    x = layers.TimeDistributed(layers.Flatten())(x)
    return keras.Model(inputs, layers.Dense(2, name="last")(layers.GlobalMaxPooling1D()(x)))


def words():
    inputs = keras.Input((6,), dtype="int32")
    x = layers.Embedding(20, 8, mask_zero=True, name="words")(inputs)
    x = layers.LSTM(5, name="reads")(layers.SpatialDropout1D(0.2)(x))
    return keras.Model(inputs, layers.Dense(2, name="last")(x))


def attention():
    inputs = keras.Input((6, 4))
    x = layers.Dense(8, name="stem")(inputs)
    y = layers.MultiHeadAttention(4, 3, name="own")(x, x)
    x = layers.Add()([x, y])
    y = layers.Dense(7, name="memory")(inputs)
    y = layers.MultiHeadAttention(3, 2, value_dim=5, output_shape=6, name="cross")(x, key=y, value=y)
    return keras.Model(inputs, layers.Dense(2, name="last")(layers.GlobalAveragePooling1D()(y)))


def transformer():
    inputs = keras.Input((6, 4))
    x = layers.Dense(8, name="stem")(inputs)
    x = layers.LayerNormalization(name="norm")(x + layers.MultiHeadAttention(4, 2, name="own")(x, x))
    y = layers.Dense(8, name="down")(layers.Dense(16, activation="gelu", name="up")(x))
    x = layers.LayerNormalization(name="norm_2")(x + y)
    return keras.Model(inputs, layers.Dense(2, name="last")(layers.GlobalAveragePooling1D()(x)))


def pre_norm():
    """Tokens and their places, two blocks, and logits by the embedding itself."""
    inputs = keras.Input((6,), dtype="int32")
    tokens = layers.ReversibleEmbedding(20, 8, mask_zero=True, name="tokens")
    places = layers.Embedding(6, 8, name="places")(keras.ops.cumsum(keras.ops.ones_like(inputs), 1) - 1)
    x = tokens(inputs) + places
    for number in range(2):
        y = layers.RMSNormalization(name=f"before_{number}")(x)
        y = layers.GroupQueryAttention(4, 4, 2, name=f"own_{number}")(y, y, use_causal_mask=True)
        x = layers.Add()([x, layers.Dropout(0.1)(y)])
        y = layers.LayerNormalization(center=False, name=f"within_{number}")(x)
        y = layers.Dense(12, activation="gelu", name=f"up_{number}")(y)
        x = layers.Add()([x, layers.Dense(8, name=f"down_{number}")(y)])
    return keras.Model(inputs, tokens(layers.UnitNormalization(name="unit")(x), reverse=True))


def convnext():
    inputs = image()
    x = layers.Conv2D(6, 2, strides=2, name="stem")(inputs)
    x = layers.LayerNormalization(epsilon=1e-6, name="norm")(x)
    for number in range(2):
        y = layers.Conv2D(6, 3, padding="same", groups=6, name=f"deep_{number}")(x)
        y = layers.LayerNormalization(axis=[1, 2, 3] if number else -1, name=f"norm_{number}")(y)
        y = layers.Dense(10, activation="gelu", name=f"up_{number}")(y)
        x = x + LayerScale(0.5, 6, name=f"scale_{number}")(layers.Dense(6, name=f"down_{number}")(y))
    return keras.Model(inputs, layers.Dense(3, name="last")(layers.GlobalAveragePooling2D()(x)))


def group_norms():
    inputs = image()
    x = layers.Conv2D(8, 3, name="stem")(inputs)
    x = layers.Activation("silu")(layers.GroupNormalization(4, name="fours")(x))
    x = layers.GroupNormalization(-1, name="each")(layers.Conv2D(5, 3, name="two")(x))
    x = layers.GroupNormalization(1, name="all")(layers.Conv2D(6, 1, name="three")(x))
    x = layers.LayerNormalization(axis=1, name="rows")(x)
    return keras.Model(inputs, layers.Dense(3, name="last")(layers.Flatten()(x)))


NETS = [
    plain,
    residual,
    concatenation,
    squeeze_and_excite,
    depthwise,
    grouped,
    transposed,
    volume,
    sequence,
    shared,
    nested,
    lstm,
    gru,
    both_ways,
    encoder_decoder,
    frames,
    words,
    attention,
    transformer,
    pre_norm,
    convnext,
    group_norms,
]


def randomise(model, seed=0):
    """Weights and statistics as after some training: nothing is zero or one by default."""
    rng = np.random.default_rng(seed)
    for variable in model.weights:
        if "float" in variable.dtype:
            spread = 0.5 if variable.name in ("gamma", "beta", "bias", "alpha", "moving_mean") else 0.0
            values = variable.numpy() + spread * rng.normal(size=variable.shape)
            variable.assign(np.abs(values) + 0.5 if variable.name == "moving_variance" else values)
    return model


def examples(model, n=3, seed=1):
    """Random inputs for a model."""
    rng = np.random.default_rng(seed)
    arrays = []
    for tensor in model.inputs:
        shape = (n, *(5 if size is None else size for size in tensor.shape[1:]))
        whole = "int" in tensor.dtype
        arrays.append(rng.integers(0, 20, shape) if whole else rng.normal(size=shape).astype("float32"))
    return arrays if len(arrays) > 1 else arrays[0]


def some_units(groups, seed=0):
    """Random masks over all groups that keep about half of each: two or more, where there are three."""
    rng = np.random.default_rng(seed)
    masks = {}
    for name, group in groups.items():
        kept = rng.permutation(group.units)[: max(min(2, group.units - 1), group.units // 2)]
        masks[name] = np.isin(np.arange(group.units), kept)
    return masks
