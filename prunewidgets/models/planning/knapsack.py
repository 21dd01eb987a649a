"""The knapsack: one level for each layer, least damage in all, within a limit on the sum of the prices."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

Kept = dict[str, int]
"""{name of a layer or group: how many of its weights or units stay}."""

BINS = 4_000
"""Steps from the cheapest choice to the limit in `solve`; prices are rounded to them."""


class Knapsack:
    """The best choices for every limit at once, by dynamic programming.

    After the first i layers, ``best[c]`` is the least damage with prices of c in all, at most. Adding a layer
    takes, for each c, the least over its levels of ``best[c - price] + damage``.

    Args:
        damages: One array per layer: the damage of each of its levels.
        prices: One array per layer: the whole-number price of each of its levels, 0 or more.
        limit: The largest sum of prices.

    Example:
        >>> from prunewidgets.models.planning.knapsack import Knapsack
        >>> damages, prices = [np.array([0.0, 3.0]), np.array([0.0, 1.0])], [np.array([5, 1])] * 2
        >>> sack = Knapsack(damages, prices, 10)
        >>> sack.choice(10), sack.choice(7), sack.choice(2)  # the second layer gives up first
        ([0, 0], [0, 1], [1, 1])
    """

    def __init__(self, damages: Sequence[np.ndarray], prices: Sequence[np.ndarray], limit: int) -> None:
        """Fill the tables, one layer after another."""
        self._prices = [np.asarray(price, np.int64) for price in prices]
        self._levels: list[np.ndarray] = []
        best = np.zeros(limit + 1)
        for damage, price in zip(damages, self._prices, strict=True):
            after = np.full((len(price), limit + 1), np.inf)
            for level, one in enumerate(price.tolist()):
                if one <= limit:
                    after[level, one:] = best[: limit + 1 - one] + damage[level]
            self._levels.append(after.argmin(axis=0))
            best = after.min(axis=0)
        self.best = best

    def choice(self, limit: int) -> list[int] | None:
        """Return the index of the level of each layer; None if even the cheapest are beyond this limit."""
        if not np.isfinite(self.best[limit]):
            return None
        levels: list[int] = []
        for choice, price in zip(reversed(self._levels), reversed(self._prices), strict=True):
            levels.append(int(choice[limit]))
            limit -= int(price[levels[-1]])
        return levels[::-1]


def solve(
    options: Mapping[str, np.ndarray],
    damages: Mapping[str, np.ndarray],
    cost: Callable[[Kept], float],
    budget: float,
    start: Kept,
    additive: bool,
) -> Kept | None:
    """Return the choice with the least sum of damages whose cost is within the budget, or None.

    Where the cost is no sum over the layers (a smaller layer makes the next one cheaper too), the price of a
    level is what it changes while the others stay at the present solution; this is repeated from the
    solution found, and the best of them is returned.

    Args:
        options: {name: how many weights or units may stay}.
        damages: {name: the damage of each option}.
        cost: The exact cost of a choice.
        budget: The largest cost.
        start: Where the others stay at first.
        additive: Whether the cost is a sum over the layers; then once is enough.
    """
    names, found, least = list(options), None, np.inf
    for _ in range(1 if additive else 6):
        now = cost(start)
        extra = {n: np.array([cost(start | {n: int(k)}) for k in options[n]]) - now for n in names}
        cheapest = sum(float(e.min()) for e in extra.values())
        slack = (budget - now - cheapest) * (1 if additive else 2)
        reach = sum(float(e.max()) for e in extra.values()) - cheapest
        unit = max(min(slack, reach), 0) / BINS or 1.0
        prices = [np.rint((extra[n] - extra[n].min()) / unit).astype(np.int64) for n in names]
        sack = Knapsack([damages[n] for n in names], prices, BINS)
        choice = _within(sack, lambda levels: _kept(names, options, levels), cost, budget)
        if choice is None:
            break
        total = sum(float(damages[n][level]) for n, level in zip(names, choice, strict=True))
        kept = _kept(names, options, choice)
        if total < least:
            found, least = kept, total
        if kept == start:
            break
        start = kept
    return found


def _kept(names: list[str], options: Mapping[str, np.ndarray], levels: list[int]) -> Kept:
    return {n: int(options[n][level]) for n, level in zip(names, levels, strict=True)}


def _within(
    sack: Knapsack, kept: Callable[[list[int]], Kept], cost: Callable[[Kept], float], budget: float
) -> list[int] | None:
    """Return the choice for the largest limit at which the exact cost is within the budget."""
    low, high, found = 0, BINS, None
    while low <= high:
        middle = (low + high) // 2
        choice = sack.choice(middle)
        if choice is None or cost(kept(choice)) <= budget:
            low = middle + 1
            found = choice or found
        else:
            high = middle - 1
    return found
