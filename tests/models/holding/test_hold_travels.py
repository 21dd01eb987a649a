"""Every way to carry a pruned model elsewhere: where its zeros are held, and where one line holds them."""

import copy
import json
import pickle
import zipfile

import cloudpickle
import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw
from prunewidgets.models.formats.compact_files import load_compact, save_compact


def network():
    stack = [keras.Input((6,)), layers.Dense(8, "relu", name="a"), layers.Dense(4, name="out")]
    return keras.Sequential(stack, name="net")


@keras.saving.register_keras_serializable("tests")
class Around(keras.Model):
    """A model of the user's own class around another."""

    def __init__(self, inner=None, **options):
        super().__init__(**options)
        self.inner = network() if inner is None else inner

    def build(self, shape):
        self.built = True

    def call(self, x):
        return self.inner(x)


def around(model):
    outer = Around(model)
    outer.build((None, 6))
    return outer


def train(model, data, steps=2):
    """A custom loop, as cheap as it can be, with momentum and weight decay."""
    optimizer = keras.optimizers.AdamW(0.05, weight_decay=0.1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            value = loss(data[1], model(data[0]))
        trained = model.trainable_variables
        optimizer.apply(tape.gradient(value, trained), trained)


def kernels(model):
    return [v.numpy() for v in model.variables if v.name == "kernel"]


def zeros(model):
    return [int((kernel == 0).sum()) for kernel in kernels(model)]


def by_file(write, read, name):
    def carried(model, folder):
        write(model, folder / name)
        return read(folder / name)

    return carried


def by_weights(model, folder):
    model.save_weights(folder / "it.weights.h5")
    clone = keras.models.clone_model(model)
    clone.load_weights(folder / "it.weights.h5")
    return clone


def with_weights(make):
    def carried(model, folder):
        clone = make(model)
        clone.set_weights(model.get_weights())
        return clone

    return carried


def in_a_functional_model(model, folder):
    tensor = keras.Input((6,))
    return keras.Model(tensor, layers.Activation("linear")(model(tensor)))


HOLD = {
    "copy": lambda model, folder: copy.copy(model),
    "deepcopy": lambda model, folder: copy.deepcopy(model),
    "pickle": lambda model, folder: pickle.loads(pickle.dumps(model)),
    "cloudpickle, as joblib's workers get it": lambda model, folder: cloudpickle.loads(
        cloudpickle.dumps(model)
    ),
    "deepcopy in a class of the user's": lambda model, folder: copy.deepcopy(around(model)),
    "pw.save_model .keras": by_file(pw.save_model, pw.load_model, "it.keras"),
    "pw.save_model .h5": by_file(pw.save_model, pw.load_model, "it.h5"),
    "pw.export": by_file(pw.export, pw.load_exported, "it.keras"),
    "a Functional model around it": in_a_functional_model,
    "a subclassed model around it": lambda model, folder: around(model),
    "its layers in another model": lambda model, folder: keras.Sequential([keras.Input((6,)), *model.layers]),
}
ZEROS_ONLY = {
    "model.save .keras": by_file(keras.Model.save, keras.saving.load_model, "it.keras"),
    "model.save .h5": by_file(keras.Model.save, keras.saving.load_model, "it.h5"),
    "model.save, pw.load_model": by_file(keras.Model.save, pw.load_model, "it.keras"),
    "pw.save_model, Keras alone": by_file(pw.save_model, keras.saving.load_model, "it.keras"),
    "pw.save_model, Keras alone .h5": by_file(pw.save_model, keras.saving.load_model, "it.h5"),
    "compact file": by_file(save_compact, load_compact, "it.pwc"),
    "weights file": by_weights,
    "clone_model": with_weights(keras.models.clone_model),
    "clone_model with a clone_function": with_weights(
        lambda model: keras.models.clone_model(
            model, clone_function=lambda layer: type(layer).from_config(layer.get_config())
        )
    ),
    "from_config": with_weights(lambda model: type(model).from_config(model.get_config())),
    "deserialize_keras_object": with_weights(
        lambda model: keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(model))
    ),
}


@pytest.mark.parametrize("way", list(HOLD))
def test_zeros_are_held_on_the_other_side(data, tmp_path, way):
    model = network()
    pw.prune(model, 0.5, criterion="random")
    there = HOLD[way](model, tmp_path)
    before = kernels(there)
    train(there, data)
    assert zeros(there) == zeros(model) and sum(zeros(model)) == 40
    assert all((old != new).any() for old, new in zip(before, kernels(there), strict=True))  # it did train


COPIES = ["deepcopy", "pickle", "pw.save_model .keras", "pw.save_model .h5", "pw.export"]


@pytest.mark.parametrize("layers_named", [None, ["a"]], ids=["all layers", "one layer"])
@pytest.mark.parametrize("way", COPIES)
def test_a_copy_counts_the_weights_that_its_original_counts(tmp_path, way, layers_named):
    model = network()
    chosen = {"a": 0.5} if layers_named is None else 0.5
    pw.prune(model, chosen, layers=layers_named)  # nothing is removed from "out"; it counts if named
    applied, there = (pw.LiveModel(either).applied for either in (model, HOLD[way](model, tmp_path)))
    assert there == applied and repr(there) == repr(applied)
    assert applied.size == (48 + 32 if layers_named is None else 48)


