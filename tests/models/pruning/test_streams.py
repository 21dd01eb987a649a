"""Scores, calibration and training on data sets and generators: the same as on the same arrays."""

import gc
import itertools
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw
from prunewidgets.models.data.source import MOST_KEPT
from prunewidgets.models.pruning.data_criteria import DATA_CRITERIA

from ..streams import FORMS, Sequence, uneven
from .test_loss_of_outputs import sentences, two_outputs


@pytest.fixture(params=FORMS)
def stream(request, data):
    """(The data as a stream, the number of its batches if it has no end)."""
    make, steps = FORMS[request.param]
    return make(data), steps


def same(ours, theirs, rtol=1e-5):
    assert list(ours) == list(theirs)
    for name, array in theirs.items():
        np.testing.assert_allclose(ours[name], array, rtol=rtol, atol=1e-6 * np.abs(array).max())


CASES = [("taylor", form) for form in FORMS]
CASES += [("snip", "tf.data"), ("obd", "endless"), ("grasp", "generator"), ("wanda", "PyDataset")]


@pytest.mark.parametrize(("criterion", "form"), CASES)
def test_scores_are_those_of_the_arrays(dense, data, form, criterion):
    make, steps = FORMS[form]
    batches = make(data)
    ours = pw.data_score(dense, batches, criterion=criterion, batch_size=24, steps=steps)
    same(ours, pw.data_score(dense, *data, criterion, batch_size=24))


def test_movement_goes_through_a_data_set_in_its_own_order(data):
    model = keras.Sequential([keras.Input((6,)), layers.Dense(4, "softmax", name="only")])
    model.compile(loss="sparse_categorical_crossentropy")
    (w, b), expected = (value.astype(float) for value in model.get_weights()), 0.0
    rows = list(itertools.chain([slice(0, 24), slice(24, 48), slice(48, 64)], [slice(0, 24)]))
    for part in rows:
        x, y = data[0][part], data[1][part]
        e = np.exp(x @ w + b)
        wrong = e / e.sum(axis=1, keepdims=True) - np.eye(4)[y]
        expected = expected - w * (x.T @ wrong / len(y))
        w, b = w - 0.3 * (x.T @ wrong / len(y)), b - 0.3 * wrong.mean(axis=0)
    options = {"criterion": "movement", "batch_size": 24, "steps": 4, "learning_rate": 0.3}
    for make, _ in (FORMS["tf.data"], FORMS["PyDataset"], FORMS["generator"]):
        scores = pw.data_score(model, make(data), **options)
        np.testing.assert_allclose(scores["only/kernel"], expected, rtol=1e-3, atol=1e-6)
    assert pw.data_score(model, FORMS["endless"][0](data), criterion="movement", steps=9)


@pytest.mark.parametrize("form", FORMS)
def test_dict_inputs_masks_weights_and_two_outputs(form):
    """The arrays are checked against Keras's own loss in test_loss_of_outputs."""
    make, steps = FORMS[form]
    x, y, weights = sentences()
    steps = steps and 3
    model = two_outputs()
    if form == "endless":
        make = lambda parts: tf.data.Dataset.from_tensor_slices(parts).batch(8).repeat()  # noqa: E731
    ours = pw.data_score(model, make((x, y, weights)), batch_size=9, steps=steps)
    same(ours, pw.data_score(model, x, y, batch_size=9, sample_weight=weights), rtol=1e-4)


def test_class_weights_of_a_data_set(dense, data):
    batches, steps = uneven(data), None
    weights = {0: 3.0, 2: 0.0}
    ours = pw.data_score(dense, batches, class_weight=weights, steps=steps)
    same(ours, pw.data_score(dense, *data, class_weight=weights))
    assert np.abs(ours["second/kernel"] - pw.data_score(dense, *data)["second/kernel"]).max() > 1e-3


