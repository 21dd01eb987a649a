"""Metrics: each measurement gets a value of its own, whatever the metric remembers."""

import re

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.live.examples import Examples

LEVELS = [0, 0.5, 0.9]


@pytest.fixture
def regression(data):
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(5, "relu", name="in"), layers.Dense(1, name="out")]
    )
    model.compile("adam", "mse")
    return pw.LiveModel(model), data[0], data[0].sum(axis=1, keepdims=True)


class Kept(keras.metrics.Metric):
    """Remembers outside Keras's variables."""

    def __init__(self):
        super().__init__(name="kept")
        self.seen = []

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.seen.append(float(np.abs(np.asarray(y_true) - np.asarray(y_pred)).mean()))

    def reset_state(self):
        self.seen = []

    def result(self):
        return float(np.mean(self.seen))


def by_hand(live, x, y):
    scores = pw.score(live.weights)
    masks = [pw.Masks.from_sparsity(scores, level) for level in LEVELS]
    return [np.abs(live.predict(x, mask) - y).mean() for mask in masks]


@pytest.mark.parametrize(
    "metric",
    [
        keras.metrics.MeanAbsoluteError(),
        keras.metrics.MeanAbsoluteError,
        "mae",
        "mean_absolute_error",
        keras.metrics.mean_absolute_error,
        keras.losses.MeanAbsoluteError(),
        Kept(),
    ],
    ids=lambda metric: re.sub(r" at 0x\w+", "", str(metric)),  # the same in every process
)
def test_each_row_is_measured_separately(regression, metric):
    live, x, y = regression
    expected = by_hand(live, x, y)
    frame = pw.accuracy_curve(live, x, y, LEVELS, metric=metric)
    np.testing.assert_allclose(frame.accuracy, expected, rtol=1e-5)
    again = pw.sensitivity(live, x, y, [0.0], metric=metric)
    np.testing.assert_allclose(again.accuracy, [expected[0]] * 2, rtol=1e-5)
    assert live.evaluate(x, y, metric=metric) == pytest.approx(expected[0], rel=1e-5)


def test_the_metric_passed_in_is_not_changed(regression):
    live, x, y = regression
    metric, kept = keras.metrics.MeanAbsoluteError(), Kept()
    metric.update_state([1.0], [4.0])
    kept.update_state([1.0], [4.0])
    for given in (metric, kept):
        live.evaluate(x, y, metric=given)
        assert float(given.result()) == 3.0


def test_metrics_that_create_their_variables_late_work(dense, data):
    x, y = data
    one_hot = np.eye(4)[y]
    metric = keras.metrics.F1Score(average="macro")
    first = pw.LiveModel(dense).evaluate(x, one_hot, metric=metric)
    assert pw.LiveModel(dense).evaluate(x, one_hot, metric=metric) == first
    predicted = dense.predict(x, verbose=0).argmax(-1)
    pairs = [
        ((predicted == c) & (y == c)).sum() * 2 / max(1, (predicted == c).sum() + (y == c).sum())
        for c in range(4)
    ]
    assert first == pytest.approx(np.mean(pairs), abs=1e-5)


def test_accuracy_by_name_is_the_accuracy(dense, data):
    live = pw.LiveModel(dense)
    for name in ("accuracy", "acc"):
        assert repr(live.evaluate(*data, metric=name)) == repr(live.evaluate(*data))


def high(y, predictions):
    return 3.2


def nothing(y, predictions):
    return np.nan


def test_labs_accept_metrics_too(dense, data):
    x, y = data
    metric = keras.metrics.SparseTopKCategoricalAccuracy(k=2)
    ranks = np.argsort(-dense.predict(x, verbose=0), axis=1)[:, :2]
    expected = (ranks == y[:, None]).any(axis=1).mean()
    examples = Examples(x, y, metric)
    live = pw.LiveModel(dense)
    for _ in range(2):
        reading = examples.all(live, live.snapshot(), {}, lambda: False)
        assert reading.value == pytest.approx(expected)
    assert Examples(x, y, high).all(live, live.snapshot(), {}, lambda: False).value == 3.2
    with pytest.raises(ValueError, match="^The metric 'nothing' is nan here, which no view can show"):
        Examples(x, y, nothing).all(live, live.snapshot(), {}, lambda: False)
    lab = pw.PruningLab(dense, x, y, metric=metric)
    assert lab.accuracy == pytest.approx(expected)
    lab.close()


def test_objects_that_are_not_metrics_are_refused(regression):
    live, x, y = regression
    with pytest.raises(ValueError, match="'accurate' is not a metric that Keras knows"):
        live.evaluate(x, y, metric="accurate")
    with pytest.raises(TypeError, match="metric is a list"):
        live.evaluate(x, y, metric=["mae"])
    with pytest.raises(ValueError, match=r"metric .* returned a value of shape \(64, 1\)"):
        live.evaluate(x, y, metric=lambda true, predicted: true - predicted)
    with pytest.raises(ValueError, match="no argument sample_weight"):
        live.evaluate(x, y, metric=lambda true, predicted: 0.0, sample_weight=np.ones(64))


@pytest.mark.parametrize("metric", ["mae", "auc", "precision"])
def test_a_metric_that_cannot_compare_class_labels_is_named_with_both_shapes(dense, data, metric):
    x, y = data
    with pytest.raises(
        ValueError, match=rf"'{metric}' cannot compare y of shape \({len(y)},\) with pred"
    ) as found:
        pw.LiveModel(dense).evaluate(x, y, metric=metric)
    assert "function_node" not in str(found.value)
