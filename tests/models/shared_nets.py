"""Networks whose layers share weights in all the ways that Keras allows, and some that it cannot see."""

import keras
import numpy as np
from keras import layers


@keras.saving.register_keras_serializable(package="tests")
class Twice(layers.Layer):
    """Holds a layer and stores it in its configuration."""

    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, x):
        return self.inner(x) * 2

    def compute_output_shape(self, shape):
        return self.inner.compute_output_shape(shape)

    def get_config(self):
        return super().get_config() | {"inner": keras.saving.serialize_keras_object(self.inner)}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config.pop("inner")), **config)


class Unsaid(Twice):
    """Returns the layer itself in its configuration, which Keras cannot serialise."""

    def get_config(self):
        return layers.Layer.get_config(self) | {"inner": self.inner}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class Lost(Twice):
    """Makes a new layer in place of the one it was given."""

    @classmethod
    def from_config(cls, config):
        config.pop("inner")
        return cls(layers.Dense(6), **config)


class Nameless(layers.Layer):
    """Has no get_config, and Keras's own does not store its name."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = layers.Dense(6)

    def build(self, shape):
        self.inner.build(shape)

    def call(self, x):
        return self.inner(x)


class NoConfiguration(layers.Layer):
    """Takes a layer, and has no get_config."""

    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, x):
        return self.inner(x)


class NoKeywords(layers.Layer):
    """Takes no keywords, so that Keras's configuration does not fit it."""

    def __init__(self):
        super().__init__()

    def call(self, x):
        return x * 2


def dense_at_every_step_too():
    shared = layers.Dense(6, name="d")
    first, second = keras.Input((4, 8)), keras.Input((8,))
    steps = layers.Flatten()(layers.TimeDistributed(shared)(first))
    return keras.Model([first, second], layers.Dense(2)(layers.Concatenate()([steps, shared(second)])))


def one_way_of_both():
    both = layers.Bidirectional(layers.SimpleRNN(4, return_sequences=True))
    inputs = keras.Input((5, 3))
    return keras.Model(inputs, layers.Dense(2)(both(inputs)) + layers.Dense(2)(both.forward_layer(inputs)))


def cell_of_two():
    cell = layers.SimpleRNNCell(3)
    first, second = keras.Input((4, 3)), keras.Input((5, 3))
    return keras.Model([first, second], layers.Add()([layers.RNN(cell)(first), layers.RNN(cell)(second)]))


def block_at_every_step_too():
    block = keras.Sequential([layers.Dense(5, activation="relu"), layers.BatchNormalization()], name="block")
    first, second = keras.Input((5,)), keras.Input((4, 5))
    steps = layers.Flatten()(layers.TimeDistributed(block)(second))
    return keras.Model([first, second], layers.Concatenate()([block(block(first)), steps]))


def chain_at_every_step():
    chain = keras.Sequential([layers.Conv2D(2, 3), layers.BatchNormalization()], name="chain")
    frames = keras.Input((3, 6, 6, 2))
    return keras.Model(frames, layers.Dense(2)(layers.Flatten()(layers.TimeDistributed(chain)(frames))))


def chain_with_repeats():
    dense = layers.Dense(6, activation="relu", name="d")
    block = keras.Sequential([dense, layers.Dense(6, name="e"), dense], name="block")
    drop = layers.Dropout(0.5)
    return keras.Sequential([keras.Input((6,)), block, drop, layers.Dense(6), block, drop, dense])


def normalised():
    shared, inputs = layers.Dense(5), keras.Input((5,))
    return keras.Model(
        inputs, layers.Concatenate()([layers.SpectralNormalization(shared)(inputs), shared(inputs)])
    )


def tied_embeddings():
    inputs = keras.Input((4,), dtype="int32")
    words = layers.ReversibleEmbedding(20, 6)
    return keras.Model(inputs, words(layers.Dense(6)(words(inputs)), reverse=True))


def held_by(kind):
    shared, inputs = layers.Dense(6, name="d"), keras.Input((6,))
    both = layers.Add()([kind(shared, name="one")(inputs), kind(shared, name="two")(inputs)])
    return keras.Model(inputs, layers.Dense(3)(both))


def in_two_models():
    shared = layers.Dense(6, name="d")
    inner = keras.Input((6,))
    inputs = keras.Input((6,))
    chain = keras.Sequential([keras.Input((6,)), shared], name="chain")
    graph = keras.Model(inner, layers.Dense(4)(shared(inner)), name="graph")
    return keras.Model(inputs, layers.Concatenate()([chain(inputs), graph(inputs), shared(inputs)]))


def random_net(seed):
    """A graph over sequences of the same shape, in which layers of every kind are used again and again."""
    rng = np.random.default_rng(seed)
    inner = keras.Input((4, 6))
    dense = layers.Dense(6, name="dense")
    nested = keras.Sequential([layers.Dense(6, activation="relu"), layers.BatchNormalization()], name="chain")
    graph = keras.Model(inner, layers.Add()([inner, layers.Dense(6)(inner)]), name="graph")
    attention = layers.MultiHeadAttention(2, 3, name="attention")
    kinds = [
        dense,
        layers.TimeDistributed(dense, name="steps"),
        Twice(dense, name="twice"),
        Twice(dense, name="again"),
        layers.Conv1D(6, 3, padding="same", name="conv"),
        layers.DepthwiseConv1D(3, padding="same", name="depthwise"),
        layers.SeparableConv1D(6, 3, padding="same", name="separable"),
        layers.LSTM(6, return_sequences=True, name="lstm"),
        layers.Bidirectional(layers.GRU(3, return_sequences=True), name="both_ways"),
        layers.BatchNormalization(name="norm"),
        layers.LayerNormalization(name="layer_norm"),
        nested,
        layers.TimeDistributed(graph_of_one_step(), name="model_at_steps"),
        graph,
        lambda x: attention(x, x),
        layers.Dropout(0.5, name="drop"),
    ]
    words, inputs = keras.Input((4,), dtype="int32"), keras.Input((4, 6))
    table = layers.Embedding(20, 6, name="words")
    tensors = [inputs, table(words), table(words)]
    for number in [0, 1, 0, *rng.integers(len(kinds), size=5)]:
        tensors.append(kinds[number](tensors[rng.integers(len(tensors))]))
    joined = layers.Add(name="joined")(tensors)
    return keras.Model([words, inputs], layers.Dense(2, name="last")(layers.Flatten()(joined)))


def graph_of_one_step():
    inputs = keras.Input((6,))
    return keras.Model(inputs, layers.Dense(6)(inputs), name="one_step")


def owned_twice():
    inputs, one, other = keras.Input((6,)), layers.Dense(6, name="one"), layers.Dense(6, name="other")
    other(one(inputs))
    other._tracker.unlock()
    other._kernel = one._kernel
    return keras.Model(inputs, layers.Dense(3)(other(one(inputs))))


def by_closure():
    inputs, words = keras.Input((4,), dtype="int32"), layers.Embedding(9, 5, name="words")
    back = layers.Lambda(lambda x: x @ keras.ops.transpose(words.embeddings), output_shape=(4, 9))
    return keras.Model(inputs, back(layers.Dense(5)(words(inputs))))


def by_operation():
    inputs, words = keras.Input((4,), dtype="int32"), layers.Embedding(9, 5, name="words")
    return keras.Model(inputs, keras.ops.einsum("bte,ve->btv", words(inputs), words.embeddings))


def keywordless():
    inputs = keras.Input((6,))
    return keras.Model(inputs, layers.Dense(3)(NoKeywords()(inputs)))
