"""Training with zeros that move, against the papers' loops written by hand."""

import warnings
from math import cos, pi

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw
from prunewidgets.core.allocation import erk

STEPS = 8  # of one epoch: 64 examples in batches of 8


def fit(model, data, *callbacks, epochs=3, **options):
    keras.utils.set_random_seed(5)
    return model.fit(*data, 8, epochs, 0, [*callbacks], shuffle=False, **options)


def plain(optimizer=None):
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, "relu", name="a"), layers.Dense(4, name="b")]
    )
    model.compile(
        optimizer or keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    return model


def gradients(model, kernels, data):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(data[1], model(data[0], training=True))
        )
    return [np.abs(slope) for slope in tape.gradient(loss, [kernel.value for kernel in kernels])]


def rigl_by_hand(model, data, keep, begin, end, frequency, share, steps):
    """Algorithm 1 of the paper, with a gradient on all the data, and its fraction of each layer's weights."""
    kernels = [variable for variable in model.variables if variable.name == "kernel"]
    keep = [kept.copy() for kept in keep]
    for step in range(steps):
        if begin < step < end and (step - begin) % frequency == 0:
            fraction = share / 2 * (1 + cos(pi * (step - begin) / (end - begin)))
            slopes = gradients(model, kernels, data)
            for kernel, kept, slope in zip(kernels, keep, slopes, strict=True):
                number, w = round(fraction * kept.sum()), kernel.numpy()
                active = sorted(np.argwhere(kept).tolist(), key=lambda place: abs(w[tuple(place)]))
                for place in active[:number]:
                    kept[tuple(place)] = False
                free = sorted(np.argwhere(~kept).tolist(), key=lambda place: -slope[tuple(place)])
                for place in free[:number]:
                    kept[tuple(place)] = True
        for kernel, kept in zip(kernels, keep, strict=True):
            kernel.assign(np.where(kept, kernel.numpy(), 0))
        at = 8 * (step % STEPS)
        model.train_on_batch(data[0][at : at + 8], data[1][at : at + 8])
        for kernel, kept in zip(kernels, keep, strict=True):
            kernel.assign(np.where(kept, kernel.numpy(), 0))


def test_rigl_equals_a_hand_written_loop(data):
    ours, theirs = plain(), plain()
    theirs.set_weights(ours.get_weights())
    live = pw.LiveModel(ours)
    keep = list(pw.Masks.from_sparsity(pw.score(live.weights), 0.6, scope="erk").values())
    rigl = pw.SparseTraining(0.6, "rigl", end=20, frequency=4, share=0.5, data=data)
    fit(ours, data, rigl)
    rigl_by_hand(theirs, data, keep, 0, 20, 4, 0.5, 3 * STEPS)
    assert {step for step, _ in rigl.regrown} <= {4, 8, 12, 16} and len(rigl.regrown) > 1
    for mine, hers in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, hers, rtol=1e-4, atol=1e-6)
        assert np.array_equal(mine == 0, hers == 0)


