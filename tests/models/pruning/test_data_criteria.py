"""Scores from gradients, against gradients worked out in NumPy in float64."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.pruning.data_criteria import DATA_CRITERIA, data_score, scores_of
from prunewidgets.models.pruning.gradients import Gradients


@pytest.fixture
def linear():
    """6 → 4 softmax, compiled for integer labels."""
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(4, "softmax", bias_initializer="normal", name="only")]
    )
    model.compile(loss="sparse_categorical_crossentropy")
    return model


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def slopes(w, b, x, y):
    """Gradients of the mean cross-entropy of softmax(x·w + b)."""
    wrong = softmax(x @ w + b)
    wrong[np.arange(len(y)), y] -= 1
    return x.T @ wrong / len(y), wrong.mean(axis=0)


def in_double(model, data):
    return (*(value.astype(float) for value in model.get_weights()), data[0].astype(float), data[1])


@pytest.mark.parametrize("size", [16, 24, 64, 1000])
def test_taylor_is_the_mean_over_batches(linear, data, size):
    w, b, x, y = in_double(linear, data)
    expected = np.zeros_like(w)
    for start in range(0, 64, size):
        part = slice(start, start + size)
        expected += len(y[part]) / 64 * np.abs(slopes(w, b, x[part], y[part])[0] * w)
    scores = data_score(linear, *data, "taylor", batch_size=size)
    assert scores["only/kernel"].dtype == np.float32
    np.testing.assert_allclose(scores["only/kernel"], expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "none"])
def test_snip_is_the_share_of_the_whole_gradient(linear, data, reduction):
    linear.compile(loss=keras.losses.SparseCategoricalCrossentropy(reduction=reduction))
    w, b, x, y = in_double(linear, data)
    product = np.abs(slopes(w, b, x, y)[0] * w)
    scores = data_score(linear, *data, "snip", batch_size=10)["only/kernel"]
    np.testing.assert_allclose(scores, product / product.sum(), rtol=1e-4, atol=1e-7)


def test_snip_sums_to_one_over_all_layers(dense, data):
    scores = data_score(dense, *data, "snip")
    assert sum(array.sum(dtype=float) for array in scores.values()) == pytest.approx(1, abs=1e-6)
    assert all(0 < array.sum() < 1 for array in scores.values())


def loss_of_dense(weights, x, y):
    """Of the fixture ``dense`` at inference: moving averages, no dropout."""
    w1, b1, gamma, beta, mean, variance, w2, b2 = weights
    hidden = np.maximum(x @ w1 + b1, 0)
    hidden = gamma * (hidden - mean) / np.sqrt(variance + 1e-3) + beta
    return -np.log(softmax(hidden @ w2 + b2)[np.arange(len(y)), y]).mean()


def test_gradients_agree_with_finite_differences(dense, data):
    rng = np.random.default_rng(0)
    dense.get_layer("norm").set_weights([*rng.uniform(0.5, 2, (4, 8))])
    weights = [value.astype(float) for value in dense.get_weights()]
    x, y = data[0].astype(float), data[1]
    scores = data_score(dense, *data, "taylor", batch_size=64)
    for place, name in ((0, "first/kernel"), (6, "second/kernel")):
        expected = np.empty(weights[place].shape)
        for index in np.ndindex(expected.shape):
            value = weights[place][index]
            ends = []
            for step in (1e-6, -1e-6):
                weights[place][index] = value + step
                ends.append(loss_of_dense(weights, x, y))
            weights[place][index] = value
            expected[index] = abs((ends[0] - ends[1]) / 2e-6 * value)
        np.testing.assert_allclose(scores[name], expected, rtol=1e-3, atol=1e-6)


def sgd(w, b, x, y, steps, rate, size, seed, kept=True):
    """The scores of movement from a loop in NumPy."""
    rng, total, order = np.random.default_rng(seed), np.zeros_like(w), []
    for _ in range(steps):
        if not len(order):
            order = rng.permutation(len(y))
        rows, order = order[:size], order[size:]
        slope, slope_b = slopes(w, b, x[rows], y[rows])
        total -= w * slope
        w, b = np.where(kept, w - rate * slope, 0), b - rate * slope_b
    return total


def test_movement_equals_plain_sgd(linear, data):
    scores = data_score(linear, *data, "movement", batch_size=24, steps=8, learning_rate=0.3, seed=5)
    expected = sgd(*in_double(linear, data), steps=8, rate=0.3, size=24, seed=5)
    np.testing.assert_allclose(scores["only/kernel"], expected, rtol=1e-3, atol=1e-5)
    assert expected.min() < 0 < expected.max()


def test_movement_does_not_train_what_is_frozen(dense, data):
    dense.get_layer("second").trainable = False
    dense.get_layer("drop").rate = 0.0  # or two steps would differ
    alone = data_score(dense, *data, "movement", batch_size=64, steps=1, learning_rate=0.5)
    both = data_score(dense, *data, "movement", batch_size=64, steps=2, learning_rate=0.0)
    for name in alone:  # nothing moves: the second step is the first once more
        np.testing.assert_allclose(both[name], 2 * alone[name], rtol=1e-4, atol=1e-6)
    moved = data_score(dense, *data, "movement", batch_size=64, steps=2, learning_rate=0.5)
    assert not np.allclose(moved["first/kernel"], both["first/kernel"], rtol=1e-2)


@pytest.mark.parametrize("criterion", DATA_CRITERIA)
def test_the_model_is_unchanged_bit_for_bit(dense, data, criterion, everything):
    dense.fit(*data, epochs=1, verbose=0)
    before = everything(dense)
    scores = data_score(dense, *data, criterion)
    assert everything(dense) == before
    weights = pw.LiveModel(dense).weights
    assert {name: array.shape for name, array in scores.items()} == {n: w.shape for n, w in weights.items()}
    assert all(array.dtype == np.float32 and np.ptp(array) > 0 for array in scores.values())


@pytest.mark.parametrize("criterion", DATA_CRITERIA)
def test_removed_weights_are_removed_first_again(dense, data, criterion):
    first = pw.prune(dense, 0.5)
    scores = data_score(dense, *data, criterion)
    assert max(array[~first[name]].max() for name, array in scores.items()) < min(
        array[first[name]].min() for name, array in scores.items()
    )
    second = pw.prune(dense, 0.7, criterion, data=data)
    assert second.removed == 56
    assert all(not (second[name] & ~first[name]).any() for name in first)


def test_movement_holds_the_zeros_of_the_model(linear, data):
    kept = pw.prune(linear, 0.5)["only/kernel"]
    scores = data_score(linear, *data, "movement", batch_size=64, steps=6, learning_rate=0.5)["only/kernel"]
    expected = sgd(*in_double(linear, data), steps=6, rate=0.5, size=64, seed=0, kept=kept)
    np.testing.assert_allclose(scores[kept], expected[kept], rtol=1e-3, atol=1e-5)


def test_a_live_model_chooses_its_weights(dense, data):
    live = pw.LiveModel(dense, prunable="all", layers="second")
    some, all_ = data_score(live, *data), data_score(dense, *data)
    assert list(some) == ["second/kernel", "second/bias"]
    np.testing.assert_array_equal(some["second/kernel"], all_["second/kernel"])
    assert data_score(live, *data, "snip")["second/bias"].sum() < 1


def test_scores_are_of_the_weights_given(linear, data):
    live = pw.LiveModel(linear)
    halved = {"only/kernel": live.weights["only/kernel"] / 2}
    scores = scores_of(live, halved, "taylor", data=data)
    linear.layers[0].kernel.assign(halved["only/kernel"])
    np.testing.assert_array_equal(scores["only/kernel"], data_score(linear, *data)["only/kernel"])


@pytest.mark.parametrize("loss", ["mse", keras.losses.MeanSquaredError(), ["mean_squared_error"]])
def test_a_single_output_is_not_compared_with_all_labels(loss):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1, name="only")])
    model.compile(loss=loss)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    w = model.get_weights()[0].astype(float)
    expected = np.abs(2 * x.T @ (x @ w - y[:, None]) / 20 * w)
    np.testing.assert_allclose(data_score(model, x, y)["only/kernel"], expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("criterion", DATA_CRITERIA)
def test_embeddings_that_no_example_uses_have_no_effect(criterion):
    model = keras.Sequential(
        [
            keras.Input((3,), dtype="int32"),
            layers.Embedding(7, 4, name="e"),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, y = np.random.default_rng(0).integers(0, 5, (30, 3)), np.arange(30) % 3
    scores = data_score(model, x, y, criterion)["e/embeddings"]
    assert (scores[:5] != 0).all()
    assert (scores[5:] == 0).all()


@pytest.mark.parametrize("criterion", DATA_CRITERIA)
def test_mixed_precision(data, criterion):
    def scores(policy):
        keras.utils.set_random_seed(0)
        model = keras.Sequential(
            [
                keras.Input((6,)),
                layers.Dense(8, "relu", dtype=policy),
                layers.Dense(4, "softmax", dtype=policy),
            ]
        )
        model.compile(loss="sparse_categorical_crossentropy")
        return np.concatenate([array.ravel() for array in data_score(model, *data, criterion).values()])

    mixed, full = scores("mixed_bfloat16"), scores("float32")
    assert mixed.dtype == np.float32
    assert np.abs(mixed - full).max() < 0.05 * np.abs(full).max()


def test_several_inputs_and_subclassed_models(subclassed, data):
    a, b = keras.Input((6,), name="a"), keras.Input((6,), name="b")
    model = keras.Model([a, b], layers.Dense(4, "softmax")(layers.Concatenate()([a, b])))
    for net, x in ((model, [data[0], data[0]]), (model, {"a": data[0], "b": data[0]}), (subclassed, data[0])):
        net.compile(loss="sparse_categorical_crossentropy")
        assert all(array.any() for array in data_score(net, x, data[1]).values())


def test_ctrl_c_leaves_the_model_unchanged(dense, data, monkeypatch, everything):
    before, real, calls = everything(dense), Gradients.at, []

    def interrupted(self, *args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(self, *args)

    monkeypatch.setattr(Gradients, "at", interrupted)
    with pytest.raises(KeyboardInterrupt):
        data_score(dense, *data, "movement")
    assert everything(dense) == before


def test_curves_take_examples_for_the_scores(dense, data):
    live = pw.LiveModel(dense)
    mine = data[0][:32], data[1][:32]
    masks = pw.Masks.from_sparsity(data_score(dense, *mine, "snip"), 0.5)
    row = pw.accuracy_curve(dense, *data, [0.5], criterion="snip", data=mine).iloc[0]
    assert (row.criterion, row.threshold) == ("snip", masks.threshold)
    assert row.accuracy == live.evaluate(*data, masks)
    frame = pw.sensitivity(dense, *data, [0.5], criterion="snip", data=mine)
    part = pw.Masks.from_sparsity({"first/kernel": data_score(dense, *mine, "snip")["first/kernel"]}, 0.5)
    assert frame.threshold[0] == part.threshold
    assert pw.prune(dense, 0.5, "snip", data=mine) == masks


@pytest.mark.parametrize("criterion", DATA_CRITERIA)
def test_curves_never_score_on_the_examples_they_measure_on(dense, data, criterion, everything):
    before = everything(dense)
    for call in (pw.accuracy_curve, pw.sensitivity):
        with pytest.raises(ValueError, match=f"'{criterion}' scores weights on examples.*pass data="):
            call(dense, *data, [0.5], criterion=criterion)
    with pytest.raises(ValueError, match="pass data="):
        pw.prune(dense, 0.5, criterion)
    assert everything(dense) == before
    assert pw.accuracy_curve(dense, *data, [0.5], data=data).criterion[0] == "magnitude"


def test_readable_errors(dense, data):
    x, y = data
    with pytest.raises(ValueError, match="x holds 64 examples and y 63"):
        data_score(dense, x, y[:-1])
    for call in (lambda name: data_score(dense, x, y, name), lambda name: pw.prune(dense, 0.5, name)):
        with pytest.raises(ValueError, match="'tailor' is not known.*taylor, snip, obd, movement.*magnitude"):
            call("tailor")
    with pytest.raises(ValueError, match="'magnitude' is not known here.*pw.score"):
        data_score(dense, x, y, "magnitude")
    with pytest.raises(ValueError, match="steps is 0"):
        data_score(dense, x, y, "movement", steps=0)
    with pytest.raises(ValueError, match="kernel' holds .* scores.*lower learning rate"):
        data_score(dense, x, y, "movement", learning_rate=1e30)
    with pytest.raises(ValueError, match="batch_size is 0"):
        data_score(dense, x, y, batch_size=0)
    with pytest.raises(ValueError, match="loss of 'dense_net' does not accept this y.*label value of 7"):
        data_score(dense, x, np.where(y == 1, 7, y))
    with pytest.raises(ValueError, match="loss of 'dense_net' does not accept this y"):
        data_score(dense, x, np.eye(4)[y])
    with pytest.raises(ValueError, match="data is a pair, .x, y."):
        pw.prune(dense, 0.5, "taylor", data=x)
    dense.layers[0].kernel.assign(np.full((6, 8), np.nan))
    with pytest.raises(ValueError, match="first/kernel' holds 48 NaN weights"):
        data_score(dense, x, y)


def test_a_model_without_a_loss(dense, data):
    bare = keras.Model(dense.inputs, dense.outputs, name="bare")
    with pytest.raises(ValueError, match="'bare' is not compiled with a loss.*model.compile.*'magnitude'"):
        data_score(bare, *data)
