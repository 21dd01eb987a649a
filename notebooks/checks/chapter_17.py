"""The checks of chapter 17: the price of a weight, a proposal near the best, how many random trials.

As in all checks, the truth is computed from its definition, whenever an answer is checked.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from itertools import count
from typing import Any

import numpy as np
import pandas as pd

import prunewidgets as pw
from prunewidgets.models import keras  # says what to install, and keeps TensorFlow's greeting off the page

from .answers import unanswered
from .exercises import Result, check, right, still_open, stopped, wrong
from .hand_17 import ByHand  # noqa: F401  shown by the chapter
from .pictures_17 import by_budget, luck, lucky, on_their_way  # noqa: F401  drawn by the chapter
from .texts import text
from .verdicts import say

Shares = dict[str, float]
LOWEST = 0.01


def optuna() -> Any:
    """Return Optuna, which speaks only of what goes wrong; None, and a line on it, if it is not installed."""
    if find_spec("optuna") is None:
        say(text("engine.optuna", "missing"))
        return None
    import optuna as found

    found.logging.set_verbosity(found.logging.WARNING)
    return found


def choices(
    rules: Mapping[str, pw.Masks],
    promised: Mapping[str, float],
    plan: pw.Plan,
    seconds: float,
    searches: Mapping[str, Sequence[pw.Plan]],
    hand: ByHand,
) -> pd.DataFrame:
    """Return all choices for 20 % of the multiply-adds: what they took, what they promise, and their masks.

    Args:
        rules: {name: masks} of the rules, which take one measurement.
        promised: {name: accuracy} of the rules on the digits to choose by.
        plan: of ``pw.plan``.
        seconds: how long it took.
        searches: {name: plans of ``pw.search_plan``, one for each seed}.
        hand: the reader's tries, if there are any for this budget.
    """
    rows = [(name, 1, np.nan, promised[name], masks) for name, masks in rules.items()]
    tries = hand.tries_at()
    if len(tries):
        rows.append(("you", len(tries), np.nan, tries["accuracy"].max(), hand.best()))
    rows.append(("arithmetic", plan.measurements, seconds, float(plan.on_search), plan.masks))
    for name, plans in searches.items():
        for seed, one in enumerate(plans):
            took = len(one.trials), one.trials["seconds"].sum()
            rows.append((f"{name} {seed}", *took, float(one.on_search), one.masks))
    columns = ["by", "measurements", "seconds", "promised", "masks"]
    return pd.DataFrame(rows, columns=columns).set_index("by").round({"seconds": 1})


def price(answer: Any, model: keras.Model) -> Result:
    """Check how many multiply-adds one weight of the first convolution takes for one image."""
    first, second = (layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    (_, height, width, _), (_, *after, _) = first.output.shape, second.output.shape
    truth = height * width
    return check(
        "chapter_17.price",
        answer,
        lambda given: given == truth,
        {
            "input": lambda given: given == np.prod(first.input.shape[1:3]),
            "kernel": lambda given: given in (9, first.kernel.shape.num_elements()),
            "side": lambda given: given in (height, width),
            "second": lambda given: given == np.prod(after),
            "once": lambda given: given == 1,
        },
        truth=truth,
        side=height,
    )


class Climbing:
    """A study that asks a function for shares near the best so far.

    Args:
        propose: from the best shares so far, {layer: share}, and a NumPy generator to new shares.
        seed: of the generator.
        names: of the layers, for the very first shares, which are drawn at random.
    """

    def __init__(self, propose: Callable[[Shares, np.random.Generator], Shares], seed: int = 0) -> None:
        """Begin without a best."""
        self._propose, self._random = propose, np.random.default_rng(seed)
        self._best: Shares = {}
        self._value, self._now = -np.inf, Shares()

    def ask(self) -> "Climbing":
        """Return itself as the next trial."""
        self._now = dict(self._propose(dict(self._best), self._random)) if self._best else {}
        return self

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = True) -> float:
        """Return the share proposed for a layer, within the limits; at random in the first trial."""
        if name not in self._now:
            if self._best:
                raise ValueError(f"propose gave no share for {name!r}.")
            self._now[name] = float(np.exp(self._random.uniform(np.log(low), np.log(high))))
        self._now[name] = min(max(float(self._now[name]), low), high)
        return self._now[name]

    def tell(self, trial: Any, values: float) -> None:
        """Keep the shares if they are the best so far."""
        if values > self._value:
            self._best, self._value = dict(self._now), values


def climbing(propose: Callable[[Shares, np.random.Generator], Shares], seed: int = 0) -> Climbing:
    """Return a study for ``pw.search_plan`` that asks a function for shares near the best so far."""
    return Climbing(propose, seed)


AIM = {"conv": 0.8, "hidden": 0.05, "wide": 0.2, "last": 0.5}


def _distance(study: Climbing, trials: int = 60) -> float:
    """Return how far from the aim the best of some trials is, on the logarithmic scale."""
    least = np.inf
    for _ in range(trials):
        trial = study.ask()
        shares = [trial.suggest_float(name, LOWEST, 1.0) for name in AIM]
        away = float(np.linalg.norm(np.log(shares) - np.log(list(AIM.values()))))
        study.tell(trial, -away)
        least = min(least, away)
    return least


def _anywhere(best: Shares, random: np.random.Generator) -> Shares:
    """Propose without a look at the best."""
    return {name: float(np.exp(random.uniform(np.log(LOWEST), 0))) for name in best}


def near_the_best(propose: Callable[[Shares, np.random.Generator], Any]) -> Result:
    """Check a function from the best shares so far and a generator to new ones: does it find better shares?

    The search is for four shares that are known here, sixty trials, ten times, beside random ones.
    """
    exercise = "chapter_17.near_the_best"
    given = dict.fromkeys(AIM, 0.3)
    try:
        first = propose(dict(given), np.random.default_rng(0))
        second = propose(dict(given), np.random.default_rng(1))
    except Exception as error:
        return stopped(exercise, "propose", error)
    if unanswered(first) or first is ...:
        return still_open(exercise)
    if not isinstance(first, dict) or set(first) != set(AIM):
        return wrong(exercise, "shape")
    try:
        if first == second:
            return wrong(exercise, "same" if first == given else "fixed")
        mine = [_distance(Climbing(propose, seed)) for seed in range(10)]
    except Exception as error:
        return stopped(exercise, "propose", error)
    drawn = [_distance(Climbing(_anywhere, seed)) for seed in range(10)]
    values = {"mine": np.mean(mine), "drawn": np.mean(drawn)}
    if np.mean(mine) < 0.6 * np.mean(drawn):
        return right(exercise, **values)
    step = max(abs(np.log(max(one[name], LOWEST) / 0.3)) for one in (first, second) for name in AIM)
    mistake = "small" if step < 0.15 else "near" if np.mean(mine) < 0.9 * np.mean(drawn) else "hint"
    return wrong(exercise, mistake, **values)


def trials_for(answer: Any, share: float = 0.05, sure: float = 0.95) -> Result:
    """Check how many random trials have one among the best ``share`` of all with the probability ``sure``."""
    truth = next(number for number in count(1) if 1 - (1 - share) ** number >= sure)
    half = next(number for number in count(1) if 1 - (1 - share) ** number >= 0.5)
    return check(
        "chapter_17.trials_for",
        answer,
        lambda given: given == truth,
        {
            "one_in": lambda given: given == round(1 / share),
            "times": lambda given: given == round(sure / share),
            "half": lambda given: given == half,
            "one_less": lambda given: truth - 1 <= given < truth,
            "more": lambda given: given > truth,
        },
        truth=truth,
    )
