"""The table of methods: complete, and every call in it runs and prunes."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.core.allocation import SCOPES
from prunewidgets.core.criteria import CRITERIA
from prunewidgets.models.pruning.data_criteria import DATA_CRITERIA, NO_LABELS
from prunewidgets.models.pruning.solvers import SOLVERS
from prunewidgets.models.training.sparse import METHODS

TABLE = pw.methods().set_index("name")


def test_every_method_has_a_row():
    known = [*CRITERIA, *DATA_CRITERIA, *NO_LABELS, *SCOPES, *SOLVERS, *METHODS]
    assert set(known) <= set(TABLE.index) and TABLE.index.is_unique


def test_kinds_and_needs():
    assert set(TABLE.loc[list(SOLVERS), "kind"]) == {"layer-wise solver"}
    assert set(TABLE.loc[list(METHODS), "kind"]) == {"in training"}
    assert TABLE.training[TABLE.kind == "in training"].all()
    assert TABLE.loc[list(DATA_CRITERIA), "data"].eq("inputs and labels").all()
    assert TABLE.loc[list(CRITERIA), "data"].eq("none").all()
    assert TABLE.year.dropna().between(1990, 2030).all()
    assert (TABLE.year.isna() == TABLE.paper.isna()).all() and TABLE.formula.str.len().min() > 1


@pytest.fixture
def setting():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(3, "softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 6, 6, 2)).astype("float32"), rng.integers(0, 3, 40)
    names = {"pw": pw, "model": model, "x": x, "y": y}
    return {**names, "train": lambda model, callbacks: model.fit(x, y, verbose=0, callbacks=callbacks)}


@pytest.mark.parametrize("name", TABLE.index)
def test_the_call_runs(name, setting):
    row = TABLE.loc[name]
    assert (
        row.call.count(f"'{name}'") == 1
        or name in ("magnitude", "gradual", "tickets")
        or row.call.startswith("with")
    )
    call = row.call.replace("fit(x, y", "fit(x, y, verbose=0")
    if call.startswith("with"):
        exec(call, setting)
    result = None if call.startswith("with") else eval(call, setting)
    if name == "slimming":  # removes nothing yet
        return
    if row.kind == "units":
        assert all(np.isfinite(scores).all() for scores in result.values())
    else:
        assert pw.LiveModel(setting["model"]).applied.sparsity >= 0.49


@pytest.mark.parametrize("name", TABLE.index[TABLE.n_of_m])
def test_two_of_four(name, setting):
    model, x, y = setting["model"], setting["x"], setting["y"]
    if name in SOLVERS:
        masks = pw.prune_and_update(model, x, n_of_m=(1, 2), method=name)
    elif name in METHODS:
        sparse = pw.SparseTraining(method=name, n_of_m=(1, 2), frequency=1, data=(x, y))
        model.fit(x, y, verbose=0, callbacks=[sparse])
        masks = pw.LiveModel(model).applied
    elif name == "sr_ste":
        with pw.sr_ste(model, n_of_m=(1, 2)):
            model.fit(x, y, verbose=0)
        masks = pw.LiveModel(model).applied
    elif name in CRITERIA:
        masks = pw.patterns.n_of_m(pw.score(pw.LiveModel(model).weights, name), 1, 2)
    else:
        masks = pw.patterns.n_of_m(pw.data_score(model, x, y, name), 1, 2)
    for mask in masks.values():
        pairs = np.moveaxis(mask, -2, 0).reshape(mask.shape[-2] // 2, 2, -1)
        assert (pairs.sum(axis=1) == 1).all()
