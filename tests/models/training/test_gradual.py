"""Pruning while training: to the weight, to the step, and through whatever happens to a fit."""

import re
import warnings
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw
from prunewidgets.core.schedules import polynomial
from prunewidgets.models.training.gradual import GradualPruning

STEPS = 8  # of one epoch: 64 examples in batches of 8


def fit(model, data, *callbacks, epochs=3, **options):
    keras.utils.set_random_seed(5)
    return model.fit(*data, epochs=epochs, batch_size=8, verbose=0, callbacks=[*callbacks], **options)


def zeros(model):
    weights = pw.LiveModel(model).weights.values()
    return sum(int((array == 0).sum()) for array in weights), sum(array.size for array in weights)


def by_hand(model, data, schedule, due, steps):
    """The same training step by step, masks by a plain stable sort."""
    keras.utils.set_random_seed(5)
    kernels = [variable for variable in model.variables if variable.name == "kernel"]
    keep = [np.ones(kernel.shape, bool) for kernel in kernels]
    for step in range(steps):
        if step in due:
            sizes = np.concatenate([np.abs(kernel.numpy()).ravel() for kernel in kernels])
            order = np.argsort(sizes, kind="stable")
            flat = np.ones(sizes.size, bool)
            flat[order[: round(schedule(step) * sizes.size)]] = False
            cuts = np.cumsum([kernel.numpy().size for kernel in kernels])[:-1]
            keep = [
                part.reshape(kernel.shape) for part, kernel in zip(np.split(flat, cuts), kernels, strict=True)
            ]
            for kernel, kept in zip(kernels, keep, strict=True):
                kernel.assign(np.where(kept, kernel.numpy(), 0))
        at = 8 * (step % STEPS)
        model.train_on_batch(data[0][at : at + 8], data[1][at : at + 8])
        for kernel, kept in zip(kernels, keep, strict=True):
            kernel.assign(np.where(kept, kernel.numpy(), 0))


def plain(optimizer):
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, "relu", name="a"), layers.Dense(4, name="b")]
    )
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


@pytest.mark.parametrize(
    "optimizer", [lambda: keras.optimizers.SGD(0.1), lambda: keras.optimizers.Adam(0.01)]
)
def test_gradual_pruning_equals_a_hand_written_loop(data, optimizer):
    ours, theirs = plain(optimizer()), plain(optimizer())
    theirs.set_weights(ours.get_weights())
    pruning = GradualPruning(0.75, begin=3, end=17, frequency=5)
    fit(ours, data, pruning, shuffle=False)
    schedule = partial(polynomial, final=0.75, begin=3, end=17)
    by_hand(theirs, data, schedule, due={3, 8, 13, 17}, steps=3 * STEPS)
    assert [step for step, _ in pruning.pruned] == [3, 8, 13, 17]
    for mine, hers in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.array_equal(mine, hers)


@pytest.mark.parametrize("schedule", ["polynomial", "iterative", "one_shot", "constant"])
def test_the_sparsity_is_exact_at_the_end(dense, data, schedule):
    history = fit(dense, data, GradualPruning(0.7, schedule, frequency=4))
    assert zeros(dense) == (round(0.7 * 80), 80)
    assert history.history["sparsity"][-1] == pytest.approx(56 / 80)
    fit(dense, data, epochs=2)  # without the callback
    assert zeros(dense)[0] == 56


def test_removed_weights_stay_removed_under_every_criterion(dense, data):
    kept = []
    look = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda *_, **__: kept.append(
            {n: a != 0 for n, a in pw.LiveModel(dense).weights.items()}
        )
    )
    rule = lambda weights: -np.abs(weights)  # noqa: E731  removes the largest; zeros would come last
    fit(dense, data, GradualPruning(0.8, frequency=1, criterion=rule), look)
    for before, after in zip(kept, kept[1:], strict=False):
        assert not any((after[name] & ~before[name]).any() for name in before)
    assert zeros(dense)[0] == 64


def test_a_function_is_a_schedule(dense, data):
    pruning = GradualPruning(lambda step: 0.5 if step >= 9 else 0.25, frequency=1)
    fit(dense, data, pruning)
    assert pruning.pruned == [(0, 0.25), (9, 0.5)]


