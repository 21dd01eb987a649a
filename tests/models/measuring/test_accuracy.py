import copy
import pickle

import pytest

from prunewidgets.models import Accuracy


def test_accuracy_is_the_quotient_and_keeps_its_counts():
    accuracy = Accuracy(987, 1000)
    assert accuracy == 0.987
    assert (accuracy.correct, accuracy.n) == (987, 1000)


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    [
        # Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_interval_equals_published_values(correct, n, low, high):
    assert Accuracy(correct, n).interval == pytest.approx((low, high), abs=5e-5)


def test_interval_ends_exactly_at_0_and_1():
    assert Accuracy(0, 7).interval[0] == 0.0
    assert Accuracy(7, 7).interval[1] == 1.0


def test_repr_says_per_cent_interval_and_count():
    assert repr(Accuracy(9871, 10_000)) == "98.71 % (98.47–98.91 %, 10,000 examples)"
    assert str(Accuracy(1, 1)).endswith("1 example)")


def test_copies_keep_the_counts():
    accuracy = Accuracy(3, 4)
    for other in (copy.deepcopy(accuracy), pickle.loads(pickle.dumps(accuracy))):
        assert (other, other.correct, other.n) == (0.75, 3, 4)


@pytest.mark.parametrize(("correct", "n"), [(5, 4), (-1, 4), (0, 0)])
def test_impossible_counts_are_refused(correct, n):
    with pytest.raises(ValueError, match=f"{correct} correct answers of {n}"):
        Accuracy(correct, n)
