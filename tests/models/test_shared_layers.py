"""What is shared in a model is shared in whatever is made of it, or refused by name."""

import os

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.weights import named_variables

from .small_nets import examples, randomise, some_units

SEEDS = int(os.environ.get("PRUNEWIDGETS_SHARED_NETS", "2"))


@keras.saving.register_keras_serializable(package="tests")
class Twice(layers.Layer):
    """Holds a layer, and says so in its configuration."""

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
    """Hands the layer itself on: what Keras calls a configuration cannot be written down so."""

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


def through_a_file(model, tmp_path):
    pw.save_compact(model, tmp_path / "it.pwc")
    return pw.load_compact(tmp_path / "it.pwc")


def made_of(model, tmp_path):
    """Every copy that the package makes, by the name of the function."""
    return {
        "shrink": lambda: pw.shrink(model, {}),
        "mask_units": lambda: pw.mask_units(model, {}),
        "with_weights": lambda: pw.with_weights(model, {n: v.numpy() for n, v in variables(model).items()}),
        "quantize": lambda: pw.quantize(model, {}, bias_bits=None),
        "compact": lambda: through_a_file(model, tmp_path),
    }


def variables(model):
    return {n: v for n, v in named_variables(model).items() if "float" in v.dtype}


def check(model, copy):
    """As many weights, the same answers, and the same answers still when both get other weights."""
    assert copy.count_params() == model.count_params()
    assert len(copy.variables) == len(model.variables)
    assert not {id(variable) for variable in copy.variables} & {id(variable) for variable in model.variables}
    x = examples(model)
    np.testing.assert_allclose(copy(x), model(x), rtol=1e-4, atol=1e-5)
    ours, theirs, rng = variables(model), variables(copy), np.random.default_rng(5)
    before = {name: variable.numpy() for name, variable in ours.items()}
    for name, variable in ours.items():
        variable.assign(rng.uniform(0.1, 1, variable.shape))
        theirs[name].assign(variable.value)
    np.testing.assert_allclose(copy(x), model(x), rtol=1e-4, atol=1e-4)
    for name, values in before.items():
        ours[name].assign(values)


@pytest.mark.parametrize(
    "build",
    [
        dense_at_every_step_too,
        block_at_every_step_too,
        cell_of_two,
        normalised,
        tied_embeddings,
        lambda: held_by(Twice),
    ],
)
def test_what_is_shared_stays_shared(build, tmp_path):
    model = randomise(build())
    for copy in made_of(model, tmp_path).values():
        check(model, copy())


@pytest.mark.parametrize("build", [one_way_of_both, in_two_models, lambda: held_by(Unsaid)])
def test_what_a_file_cannot_hold_is_refused_there_by_name(build, tmp_path):
    model = randomise(build())
    for name, copy in made_of(model, tmp_path).items():
        if name == "compact":
            with pytest.raises(ValueError, match=r"used in several places.*'(d|forward_simple_rnn)'"):
                copy()
        else:
            check(model, copy())


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_nets(seed, tmp_path):
    model = randomise(random_net(seed))
    for copy in made_of(model, tmp_path).values():
        check(model, copy())


@pytest.mark.parametrize(
    "build", [dense_at_every_step_too, cell_of_two, lambda: held_by(Twice), in_two_models, one_way_of_both]
)
def test_shared_units_go_from_all_places_at_once(build):
    model = randomise(build())
    groups, x = pw.channel_groups(model), examples(model)
    masks = some_units(groups)
    np.testing.assert_allclose(pw.shrink(model, masks)(x), pw.mask_units(model, masks)(x), atol=1e-5)
    named = {*groups.fixed, *(name for group in groups.values() for name in group.made_by)}
    assert named >= {layer.name for layer in model.layers if layer.weights and not layer._layers}


def test_units_of_a_layer_that_another_one_uses_unseen_stay():
    inputs, shared = keras.Input((6,)), layers.Dense(6, name="d")
    model = keras.Model(inputs, layers.Dense(3)(shared(inputs)) + layers.Dense(3)(Twice(shared)(inputs)))
    assert "d" in pw.channel_groups(model).fixed
    assert "twice (Twice) uses d too" in pw.channel_groups(model).fixed["d"]


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


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (owned_twice, r"'one' and 'other' both own the weight 'one/kernel'"),
        (by_closure, r"uses the weight 'words/embeddings' in a function"),
        (by_operation, r"'einsum' takes the weight 'words/embeddings' directly"),
        (lambda: held_by(Lost), r"'.*d/kernel' is shared by 'one' and 'two'.*get_config"),
        (
            lambda: held_by(NoConfiguration),
            r"'one' \(NoConfiguration\).*: it has no get_config",
        ),
        (keywordless, r"'no_keywords' \(NoKeywords\).*does not take 'trainable'.*\*\*kwargs"),
    ],
)
def test_sharing_that_cannot_be_seen_is_refused_by_name(build, says, tmp_path):
    model = build()
    for copy in made_of(model, tmp_path).values():
        with pytest.raises(ValueError, match=says):
            copy()
