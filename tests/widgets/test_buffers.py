"""What crosses to the browser: the weights themselves, or a sample, labelled as one."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.widgets import buffers

RNG = np.random.default_rng(2)


def test_weights_cross_once_as_little_endian_floats():
    weights = {"a": RNG.normal(size=(2, 3)).astype(np.float32), "b": RNG.normal(size=4).astype(np.float32)}
    view = pw.WeightHistogram(weights)
    sent = np.frombuffer(view.weights, "<f4")
    assert np.array_equal(sent, np.concatenate([weights["a"].ravel(), weights["b"]]))
    assert [(layer["name"], layer["offset"], layer["count"]) for layer in view.layers] == [
        ("a", 0, 6),
        ("b", 6, 4),
    ]
    assert view.scores == b""  # magnitudes are the weights without their sign


def test_other_criteria_send_their_scores():
    weights = {"a": RNG.normal(1, 1, (5, 5)).astype(np.float32)}
    view = pw.WeightHistogram(weights, criterion="distribution")
    expected = np.abs(weights["a"] - weights["a"].mean(dtype=float)) / weights["a"].std(dtype=float)
    assert np.allclose(np.frombuffer(view.scores, "<f4").reshape(5, 5), expected, rtol=1e-5)


def test_float64_weights_keep_their_precision():
    view = pw.SparsityHeatmap(pw.example.W)
    assert view.dtype == "float64"
    assert np.array_equal(np.frombuffer(view.weights, "<f8").reshape(3, 4), pw.example.W)


@pytest.mark.parametrize(
    "shape", [(600, 500), (3, 3, 200, 300), (100_000,), (5, 40_000), (40_000, 5), (200, 3, 200)]
)
def test_a_sample_is_a_subset_of_about_its_share(shape):
    array = np.arange(np.prod(shape)).reshape(shape)
    part = buffers.sampled(array, buffers.sampling(array.shape, 0.1))
    assert 0.03 < part.size / array.size <= 0.1 + 0.02
    assert np.isin(part, array).all()
    assert part.flat[0] == array.flat[0]


def test_a_large_model_shows_a_sample_and_counts_exactly(monkeypatch):
    monkeypatch.setattr(buffers, "MOST_SENT", 5_000)
    monkeypatch.setattr(buffers, "STOPS", 50)
    weights = {"large": RNG.normal(size=(400, 100)).astype(np.float32), "small": np.ones(10, np.float32)}
    view = pw.WeightHistogram(weights, threshold=0.5)
    everything = np.abs(np.concatenate([w.ravel() for w in weights.values()]))
    assert view.sparsity == np.mean(everything < np.float32(0.5))
    assert sum(layer["count"] for layer in view.layers) < 6_000
    assert [layer["size"] for layer in view.layers] == [40_000, 10]
    lengths = [part["length"] for part in view.stop_lists]
    values, below = np.frombuffer(view.stops, "<f4"), np.frombuffer(view.stops_below, "<f8")
    for value, count in zip(values[: lengths[0]], below[: lengths[0]], strict=True):
        assert np.count_nonzero(everything < value) == count
