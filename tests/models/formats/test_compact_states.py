"""Compact files of stateful recurrent models."""

import keras
import numpy as np
import pytest

import prunewidgets as pw

L = keras.layers
STATEFUL = {
    "LSTM": (lambda: L.LSTM(6, stateful=True), (5, 3)),
    "bidirectional GRU": (lambda: L.Bidirectional(L.GRU(6, stateful=True)), (5, 3)),
    "two cells": (lambda: L.RNN([L.LSTMCell(4), L.GRUCell(5)], stateful=True), (5, 3)),
    "ConvLSTM": (lambda: L.ConvLSTM2D(3, 3, stateful=True), (5, 6, 6, 2)),
}


@pytest.mark.parametrize("name", STATEFUL)
def test_a_stateful_model_is_read_back_with_its_outputs_and_its_own_states(tmp_path, name):
    layer, shape = STATEFUL[name]
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(shape, batch_size=4), layer(), L.Flatten(), L.Dense(2)])
    x = np.random.default_rng(0).normal(size=(4, *shape)).astype("float32")
    first, second = np.array(model(x)), np.array(model(x))
    pw.save_compact(model, tmp_path / "model.pwc")
    loaded = pw.load_compact(tmp_path / "model.pwc")
    np.testing.assert_allclose(loaded(x), first, rtol=1e-6)  # begins with zero states
    np.testing.assert_allclose(loaded(x), second, rtol=1e-6)  # and keeps them from call to call
    assert not np.allclose(first, second)
