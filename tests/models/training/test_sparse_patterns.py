"""Training with zeros that move within groups of m weights, of which n stay."""

import warnings
from math import cos, pi

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

from .test_sparse import fit, gradients, plain


def groups_of(mask, m):
    """The number kept of each group of a (inputs, outputs) mask; an incomplete group last."""
    return [mask[start : start + m].sum(axis=0).tolist() for start in range(0, len(mask), m)]


@pytest.mark.parametrize("method", ["set", "rigl", "acdc"])
def test_a_pattern_is_exact_after_every_step(data, method):
    """2 of 4 of the first six inputs' first four, 1 of their last two; the same under Adam with momentum."""
    model, seen = plain(keras.optimizers.Adam(0.05)), []

    class Count(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            live = pw.LiveModel(self.model)
            masks, weights = live.applied, live.weights
            assert all(not weights[name][~mask].any() for name, mask in masks.items())
            if masks.removed:  # a sparse phase of "acdc", and always of the others
                assert groups_of(masks["a/kernel"], 4) == [[2] * 8, [1] * 8]
                assert groups_of(masks["b/kernel"], 4) == [[2] * 4, [2] * 4]
            seen.append(masks.removed)

    sparse = pw.SparseTraining(method=method, n_of_m=(2, 4), frequency=3, data=data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(model, data, sparse, Count())
    assert sparse.regrown and pw.LiveModel(model).applied.removed == 40
    assert set(seen) == ({0, 40} if method == "acdc" else {40})
    if method != "acdc":
        assert sparse.pruned == [(0, 0.5)]


def test_rigl_in_a_pattern_exchanges_within_groups(data):
    """One exchange by hand: of each group no more leave than are removed in it, and its largest come back."""
    model, theirs = plain(keras.optimizers.SGD(0.0)), plain()
    theirs.set_weights(model.get_weights())
    kernels = [variable for variable in theirs.variables if variable.name == "kernel"]
    weights = [kernel.numpy() for kernel in kernels]
    sparse = pw.SparseTraining(method="rigl", n_of_m=(3, 4), frequency=5, end=8, share=1.0, data=data)
    fit(model, data, sparse, epochs=1)
    fraction = (1 + cos(pi * 5 / 8)) / 2
    keep = [pw.patterns.n_of_m(np.abs(w), 3, 4)["weights"].copy() for w in weights]
    for kernel, w, kept in zip(kernels, weights, keep, strict=True):
        kernel.assign(np.where(kept, w, 0))
    slopes = gradients(theirs, kernels, data)
    for w, kept, slope, mask in zip(weights, keep, slopes, pw.LiveModel(model).applied.values(), strict=True):
        groups = [(range(s, min(s + 4, len(w))), o) for s in range(0, len(w), 4) for o in range(w.shape[1])]
        smallest = []
        for rows, output in groups:
            inside = sorted((row for row in rows if kept[row, output]), key=lambda row: abs(w[row, output]))
            smallest += [(row, output) for row in inside[: len(rows) - len(inside)]]
        leaving = sorted(smallest, key=lambda place: abs(w[place]))[: round(fraction * kept.sum())]
        for rows, output in groups:
            gone = [place for place in leaving if place[0] in rows and place[1] == output]
            for place in gone:
                kept[place] = False
            free = sorted((row for row in rows if not kept[row, output]), key=lambda row: -slope[row, output])
            for row in free[: len(gone)]:
                kept[row, output] = True
        np.testing.assert_array_equal(mask, kept)


def test_a_pattern_replaces_what_was_removed_before(data):
    model = plain()
    pw.prune(model, 0.9)
    fit(model, data, pw.SparseTraining(method="set", n_of_m=(1, 2), frequency=3))
    assert all(
        groups_of(mask, 2) == [[1] * mask.shape[1]] * (len(mask) // 2)
        for mask in pw.LiveModel(model).applied.values()
    )


def test_a_pattern_in_a_convolution_and_not_in_a_depthwise_one():
    model = keras.Sequential(
        [
            keras.Input((5, 5, 4)),
            layers.Conv2D(3, 2, name="full"),
            layers.DepthwiseConv2D(2, name="deep"),
            layers.Flatten(),
            layers.Dense(2, name="out"),
        ]
    )
    model.compile("sgd", "mse")
    x, y = np.random.default_rng(0).random((16, 5, 5, 4)), np.zeros((16, 2))
    with pytest.raises(ValueError, match="'deep/kernel' .*Leave it out"):
        fit(model, (x, y), pw.SparseTraining(method="set", n_of_m=(2, 4), frequency=1))
    fit(model, (x, y), pw.SparseTraining(method="set", n_of_m=(2, 4), frequency=1, exclude="deep"))
    assert (pw.LiveModel(model).applied["full/kernel"].sum(axis=2) == 2).all()
