from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from prunewidgets.models.planning.knapsack import Knapsack, solve


@st.composite
def tables(draw):
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    damages = [np.array([draw(st.integers(-3, 9)) for _ in range(n)], float) for n in sizes]
    prices = [np.array([draw(st.integers(0, 7)) for _ in range(n)]) for n in sizes]
    return damages, prices, draw(st.integers(0, 20))


def total(arrays, levels):
    return sum(array[level] for array, level in zip(arrays, levels, strict=True))


@given(tables())
@settings(max_examples=150, deadline=None)
def test_it_is_as_good_as_trying_everything(given_tables):
    damages, prices, limit = given_tables
    every = product(*(range(len(damage)) for damage in damages))
    within = [total(damages, levels) for levels in every if total(prices, levels) <= limit]
    sack = Knapsack(damages, prices, limit)
    choice = sack.choice(limit)
    if not within:
        assert choice is None
        return
    assert total(prices, choice) <= limit
    assert total(damages, choice) == sack.best[limit] == min(within)


@given(tables(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_cost_that_is_a_sum_is_solved_exactly(given_tables, dear):
    damages, _, limit = given_tables
    names = [f"layer {number}" for number in range(len(damages))]
    options = {n: np.arange(1, len(d) + 1)[::-1] for n, d in zip(names, damages, strict=True)}
    losses = dict(zip(names, damages, strict=True))
    each = {name: 1 + number for number, name in enumerate(names)}

    def cost(kept):
        return sum(each[name] * number for name, number in kept.items()) + 100 * dear

    choices = [dict(zip(names, kept, strict=True)) for kept in product(*options.values())]
    damage = {
        cost(kept): min(
            sum(losses[n][list(options[n]).index(k)] for n, k in one.items())
            for one in choices
            if cost(one) <= cost(kept)
        )
        for kept in choices
    }
    budget = limit + 100 * dear
    start = dict.fromkeys(names, 1)
    found = solve(options, losses, cost, budget, start, additive=True)
    best = min((damage[price] for price in damage if price <= budget), default=None)
    if best is None:
        assert found is None
        return
    assert cost(found) <= budget
    assert sum(losses[n][list(options[n]).index(k)] for n, k in found.items()) == best


def test_a_cost_that_is_a_product_stays_within_the_budget():
    options = {"first": np.arange(1, 9)[::-1], "second": np.arange(1, 9)[::-1]}
    damages = {"first": 8.0 - options["first"], "second": (8.0 - options["second"]) / 2}

    def cost(kept):
        return kept["first"] * kept["second"]

    found = solve(options, damages, cost, 20, {"first": 4, "second": 4}, additive=False)
    every = product(range(1, 9), range(1, 9))
    least = min(8 - a + (8 - b) / 2 for a, b in every if a * b <= 20)
    assert cost(found) <= 20
    assert 8 - found["first"] + (8 - found["second"]) / 2 <= least + 0.5
