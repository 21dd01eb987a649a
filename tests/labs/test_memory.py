"""The memory of a lab is known before it is taken, and refused where it is too much."""

import tracemalloc

import keras
import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.labs import memory


@pytest.fixture(scope="module")
def large():
    """4.2 million weights: more than are sent to a page."""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(1024, use_bias=False, name=f"dense_{i}") for i in range(4)]
    return keras.Sequential([keras.Input((1024,)), *layers, keras.layers.Dense(4, name="out")])


X, Y = np.ones((4, 1024), np.float32), np.zeros(4, int)


def test_a_model_above_the_limit_is_refused_before_anything_is_copied(large):
    tracemalloc.start()
    with pytest.raises(
        ValueError, match=r"4,198,400 prunable weights\) takes about 0.1 GB .*memory_limit=0.2e9"
    ):
        pw.PruningLab(large, X, Y, memory_limit=1e7)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4e6  # one copy would be 16.8 MB
    with pytest.raises(TypeError, match="memory_limit must be a number, not '4GB'"):
        pw.PruningLab(large, X, Y, memory_limit="4GB")
    assert pw.PruningLab(large, X, Y, memory_limit=1e7, layers=["out"]).wait(60)  # the way out


def test_what_is_said_is_about_what_is_taken(large):
    tracemalloc.start()
    lab = pw.PruningLab(large, X, Y)
    assert lab.wait(60)
    _, peak = tracemalloc.get_traced_memory()  # NumPy's, without the masked weights, which are TensorFlow's
    tracemalloc.stop()
    masked = 4 * 4_198_400
    assert 0.5 * lab.memory < peak + masked < 1.2 * lab.memory


def test_a_large_lab_says_so_first(large, capsys, monkeypatch):
    monkeypatch.setattr(memory, "SAID_FROM", 1e7)
    pw.PruningLab(large, X, Y)
    assert "4,198,400 prunable weights; this lab takes about 0.1 GB" in capsys.readouterr().out


def test_a_sampled_model_is_counted_exactly(large):
    lab = pw.PruningLab(large, X, Y, threshold=0.02)
    magnitudes = np.concatenate([np.abs(array).ravel() for array in lab.live.weights.values()])
    assert sum(layer["count"] for layer in lab.layers) < lab.masks.size
    assert lab.masks.removed == (magnitudes < np.float32(0.02)).sum()
    assert lab.sparsity == (magnitudes < np.float32(0.02)).mean()
    stops = np.frombuffer(lab.stops, np.float32)[: lab.stop_lists[0]["length"]]
    below = np.frombuffer(lab.stops_below, np.float64)[: len(stops)]
    assert np.array_equal(below, np.searchsorted(np.sort(magnitudes), stops))
    lab.sparsity = 0.9
    assert lab.masks.removed == (magnitudes < np.float32(lab.threshold)).sum()
    assert abs(lab.masks.removed - 0.9 * magnitudes.size) < 10  # equal floats go together
