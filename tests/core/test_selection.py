"""The search for the k-th score by a sample, against a stable sort of everything."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prunewidgets.core import selection


def by_sorting(scores, removed):
    """The oracle: the first `removed` places of a stable sort go."""
    together = np.concatenate([array.ravel() for array in scores.values()])
    kept = np.ones(together.size, bool)
    kept[np.argsort(together, kind="stable")[:removed]] = False
    return kept


def check(scores, removed):
    kept, threshold = selection.keep_largest(scores, removed)
    together = np.concatenate([array.ravel() for array in scores.values()])
    assert np.array_equal(
        np.concatenate([mask.ravel() for mask in kept.values()]), by_sorting(scores, removed)
    )
    if removed < together.size:
        assert threshold == np.sort(together)[removed]


@pytest.fixture
def small_sample(monkeypatch):
    monkeypatch.setattr(selection, "_MANY", 50)


@given(seed=st.integers(0, 1000), places=st.integers(1, 40), share=st.floats(0, 1))
def test_sampled_selection_equals_a_stable_sort(seed, places, share):
    """Few decimals make many ties; the sample is a small part of all scores."""
    rng = np.random.default_rng(seed)
    scores = {
        "a": np.abs(rng.normal(size=(37, 41))).astype(np.float32).round(places % 5),
        "b": rng.random((3, 5, 7)),
        "c": np.asfortranarray(rng.normal(size=(70, 30)).round(1)),
    }
    total = sum(array.size for array in scores.values())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "_MANY", 50 * places)
        check(scores, round(share * total))


@pytest.mark.parametrize("removed", [0, 1, 2500, 4999, 5000, 9000, 9999])
def test_a_misleading_sample_does_not_change_the_result(small_sample, removed):
    """Every place that the sample looks at holds a tiny score, all others large ones."""
    scores = np.random.default_rng(0).random(10_000).astype(np.float32) + 1
    scores[:: selection.stride(scores.size)] *= 1e-6
    check({"weights": scores}, removed)


@pytest.mark.parametrize("removed", [1, 500, 999])
def test_equal_scores_are_removed_in_order(small_sample, removed):
    check({"a": np.full((20, 20), 0.5, np.float32), "b": np.full(600, 0.5, np.float32)}, removed)


def test_only_scores_near_the_cut_are_copied(monkeypatch):
    scores = np.random.default_rng(0).random(1_000_000).astype(np.float32)
    copied = []
    concatenate = np.concatenate
    monkeypatch.setattr(np, "concatenate", lambda *a, **k: copied.append(concatenate(*a, **k)) or copied[-1])
    selection.keep_largest({"weights": scores}, 900_000)
    assert sum(array.size for array in copied) < 300_000
