import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw
from prunewidgets.models.planning import search


@pytest.fixture(autouse=True)
def _few_levels(monkeypatch):
    monkeypatch.setattr(search, "DENSITIES", (0.5, 0.2))


@pytest.fixture(scope="module")
def regression():
    """A regression of sums of six numbers, exact at first, and its data."""
    x = np.random.default_rng(0).normal(size=(200, 6)).astype("float32")
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(12, activation="relu", name="hidden"), layers.Dense(1, name="sum")]
    )
    plus = np.concatenate([np.eye(6), -np.eye(6)], axis=1)
    weights = np.array([4, 2, 1, 0.5, 0.2, 0.1])
    model.set_weights([plus, np.zeros(12), np.concatenate([weights, -weights])[:, None], np.zeros(1)])
    model.compile(loss="mse")
    return model, x, x @ weights.astype("float32")[:, None]


def test_a_metric_where_less_is_better(regression):
    model, x, y = regression
    plan = pw.plan(model, x, y, "20 % of weights", criterion="magnitude", rounds=2, metric="mae")
    held = np.sort(np.random.default_rng(0).permutation(200)[:40])
    live = pw.LiveModel(model)
    assert plan.expected == live.evaluate(x[held], y[held], plan.masks, "mae")
    assert 0 <= plan.unpruned < 1e-5 < plan.expected
    uniform = pw.Masks.from_sparsity(pw.score(live.weights), 0.8, "layer")
    assert plan.expected < live.evaluate(x[held], y[held], uniform, "mae")
    assert (plan.tables["damage"] >= -1e-5).all()
    assert plan.measure(x, y).loc["mae", "measured"] == live.evaluate(x, y, plan.masks, "mae")
    assert "expected mae" in repr(plan)
    assert plan.frontier["mae"].is_monotonic_increasing
    view = pw.PlanView(plan)
    searched = np.delete(np.arange(200), held)
    assert view.accuracy == live.evaluate(x[searched], y[searched], plan.masks, "mae")
    assert [point["accuracy"] for point in view.plan_points] == list(plan.frontier["mae"][::-1])
    view.close()


def test_what_a_metric_does_not_say_is_asked_for(regression):
    model, x, y = regression
    with pytest.raises(ValueError, match=r"which values of 'shift' are better: pass direction='max'"):
        pw.plan(model, x, y, "50 % of weights", metric=shift)
    with pytest.raises(ValueError, match="is an accuracy, and metric is 'mae'"):
        pw.plan(model, x, y, "90 % accuracy", metric="mae")
    with pytest.raises(ValueError, match="at least 10 examples"):
        pw.plan(model, x[:9], y[:9], "50 % sparsity", metric="mae")


def shift(y, predictions):
    return float(np.mean(predictions - y))


def test_a_data_set_gives_the_plan_of_its_arrays(regression):
    model, x, y = regression
    weights = np.linspace(1, 2, 200).astype("float32")
    options = {"budget": "40 % of weights", "rounds": 1, "metric": "mae"}
    whole = pw.plan(model, x, y, sample_weight=weights, **options)
    batches = tf.data.Dataset.from_tensor_slices((x, y, weights)).batch(32)
    streamed = pw.plan(model, batches, **options)
    assert streamed.masks == whole.masks
    found, expected = streamed.measure(batches), whole.measure(x, y, weights)
    np.testing.assert_allclose(found.loc["mae", "measured"], expected.loc["mae", "measured"], rtol=1e-5)
    assert pw.plan(model, batches.repeat(), steps=7, **options).complete
    other = [(x[:20], y[:20]), (x[:20, :3], y[:20])]
    with pytest.raises(ValueError, match="expected axis -1 of input shape to have value 6"):
        pw.plan(model, other, **options)


def test_units_by_a_metric(regression):
    model, x, y = regression
    plan = pw.plan(model, x, y, "70 % of weights", structured=True, metric="mae", rounds=1)
    assert plan.apply().get_layer("hidden").units == plan.layers["kept"].item() == 8
    assert plan.measure(x, y).loc["mae", "measured"] > 0


