import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw


def masked_clone(model, masks):
    """An independent oracle: another model of the same kind with the zeros written into it."""
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    for name, kept in masks.items():
        layer, kernel = name.split("/")
        variable = getattr(clone.get_layer(layer), kernel)
        variable.assign(np.where(kept, variable.value.numpy(), 0))
    clone.compile(loss=model.loss, metrics=["accuracy"])
    return clone


def one_layer(units, activation=None, loss=None, shape=(6,)):
    model = keras.Sequential([keras.Input(shape), layers.Dense(units, activation=activation, name="only")])
    if loss is not None:
        model.compile(loss=loss)
    return model


def test_equals_keras_on_a_masked_clone(dense, data):
    x, y = data
    dense.fit(x, y, epochs=2, verbose=0)
    live = pw.LiveModel(dense)
    for sparsity in (0, 0.3, 0.9, 1):
        masks = pw.Masks.from_sparsity(pw.score(live.weights), sparsity)
        expected = masked_clone(dense, masks).evaluate(x, y, verbose=0)[1]
        accuracy = live.evaluate(x, y, masks, batch_size=10)
        assert accuracy == pytest.approx(expected, abs=1e-6)
        assert accuracy.n == 64


def test_equals_keras_on_a_convolutional_network():
    rng = np.random.default_rng(0)
    x, y = rng.random((200, 28, 28, 1), dtype="float32"), rng.integers(0, 10, 200)
    model = pw.models.small_cnn(seed=0)
    live = pw.LiveModel(model)
    masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.6, scope="layer")
    assert live.evaluate(x, y, masks) == pytest.approx(
        masked_clone(model, masks).evaluate(x, y, verbose=0)[1]
    )


def test_predict_equals_the_masked_clone_in_numbers(dense, data):
    live = pw.LiveModel(dense)
    masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.5)
    expected = masked_clone(dense, masks).predict(data[0], verbose=0)
    np.testing.assert_allclose(live.predict(data[0], masks, batch_size=7), expected, rtol=1e-5, atol=1e-6)


def test_measuring_changes_no_bit_of_the_model(dense, data, everything):
    x, y = data
    dense.fit(x, y, epochs=1, verbose=0)
    live = pw.LiveModel(dense)
    before = everything(dense)
    masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.5)
    live.evaluate(x, y, masks)
    live.predict(x, masks)
    pw.accuracy_curve(dense, x, y, [0, 0.5])
    next(iter(live.measure(x, y, masks, batch_size=8)))
    assert everything(dense) == before
    assert dense.losses == []


def test_measuring_is_inference_without_dropout(data):
    x, _ = data
    noisy = keras.Sequential(
        [keras.Input((6,)), layers.Dense(4), layers.Dropout(0.9), layers.GaussianNoise(0.9)]
    )
    np.testing.assert_allclose(
        pw.LiveModel(noisy).predict(x), noisy.predict(x, verbose=0), rtol=1e-5, atol=1e-6
    )


def test_new_masks_weights_or_lengths_cause_no_retracing(dense, data):
    x, y = data
    live = pw.LiveModel(dense)
    scores = pw.score(live.weights)
    live.evaluate(x, y)
    for tau in (0.1, 0.2, 0.3):
        live.evaluate(x, y, pw.Masks.from_threshold(scores, tau), batch_size=9)
    live.evaluate(x[:5], y[:5])
    live.apply(pw.Masks.from_threshold(scores, 0.2))
    live.evaluate(x, y)
    pw.LiveModel(dense).evaluate(x, y)
    assert live._state.forward.traces == 1


def test_a_layer_added_later_is_seen(data):
    model = one_layer(4)
    live = pw.LiveModel(model)
    before = live.predict(data[0])
    model.add(layers.Rescaling(-1))
    np.testing.assert_allclose(live.predict(data[0]), -before, rtol=1e-6)


