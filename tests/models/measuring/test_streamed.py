"""Data sets, measured batch by batch, against ``model.evaluate`` of Keras with the same weights at zero."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw

RNG = np.random.default_rng(0)


def by_keras(model, masks, data):
    """What plain Keras measures after the weights were set to zero in a copy."""
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    for name, kept in masks.items():
        variable = pw.LiveModel(clone)._variables[name]
        variable.assign(variable.numpy() * kept)
    more = ["mae"] if len(model.inputs) > 1 else []
    clone.compile(loss=model.loss, weighted_metrics=["accuracy", *more])
    return clone.evaluate(data, return_dict=True, verbose=0)


def classifier():
    x, y = RNG.normal(size=(50, 6)).astype("float32"), RNG.integers(0, 3, 50)
    weights = RNG.integers(0, 4, 50).astype("float32")
    model = keras.Sequential([keras.Input((6,)), layers.Dense(8, "relu"), layers.Dense(3)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model, tf.data.Dataset.from_tensor_slices((x, y, weights)).batch(16)


def tagger():
    """Sequences of words, each batch padded to its own longest one."""
    lengths = np.sort(RNG.integers(2, 9, 50))
    words = [RNG.integers(1, 20, n) for n in lengths]
    tags = [RNG.integers(0, 4, n) for n in lengths]
    both = tf.data.Dataset.from_generator(
        lambda: zip(words, tags, strict=True),
        output_signature=(tf.TensorSpec((None,), tf.int32), tf.TensorSpec((None,), tf.int32)),
    )
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(20, 6, mask_zero=True),
            layers.Dense(5, "relu"),
            layers.Dense(4, "softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy")
    return model, both.padded_batch(16)


def of_dict():
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    hidden = layers.Dense(6, "relu")(layers.Concatenate()([a, b]))
    model = keras.Model({"a": a, "b": b}, layers.Dense(1, "sigmoid")(hidden))
    model.compile(loss="binary_crossentropy")
    x = {"a": RNG.normal(size=(50, 4)).astype("float32"), "b": RNG.normal(size=(50, 3)).astype("float32")}
    y = RNG.integers(0, 2, (50, 1))
    return model, tf.data.Dataset.from_tensor_slices((x, y)).batch(16)


MODELS = {"classifier": classifier, "tagger": tagger, "dict": of_dict}


@pytest.mark.parametrize("kind", MODELS)
def test_it_is_what_keras_measures(kind):
    model, data = MODELS[kind]()
    live = pw.LiveModel(model)
    masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.6)
    expected = by_keras(model, masks, data)
    found = live.evaluate(data, masks=masks)
    assert float(found) == pytest.approx(expected["accuracy"], abs=1e-6)
    assert live.evaluate(live.prepare(data), masks=masks) == found
    assert live.evaluate(lambda: data.as_numpy_iterator(), masks=masks) == found
    frame = pw.accuracy_curve(model, data, sparsities=[0, 0.6])
    assert frame["accuracy"][1] == found and frame["n"][1] == found.n
    assert live.evaluate(data, masks=masks, metric="loss") == pytest.approx(expected["loss"], rel=1e-5)
    if kind == "classifier":
        assert found.n == sum(int((batch[2].numpy() != 0).sum()) for batch in data)
    if kind == "tagger":
        assert found.n == sum(int((batch[0].numpy() != 0).sum()) for batch in data)


def test_one_layer_at_a_time_is_what_keras_measures():
    model, data = classifier()
    rows = pw.sensitivity(model, data, sparsities=0.6)
    for layer, accuracy in zip(rows["layer"], rows["accuracy"], strict=True):
        masks = pw.Masks.from_sparsity({layer: pw.score(pw.LiveModel(model).weights)[layer]}, 0.6)
        assert accuracy == pytest.approx(by_keras(model, masks, data)["accuracy"], abs=1e-6)


def test_metrics_and_outputs():
    model, data = of_dict()
    live = pw.LiveModel(model)
    expected = by_keras(model, {}, data)["mae"]
    assert live.evaluate(data, metric="mae") == pytest.approx(expected, rel=1e-6)
    own = live.evaluate(data, metric=lambda y, p: float(np.abs(y - p).mean()))
    assert own == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(live.predict(data), model.predict(data, verbose=0), rtol=1e-5, atol=1e-6)
    only = data.map(lambda x, y: x)
    np.testing.assert_array_equal(live.predict(only), live.predict(data))
    with pytest.raises(ValueError, match="Batch 1 of x .* holds no labels"):
        live.evaluate(only)
    with pytest.raises(ValueError, match="holds? no labels"):
        live.evaluate(live.prepare(only))
    steps = [step.seen for step in live.measure(data)]
    assert steps == [16, 32, 48, 50]
    tags, texts = tagger()
    with pytest.raises(ValueError, match="differ in shape from batch to batch"):
        pw.LiveModel(tags).predict(texts)


def test_lengths_do_not_compile_again_and_again():
    model = tagger()[0]
    live = pw.LiveModel(model)
    batches = [(RNG.integers(0, 20, (4, n)), RNG.integers(0, 4, (4, n))) for n in range(2, 6)]
    value = live.evaluate(batches)
    assert live._state.forward.traces <= 2
    right = counted = 0  # as Keras: the mean over the positions of a batch, before that over batches
    for x, y in batches:
        right += ((model.predict(x, verbose=0).argmax(-1) == y) & (x != 0)).mean()
        counted += (x != 0).mean()
    assert float(value) == pytest.approx(right / counted)


def test_a_curve_reads_small_data_once():
    model, data = classifier()
    reads = []

    def batches():
        reads.append(1)
        yield from data.as_numpy_iterator()

    frame = pw.accuracy_curve(model, batches, sparsities=[0, 0.3, 0.6])
    assert len(frame) == 3 and len(reads) == 1
    generator = batches()
    assert len(pw.accuracy_curve(model, generator, sparsities=[0, 0.3, 0.6])) == 3
    live = pw.LiveModel(model)
    with pytest.raises(ValueError, match="can be read once only, and it has been read before"):
        live.evaluate(generator)
    shuffled = data.unbatch().shuffle(50, reshuffle_each_iteration=True).batch(7)
    assert live.evaluate(shuffled) == pytest.approx(float(live.evaluate(data)), abs=1e-12)


def test_endless_data():
    model, data = classifier()
    live = pw.LiveModel(model)
    expected = live.evaluate(data.take(2))
    for call in (live.evaluate, lambda x, **more: pw.accuracy_curve(model, x, sparsities=[0], **more)):
        found = call(data.repeat(), steps=2)
        assert (found if isinstance(found, float) else found["accuracy"][0]) == expected
        with pytest.raises(ValueError, match="has no end. Pass steps="):
            call(data.repeat())
    with pytest.raises(ValueError, match="steps is for data sets"):
        live.evaluate(np.zeros((3, 6)), np.zeros(3), steps=1)


def test_what_does_not_go_together():
    model, data = classifier()
    live = pw.LiveModel(model)
    y = np.zeros(50)
    for call in (live.evaluate, live.measure, lambda x, y: pw.accuracy_curve(model, x, y, [0])):
        with pytest.raises(ValueError, match="hold their own labels and weights; leave y out"):
            call(data, y)
    with pytest.raises(ValueError, match="leave sample_weight out"):
        live.evaluate(data, sample_weight=y)
    with pytest.raises(ValueError, match="batch_size is for arrays"):
        live.evaluate(data, batch_size=3)
    with pytest.raises(ValueError, match="order is for arrays"):
        live.prepare(data, np.arange(50))
    with pytest.raises(TypeError, match="sparsities is missing; .* write sparsities="):
        pw.accuracy_curve(model, data, [0, 0.5])
    with pytest.raises(ValueError, match="gives no examples"):
        live.evaluate(data.take(0))
    with pytest.raises(ValueError, match="is a single example; put examples together"):
        live.evaluate(data.unbatch())


@pytest.mark.parametrize("states", [False, True], ids=["no_states", "states"])
def test_a_model_of_a_fixed_batch(states):
    model = keras.Sequential(
        [
            keras.Input((5, 3), batch_size=8),
            layers.LSTM(4, stateful=states),
            layers.Dense(3, "softmax"),
        ]
    )
    x, y = RNG.normal(size=(44, 5, 3)).astype("float32"), RNG.integers(0, 3, 44)
    live = pw.LiveModel(model)
    expected = live.evaluate(x, y)
    data = tf.data.Dataset.from_tensor_slices((x, y))
    assert live.evaluate(data.batch(8)) == expected
    np.testing.assert_allclose(live.predict(data.batch(8)), live.predict(x), atol=1e-6)
    if states:
        with pytest.raises(ValueError, match="built for 8 examples at a time; it cannot take 16"):
            live.evaluate(data.batch(16))
        with pytest.raises(ValueError, match="only the last batch may have fewer"):
            live.evaluate(data.batch(5))
    else:
        for size in (3, 11, 44):
            assert live.evaluate(data.batch(size)) == expected
