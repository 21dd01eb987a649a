import numpy as np
import pytest

import prunewidgets as pw


def by_hand(before, after, n):
    """One vector after the other, by sorting cosines."""
    found = []
    for place in range(len(before)):
        near = []
        for vectors in (before, after):
            own = vectors[place]
            cosines = vectors @ own / np.linalg.norm(vectors, axis=1) / np.linalg.norm(own)
            order = [int(k) for k in np.argsort(-cosines) if k != place]
            near.append(set(order[:n]))
        found.append(len(near[0] & near[1]) / n)
    return np.mean(found)


@pytest.mark.parametrize("n", [1, 3, 11])
def test_the_share_is_that_counted_by_hand(n):
    rng = np.random.default_rng(n)
    before = rng.normal(size=(12, 5))
    after = before + rng.normal(size=(12, 5))
    assert pw.neighbors_kept(before, after, n) == pytest.approx(by_hand(before, after, n))


def test_lengths_and_turns_change_no_neighbours_and_widths_may_differ():
    rng = np.random.default_rng(0)
    before = rng.normal(size=(20, 4))
    turn, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    wide = np.hstack([before @ turn * rng.uniform(1, 9, (20, 1)), np.zeros((20, 3))])
    assert pw.neighbors_kept(before, wide, 5) == 1


def test_vectors_of_zeros_are_neighbours_of_the_earliest():
    assert pw.neighbors_kept(np.zeros((4, 2)), np.zeros((4, 2)), 2) == 1


@pytest.mark.parametrize(
    ("before", "after", "n", "says"),
    [
        (np.ones((4, 2)), np.ones((3, 2)), 1, "same examples"),
        (np.ones((4, 2)), np.ones((4, 2)), 4, "from 1 to 3"),
        (np.ones((4, 2)), np.ones((4, 2)), 0, "from 1 to 3"),
        (np.ones(4), np.ones(4), 1, "before has to be a table"),
        (np.ones((4, 2)), np.full((4, 2), np.nan), 1, "after has to be a table"),
    ],
)
def test_what_cannot_be_compared_is_refused(before, after, n, says):
    with pytest.raises(ValueError, match=says):
        pw.neighbors_kept(before, after, n)