def test_subclassed_models_without_a_training_argument(subclassed, data):
    x, y = data
    live = pw.LiveModel(subclassed)
    np.testing.assert_allclose(live.predict(x), subclassed(x).numpy(), rtol=1e-5, atol=1e-6)
    zero = pw.Masks({"subclassed/mix": np.zeros((5, 5), bool)})
    bias = np.asarray(subclassed.heads["main"].bias)
    np.testing.assert_allclose(live.predict(x, zero), np.tile(bias, (64, 1)), atol=1e-7)
    assert live.evaluate(x, y).n == 64


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_computes_as_the_model_does(data, policy):
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, "relu", dtype=policy), layers.Dense(4, dtype=policy)]
    )
    live = pw.LiveModel(model)
    predicted = live.predict(data[0])
    assert predicted.dtype == model(data[0]).numpy().dtype
    np.testing.assert_allclose(
        predicted.astype("f"), model(data[0]).numpy().astype("f"), rtol=0.02, atol=0.02
    )
    assert 0 <= live.evaluate(*data) <= 1


# ---- outputs and labels


def test_integer_column_and_one_hot_labels_agree(dense, data):
    x, y = data
    live = pw.LiveModel(dense)
    expected = np.mean(dense.predict(x, verbose=0).argmax(axis=1) == y)
    one_hot = np.eye(4)[y]
    for labels in (y, y.tolist(), y.astype("float32"), y[:, None], one_hot, one_hot.astype(bool)):
        assert live.evaluate(x, labels) == pytest.approx(expected)


def test_logits_and_softmax_agree(data):
    x, y = data
    logits, softmax = one_layer(4), one_layer(4, "softmax")
    softmax.set_weights(logits.get_weights())
    assert pw.LiveModel(logits).evaluate(x, y) == pw.LiveModel(softmax).evaluate(x, y)


@pytest.mark.parametrize(
    ("activation", "loss", "cut"),
    [
        ("sigmoid", None, 0.5),
        ("sigmoid", "binary_crossentropy", 0.5),
        (None, keras.losses.BinaryCrossentropy(from_logits=True), 0.0),
        ("sigmoid", keras.losses.BinaryFocalCrossentropy(), 0.5),
    ],
)
def test_single_outputs_are_classified_at_the_losss_boundary(data, activation, loss, cut):
    x, y = data[0], data[1] % 2
    model = one_layer(1, activation, loss)
    expected = np.mean((model.predict(x, verbose=0)[:, 0] > cut) == y)
    for labels in (y, y[:, None], y.astype(bool)):
        assert pw.LiveModel(model).evaluate(x, labels) == pytest.approx(expected)


@pytest.mark.parametrize("loss", [None, "mse"])
def test_a_single_output_of_unknown_meaning_needs_a_metric(data, loss):
    x, y = data[0], data[1] % 2
    live = pw.LiveModel(one_layer(1, None, loss))
    with pytest.raises(ValueError, match="probability, a logit or no class.*metric="):
        live.evaluate(x, y)


def test_labels_per_position(data):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 7, 6)), rng.integers(0, 3, (20, 7))
    model = one_layer(3, "softmax", shape=(7, 6))
    accuracy = pw.LiveModel(model).evaluate(x, y, batch_size=6)
    assert accuracy == pytest.approx(np.mean(model.predict(x, verbose=0).argmax(-1) == y))
    assert accuracy.n == 140
    assert pw.LiveModel(model).evaluate(x, np.eye(3)[y]) == accuracy


def test_a_metric_gets_all_predictions_and_its_float_is_returned(data):
    x, _ = data
    y = x.sum(axis=1, keepdims=True)
    live = pw.LiveModel(one_layer(1, None, "mse"))
    seen = []

    def mean_error(true, predicted):
        seen.append((true is y, type(predicted), predicted.shape))
        return np.abs(true - predicted).mean()

    error = live.evaluate(x, y, metric=mean_error, batch_size=5)
    assert seen == [(True, np.ndarray, (64, 1))]
    assert type(error) is float
    assert error == pytest.approx(np.abs(y - live.model.predict(x, verbose=0)).mean(), rel=1e-5)


