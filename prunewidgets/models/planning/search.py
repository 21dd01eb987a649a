"""Search: measure what each layer gives up, solve the knapsack, then refine around its solution."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..data.batch import Batch
from ..measuring.accuracy import Accuracy
from .examples import Judge
from .knapsack import Kept, solve
from .parts import Parts

DENSITIES = (0.8, 0.6, 0.45, 0.35, 0.25, 0.18, 0.12, 0.08, 0.05, 0.03, 0.015, 0.006)
"""Shares of each layer at which its damage is measured alone; between them it is interpolated."""
_FINE = 96
_RADIUS = 2.0
_FINEST = 1.03
Row = dict[str, Any]


class Measurements:
    """What one model is worth on one set of examples; each choice is measured once."""

    def __init__(self, parts: Parts, judge: Judge, data: Batch) -> None:
        """Prepare the examples."""
        self.parts, self.judge, self._data = parts, judge, data
        self._x = parts.live.prepare(data.x)
        self._known: dict[tuple[int, ...], Accuracy | float] = {}

    @property
    def count(self) -> int:
        """How many choices of the whole model were measured."""
        return len(self._known)

    def __call__(self, kept: Kept) -> float:
        """Return how good the whole model is with this many kept of each: the higher, the better."""
        return self.judge.score(self.value(kept))

    def value(self, kept: Kept) -> Accuracy | float:
        """Measure the whole model with this many kept of each."""
        key = tuple(kept[name] for name in self.parts.sizes)
        if key not in self._known:
            self._known[key] = self._of(kept, self._x)
        return self._known[key]

    def _of(self, kept: Kept, prepared: Any) -> Accuracy | float:
        return self.judge.value(self.parts.live, prepared, self._data, self.parts.weight_masks(kept))

    def rows(self, done: int = 0) -> Iterator[Row]:
        """Yield the table, after the rows done: one layer at each level, the others whole."""
        prepared, whole = self._x, self.value(self.parts.sizes)
        for name, size in self.parts.sizes.items():
            if self.parts.additive:  # single weights of this layer alone change
                prepared = self.parts.live.prepare_before(name, self._x, prepared)
            for kept in levels(size):
                if done > 0:
                    done -= 1
                    continue
                found = whole if kept == size else self._of({name: kept}, prepared)
                yield {
                    "layer": name,
                    "kept": kept,
                    "size": size,
                    "sparsity": 1 - kept / size,
                    self.judge.name: float(found),
                    "damage": self.judge.score(whole) - self.judge.score(found),
                }


def levels(size: int) -> list[int]:
    """Return how many of a layer stay at each level, from all to few."""
    return sorted({size, *(max(1, round(d * size)) for d in DENSITIES)}, reverse=True)


class Tables:
    """The measured damage of each layer at each level, and between them."""

    def __init__(self, rows: list[Row]) -> None:
        """Sort the rows by layer."""
        self.options: dict[str, np.ndarray] = {}
        self.damages: dict[str, np.ndarray] = {}
        self._points: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for name in dict.fromkeys(row["layer"] for row in rows):
            own = sorted((row["kept"], row["damage"]) for row in rows if row["layer"] == name)
            kept = np.array([k for k, _ in own])
            # Fewer weights that seem to do less damage are noise: the worst of what keeps as much or more.
            damage = np.maximum.accumulate([max(0.0, d) for _, d in own][::-1])[::-1]
            self._points[name] = np.log(kept), np.asarray(damage)
            self.options[name] = between(int(kept[0]), int(kept[-1]))
            self.damages[name] = self.damage(name, self.options[name])

    def damage(self, name: str, kept: Any) -> Any:
        """Return the damage of one layer alone, interpolated over the logarithm of what stays."""
        return np.interp(np.log(kept), *self._points[name])

    def total(self, kept: Kept) -> float:
        """Return the sum of the damages of all layers."""
        return float(sum(self.damage(name, number) for name, number in kept.items()))


def between(low: int, high: int) -> np.ndarray:
    """Return whole numbers from high to low, evenly spaced on a logarithmic scale."""
    return np.unique(np.rint(np.geomspace(low, high, _FINE)).astype(int))[::-1]


def fitted(kept: Kept, sizes: Kept, cost: Callable[[Kept], float], budget: float) -> Kept | None:
    """Scale a choice until its cost just meets the budget; None if one of each is too much."""
    shares = {name: max(number, 1) / sizes[name] for name, number in kept.items()}

    def scaled(factor: float) -> Kept:
        return {n: min(sizes[n], max(1, int(factor * share * sizes[n]))) for n, share in shares.items()}

    low, high = 0.0, 1 / min(shares.values())
    if cost(scaled(high)) <= budget:
        return scaled(high)
    if cost(scaled(low)) > budget:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if cost(scaled(middle)) <= budget else (low, middle)
    found = scaled(low)
    for name in sizes:  # rounding down leaves a little
        more = found | {name: min(sizes[name], found[name] + 1)}
        found = more if cost(more) <= budget else found
    return found


def starts(parts: Parts, tables: Tables, cost: Callable[[Kept], float], budget: float) -> dict[str, Kept]:
    """Return the knapsack's solution and simple rules, each fitted to the budget."""
    shares = {name: shape(_density(shape, cost, budget)) for name, shape in parts.shapes.items()}
    start = fitted(shares["uniform"], parts.sizes, cost, budget)
    if start is None:
        return {}
    found = solve(tables.options, tables.damages, cost, budget, start, parts.additive)
    chosen = ({"knapsack": found} if found else {}) | shares
    fits = {name: fitted(kept, parts.sizes, cost, budget) for name, kept in chosen.items()}
    return {name: kept for name, kept in fits.items() if kept is not None}


def _density(shape: Callable[[float], Kept], cost: Callable[[Kept], float], budget: float) -> float:
    low, high = 0.0, 1.0
    if cost(shape(1.0)) <= budget:
        return 1.0
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if cost(shape(middle)) <= budget else (low, middle)
    return low


def refined(
    measure: Measurements, kept: Kept, cost: Callable[[Kept], float], budget: float, rounds: int
) -> Iterator[Kept]:
    """Yield the best choice after each round: measure around it, solve the knapsack there, measure that.

    Each layer is moved alone from the present choice, with all others pruned as they are. The steps get
    smaller when nothing better is found.
    """
    parts, best, radius = measure.parts, measure(kept), _RADIUS
    for _ in range(rounds):
        options: dict[str, np.ndarray] = {}
        damages: dict[str, np.ndarray] = {}
        for name, number in kept.items():
            steps = number * radius ** np.array([-1, -0.5, 0, 0.5, 1])
            near = np.unique(np.clip(np.rint(steps), 1, parts.sizes[name]).astype(int))
            lost = [best - measure(kept | {name: int(k)}) for k in near]
            options[name] = between(int(near[0]), int(near[-1]))
            damages[name] = np.interp(np.log(options[name]), np.log(near), lost)
        found = solve(options, damages, cost, budget, kept, parts.additive)
        tried = [] if found is None else [found, {n: round((k * found[n]) ** 0.5) for n, k in kept.items()}]
        fits = [fit for one in tried if (fit := fitted(one, parts.sizes, cost, budget)) is not None]
        better = max(fits, key=measure, default=kept)
        if measure(better) > best:
            kept, best = better, measure(better)
        else:
            radius = radius**0.5
        yield kept
        if radius < _FINEST:
            return


def best_start(measure: Measurements, choices: Mapping[str, Kept]) -> tuple[str, Kept]:
    """Return the name and the choice that is measured best."""
    return max(choices.items(), key=lambda item: measure(item[1]))
