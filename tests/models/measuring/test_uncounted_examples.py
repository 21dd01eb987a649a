"""Examples that Keras does not count in accuracy and loss: padding, ignored labels, weights of 0."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw
from prunewidgets.models.live.examples import Examples
from prunewidgets.models.pruning.data_criteria import data_score

N, STEPS, CLASSES = 40, 9, 4


def tagger(loss="sparse_categorical_crossentropy", mask_zero=True):
    """Reads sentences, answers for each word."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((STEPS,), dtype="int32"),
            layers.Embedding(12, 5, mask_zero=mask_zero, name="words"),
            layers.LSTM(4, return_sequences=True, name="reads"),
            layers.Dense(CLASSES, "softmax", name="tags"),
        ]
    )
    model.compile(loss=loss, metrics=["accuracy"], weighted_metrics=["sparse_categorical_accuracy"])
    return model


@pytest.fixture
def sentences():
    """Words of sentences of 1 to 9 words, padded with 0; their tags; which are no padding."""
    rng = np.random.default_rng(0)
    real = np.arange(STEPS) < rng.integers(1, STEPS + 1, N)[:, None]
    return rng.integers(1, 12, (N, STEPS)) * real, rng.integers(0, CLASSES, (N, STEPS)), real


def by_tape(model, x, y, loss, **weights):
    """|gradient · kernel| of the tags from Keras's own loss of all examples at once."""
    kernel = model.get_layer("tags").kernel.value
    with tf.GradientTape() as tape:
        value = loss(y, model(x), **weights)
    return np.abs(tape.gradient(value, kernel) * kernel)


def test_padding_does_not_count_in_the_accuracy(sentences):
    x, y, real = sentences
    model = tagger()
    right = model.predict(x, verbose=0).argmax(-1) == y
    found = pw.LiveModel(model).evaluate(x, y, batch_size=7)
    assert (found.correct, found.n) == (right[real].sum(), real.sum())
    assert found == pytest.approx(model.evaluate(x, y, verbose=0, return_dict=True)["accuracy"], abs=1e-6)
    assert found != pytest.approx(right.mean(), abs=1e-3)
    reading = Examples(x, y).all(pw.LiveModel(model), pw.LiveModel(model).snapshot(), {}, lambda: False)
    assert (reading.value, reading.n) == (found, found.n)
    assert pw.accuracy_curve(model, x, y, [0]).accuracy[0] == found
    for metric in ("sparse_categorical_accuracy", keras.metrics.SparseCategoricalAccuracy()):
        assert pw.LiveModel(model).evaluate(x, y, metric=metric) == pytest.approx(found, abs=1e-6)


@pytest.mark.parametrize("criterion", ["snip", "taylor"])
def test_a_loss_by_name_is_the_loss_as_an_object(sentences, criterion):
    x, y, _ = sentences
    named, given = tagger(), tagger(keras.losses.SparseCategoricalCrossentropy())
    options = {"criterion": criterion, "batch_size": 16}
    ours, theirs = data_score(named, x, y, **options), data_score(given, x, y, **options)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5)


@pytest.mark.parametrize("batch_size", [7, 64])
def test_scores_use_the_gradient_without_padding(sentences, batch_size):
    x, y, _ = sentences
    model = tagger()
    products = by_tape(model, x, y, keras.losses.SparseCategoricalCrossentropy())
    scores = data_score(model, x, y, "snip", batch_size=batch_size)
    found = scores["tags/kernel"]
    np.testing.assert_allclose(found / found.sum(), products / products.sum(), rtol=1e-3, atol=1e-7)
    if batch_size == 64:  # one batch: also its size
        whole = data_score(model, x, y, "taylor", batch_size=64)["tags/kernel"]
        np.testing.assert_allclose(whole, products, rtol=1e-3, atol=1e-8)


