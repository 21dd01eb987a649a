"""A threshold in few digits removes exactly the same weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prunewidgets.core.thresholds import count_below, nearest_threshold, short_threshold, sorted_scores


def test_short_threshold_of_a_score_that_needs_many_digits():
    ordered = sorted_scores(np.array([0.04, 0.0415, 0.04199321, 0.05], np.float32))
    assert short_threshold(ordered, float(ordered[2])) == 0.0419


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(data=st.data())
def test_short_threshold_removes_the_same(dtype, data):
    bits = 32 if dtype is np.float32 else 64
    values = st.floats(0, 2.0**100, width=bits, allow_subnormal=True)
    ordered = sorted_scores(np.array(data.draw(st.lists(values, min_size=1, max_size=30)), dtype))
    removed = data.draw(st.integers(0, ordered.size))
    exact = nearest_threshold(ordered, removed)
    assert count_below(ordered, short_threshold(ordered, exact)) == count_below(ordered, exact)


@pytest.mark.parametrize(("scores", "left_end"), [([0.3, 0.0042, 0.7], 0.0), ([0.2, -0.0042, 0.1], -0.0042)])
def test_removing_nothing_is_the_left_end_of_the_slider(scores, left_end):
    ordered = sorted_scores(np.array(scores))
    assert short_threshold(ordered, float(ordered[0])) == left_end
