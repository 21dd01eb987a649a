"""The table of all methods has all of them and the numbers of its runs, which do not depend on each other."""

import keras
import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw
from research.all_methods import networks, recipes
from research.all_methods.table import BEGIN, END, NETWORKS, README, SAME, finished, markdown


def test_every_method_has_a_recipe_or_is_the_same_as_one():
    assert set(pw.methods().name) <= {*recipes.RECIPES, *SAME}
    assert set(SAME.values()) <= set(recipes.RECIPES) and not set(SAME) & set(recipes.RECIPES)
    assert NETWORKS == tuple(networks.NETWORKS)
    left_out = {name: set(recipes.RECIPES) - set(recipes.methods_for(name)) for name in NETWORKS}
    assert not set.intersection(*left_out.values())  # each method is in the table of some network


@pytest.mark.parametrize("name", SAME)
def test_methods_that_are_not_run_twice_remove_the_same_weights(name):
    weights = {"a": np.random.default_rng(0).normal(size=(30, 20)), "b": np.full((4, 5), -0.01)}
    criterion = name if name in ("squared",) else "magnitude"
    masks = pw.Masks.from_sparsity(pw.score(weights, criterion), 0.9, "global")
    assert masks == pw.Masks.from_sparsity(pw.score(weights, SAME[name]), 0.9)


def test_the_table_of_frames_made_by_hand():
    rows = [("dense", 0.0, seed, accuracy, 0.0, 200) for seed, accuracy in enumerate((0.98, 0.99, 1.0))]
    for level, first in ((0.5, 0.9), (0.9, 0.6)):
        rows += [("magnitude", level, seed, first + 0.01 * seed, level, 50) for seed in range(3)]
        rows += [("l1", level, seed, first, level - 0.04, 40) for seed in range(3)]
        rows += [("smaller dense", level, seed, first, level, 20) for seed in range(3)]
    columns = ["method", "sparsity", "seed", "accuracy", "reached", "multiply_adds"]
    text = markdown({"net": pd.DataFrame(rows, columns=columns)})
    assert text.splitlines() == [
        "### net",
        "",
        "Unpruned: 99.0 ± 1.0 %.",
        "",
        "| method | kind | 50 % | 90 % | multiply-adds at 90 % |",
        "| --- | --- | ---: | ---: | ---: |",
        "| magnitude, squared, global | score | 91.0 ± 1.0 | 61.0 ± 1.0 | 25 % |",
        "| l1 | units | 90.0 ± 0.0 (46.0 % removed) | 60.0 ± 0.0 (86.0 % removed) | 20 % |",
        "| smaller dense | control | 90.0 ± 0.0 | 60.0 ± 0.0 | 10 % |",
    ]


def test_the_readme_has_the_table_of_the_runs():
    frames = finished()
    assert frames and f"{BEGIN}{markdown(frames)}{END}" in README.read_text(encoding="utf-8")
    for frame in frames.values():
        counts = frame[frame.method != "dense"].groupby(["method", "sparsity"]).seed.nunique()
        assert (counts == 3).all() and frame.accuracy.between(0, 1).all()


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    def build(seed: int) -> keras.Model:
        start = [keras.initializers.GlorotUniform(seed=10 * seed + number) for number in range(2)]
        first = keras.layers.Dense(30, "relu", kernel_initializer=start[0])
        last = keras.layers.Dense(10, "softmax", kernel_initializer=start[1])
        return keras.Sequential([keras.Input((20,)), first, last])

    rng = np.random.default_rng(0)
    digits = rng.random((64, 20), np.float32), rng.integers(10, size=64)
    monkeypatch.setattr(networks, "_mnist", lambda: (digits, digits))
    monkeypatch.setitem(networks.NETWORKS, "tiny", networks.Setup(build, 64, 2, 16, 1e-3))
    monkeypatch.setattr(networks, "CACHE", tmp_path)
    yield tmp_path
    for cached in (networks._model, networks.dense_weights, networks.initial_weights):
        cached.cache_clear()


def test_a_run_does_not_depend_on_the_runs_before_it(tiny):
    run = recipes.Run("tiny", 0.9, 0)
    first = recipes.RECIPES["magnitude"](run).get_weights()
    recipes.RECIPES["gradual"](recipes.Run("tiny", 0.5, 1))
    networks.dense_weights.cache_clear()  # now from the file
    again = recipes.RECIPES["magnitude"](run).get_weights()
    assert [file.name for file in tiny.iterdir()] == ["tiny_64x1_0.npz"]
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    assert sum(int((weight == 0).sum()) for weight in first if weight.ndim > 1) == round(0.9 * 900)