@pytest.mark.parametrize("ignored", [-1, 2])
def test_labels_that_the_loss_ignores_do_not_count(sentences, ignored):
    x, y, real = sentences
    loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=ignored)
    model = tagger(loss, mask_zero=False)
    y = np.where(real, y, ignored)
    counts = y != ignored
    found = pw.LiveModel(model).evaluate(x, y)
    right = model.predict(x, verbose=0).argmax(-1) == y
    assert (found.correct, found.n) == (right[counts].sum(), counts.sum())
    products = by_tape(model, x, y, loss)
    for size in (7, 64):
        scores = data_score(model, x, y, "snip", batch_size=size)["tags/kernel"]
        np.testing.assert_allclose(scores / scores.sum(), products / products.sum(), rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("mask_zero", [True, False])
def test_sample_weights_in_the_accuracy(sentences, mask_zero):
    x, y, _ = sentences
    model = tagger(mask_zero=mask_zero)
    weights = np.random.default_rng(1).uniform(0, 2, (N, STEPS)) * (np.arange(STEPS) != 3)
    found = pw.LiveModel(model).evaluate(x, y, sample_weight=weights, batch_size=7)
    expected = model.evaluate(x, y, sample_weight=weights, verbose=0, return_dict=True)
    assert found == pytest.approx(expected["sparse_categorical_accuracy"], abs=1e-5)
    metric = pw.LiveModel(model).evaluate(x, y, metric="sparse_categorical_accuracy", sample_weight=weights)
    assert metric == pytest.approx(found, abs=1e-5)
    assert "weighted" in repr(found)
    assert found.effective < found.n
    frame = pw.sensitivity(model, x, y, [0.0], sample_weight=weights)
    assert frame.accuracy.tolist() == pytest.approx([float(found)] * 4)
    assert pw.accuracy_curve(model, x, y, [0], sample_weight=weights).accuracy[0] == pytest.approx(
        float(found)
    )


def test_weights_of_one_and_zero_choose_the_examples(dense, data):
    x, y = data
    weights = np.arange(64) % 2
    live = pw.LiveModel(dense)
    found = live.evaluate(x, y, sample_weight=weights)
    assert (found, found.n, found.interval) == (
        live.evaluate(x[1::2], y[1::2]),
        32,
        live.evaluate(x[1::2], y[1::2]).interval,
    )
    ours = data_score(dense, x, y, "snip", sample_weight=weights)
    theirs = data_score(dense, x[1::2], y[1::2], "snip")
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-4, atol=1e-7)
    lab = pw.PruningLab(dense, x, y, sample_weight=weights)
    assert lab.accuracy == found
    lab.close()


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight"])
@pytest.mark.parametrize("mask_zero", [True, False])
def test_sample_weights_in_scores(sentences, mask_zero, reduction):
    x, y, _ = sentences
    loss = keras.losses.SparseCategoricalCrossentropy(reduction=reduction)
    model = tagger(loss, mask_zero=mask_zero)
    weights = np.random.default_rng(1).uniform(0, 2, (N, STEPS)).astype("float32")
    products = by_tape(model, x, y, loss, sample_weight=weights)
    scores = data_score(model, x, y, "taylor", batch_size=64, sample_weight=weights)["tags/kernel"]
    np.testing.assert_allclose(scores, products, rtol=1e-3, atol=1e-8)
    if reduction == "mean_with_sample_weight":  # of all weights, however they are spread over batches
        parts = data_score(model, x, y, "snip", batch_size=7, sample_weight=weights)["tags/kernel"]
        np.testing.assert_allclose(parts / parts.sum(), products / products.sum(), rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("criterion", ["taylor", "snip", "obd", "movement"])
def test_class_weights_are_weights_of_examples(dense, data, criterion):
    x, y = data
    dense.get_layer("drop").rate = 0.0
    by_class = data_score(dense, x, y, criterion, class_weight={0: 3.0, 1: 0.5})
    weights = np.array([3.0, 0.5, 1.0, 1.0])[y]
    by_example = data_score(dense, x, y, criterion, sample_weight=weights)
    plain = data_score(dense, x, y, criterion)
    for name in by_class:
        np.testing.assert_allclose(by_class[name], by_example[name], rtol=1e-5)
        assert not np.allclose(by_class[name], plain[name], rtol=1e-3)
    masks = pw.prune(dense, 0.5, "snip", data=(x, y, weights))
    assert masks.removed == 40


def test_examples_of_which_none_counts_are_refused(sentences):
    x, y, _ = sentences
    with pytest.raises(ValueError, match="Nothing in y counts: all of it is padding"):
        pw.LiveModel(tagger()).evaluate(np.zeros_like(x), y)


@pytest.mark.parametrize(
    ("weights", "message"),
    [(np.ones(3), "sample_weight has shape"), (-np.ones(64), "negative"), (np.full(64, np.nan), "NaN")],
)
def test_weights_that_do_not_fit_are_refused(dense, data, weights, message):
    with pytest.raises(ValueError, match=message):
        pw.LiveModel(dense).evaluate(*data, sample_weight=weights)
    with pytest.raises(ValueError, match="both given"):
        data_score(dense, *data, sample_weight=np.ones(64), class_weight={0: 1.0})
