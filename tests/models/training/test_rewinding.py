"""Rewinding brings back what was, under the masks of now; tickets are trained from it."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.training.rewinding import RewindPoint, lottery_tickets


def fit(model, data, *callbacks, epochs=2, **options):
    keras.utils.set_random_seed(5)
    return model.fit(*data, epochs=epochs, batch_size=8, verbose=0, callbacks=[*callbacks], **options)


def values(model):
    return [variable.value.numpy() for variable in (*model.variables, *model.optimizer.variables)]


def equal(ours, theirs):
    return all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("step", [0, 5, 8, 16])
def test_rewind_restores_the_state_at_the_step(dense, data, step):
    dense.optimizer.build(dense.trainable_variables)
    seen = [values(dense)]
    look = keras.callbacks.LambdaCallback(on_train_batch_end=lambda *_, **__: seen.append(values(dense)))
    point = RewindPoint(step)
    fit(dense, data, point, look)
    fit(dense, data)
    point.rewind()
    assert equal(values(dense), seen[step])


def test_rewind_keeps_what_is_pruned(dense, data):
    point = RewindPoint()
    start = pw.LiveModel(dense).weights
    fit(dense, data, point)
    masks = pw.prune(dense, sparsity=0.6)
    fit(dense, data)
    point.rewind()
    for name, array in pw.LiveModel(dense).weights.items():
        assert np.array_equal(array, np.where(masks[name], start[name], 0))
    fit(dense, data)
    assert pw.Masks.from_zeros(pw.LiveModel(dense).weights) == masks


def test_training_after_rewinding_repeats_the_first_training(data):
    """Rewound without a mask and trained again: the same bits as the first time."""
    model = keras.Sequential([keras.Input((6,)), layers.Dense(8, "relu"), layers.Dense(4, "softmax")])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    point = RewindPoint()
    fit(model, data, point, shuffle=False)
    first = values(model)
    point.rewind()
    fit(model, data, shuffle=False)
    assert equal(values(model), first)


def test_rewinding_the_learning_rate_keeps_the_weights(data):
    model = keras.Sequential([keras.Input((6,)), layers.Dense(4, "softmax")])
    falling = keras.optimizers.schedules.PolynomialDecay(0.1, 16, 0.0)
    model.compile(keras.optimizers.SGD(falling, momentum=0.9), "sparse_categorical_crossentropy")
    point = RewindPoint(4)
    fit(model, data, point)
    weights = model.get_weights()
    assert float(model.optimizer.learning_rate) == 0
    point.rewind_learning_rate()
    assert float(model.optimizer.learning_rate) == pytest.approx(0.1 * 12 / 16)
    assert equal(model.get_weights(), weights)


def test_another_optimizer_has_no_learning_rate_to_rewind(dense, data):
    """Nothing would happen, and what follows would be fine-tuning under a wrong name."""
    point = RewindPoint(4)
    fit(dense, data, point)
    dense.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(RuntimeError, match="compiled with another optimizer since"):
        point.rewind_learning_rate()


def test_shuffling_keeps_the_values_and_moves_them(dense, data):
    start = pw.LiveModel(dense).weights
    point = RewindPoint()
    fit(dense, data, point)
    point.shuffle(seed=1)
    first = pw.LiveModel(dense).weights
    for name in start:
        assert np.array_equal(np.sort(first[name], axis=None), np.sort(start[name], axis=None))
        assert not np.array_equal(first[name], start[name])
    point.shuffle(seed=1)
    assert equal(pw.LiveModel(dense).weights.values(), first.values())
    masks = pw.prune(dense, sparsity=0.5)
    point.shuffle(seed=2)
    assert all((array[~masks[name]] == 0).all() for name, array in pw.LiveModel(dense).weights.items())


def test_several_steps_in_one_execution(dense, data):
    dense.compile("adam", "sparse_categorical_crossentropy", steps_per_execution=4)
    point = RewindPoint(8)
    fit(dense, data, point)
    point.rewind()
    assert int(dense.optimizer.iterations) == 8


def test_a_shorter_last_execution_counts_only_its_own_steps(dense, data):
    """Three, three and two steps an epoch: nine updates are first behind it after eleven."""
    dense.compile("adam", "sparse_categorical_crossentropy", steps_per_execution=3)
    point = RewindPoint(9)
    fit(dense, data, point)
    point.rewind()
    assert int(dense.optimizer.iterations) == 11


def test_rewinding_to_a_step_that_was_not_reached_is_an_error(dense, data):
    point = RewindPoint(17)
    fit(dense, data, point)
    with pytest.raises(RuntimeError, match="has not reached step 17"):
        point.rewind()
    with pytest.raises(RuntimeError, match="has not reached step 0"):
        RewindPoint().rewind_learning_rate()
    with pytest.raises(ValueError, match="step is -1"):
        RewindPoint(-1)


def test_lottery_tickets_prunes_rewinds_and_trains_each_round(dense, data):
    """Each round as it would be written by hand."""
    start = pw.LiveModel(dense).weights
    begun, ended = [], []

    def train(model, callbacks):
        live = pw.LiveModel(model)
        begun.append(live.weights)
        fit(model, data, *callbacks)
        ended.append(live.weights)

    frame = lottery_tickets(dense, train, *data, sparsity=0.5, share=0.25, control=True)
    assert list(frame["kind"]) == ["ticket", "control", "ticket", "control", "ticket", "control", "ticket"]
    assert list(frame["round"]) == [0, 1, 1, 2, 2, 3, 3]
    assert list(frame["sparsity"]) == pytest.approx([0, 0.25, 0.25, 35 / 80, 35 / 80, 0.5, 0.5], abs=1e-9)
    assert frame["accuracy"].iloc[-1] == pw.LiveModel(dense).evaluate(*data)
    tickets = [0, 2, 4, 6]
    for earlier, later in zip(tickets, tickets[1:], strict=False):
        sizes = np.sort(np.concatenate([abs(array).ravel() for array in ended[earlier].values()]))
        removed = sum((array == 0).sum() for array in begun[later].values())
        for name in start:
            kept = begun[later][name] != 0
            assert np.array_equal(begun[later][name], np.where(kept, start[name], 0))
            assert (abs(ended[earlier][name][kept]) >= sizes[removed]).all()
            assert np.array_equal(begun[later - 1][name] != 0, kept)  # the control has the same masks
            assert not np.array_equal(begun[later - 1][name], begun[later][name])


def test_an_interrupt_keeps_the_finished_rows(dense, data):
    trainings = []

    def train(model, callbacks):
        trainings.append(1)
        if len(trainings) == 3:
            raise KeyboardInterrupt
        fit(model, data, *callbacks)

    with pytest.warns(UserWarning, match=r"2 of \d+ trainings were finished"):
        frame = lottery_tickets(dense, train, *data, sparsity=0.9)
    assert list(frame["round"]) == [0, 1] and frame.attrs["complete"] is False


def test_a_failure_keeps_the_finished_rows(dense, data):
    trainings = []

    def train(model, callbacks):
        trainings.append(1)
        if len(trainings) == 3:
            raise OSError("the disk is full")
        fit(model, data, *callbacks)

    with pytest.raises(OSError, match="the disk is full") as caught:
        lottery_tickets(dense, train, *data, sparsity=0.9)
    assert list(caught.value.frame["round"]) == [0, 1]


def test_a_pruned_network_is_refused(dense, data):
    pw.prune(dense, sparsity=0.3)
    before = values(dense)
    with pytest.raises(ValueError, match="30.00 %.* whole network"):
        lottery_tickets(dense, lambda model, callbacks: fit(model, data, *callbacks), *data, sparsity=0.5)
    assert equal(values(dense), before)


def test_labels_that_do_not_fit_are_refused_before_training(dense, data):
    before, (x, y) = values(dense), data
    with pytest.raises(ValueError, match="y"):
        lottery_tickets(dense, lambda model, callbacks: fit(model, data, *callbacks), x, y[:-1])
    assert equal(values(dense), before)


def test_a_fit_without_the_callbacks_is_an_error(dense, data):
    with pytest.raises(RuntimeError, match="Give this RewindPoint to fit"):
        lottery_tickets(dense, lambda model, callbacks: fit(model, data), *data)
