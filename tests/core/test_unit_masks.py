"""Masks of units: hand-worked numbers, and counts against the rule written out."""

import numpy as np
import pytest

import prunewidgets as pw


def kept(masks):
    return {name: np.flatnonzero(units).tolist() for name, units in masks.items()}


SCORES = {"a": np.array([3.0, 1.0, 2.0, 4.0]), "b": np.array([0.1, 0.5, 0.2, 0.4, 0.3, 0.3])}


def test_each_group_loses_the_share_unless_it_would_be_empty():
    assert kept(pw.unit_masks(SCORES, 0.5)) == {"a": [0, 3], "b": [1, 3, 5]}  # of 0.3 and 0.3, the first
    assert pw.unit_masks(SCORES, 0.5) == pw.Masks.from_sparsity(SCORES, 0.5, scope="layer")
    assert kept(pw.unit_masks(SCORES, 1.0)) == {"a": [3], "b": [1]}
    assert kept(pw.unit_masks(SCORES, 0.9, min_units=3)) == {"a": [0, 2, 3], "b": [1, 3, 5]}
    assert kept(pw.unit_masks(SCORES, 0.9, min_units=5)) == {"a": [0, 1, 2, 3], "b": [1, 2, 3, 4, 5]}
    assert kept(pw.unit_masks(SCORES, {"b": 0.5})) == {"a": [0, 1, 2, 3], "b": [1, 3, 5]}


def test_a_global_ranking_leaves_something_of_each_group():
    assert pw.Masks.from_sparsity(SCORES, 0.6).emptied == ("b",)
    masks = pw.unit_masks(SCORES, 0.6, scope="global")
    assert kept(masks) == {"a": [0, 2, 3], "b": [1]} and masks.sparsity == 0.6  # still six of ten
    assert kept(pw.unit_masks(SCORES, 0.6, "global", min_units=2)) == {"a": [0, 3], "b": [1, 3]}
    assert kept(pw.unit_masks(SCORES, 1.0, "global")) == {"a": [3], "b": [1]}
    rounded = pw.unit_masks(SCORES, 0.6, "global", round_to=2)  # two of b are safe, then a loses two
    assert kept(rounded) == {"a": [0, 3], "b": [1, 3]}
    assert kept(pw.unit_masks(SCORES, 0.5, "global", round_to=2)) == {"a": [0, 1, 2, 3], "b": [1, 3]}


def test_numbers_are_rounded_up_to_multiples_or_the_group_stays_whole():
    for units, share, step, least, expected in [
        (20, 0.35, 8, 1, 16),  # 13 would stay
        (20, 0.15, 8, 1, 20),  # 17 would
        (20, 0.95, 8, 1, 8),
        (64, 0.5, 8, 1, 32),
        (5, 0.5, 8, 1, 5),
        (20, 0.95, 8, 9, 16),
        (20, 0.95, 1, 9, 9),
        (20, 0.0, 8, 1, 20),
    ]:
        for scope in ("layer", "global"):
            scores = np.random.default_rng(units).permutation(units).astype(float)
            masks = pw.unit_masks({"a": scores}, share, scope, step, least)
            assert kept(masks)["a"] == np.flatnonzero(scores >= units - expected).tolist()
            assert masks.sparsity <= share and masks.threshold is None


def test_what_is_no_choice_of_units_is_refused():
    for given, message in [
        ({"scope": "erk"}, "scope 'erk' is not known for units; choose 'layer' or 'global'"),
        ({"round_to": 0}, "round_to is 0; it has to be a whole number, 1 or more"),
        ({"round_to": 2.5}, "round_to is 2.5"),
        ({"min_units": 0}, "min_units is 0"),
        ({"sparsity": 1.5}, "sparsity 1.5 is not between 0 and 1"),
        ({"sparsity": {"c": 0.5}}, "sparsity has an entry for 'c'.*there are: a, b"),
        ({"scores": {"a": np.ones((2, 2))}}, r"'a' have shape \(2, 2\); units have one score each"),
        ({"scores": {"a": np.array([1.0, np.nan])}}, "NaN"),
    ]:
        with pytest.raises(ValueError, match=message):
            pw.unit_masks(**{"scores": SCORES, "sparsity": 0.5} | given)