def test_a_function_as_schedule_reaches_its_last_sparsity(dense, data):
    """Also where it rises after the last multiple of the frequency."""
    schedule = partial(polynomial, final=0.99, begin=0, end=22)
    for frequency, expected in ((15, [0, 15, 24]), (100, [0, 24])):
        pruning = GradualPruning(schedule, frequency=frequency)
        fit(dense, data, pruning)
        assert zeros(dense) == (79, 80)
        assert [step for step, _ in pruning.pruned] == expected
        pw.LiveModel(dense).restore()
    with pytest.raises(ValueError, match="end at step 25, but fit plans 24 steps"):
        fit(dense, data, GradualPruning(schedule, begin=25))
    fit(dense, data, GradualPruning(lambda step: step / 24, begin=2, end=12, frequency=100))
    assert zeros(dense) == (40, 80)


def test_pruned_is_of_the_last_training(dense, data):
    pruning = GradualPruning(0.5, begin=4, frequency=8)
    fit(dense, data, pruning)
    once = list(pruning.pruned)
    pw.LiveModel(dense).restore()
    fit(dense, data, pruning)
    assert [step for step, _ in once] == [4, 12, 18] and pruning.pruned == once


def test_pruning_due_at_the_last_step_is_done(dense, data):
    fit(dense, data, GradualPruning(0.5, end=3 * STEPS, frequency=7))
    assert zeros(dense)[0] == 40


def test_layers_by_name_expression_and_function(data):
    for chosen in (
        "a",
        "a/kernel",
        re.compile("^a"),
        ["a"],
        lambda variable: variable.path.endswith("a/kernel"),
    ):
        model = plain("adam")
        fit(model, data, GradualPruning(0.5, layers=chosen), epochs=1)
        shares = [float((layer.kernel.numpy() == 0).mean()) for layer in model.layers]
        assert shares == [0.5, 0]
    for wrong in (["a", "c"], []):
        with pytest.raises(ValueError, match="layers.* of .*: a/kernel, b/kernel"):
            fit(plain("adam"), data, GradualPruning(0.5, layers=wrong))
    model = plain("adam")
    with pytest.raises(ValueError, match="layers: <Dense name=a.* fits no prunable weight"):
        fit(model, data, GradualPruning(0.5, layers=plain("adam").layers[0]))
    fit(model, data, GradualPruning(0.5, layers=model.layers[0], exclude="b"), epochs=1)
    assert [float((layer.kernel.numpy() == 0).mean()) for layer in model.layers] == [0.5, 0]


def test_scope_and_granularity(dense, data):
    fit(dense, data, GradualPruning(0.5, scope="layer", granularity="neuron"))
    for array in pw.LiveModel(dense).weights.values():
        assert ((array == 0).all(axis=0)).mean() == 0.5


def test_several_steps_in_one_execution(dense, data):
    dense.compile("adam", "sparse_categorical_crossentropy", steps_per_execution=3)
    pruning = GradualPruning(0.7, begin=1, end=10, frequency=2)
    fit(dense, data, pruning)
    assert zeros(dense)[0] == 56
    assert pruning.pruned[-1][1] == pytest.approx(0.7)


def test_mixed_precision(data):
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, "relu", dtype="mixed_float16"),
            layers.Dense(4, "softmax", dtype="float32"),
        ]
    )
    model.compile(
        keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01)), "sparse_categorical_crossentropy"
    )
    fit(model, data, GradualPruning(0.6, frequency=3))
    assert zeros(model) == (48, 80)


def test_restore_returns_the_state_before_training(dense, data, everything):
    dense.optimizer.build(dense.trainable_variables)
    before = everything(dense)
    fit(dense, data, GradualPruning(0.6, frequency=3))
    pw.LiveModel(dense).restore()
    assert everything(dense) == before


