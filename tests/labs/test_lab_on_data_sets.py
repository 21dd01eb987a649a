"""A lab on a data set: as arrays where it is small, batch by batch where it is not."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import prunewidgets as pw
from prunewidgets.models.data import source


@pytest.fixture
def given():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 6)).astype("float32"), rng.integers(0, 4, 50)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, "softmax")])
    return model, tf.data.Dataset.from_tensor_slices((x, y)).batch(16), x, y


def test_small_data_are_measured_as_arrays(given):
    model, dataset, x, y = given
    lab, same = pw.PruningLab(model, dataset), pw.PruningLab(model, x, y)
    lab.sparsity = same.sparsity = 0.6
    assert lab.accuracy == same.accuracy and lab.examples == len(x)
    assert lab.wait() and same.wait()
    assert lab.flips == same.flips | {"generation": lab.flips["generation"]}
    with pytest.raises(ValueError, match="leave y out"):
        pw.PruningLab(model, dataset, y)
    with pytest.raises(ValueError, match="has no end. Pass steps="):
        pw.PruningLab(model, dataset.repeat())
    assert pw.PruningLab(model, dataset.repeat(), steps=2).examples == 32


@pytest.mark.parametrize("metric", [None, "mae"])
def test_large_data_are_read_in_each_measurement(given, metric, monkeypatch):
    model, dataset, x, y = given
    monkeypatch.setattr(source, "MOST_KEPT", 100)
    if metric:
        dataset = dataset.map(lambda x, y: (x, tf.one_hot(y, 4)))
    lab = pw.PruningLab(model, dataset, metric=metric)
    lab.sparsity = 0.6
    assert lab.accuracy == pytest.approx(
        pw.LiveModel(model).evaluate(dataset, masks=lab.masks, metric=metric)
    )
    assert lab.examples == len(x)
    lab.measure_curve()
    assert lab.wait() and len(lab.curve) == 12 and not lab.error
    assert lab.curve["accuracy"][0] == pytest.approx(lab.unpruned)


def test_batches_of_different_lengths(tmp_path):
    rng = np.random.default_rng(0)
    batches = [(rng.integers(1, 9, (4, n)), rng.integers(0, 3, (4, n))) for n in (3, 5)]
    inputs = keras.Input((None,), dtype="int32")
    hidden = keras.layers.Embedding(9, 4, mask_zero=True)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, "softmax")(hidden))
    lab = pw.PruningLab(model, lambda: iter(batches))
    assert lab.accuracy == pw.LiveModel(model).evaluate(batches) and lab.examples == 8
    assert lab.measured["n"] == 4 * 3 + 4 * 5