def test_several_inputs_and_outputs():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    joined = layers.concatenate([a, b])
    model = keras.Model(
        {"a": a, "b": b}, {"p": layers.Dense(2, name="p")(joined), "q": layers.Dense(1, name="q")(joined)}
    )
    rng = np.random.default_rng(0)
    x = {"a": rng.normal(size=(9, 3)), "b": rng.normal(size=(9, 2))}
    live = pw.LiveModel(model)
    outputs = live.predict(x, batch_size=4)
    expected = model.predict(x, verbose=0)
    np.testing.assert_allclose(outputs["p"], expected["p"], rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="2 outputs.*metric="):
        live.evaluate(x, np.zeros(9, int))
    assert live.evaluate(x, np.zeros(9), metric=lambda y, out: out["q"].shape[0]) == 9.0
    single = keras.Model([a, b], layers.Dense(2)(joined))
    assert pw.LiveModel(single).evaluate([x["a"], x["b"]], np.zeros(9, int)).n == 9


def test_nan_outputs_are_never_correct(data):
    x, _ = data
    model = one_layer(4)
    model.layers[0].bias.assign([np.nan, 0, 0, 0])
    assert pw.LiveModel(model).evaluate(x, np.zeros(64, int)) == 0


# ---- errors


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros(63, int), "64 examples and y 63"),
        (3, "64 examples and y no length"),
        (np.full(64, 4), r"label 4.*4 classes, 0 to 3"),
        (np.full(64, -1), r"label -1.*4 classes"),
        (np.full(64, 0.5), "0.5, which is not a label"),
        (np.full(64, np.nan), "nan, which is not a label"),
        (np.ones((64, 4)), "not exactly one 1 in each row"),
        (np.zeros((64, 3), int), r"shape \(64, 3\).*output \(64, 4\)"),
        (np.array(["cat"] * 64), "labels are integers"),
    ],
)
def test_labels_that_do_not_fit_are_refused(dense, data, y, message):
    live = pw.LiveModel(dense)
    with pytest.raises(ValueError, match=message):
        live.evaluate(data[0], y)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((0, 6)), "no examples"),
        (3.0, "single value"),
        (np.array([[1], [1, 2]], dtype=object), "unequal length"),
        ([np.zeros(6), np.zeros(6)], r"list of 2 arrays.*takes 1 input.*np\.stack"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(dense, x, message):
    with pytest.raises(ValueError, match=message):
        pw.LiveModel(dense).evaluate(x, np.zeros(3, int))


def test_masks_that_do_not_fit_are_refused(dense, data):
    live = pw.LiveModel(dense)
    with pytest.raises(ValueError, match="'other/kernel', which fits no weight of 'dense_net'"):
        live.evaluate(*data, {"other/kernel": np.ones((2, 2), bool)})
    with pytest.raises(ValueError, match=r"'first/kernel' has shape \(8, 6\), the weight \(6, 8\)"):
        live.evaluate(*data, {"first/kernel": np.ones((8, 6), bool)})
    with pytest.raises(TypeError, match="not float"):
        live.evaluate(*data, 0.5)
    with pytest.raises(ValueError, match="batch_size is 0"):
        live.evaluate(*data, batch_size=0)


# ---- in steps


def test_measure_adds_up_and_shows_partial_results(dense, data):
    x, y = data
    live = pw.LiveModel(dense)
    steps = list(live.measure(x, y, batch_size=10))
    assert [step.seen for step in steps] == [10, 20, 30, 40, 50, 60, 64]
    predicted = dense.predict(x, verbose=0).argmax(axis=1)
    assert np.array_equal(np.concatenate([step.predicted for step in steps]), predicted)
    assert np.array_equal(np.concatenate([step.labels for step in steps]), y)
    assert [step.correct for step in steps] == [int((predicted == y)[: step.seen].sum()) for step in steps]


def test_measure_uses_the_weights_at_the_time_of_the_call(dense, data):
    x, y = data
    live = pw.LiveModel(dense)
    expected = live.predict(x).argmax(axis=1)
    steps = live.measure(x, y, batch_size=10)
    first = next(steps)
    for variable in dense.variables:
        if variable.name in ("kernel", "bias"):
            variable.value.assign_add(np.random.default_rng(0).normal(size=variable.shape))  # in place
            variable.assign(-variable.value)
    rest = [step.predicted for step in steps]
    assert np.array_equal(np.concatenate([first.predicted, *rest]), expected)
    assert not np.array_equal(live.predict(x).argmax(axis=1), expected)