def test_masks_applied_before_training_are_kept_and_counted(dense, data):
    live = pw.LiveModel(dense)
    masks = pw.Masks.from_sparsity({name: -abs(array) for name, array in live.weights.items()}, 0.3)
    live.apply(masks)
    pruning = GradualPruning(0.5, begin=4, frequency=4)
    fit(dense, data, pruning)
    assert zeros(dense)[0] == 40
    assert all((live.weights[name][~masks[name]] == 0).all() for name in masks)


def test_starting_at_a_later_epoch_frees_no_weights(dense, data):
    masks = pw.prune(dense, sparsity=0.6)
    pruning = GradualPruning(0.8, end=3 * STEPS, frequency=4)
    fit(dense, data, pruning, initial_epoch=1)
    assert pruning.pruned[0] == (STEPS, pytest.approx(0.6))  # the schedule alone would ask for 56 % there
    assert zeros(dense)[0] == 64
    weights = pw.LiveModel(dense).weights
    assert all((weights[name][~masks[name]] == 0).all() for name in masks)


def test_weights_restored_by_early_stopping_are_pruned(dense, data):
    worse = keras.callbacks.EarlyStopping(
        monitor="loss", mode="max", patience=100, restore_best_weights=True, start_from_epoch=0
    )
    fit(dense, data, worse, GradualPruning(0.7, end=20, frequency=4))
    assert zeros(dense)[0] == 56


def test_training_that_ends_too_early_is_a_warning(dense, data):
    stop = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_, **__: setattr(dense, "stop_training", True))
    with pytest.warns(UserWarning, match="ended after 8 steps, before end=18"):
        fit(dense, data, stop, GradualPruning(0.7))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(dense, data, stop, GradualPruning(lambda step: 0.75, frequency=4))  # it is as sparse as it gets


def test_an_interrupt_leaves_a_valid_model(dense, data):
    def interrupt(batch, logs):
        if pruning.pruned and pruning.pruned[-1][1] > 0.3:
            raise KeyboardInterrupt

    pruning = GradualPruning(0.7, frequency=1)
    with pytest.raises(KeyboardInterrupt):
        fit(dense, data, pruning, keras.callbacks.LambdaCallback(on_train_batch_end=interrupt))
    assert zeros(dense)[0] == round(pruning.pruned[-1][1] * 80)
    fit(dense, data, GradualPruning(0.7))
    assert zeros(dense)[0] == 56


def test_tensorboard_files_hold_sparsities_and_weights(dense, data, tmp_path):
    history = fit(dense, data, GradualPruning(0.7, log_dir=str(tmp_path / "logs")))
    [path] = (tmp_path / "logs").iterdir()
    events = [tf.compat.v1.Event.FromString(r.numpy()) for r in tf.data.TFRecordDataset(str(path))]
    values = [(event.step, value) for event in events for value in event.summary.value]
    total = [value.simple_value for _, value in values if value.tag == "sparsity/all"]
    assert total == pytest.approx(history.history["sparsity"])
    last = {value.tag: value for step, value in values if step == 2}
    weights = pw.LiveModel(dense).weights["first/kernel"]
    kept = weights[weights != 0]
    assert last["sparsity/first/kernel"].simple_value == pytest.approx((weights == 0).mean())
    assert last["kept/first/kernel"].histo.num == kept.size
    assert sum(last["kept/first/kernel"].histo.bucket) == kept.size
    assert last["kept/first/kernel"].histo.max == pytest.approx(kept.max())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sparsity": 1.5}, "1.5"),
        ({"sparsity": 0.5, "schedule": "cubic"}, "'cubic' is not known; choose one of constant, one_shot"),
        ({"sparsity": 0.5, "begin": 5, "end": 4}, "begin is 5 and end is 4"),
        ({"sparsity": 0.5, "frequency": 0}, "frequency is 0"),
        ({"sparsity": 0.5, "end": 25}, "end at step 25, but fit plans 24 steps"),
        ({"sparsity": 0.5, "criterion": "biggest"}, "'biggest'"),
    ],
)
def test_invalid_arguments_are_refused_before_training(dense, data, arguments, message):
    before = dense.get_weights()
    with pytest.raises(ValueError, match=message):
        fit(dense, data, GradualPruning(**arguments))
    assert all(np.array_equal(a, b) for a, b in zip(before, dense.get_weights(), strict=True))
