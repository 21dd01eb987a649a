"""Schedules against hand-worked values, and what holds for every one of them."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prunewidgets.core.schedules import SCHEDULES, constant, iterative, one_shot, polynomial, rounds_to


def test_cubic_follows_the_equation():
    """Zhu and Gupta 2017, equation 1, worked by hand for s_f = 0.9, t_0 = 100, nΔt = 900."""
    cubic = partial(polynomial, final=0.9, begin=100, end=1000)
    assert [cubic(step) for step in (0, 99, 100, 1000, 5000)] == [0, 0, 0, 0.9, 0.9]
    assert cubic(550) == pytest.approx(0.9 - 0.9 / 8)
    assert cubic(400) == pytest.approx(0.9 * (1 - 8 / 27))
    assert polynomial(400, 0.9, 100, 1000, initial=0.3) == pytest.approx(0.9 - 0.6 * 8 / 27)
    assert polynomial(400, 0.9, 100, 1000, power=1) == pytest.approx(0.3)


def test_rounds_take_a_fifth_of_the_survivors():
    """Four rounds to 0.5904 = 1 - 0.8⁴, at steps 0, 100, 200 and 300."""
    rounds = partial(iterative, final=0.5904, begin=0, end=300)
    assert rounds_to(0.5904) == 4
    expected = {0: 0.2, 99: 0.2, 100: 0.36, 199: 0.36, 200: 0.488, 299: 0.488, 300: 0.5904, 301: 0.5904}
    assert {step: rounds(step) for step in expected} == pytest.approx(expected)
    assert rounds_to(0.36) == 2  # although 1 - 0.8² is not 0.36 in floating point
    assert (rounds_to(0.1), rounds_to(0.0), rounds_to(0.9)) == (1, 1, 11)
    assert rounds_to(0.5, 1e-17) > 1e16


def test_the_last_round_reaches_the_final_sparsity():
    assert iterative(150, final=0.5, begin=0, end=300) == pytest.approx(0.36)
    assert iterative(300, final=0.5, begin=0, end=300) == 0.5
    assert [iterative(step, 0.1, 5, 10) for step in (4, 5, 9, 10)] == [0, 0, 0, 0.1]


def test_steps():
    assert [one_shot(step, 0.7, at=10) for step in (0, 9, 10, 11)] == [0, 0, 0.7, 0.7]
    assert constant(0, 0.7) == constant(10**6, 0.7) == 0.7


@given(
    name=st.sampled_from(["iterative", "polynomial"]),
    final=st.floats(0, 0.999),
    begin=st.integers(0, 1000),
    length=st.integers(0, 1000),
    step=st.integers(0, 3000),
)
def test_never_falls_and_ends_exactly(name, final, begin, length, step):
    schedule = partial(SCHEDULES[name], final=final, begin=begin, end=begin + length)
    assert 0 <= schedule(step) <= schedule(step + 1) <= final
    assert schedule(begin + length) == final
    assert begin == 0 or schedule(begin - 1) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: polynomial(0, 1.2, 0, 10), "1.2"),
        (lambda: polynomial(0, 0.9, 20, 10), "begin is 20 and end is 10"),
        (lambda: polynomial(0, 0.5, 0, 10, initial=0.6), "initial is 0.6, above"),
        (lambda: polynomial(0, 0.5, 0, 10, power=0), "power is 0"),
        (lambda: iterative(0, 1.0, 0, 10), "never removes all"),
        (lambda: iterative(0, 0.5, 0, 10, share=1), "share is 1"),
        (lambda: one_shot(0, 0.5, at=-1), "begin is -1"),
        (lambda: constant(0, float("nan")), "nan"),
    ],
)
def test_invalid_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
