"""One exchange of kept weights for removed ones, against loops."""

import numpy as np
import pytest

from prunewidgets.core.exchange import exchanged
from prunewidgets.core.layouts import KERAS, Layout
from prunewidgets.core.patterns import group_places, n_of_m


def test_by_hand():
    #                  group 0            group 1           a rest of one
    kept = np.bool_([[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0]])
    size = np.float32([[4, 1, 0, 0], [2, 0, 3, 0], [9, 0, 0, 0]])
    wanted = np.float32([[0, 5, 1, 2], [7, 8, 0, 1], [1, 2, 3, 4]])
    group = np.repeat(np.arange(3), 4).reshape(3, 4)
    # Two of the five leave: those of size 1 and 2. In the first group the one that left has the highest
    # gradient and comes back; in the second another one does.
    after = exchanged(kept, size, wanted, 0.4, group)
    assert after.astype(int).tolist() == [[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 0, 0]]
    everywhere = exchanged(kept, size, wanted, 0.4)  # the two highest of all come back
    assert everywhere.astype(int).tolist() == [[1, 0, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0]]


def slow(kept, size, wanted, share, group):
    kept = kept.copy()
    number, places = round(share * kept.sum()), list(np.ndindex(kept.shape))
    removed = {g: sum(group[p] == g and not kept[p] for p in places) for g in set(group.flat)}
    left = dict.fromkeys(removed, 0)
    for place in sorted((p for p in places if kept[p]), key=lambda p: size[p]):
        if sum(left.values()) < number and left[group[place]] < removed[group[place]]:
            left[group[place]] += 1
            kept[place] = False
    for one, how_many in left.items():
        free = [p for p in places if group[p] == one and not kept[p]]
        for place in sorted(free, key=lambda p: -wanted[p])[:how_many]:
            kept[place] = True
    return kept


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_equals_a_loop(seed, share):
    rng = np.random.default_rng(seed)
    shape = (11, 7)
    kept, group = rng.random(shape) < 0.6, rng.integers(0, 12, shape)
    size, wanted = rng.integers(0, 5, shape).astype(float), rng.integers(0, 5, shape)  # many ties
    after = exchanged(kept, size, wanted, share, group)
    np.testing.assert_array_equal(after, slow(kept, size, wanted, share, group))
    assert np.array_equal(np.bincount(group[after], minlength=12), np.bincount(group[kept], minlength=12))
    one = np.zeros(shape, int)
    np.testing.assert_array_equal(exchanged(kept, size, wanted, share), slow(kept, size, wanted, share, one))


@pytest.mark.parametrize("kept", [np.zeros((0, 3), bool), np.zeros((2, 3), bool), np.ones((2, 3), bool)])
def test_nothing_to_exchange(kept):
    size = np.ones(kept.shape)
    np.testing.assert_array_equal(exchanged(kept, size, size, 1.0), kept)


@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        ((7, 5), KERAS),
        ((3, 2, 8, 5), KERAS),
        ((3, 6, 5), Layout((-3, -2), (-1,))),
        ((9, 2), Layout((-1,), (-2,))),
    ],
    ids=["ragged", "convolution", "einsum", "transposed"],
)
def test_groups_are_those_of_the_masks(shape, layout):
    scores = {"w": np.random.default_rng(0).random(shape)}
    mask = n_of_m(scores, 2, 4, {"w": layout})["w"].ravel()
    whole, rest = group_places(shape, layout, 4)
    assert whole.shape[1] == 4 and (mask[whole].sum(axis=1) == 2).all()
    assert (mask[rest].sum(axis=1) == -(-rest.shape[1] // 2)).all()
    assert sorted([*whole.flat, *rest.flat]) == list(range(mask.size))
