"""Chapter 03b trains a pruned network in which nothing holds the zeros: they have to go."""

import numpy as np

import prunewidgets as pw

from .test_cells import folder, run  # noqa: F401  folder is a fixture


def test_chapter_03b_loses_its_zeros_in_training_where_nothing_holds_them(tmp_path, capsys):
    import keras

    keras.utils.set_random_seed(0)
    layers = [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential(layers)
    model.compile("sgd", "sparse_categorical_crossentropy")
    pw.save_model(model, tmp_path / "before.keras")
    pw.prune(model, sparsity=0.8)
    pw.save_model(model, tmp_path / "pruned.keras")
    x, y = np.random.default_rng(0).random((100, 28, 28, 1), np.float32), np.arange(100) % 10
    space = run("03b", "noise", "retrain", keras=keras, saved=tmp_path, x_train=x, y_train=y)
    assert space["zeros"].sparsity < 0.1
