"""The table of all methods: its networks and recipes, and the stored runs it is made from."""

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw
from research.all_methods.__main__ import RUNS, SEEDS, SPARSITIES, table
from research.all_methods.networks import NETWORKS, of_as_many_weights
from research.all_methods.recipes import SCALES, as_small, recipes

STORED = pd.read_csv(RUNS)


def test_every_method_of_the_package_is_in_the_table():
    names = {name.removeprefix("unit_") for name in recipes("residual_cnn")}
    names |= {"global", *(name.split(", ")[1] for name in recipes("residual_cnn") if ", " in name)}
    # The square orders weights as the size does, and movement needs a training of its own kind.
    assert set(pw.methods()["name"]) - names == {"squared", "movement", "l2"} & set(pw.methods()["name"])


@pytest.mark.parametrize("network", NETWORKS)
def test_every_run_is_stored_once(network):
    runs = STORED[STORED["model"] == network]
    wanted = {
        (name, sparsity, seed) for name in recipes(network) for sparsity in SPARSITIES for seed in SEEDS
    }
    found = list(runs[["method", "sparsity", "seed"]].itertuples(index=False, name=None))
    assert sorted(found) == sorted(wanted)


def test_a_pruned_network_has_as_many_zeros_as_said():
    by_weight = STORED[~STORED["method"].isin(["smaller dense", "l1", "geometric_median", "thinet", *SCALES])]
    by_weight = by_weight[by_weight["accuracy"].notna() & (by_weight["method"] != "unit_taylor")]
    kept = by_weight["nonzeros"] / by_weight["parameters"]
    assert np.allclose(kept, 1 - by_weight["sparsity"], atol=0.03)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_smaller_network_has_at_most_the_parameters_asked_for(network):
    whole = NETWORKS[network]().count_params()
    assert 0.6 * whole / 10 <= of_as_many_weights(network, whole // 10).count_params() <= whole / 10


def test_units_go_until_so_many_parameters_are_left():
    model = NETWORKS["small_cnn"]()
    small = as_small(model, pw.unit_score(model), "layer", model.count_params() // 5)
    assert 0.7 * model.count_params() / 5 <= small.count_params() <= model.count_params() / 5


def test_a_line_a_method_a_column_a_sparsity():
    runs = [("a", 0.5, 0.90), ("a", 0.5, 0.94), ("a", 0.9, 0.5), ("a", 0.9, 0.5)]
    text = table(pd.DataFrame(runs, columns=["method", "sparsity", "accuracy"]))
    assert text.splitlines()[-1].replace(" ", "") == "|a|92.0±2.8|50.0±0.0|"
