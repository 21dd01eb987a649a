"""Copies of a pruned model hold what it holds."""

import copy
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

WAYS = {
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
}


@keras.saving.register_keras_serializable("tests")
class Own(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.inner = layers.Dense(4, name="inner")

    def build(self, shape):
        self.inner.build(shape)

    def call(self, x):
        return self.inner(x)


def functional():
    tensor = keras.Input((6,))
    return keras.Model(tensor, layers.Dense(4, name="out")(layers.Dense(8, name="a")(tensor)))


def sequential():
    return keras.Sequential([keras.Input((6,)), layers.Dense(8, name="a"), layers.Dense(4, name="out")])


def own():
    model = Own()
    model.build((None, 6))
    return model


def zeros(model):
    return [int((v.numpy() == 0).sum()) for v in model.variables if v.name == "kernel"]


def train(model, data):
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    model.fit(*data, verbose=0)


@pytest.mark.parametrize(
    ("make", "way"),
    [(sequential, "copy"), (functional, "deepcopy"), (sequential, "pickle"), (own, "deepcopy")],
)
def test_a_copy_holds_the_same_masks_and_is_independent(data, make, way):
    model = make()
    masks = pw.prune(model, 0.5, criterion="random")
    before = zeros(model)
    twin = WAYS[way](model)
    live = pw.LiveModel(twin)
    assert live.applied == masks
    train(twin, data)
    assert zeros(twin) == before
    live.restore()
    train(twin, data)
    assert sum(zeros(twin)) == 0
    assert pw.LiveModel(model).applied == masks  # the first one is as it was
    assert zeros(model) == before


def test_a_copy_of_a_model_around_a_pruned_one_holds_it(data):
    inner = sequential()
    outer = keras.Sequential([keras.Input((6,)), inner, layers.Dense(4, name="top")])
    pw.prune(inner, 0.5, criterion="random")
    twin = copy.deepcopy(outer)
    before = zeros(twin)
    assert sum(before) == round(0.5 * (6 * 8 + 8 * 4))
    train(twin, data)
    assert zeros(twin) == before


def test_a_copy_of_an_unpruned_model_holds_no_masks(data):
    model = sequential()
    pw.prune(model, 0.5)
    pw.LiveModel(model).restore()
    twin = copy.deepcopy(model)
    assert pw.LiveModel(twin).applied is None
    assert [a.tobytes() for a in twin.get_weights()] == [a.tobytes() for a in model.get_weights()]


def test_a_copy_of_a_model_with_adapters(data):
    model = sequential()
    masks = pw.prune(model, 0.5, scope="layer")
    model.get_layer("a").enable_lora(2)
    train(model, data)
    twin = copy.deepcopy(model)
    assert np.allclose(twin(data[0]), model(data[0]), atol=1e-5)
    assert pw.LiveModel(twin).applied == masks
    train(twin, data)
    assert ((twin.get_layer("a").kernel.numpy() == 0) == ~masks["a/kernel"]).all()


def test_another_process_reads_a_pickle(tmp_path):
    model = sequential()
    pw.prune(model, 0.5)
    (tmp_path / "it").write_bytes(pickle.dumps(model))
    code = (
        f"import pickle; m = pickle.load(open({str(tmp_path / 'it')!r}, 'rb'))\n"
        "import prunewidgets as pw; print(pw.LiveModel(m).applied.removed)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["40"]


def test_a_clone_holds_no_masks_and_the_live_model_reports_it():
    model = functional()
    pw.prune(model, 0.5)
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    assert "applied: None; 50.00 % are zero, but not held" in repr(pw.LiveModel(clone))
    assert "not held" not in repr(pw.LiveModel(model)) and "not held" not in repr(pw.LiveModel(functional()))