def test_batches_padded_each_to_its_own_length():
    inputs = keras.Input((None,), dtype="int32")
    x = layers.Embedding(9, 5, mask_zero=True, name="embed")(inputs)
    model = keras.Model(inputs, layers.Dense(3, "softmax", name="tags")(x))
    model.compile(loss="sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    words = [rng.integers(1, 9, length) for length in (2, 3, 3, 7, 5, 1)]
    pairs = tf.data.Dataset.from_generator(
        lambda: ((row, row % 3) for row in words),
        output_types=("int32", "int32"),
        output_shapes=([None], [None]),
    )
    one = next(iter(pairs.padded_batch(6)))
    for criterion in ("snip", "wanda"):
        ours = pw.data_score(model, pairs.padded_batch(2), criterion=criterion, batch_size=4, exclude="embed")
        theirs = pw.data_score(model, *(part.numpy() for part in one), criterion, exclude="embed")
        same(ours, theirs, rtol=1e-4)


def test_texts():
    reads = layers.TextVectorization(output_sequence_length=4)
    reads.adapt(["a bb ccc", "bb ccc dddd"])
    model = keras.Sequential(
        [
            keras.Input((), dtype="string"),
            reads,
            layers.Embedding(8, 3),
            layers.GlobalAveragePooling1D(),
            layers.Dense(2, "softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy")
    x, y = np.array(["a", "bb a", "a ccc dddd", "é", "dddd"]), np.arange(5) % 2
    wanted = pw.data_score(model, x, y)
    same(pw.data_score(model, tf.data.Dataset.from_tensor_slices((x, y)).batch(2)), wanted)
    same(pw.data_score(model, x.astype(object), y), wanted)


def test_a_stream_is_not_held_in_memory(dense, data):
    alive, most = [], 0

    def batches():
        nonlocal most
        for _ in range(20):
            x = data[0].copy()
            alive.append(weakref.ref(x))
            yield x, data[1]
            del x
            most = max(most, sum(reference() is not None for reference in alive))

    for criterion in ("taylor", "wanda", "movement"):
        alive.clear()
        steps = 9 if criterion == "movement" else None
        pw.data_score(dense, batches, criterion=criterion, batch_size=100, steps=steps)
        gc.collect()
    assert 0 < most <= 3


def test_a_generator_may_use_one_array_for_all_batches(dense, data):
    def batches():
        x, y = np.empty((16, 6), "float32"), np.empty(16, int)
        for start in range(0, 64, 16):
            x[:], y[:] = data[0][start : start + 16], data[1][start : start + 16]
            yield x, y

    for criterion in ("taylor", "wanda", "grasp"):
        same(pw.data_score(dense, batches, criterion=criterion), pw.data_score(dense, *data, criterion))


@pytest.mark.parametrize("criterion", ["taylor", "wanda"])
@pytest.mark.parametrize("form", ["tf.data", "endless"])
def test_masks_and_curves_take_data_sets(dense, data, form, criterion):
    make, steps = FORMS[form]
    batches = make(data)
    live = pw.LiveModel(dense)
    wanted = pw.Masks.from_sparsity(pw.data_score(dense, *data, criterion), 0.5)
    assert pw.prune(dense, 0.5, criterion, data=batches, steps=steps) == wanted
    live.restore()
    if steps is not None:  # of both data sets
        options = {"criterion": criterion, "data": batches, "steps": steps}
        row = pw.accuracy_curve(dense, batches, sparsities=[0.5], **options).iloc[0]
        assert row.accuracy == live.evaluate(*data, wanted)
    if steps is None:
        row = pw.accuracy_curve(dense, *data, [0.5], criterion=criterion, data=batches).iloc[0]
        assert row.threshold == pytest.approx(wanted.threshold) and row.accuracy == live.evaluate(
            *data, wanted
        )
        frame = pw.sensitivity(dense, *data, [0.5], criterion=criterion, data=batches, layers="first")
        assert frame.removed[0] == 24


def test_rounds_read_a_generator_once(dense, data):
    wanted = pw.prune(dense, 0.8, "taylor", data=data, rounds=4)
    pw.LiveModel(dense).restore()
    assert pw.prune(dense, 0.8, "taylor", data=uneven(data)(), rounds=4) == wanted
    assert 64 * 7 * 8 < MOST_KEPT  # so it was kept


def test_units_of_a_data_set(dense, data, stream):
    batches, steps = stream
    weights = np.linspace(0, 2, 64).astype("float32")
    same(
        pw.unit_score(dense, batches, criterion="taylor", steps=steps), pw.unit_score(dense, *data, "taylor")
    )
    weighted = pw.unit_score(dense, *data, "taylor", sample_weight=weights)
    parts = tf.data.Dataset.from_tensor_slices((*data, weights)).batch(5)
    same(pw.unit_score(dense, parts, criterion="taylor"), weighted, rtol=1e-4)
    assert not np.allclose(weighted["first"], pw.unit_score(dense, *data, "taylor")["first"], rtol=0.01)
    thrice = pw.unit_score(dense, *data, "taylor", class_weight=dict.fromkeys(range(4), 3.0))
    same({"first": thrice["first"] / 9}, pw.unit_score(dense, *data, "taylor"))


@pytest.mark.parametrize("labels", [True, False], ids=["labels", "inputs"])
def test_calibration_on_a_data_set(dense, data, labels):
    x = data[0]
    wanted = pw.prune_and_update(dense, x, 0.5)
    values = dense.get_weights()
    pw.LiveModel(dense).restore()
    parts = data if labels else (x,)
    for make, steps in FORMS.values():
        assert pw.prune_and_update(dense, make(parts), 0.5, steps=steps) == wanted
        for ours, theirs in zip(dense.get_weights(), values, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
        pw.LiveModel(dense).restore()


def test_latency_takes_one_batch(subclassed, data, stream):
    """A subclassed model does not say what it takes; more examples than the data set has are repeated."""
    frame = pw.latency(subclassed, stream[0], batches=[4, 100], runners=["keras"], seconds=0.01)
    assert (frame.runs > 0).all()


def test_int8_files_measure_on_a_data_set(dense, data, tmp_path):
    contents = []
    for number, inputs in enumerate((data[0], FORMS["tf.data"][0](data), Sequence((data[0],)))):
        pw.export(dense, tmp_path / f"{number}.tflite", "int8", examples=inputs)
        contents.append((tmp_path / f"{number}.tflite").read_bytes())
    assert contents[0] == contents[1] == contents[2]


def test_clear_errors(dense, data):
    pairs = FORMS["tf.data"][0](data)
    for call in (
        lambda: pw.data_score(dense, pairs.repeat()),
        lambda: pw.prune(dense, 0.5, "snip", data=pairs.repeat()),
        lambda: pw.prune_and_update(dense, pairs.repeat(), 0.5),
        lambda: pw.unit_score(dense, pairs.repeat(), criterion="taylor"),
    ):
        with pytest.raises(ValueError, match="has no end. Pass steps="):
            call()
    with pytest.raises(ValueError, match="leave y out"):
        pw.data_score(dense, pairs, data[1])
    with pytest.raises(ValueError, match="leave sample_weight out"):
        pw.data_score(dense, pairs, sample_weight=np.ones(64))
    with pytest.raises(ValueError, match="sample_weight and class_weight are both given"):
        weighted = tf.data.Dataset.from_tensor_slices((*data, np.ones(64))).batch(9)
        pw.data_score(dense, weighted, class_weight={0: 2.0})
    with pytest.raises(ValueError, match="holds no labels"):
        pw.data_score(dense, tf.data.Dataset.from_tensor_slices(data[0]).batch(9))
    with pytest.raises(ValueError, match="steps is for data sets"):
        pw.data_score(dense, *data, steps=3)
    with pytest.raises(ValueError, match="gives no examples"):
        pw.data_score(dense, pairs.take(0), criterion="snip")
    with pytest.raises(ValueError, match="data is a pair.*or a data set of such batches; not int"):
        pw.prune(dense, 0.5, "snip", data=3)
    with pytest.raises(ValueError, match="data is a pair"):
        pw.SparseTraining(0.5, "rigl", data=data[0])
    assert pw.LiveModel(dense).applied is None
    assert set(DATA_CRITERIA) == {"taylor", "snip", "obd", "grasp", "movement"}  # each is tested above