@pytest.mark.parametrize("method", ["set", "rigl"])
def test_each_layer_keeps_as_many_as_erk_says(data, method):
    model, seen = plain(), []
    shapes = {"a/kernel": (6, 8), "b/kernel": (8, 4)}

    class Count(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            kept = pw.LiveModel(self.model).applied
            seen.append({name: int(mask.sum()) for name, mask in kept.items()})
            zeros = pw.Masks.from_zeros(pw.LiveModel(self.model).weights)
            assert all((kept[name] | ~zeros[name]).all() for name in kept)

    sparse = pw.SparseTraining(0.7, method, frequency=3, data=data)
    history = fit(model, data, sparse, Count())
    assert len(seen) == 24 and all(counts == erk(shapes, {}, 24) for counts in seen)
    assert history.history["sparsity"] == pytest.approx([0.7] * 3)
    assert sparse.regrown and sparse.pruned == [(0, pytest.approx(0.7))]


def test_set_brings_back_others_by_another_seed(data):
    masks = []
    for seed in (0, 0, 1):
        keras.utils.set_random_seed(0)
        model = plain()
        fit(model, data, pw.SparseTraining(0.7, "set", frequency=3, seed=seed))
        masks.append(pw.LiveModel(model).applied)
    assert masks[0] == masks[1] != masks[2]


def test_granet_grows_sparser_as_gradual_pruning_does_and_brings_weights_back(data):
    keras.utils.set_random_seed(0)
    model = plain()
    gradual = pw.GradualPruning(0.8, frequency=3)
    fit(model, data, gradual)
    model = plain()
    granet = pw.SparseTraining(0.8, "granet", frequency=3, data=data)
    fit(model, data, granet)
    assert granet.pruned == gradual.pruned and granet.regrown
    assert pw.LiveModel(model).applied.removed == round(0.8 * 80)
    assert all(step < 18 for step, _ in granet.regrown)


def test_acdc_is_sparse_and_dense_by_turns(data):
    model, zeros = plain(), []

    class Count(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            arrays = pw.LiveModel(self.model).weights.values()
            zeros.append(sum(int((array == 0).sum()) for array in arrays))

    sparse = pw.SparseTraining(0.75, "acdc", begin=4, end=20, frequency=4)
    fit(model, data, sparse, Count())
    turns = [zeros[start : start + 4] for start in range(0, 24, 4)]
    # Weights of units that never fire have no gradient, and stay zero in a dense phase.
    assert turns[1] == turns[3] == turns[5] == [60] * 4
    assert max(turns[0]) == 0 and turns[2][-1] < 30 and turns[4][-1] < 30
    assert [step for step, _ in sparse.regrown] == [8, 16]
    assert pw.LiveModel(model).applied.removed == 60


OPTIMIZERS = [
    lambda: keras.optimizers.SGD(0.1, momentum=0.9),
    lambda: keras.optimizers.Adam(0.01, amsgrad=True),
    lambda: keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True),
    lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01)),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weights_come_back_without_momentum(data, optimizer):
    model = plain(optimizer())
    found = []

    class Look(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if sparse.regrown and not found:
                kernels = [v for v in self.model.trainable_variables if v.name == "kernel"]
                inner = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
                masks = pw.LiveModel(self.model).applied.values()
                for kernel, kept in zip(kernels, masks, strict=True):
                    new = kept & (kernel.numpy() == 0)
                    slots = [
                        slot
                        for slot in inner.variables
                        if slot.shape == kernel.shape and "average" not in slot.path
                    ]
                    assert slots and new.any()
                    found.extend(float(np.abs(slot.numpy()[new]).max()) for slot in slots)

    sparse = pw.SparseTraining(0.5, "set", begin=2, frequency=4, share=1.0)
    fit(model, data, sparse, Look())
    assert found and max(found) == 0


def test_an_interrupt_leaves_a_valid_model(data, everything):
    model = plain(keras.optimizers.Adam(0.01))
    model.optimizer.build(model.trainable_variables)
    before = everything(model)

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 5:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(model, data, pw.SparseTraining(0.7, "rigl", frequency=2, data=data), Stop())
    live = pw.LiveModel(model)
    assert live.applied.removed == 56
    fit(model, data, epochs=1)  # what was removed stays so
    assert live.applied.removed == 56 and pw.Masks.from_zeros(live.weights).removed >= 56
    live.restore()
    assert everything(model) == before


def test_all_may_be_exchanged_where_less_than_half_is_removed(data):
    model = plain()
    sparse = pw.SparseTraining(0.2, "set", frequency=3, share=1.0, scope="layer")
    fit(model, data, sparse)
    assert {name: int((~mask).sum()) for name, mask in pw.LiveModel(model).applied.items()} == {
        "a/kernel": 10,
        "b/kernel": 6,
    }


def test_some_layers_each_with_its_own_sparsity(data):
    model = plain()
    fit(model, data, pw.SparseTraining({"a": 0.5, "b": 0.25}, "acdc", begin=0, frequency=4))
    assert [int((~mask).sum()) for mask in pw.LiveModel(model).applied.values()] == [24, 8]
    model = plain()
    fit(model, data, pw.SparseTraining(0.5, "rigl", layers="a", frequency=4, data=data))
    assert list(pw.LiveModel(model).applied) == ["a/kernel"]


def test_the_first_phase_of_acdc_is_dense(data):
    sparse = pw.SparseTraining(0.75, "acdc", frequency=4)
    fit(plain(), data, sparse)
    assert sparse.pruned[:3] == [(0, 0.0), (4, 0.75), (8, 0.0)]


def test_training_that_ends_in_a_dense_phase_is_a_warning(data):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 6

    with pytest.warns(UserWarning, match="Training ended after 7 steps, before end=18"):
        fit(plain(), data, pw.SparseTraining(0.75, "acdc", begin=0, frequency=4), Stop())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(plain(), data, pw.SparseTraining(0.75, "acdc", begin=0, frequency=4))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "best"}, "method 'best' is not known; choose one of set, rigl, granet, acdc"),
        ({"method": "rigl"}, "'rigl' chooses the weights that come back by their gradients.*data="),
        ({"method": "granet", "data": 3}, "data is a pair, .* or a data set of such batches; not int"),
        ({"method": "set", "share": 1.5}, "share is 1.5; it is the part of the kept weights"),
        ({"method": "set", "scope": "all"}, "scope 'all' is not known"),
        ({"method": "set", "sparsity": lambda step: 0.5}, "sparsity is a function; 'set' has its own"),
        ({"method": "set", "frequency": 0}, "frequency is 0"),
        ({"method": "set", "sparsity": 1.5}, "1.5"),
        ({"method": "set", "n_of_m": (2, 4)}, "Give sparsity= or n_of_m=, one of them"),
        ({"method": "set", "sparsity": None}, "Give sparsity= or n_of_m=, one of them"),
        ({"method": "set", "sparsity": None, "n_of_m": (5, 4)}, "n_of_m is .5, 4.; of every m weights n"),
        ({"method": "set", "sparsity": None, "n_of_m": "2:4"}, "n_of_m is '2:4'; of every m weights n"),
        (
            {"method": "set", "sparsity": None, "n_of_m": (2, 4), "scope": "layer"},
            "n_of_m keeps the same share of every group.*give no scope=",
        ),
        (
            {"method": "granet", "sparsity": None, "n_of_m": (2, 4), "data": (1, 2)},
            "n_of_m keeps the same share of every group.*choose 'set', 'rigl' or 'acdc'",
        ),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        pw.SparseTraining(**{"sparsity": 0.5, **arguments})