@pytest.mark.parametrize("way", list(ZEROS_ONLY))
def test_zeros_that_nothing_holds_are_named_and_held_by_one_line(data, tmp_path, way):
    model = network()
    masks = pw.prune(model, 0.5, criterion="random")
    there = ZEROS_ONLY[way](model, tmp_path)
    assert zeros(there) == zeros(model)
    assert "applied: None; 50.00 % are zero, but not held: see pw.hold_zeros" in repr(pw.LiveModel(there))
    assert pw.hold_zeros(there) == masks
    train(there, data)
    assert zeros(there) == zeros(model)
    pw.LiveModel(there).restore()
    train(there, data)
    assert sum(zeros(there)) == 0


def change_note(path, note):
    """Replace the note in a file by another text."""
    if path.suffix == ".h5":
        with h5py.File(path, "a") as file:
            del file["prunewidgets_held"]
            file["prunewidgets_held"] = np.frombuffer(note.encode(), np.uint8)
        return
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    metadata = json.loads(members["metadata.json"]) | {"prunewidgets_held": json.loads(note)}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**members, "metadata.json": json.dumps(metadata)}.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("name", ["it.keras", "it.h5"])
def test_a_file_tells_free_zeros_from_held_ones(data, tmp_path, name):
    model = network()
    live = pw.LiveModel(model)
    numbers = np.arange(32).reshape(8, 4)
    live.apply({"out/kernel": numbers % 2 == 0})
    kept = (numbers % 2 == 0) | (numbers % 10 == 5)
    live.apply({"out/kernel": kept})  # some may train again, from zero
    pw.save_model(model, tmp_path / name)
    there = pw.load_model(tmp_path / name)
    assert (there.get_layer("out").kernel.numpy()[kept] == 0).sum() == 3
    assert (pw.LiveModel(there).applied["out/kernel"] == kept).all()
    train(there, data, 1)
    assert ((there.get_layer("out").kernel.numpy() != 0) == kept).all()
    live.restore()
    pw.save_model(model, tmp_path / name)
    assert pw.LiveModel(pw.load_model(tmp_path / name)).applied is None


def test_a_file_whose_note_fits_no_more_holds_the_zeros_it_has(tmp_path):
    model = network()
    pw.prune(model, 0.5)
    path = tmp_path / "it.keras"
    pw.save_model(model, path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    note = json.loads(members["metadata.json"])["prunewidgets_held"]
    assert note == {"a/kernel": "", "out/kernel": ""}
    change_note(path, json.dumps({"gone/kernel": "", "a/kernel": "eJwDAAAAAAE="}))
    there = pw.load_model(path)
    live = pw.LiveModel(there)
    assert set(live.applied) == {"a/kernel"}
    assert (live.applied["a/kernel"] == (there.get_layer("a").kernel.numpy() != 0)).all()


NOT_NOTES = {
    "it.keras": ['["a/kernel"]', "null", '{"a/kernel": 5}', '{"a/kernel": "!"}', '{"a/kernel": "aGVsbG8="}'],
    "it.h5": ['{"a', "7"],
}


@pytest.mark.parametrize("name", list(NOT_NOTES))
def test_a_damaged_note_is_said_with_the_way_to_the_weights(tmp_path, name):
    model, path = network(), tmp_path / name
    masks = pw.prune(model, 0.5)
    pw.save_model(model, path)
    for note in NOT_NOTES[name]:
        change_note(path, note)
        with pytest.raises(ValueError, match=r"The note in .* is damaged .*pw.hold_zeros") as caught:
            pw.load_model(path)
        assert str(path) in str(caught.value) and "safe mode" not in str(caught.value)
    assert pw.hold_zeros(keras.saving.load_model(path)) == masks  # as the error says


def test_a_file_of_a_model_that_holds_nothing_has_no_note(tmp_path):
    for name in ("it.keras", "it.h5"):
        pw.save_model(network(), tmp_path / name)
    with zipfile.ZipFile(tmp_path / "it.keras") as archive:
        assert "prunewidgets_held" not in json.loads(archive.read("metadata.json"))
    with h5py.File(tmp_path / "it.h5") as file:
        assert "prunewidgets_held" not in file


def test_a_model_on_several_devices_is_refused_by_name():
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        model = network()
        before = model.get_weights()
        with pytest.raises(ValueError, match="'a/kernel' is distributed.*build the model outside"):
            pw.prune(model, 0.5)
        assert all(map(np.array_equal, model.get_weights(), before))


def test_a_copy_whose_names_differ_is_made_and_says_what_it_does_not_hold():
    outer = around(keras.Sequential([keras.Input((6,)), layers.Dense(8), layers.Dense(4)], name="mine"))
    pw.prune(outer, 0.5)
    with pytest.warns(UserWarning, match="no weights named .*kernel.*pw.hold_zeros"):
        there = copy.deepcopy(outer)
    assert zeros(there) == zeros(outer)
