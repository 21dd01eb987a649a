import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

import prunewidgets as pw
from prunewidgets.core.paired import Paired, exact_p

answers = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60)
counts = st.integers(0, 400)


@pytest.mark.parametrize(
    ("lost", "won", "p"),
    [
        (0, 0, 1),
        (1, 0, 1),  # heads or tails: either is as uneven
        (2, 0, 1 / 2),  # 2 of 4
        (3, 0, 1 / 4),  # 2 of 8
        (3, 1, 10 / 16),  # (1 + 4) at each end
        (5, 1, 14 / 64),  # (1 + 6) at each end
        (6, 2, 74 / 256),  # (1 + 8 + 28) at each end
        (4, 4, 1),
        (34, 16, 0.015346),  # the digits that small_cnn loses and wins with half of its weights
    ],
)
def test_p_by_hand(lost, won, p):
    assert exact_p(lost, won) == pytest.approx(p, rel=1e-4)
    assert exact_p(won, lost) == exact_p(lost, won)


@pytest.mark.parametrize("differ", range(11))
def test_p_by_counting_every_outcome(differ):
    losses = [sum(outcome) for outcome in itertools.product([0, 1], repeat=differ)]
    for lost in range(differ + 1):
        least = abs(2 * lost - differ)
        uneven = sum(abs(2 * each - differ) >= least for each in losses)
        assert exact_p(lost, differ - lost) == pytest.approx(uneven / 2**differ, rel=1e-12)


@given(counts, counts)
def test_p_is_that_of_scipy(lost, won):
    truth = binomtest(lost, lost + won).pvalue if lost + won else 1.0
    assert exact_p(lost, won) == pytest.approx(truth, rel=1e-9)


def test_large_numbers_neither_overflow_nor_lose_digits():
    lost, won = 15_300, 14_700
    tail = sum(itertools.accumulate(range(won), lambda term, i: term * (30_000 - i) // (i + 1), initial=1))
    assert exact_p(lost, won) == pytest.approx(tail / 2**29_999, rel=1e-11)  # whole numbers, exact
    assert binomtest(498_000, 1_000_000).pvalue == pytest.approx(exact_p(498_000, 502_000), rel=1e-7)
    assert 0 < exact_p(100_000, 0) < 1e-300
    with np.errstate(all="raise"):
        assert 0 < exact_p(3_000, 10) < 1e-300


def test_lost_and_won_are_counted_by_example():
    right = np.array([1, 1, 1, 0, 0, 1], bool)
    then = np.array([1, 0, 0, 1, 0, 0], bool)
    assert pw.paired(right, then) == Paired(lost=3, won=1, n=6, p_value=0.625)


def test_classes_and_labels_are_the_same_as_right_and_wrong():
    labels, a, b = [7, 2, 1, 0], np.array([7, 2, 8, 6]), np.array([7, 3, 1, 1], np.uint8)
    assert pw.paired(a, b, labels) == pw.paired(a == labels, b == labels) == Paired(1, 1, 4, 1.0)
    assert pw.paired(["cat", "dog"], ["cat", "cat"], ["cat", "dog"]) == Paired(1, 0, 2, 1.0)
    assert pw.paired([True, False], [True, True], [False, False]).lost == 1  # booleans may be classes
    assert pw.paired([1.0, 2.0], [1.0, 3.0], [1, 3]).won == 1


@given(answers)
def test_swapping_the_two_swaps_lost_and_won(pairs):
    a, b = (np.array([pair[i] for pair in pairs], bool) for i in (0, 1))
    there, back = pw.paired(a, b), pw.paired(b, a)
    assert (there.lost, there.won, there.p_value) == (back.won, back.lost, back.p_value)
    assert 0 < there.p_value <= 1
    assert there.lost + there.won == sum(one != other for one, other in pairs) <= there.n == len(pairs)
    assert there.won - there.lost == sum(b) - sum(a)


@given(st.integers(0, 200), st.integers(1, 200))
def test_p_falls_as_the_split_gets_more_uneven(more, fewer):
    more += fewer
    assert exact_p(more + 1, fewer - 1) < exact_p(more, fewer) or more == fewer


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (Paired(34, 16, 10_000, 0.01535), "34 of 10,000 lost, 16 won: 18 fewer right; exact p = 0.015"),
        (Paired(30, 11, 100, 0.0043), "30 of 100 lost, 11 won: 19 fewer right; exact p = 0.0043"),
        (Paired(2, 1_500, 10_000, 1e-200), "2 of 10,000 lost, 1,500 won: 1,498 more right; exact p < 0.0001"),
        (Paired(5, 5, 20, 1.0), "5 of 20 lost, 5 won: as many right; exact p = 1"),
    ],
)
def test_it_says_what_was_found_in_a_sentence(found, says):
    assert str(found) == repr(found) == says


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (([True], [True, False]), r"a has 1, b has 2\.$"),
        (([1, 2], [1, 2], [1, 2, 3]), r"b has 2, labels has 3\.$"),
        (([[0.1, 0.9]], [1], [1]), r"a has shape \(1, 2\), .*argmax"),
        (([1], [1], np.eye(1)), r"labels has shape \(1, 1\)"),
        (([1, 2], [1, 3]), r"hold numbers, not True or False: .* as labels\.$"),
        (([True, False], [1, 3]), "a holds booleans, b holds numbers"),
        (([True, False], [True, True], [7, 1]), "labels holds numbers: .* no labels"),
        (([1, 2], [1, 2], ["one", "two"]), "labels holds text"),
        (([0.9, 0.2], [1, 0], [1, 0]), "a holds 0.9, which is no class"),
        (([1, 0], [1, math.nan], [1, 0]), "b holds nan, which is no class"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_sentence(given, says):
    with pytest.raises(ValueError, match=says) as refused:
        pw.paired(*given)
    assert "\n" not in str(refused.value)


def test_it_cannot_be_changed():
    with pytest.raises(AttributeError):
        pw.paired([True], [False]).lost = 0