@pytest.fixture(scope="module")
def words():
    """Sentences of any length that have the label of their second word, and a model that reads it."""
    model = keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(9, 6, name="words"),
            layers.Conv1D(8, 3, padding="same", activation="relu", name="conv"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(3, activation="softmax", name="last"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    return model, [(rng.integers(0, 9, (20, n)), rng.integers(0, 3, 20)) for n in (4, 6, 5)]


@pytest.mark.parametrize("structured", [False, True])
def test_batches_may_differ_in_length(words, structured):
    model, batches = words
    plan = pw.plan(model, batches, budget="50 % of weights", rounds=1, structured=structured)
    held = np.zeros(60, bool)
    held[np.random.default_rng(0).permutation(60)[:12]] = True
    rest = [(x[own], y[own]) for (x, y), own in zip(batches, np.split(held, 3), strict=True)]
    live = pw.LiveModel(plan.apply() if structured else model)
    assert plan.expected == live.evaluate(rest, masks=None if structured else plan.masks)
    assert plan.expected.n == 12
    live.restore()


def test_a_usual_criterion_that_does_not_apply_is_named_with_the_reason(words, regression):
    model, batches = words
    plan = pw.plan(model, batches, budget="50 % of weights", rounds=0)
    assert list(plan.left_out) == ["wanda"] and "'words/embeddings'" in plan.left_out["wanda"]
    assert "wanda was left out: The inputs of 'words/embeddings'" in repr(plan)
    with pytest.raises(ValueError, match="The inputs of 'words/embeddings'"):
        pw.plan(model, batches, budget="50 % of weights", criterion="wanda")
    model, x, y = regression
    assert pw.plan(model, x, y, "50 % of weights", rounds=0, metric="mae").left_out == {}
    x = np.where(np.arange(6) == 0, np.inf, x).astype("float32")
    with pytest.raises(ValueError, match="scores"):  # no matter of the criterion: something is wrong with x
        pw.plan(model, x, y, "50 % of weights", rounds=0, metric="mae")


@pytest.mark.parametrize("structured", [False, True])
def test_multiply_adds_that_cannot_be_counted_are_refused_in_words_of_the_plan(
    words, structured, monkeypatch
):
    model, batches = words
    monkeypatch.setattr(search.Measurements, "rows", None)  # before anything is measured
    with pytest.raises(ValueError, match=r"'5 % of multiply-adds' .* conv/kernel .* keras.Input") as caught:
        pw.plan(model, batches, budget="5 % of multiply-adds", structured=structured)
    assert "positions" not in str(caught.value) and "ledger" not in str(caught.value)


def test_several_outputs_are_told_the_names_that_keras_reports():
    inputs = keras.Input((4,))
    outputs = {name: layers.Dense(1, name=name)(inputs) for name in ("up", "down")}
    model = keras.Model(inputs, outputs)
    x = np.random.default_rng(0).normal(size=(30, 4)).astype("float32")
    y = {"up": x[:, :1], "down": x[:, 1:2]}
    with pytest.raises(ValueError, match="Pass metric='(up|down)_mae'"):
        pw.plan(model, x, y, "50 % of weights")
    model.compile(loss="mse")
    for data in ((x, y), (tf.data.Dataset.from_tensor_slices((x, y)).batch(10),)):
        with pytest.raises(ValueError, match="Pass metric='loss' or metric='(up|down)_loss'"):
            pw.LiveModel(model).evaluate(*data)
    model.compile(loss="mse", metrics={"up": [], "down": [keras.metrics.RootMeanSquaredError()]})
    with pytest.raises(ValueError, match="metric='down_root_mean_squared_error'"):
        pw.LiveModel(model).evaluate(x, y)
    with pytest.raises(ValueError, match="y is '50 % of weights'.*budget='50 % of weights'"):
        pw.plan(model, data[0], "50 % of weights", metric="loss")
    for name in ("loss", "up_loss", "up_mae"):
        assert pw.plan(model, x, y, "50 % of weights", metric=name, rounds=0).expected >= 0
