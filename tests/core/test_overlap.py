"""Two masks in common, against sets and against draws at random."""

import numpy as np
import pytest

import prunewidgets as pw

RNG = np.random.default_rng(0)
FIRST = {"a": RNG.random((6, 5)) < 0.8, "b": RNG.random(40) < 0.2}
SECOND = {"a": RNG.random((6, 5)) < 0.6, "b": RNG.random(40) < 0.3}


def places(masks):
    """The kept weights as a set."""
    return {(name, int(k)) for name, mask in masks.items() for k in np.flatnonzero(mask)}


def test_the_numbers_are_those_of_sets():
    found = pw.mask_overlap(FIRST, pw.Masks(SECOND))
    first, second = places(FIRST), places(SECOND)
    assert found.both == len(first & second)
    assert (found.first, found.second) == (len(first - second), len(second - first))
    assert found.neither == 70 - len(first | second)
    assert found.share == len(first & second) / len(first)


def test_chance_is_what_shuffling_each_layer_gives():
    found = pw.mask_overlap(FIRST, SECOND)
    draws = []
    for _ in range(4000):
        shuffled = {name: RNG.permutation(mask.ravel()).reshape(mask.shape) for name, mask in FIRST.items()}
        draws.append(sum(int(np.sum(shuffled[name] & SECOND[name])) for name in FIRST))
    assert found.by_chance == pytest.approx(np.mean(draws), abs=5 * np.std(draws) / 4000**0.5)
    assert found.deviation == pytest.approx(np.std(draws), rel=0.07)
    assert found.share_by_chance == found.by_chance / (found.both + found.first)


def test_a_whole_layer_has_no_choice_and_an_empty_mask_no_share():
    whole, half = np.ones(8, bool), np.arange(8) < 4
    found = pw.mask_overlap(whole, half)
    assert (found.both, found.by_chance, found.deviation) == (4, 4, 0)
    one_of_two = pw.mask_overlap(np.array([True, False]), np.array([False, True]))  # heads or tails
    assert (one_of_two.by_chance, one_of_two.deviation) == (0.5, 0.5)
    nothing = pw.mask_overlap(~whole, half)
    assert np.isnan(nothing.share) and np.isnan(nothing.share_by_chance)
    assert pw.mask_overlap(np.ones(1, bool), np.ones(1, bool)).deviation == 0
    assert pw.mask_overlap(np.ones(0, bool), np.ones(0, bool)).both == 0


def test_large_layers_do_not_overflow():
    """n² (n − 1) of ten million is beyond 64 bits."""
    kept = np.zeros(10_000_000, bool)
    kept[::2] = True
    found = pw.mask_overlap(kept, kept)
    assert found.by_chance == 2_500_000
    assert found.deviation == pytest.approx(10_000_000**0.5 / 4, rel=1e-6)


@pytest.mark.parametrize(
    ("second", "error", "says"),
    [
        ({"a": np.ones((6, 5), bool)}, ValueError, "only one of the two masks has"),
        ({"a": np.ones((5, 6), bool), "b": np.ones(40, bool)}, ValueError, "shape"),
        ({"a": np.ones((6, 5)), "b": np.ones(40)}, TypeError, "masks are boolean"),
    ],
    ids=["names", "shapes", "numbers"],
)
def test_masks_of_other_weights_are_refused(second, error, says):
    with pytest.raises(error, match=says):
        pw.mask_overlap(FIRST, second)
