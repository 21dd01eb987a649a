"""pw.search_plan: the same budget, and a search that only proposes and measures, by Optuna or at random."""

import time
import warnings
from collections.abc import Callable
from typing import Any, Protocol

import keras
import numpy as np
import pandas as pd

from ...core.arrays import is_whole
from ...utils.progress_bar import progress
from ..layers.weights import Layers
from ..live.live_model import LiveModel
from ..measuring.metric import Metric
from .asked import asked
from .candidates import Choice
from .knapsack import Kept
from .result import Plan
from .search import fitted

LOWEST = 0.01
"""The least share that is proposed for a layer; the largest is 1."""


class Trial(Protocol):
    """One proposal of a study, as in Optuna."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool) -> float:
        """Propose a number from low to high."""


class Study(Protocol):
    """What proposes trials and hears what they were worth; an ``optuna.Study`` is one."""

    def ask(self) -> Any:
        """Return the next trial."""

    def tell(self, trial: Any, values: float) -> Any:
        """Hear what was measured."""


def search_plan(
    model: keras.Model | LiveModel,
    x: Any,
    y: Any = None,
    budget: str = "",
    study: Study | None = None,
    trials: int = 100,
    seed: int = 0,
    structured: bool = False,
    criterion: Any = None,
    layers: Layers = None,
    exclude: Layers = None,
    metric: Metric | None = None,
    direction: str | None = None,
    sample_weight: Any = None,
    steps: int | None = None,
) -> Plan:
    """Choose how much each layer gives up by trying: propose, prune, measure the whole model, and again.

    In each trial the study proposes a share from 0.01 to 1 for each layer. The shares are scaled together
    until the model just meets the budget, so that every trial is a plan for it; then the whole model is
    measured. The best trial is the plan. Nothing is known about the layers beforehand; ``plan`` measures them
    one at a time and computes.

    The examples are divided as by ``plan``: four fifths to search with, the others for ``expected``. The
    model is neither changed nor trained. Ctrl-C keeps the trials that were finished, warns, and sets
    ``complete`` to False.

    Args:
        model: A built Keras 3 model, or a LiveModel with its own choice of prunable weights.
        x: Inputs, or a data set, as for ``plan``.
        y: Labels, with arrays.
        budget: What may be left, as for ``plan``; no accuracy and no milliseconds.
        study: What proposes: an ``optuna.Study``, or another object with its ``ask`` and ``tell``, and
            ``suggest_float`` of what is asked. It hears the accuracy, or the metric, as it was measured, so
            its direction has to be "maximize" for an accuracy. Defaults to None: at random.
        trials: How many trials. Defaults to 100.
        seed: Of the random search; a study has its own.
        structured: Remove whole units instead of single weights.
        criterion: Which weights of a layer go first. Defaults to "magnitude", for units to "l2".
        layers: Prune these only, see ``LiveModel``. Defaults to all.
        exclude: Do not prune these.
        metric: What to measure instead of the accuracy.
        direction: "max" or "min", where the metric does not say which values are better.
        sample_weight: One weight per example or per answer, with arrays.
        steps: How many batches of a data set to read, at most.

    Returns:
        The plan, with ``trials``: one row for each trial.

    Raises:
        TypeError: The budget is no text.
        ValueError: A budget that cannot be read, met or searched; a study of the other direction, without
            ``ask`` and ``tell``, or with a share that is not from 0.01 to 1.

    Example:
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> (x, y), _ = pw.datasets.mnist()
        >>> plan = pw.search_plan(model, x[:500], y[:500], "95 % sparsity", trials=5)
        >>> len(plan.trials), plan.masks.sparsity >= 0.95
        (5, True)

    Source: Bergstra and Bengio, "Random search for hyper-parameter optimization" (2012); Akiba et al.,
        "Optuna" (2019), for ask and tell.
    """
    if not is_whole(trials, 1, 1_000_000):
        raise ValueError(f"trials is {trials!r}; it has to be a whole number, 1 or more.")
    if not is_whole(seed, 0, 2**63 - 1):
        raise ValueError(f"seed is {seed!r}; it has to be a whole number, 0 or more.")
    if study is not None and not (hasattr(study, "ask") and hasattr(study, "tell")):
        raise ValueError(f"study is {study!r}; it has to have ask and tell, as optuna.create_study() has.")
    criterion = ("l2" if structured else "magnitude") if criterion is None else criterion
    chosen, timing = (layers, exclude), ("tflite", 1)
    given = (x, y, budget, structured, criterion, chosen, timing, metric, direction, sample_weight, steps)
    work, wanted = asked(model, *given)
    if wanted.unit in ("accuracy", "ms"):
        raise ValueError(f"budget {budget!r} cannot be searched: give weights, bytes or multiply-adds.")
    wants = "minimize" if work.judge.lower else "maximize"
    if study is not None and _direction(study) not in ("", wants):
        raise ValueError(
            f"The study would look for the worst {work.judge.name}: make it with "
            f"optuna.create_study(direction={wants!r})."
        )
    work.check(budget, wanted)
    limit = work.limit(budget, wanted)
    candidate, cost = work.candidates[0], work.cost(work.candidates[0], wanted.unit)
    rows: list[dict[str, Any]] = []
    tried: list[Kept] = []
    study = _Random(int(seed)) if study is None else study
    try:
        for _ in progress(range(trials), "trial"):
            begun = time.perf_counter()
            trial = study.ask()
            kept = _proposed(trial, candidate.parts.sizes, cost, limit)
            value = float(candidate.measure.value(kept))
            study.tell(trial, value)
            tried.append(kept)
            rows.append({work.judge.name: value, "seconds": time.perf_counter() - begun} | kept)
    except KeyboardInterrupt:
        warnings.warn(f"Interrupted: the plan is the best of {len(rows)} trials.", stacklevel=2)
    choice = None
    if tried:
        choice = Choice(candidate, "search", max(tried, key=candidate.measure))
        choice = work.landed(choice, "bytes", limit) if wanted.unit == "bytes" else choice
    return Plan(work, budget, wanted, choice, len(rows) == trials, pd.DataFrame(rows))


def _proposed(trial: Trial, sizes: Kept, cost: Callable[[Kept], float], limit: float) -> Kept:
    """Return what each layer keeps: the shares that the study proposes, scaled to the limit."""
    shares = {name: trial.suggest_float(name, LOWEST, 1.0, log=True) for name in sizes}
    for name, share in shares.items():
        if not LOWEST * 0.999 <= share <= 1.001:  # a study may round
            raise ValueError(
                f"The study proposed the share {share!r} for {name!r}; it has to be from {LOWEST} to 1."
            )
    kept = {name: max(1, round(share * sizes[name])) for name, share in shares.items()}
    found = fitted(kept, sizes, cost, limit)
    assert found is not None  # one left in each layer is within the limit
    return found


def _direction(study: Any) -> str:
    """Return "maximize" or "minimize" as Optuna names a study's direction; "" if it has none."""
    return str(getattr(getattr(study, "direction", None), "name", "")).lower()


class _Random:
    """A study that learns nothing: its own trial, too."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def ask(self) -> "_Random":
        return self

    def tell(self, trial: Any, values: float) -> None:
        pass

    def suggest_float(self, name: str, low: float, high: float, *, log: bool) -> float:
        return float(np.exp(self._random.uniform(np.log(low), np.log(high))))
