"""Callbacks that score weights on data sets and generators while ``fit`` trains."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw

from ..streams import FORMS, uneven


def test_gradual_pruning_scores_on_a_data_set(dense, data):
    def masks(data):
        keras.utils.set_random_seed(0)
        model = keras.models.clone_model(dense)
        model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
        gradual = pw.GradualPruning(0.8, "polynomial", end=3, frequency=2, criterion="taylor", data=data)
        model.fit(*arrays, batch_size=16, verbose=0, shuffle=False, callbacks=[gradual])
        return pw.LiveModel(model).applied

    arrays = data
    assert masks(uneven(data)()) == masks(data)  # a generator is read once


@pytest.mark.parametrize("endless", [True, False], ids=["endless", "finite"])
def test_sparse_training_takes_the_next_examples(data, endless):
    """Three exchanges of "rigl" in NumPy; with a learning rate of 0 only the masks change."""
    model = keras.Sequential([keras.Input((6,)), layers.Dense(4, "softmax", name="only")])
    model.compile(keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    w, rng = model.get_weights()[0].astype(float), np.random.default_rng(0)
    x, y, weights = rng.normal(size=(256, 6)), rng.integers(0, 4, 256), rng.uniform(0, 2, 256)
    batches = tf.data.Dataset.from_tensor_slices((x, y, weights)).batch(50)
    kept = np.abs(w) >= np.sort(np.abs(w).ravel())[12]
    w = np.where(kept, w, 0)
    for step, first in ((2, 0), (4, 128), (6, 0)):
        rows = slice(first, first + 128)
        e = np.exp(x[rows] @ w)
        wrong = weights[rows, None] * (e / e.sum(axis=1, keepdims=True) - np.eye(4)[y[rows]])
        slope = np.abs(x[rows].T @ wrong / 128).ravel()
        number = round(0.9 / 2 * (1 + np.cos(np.pi * step / 8)) * 12)
        inside = np.flatnonzero(kept)
        kept.reshape(-1)[inside[np.argsort(np.abs(w).ravel()[inside], kind="stable")[:number]]] = False
        outside = np.flatnonzero(~kept)
        kept.reshape(-1)[outside[np.argsort(-slope[outside])[:number]]] = True
        w = np.where(kept, w, 0)
    stream = batches.repeat() if endless else batches
    sparse = pw.SparseTraining(0.5, "rigl", frequency=2, end=8, share=0.9, scope="layer", data=stream)
    model.fit(x, y, batch_size=32, verbose=0, callbacks=[sparse])
    assert np.array_equal(pw.LiveModel(model).applied["only/kernel"], kept)
    if not endless:
        arrays = pw.SparseTraining(0.5, "rigl", frequency=2, end=8, share=0.9, scope="layer", data=(x, y))
        pw.LiveModel(model).restore()
        model.fit(x, y, batch_size=32, verbose=0, callbacks=[arrays])  # random examples, other masks
        assert not np.array_equal(pw.LiveModel(model).applied["only/kernel"], kept)


def test_lottery_tickets_measure_on_a_data_set(dense, data):
    def rows(*measured, **steps):
        pw.LiveModel(dense).restore()
        dense.set_weights(values)
        train = lambda model, callbacks: model.fit(  # noqa: E731
            *data, shuffle=False, verbose=0, callbacks=callbacks
        )
        return pw.lottery_tickets(dense, train, *measured, sparsity=0.5, share=0.5, **steps)

    dense.get_layer("drop").rate = 0.0
    dense.compile("sgd", "sparse_categorical_crossentropy")
    values = dense.get_weights()
    wanted = rows(*data)
    assert rows(uneven(data)()).equals(wanted)  # a generator is read once
    make, steps = FORMS["endless"]
    assert rows(make(data), steps=steps).equals(wanted)
