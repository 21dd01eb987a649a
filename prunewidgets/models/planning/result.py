"""Plan: what each layer gives up, what is expected of it, and what came out."""

from functools import cached_property
from typing import Any

import keras
import numpy as np
import pandas as pd

from ...core.masks import Masks
from ...core.measures import attrs_of
from ...utils.progress_bar import progress
from ..data.arrays import Structure
from ..data.batch import Batch
from ..live.live_model import LiveModel
from ..measuring.accuracy import Accuracy, as_columns
from ..shrinking.shrink import shrink
from .budgets import Budget, parsed_budget, shown
from .candidates import Choice
from .work import Work

_POINTS = 30
_LOWEST = 0.004  # of the model: where its frontier begins, if the plan itself is no smaller
_UNITS = ("weights", "bytes", "multiply_adds", "ms")


class Plan:
    """How much each layer gives up; made by ``pw.plan`` and ``pw.search_plan``.

    Attributes:
        budget: The budget as it was written.
        complete: False if Ctrl-C ended the work early; ``again`` continues it.
        trials: Of ``pw.search_plan``: one row for each trial, in order, with what was measured, ``seconds``
            and what each layer keeps. Otherwise None.

    Example:
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> (x, y), (x_test, y_test) = pw.datasets.mnist()
        >>> plan = pw.plan(model, x[:500], y[:500], "20,000 weights", criterion="magnitude", rounds=0)
        >>> plan.measure(x_test, y_test).loc["weights", ["budget", "measured"]].tolist()
        [20000.0, 20000.0]
    """

    def __init__(
        self,
        work: Work,
        budget: str,
        wanted: Budget,
        choice: Choice | None,
        complete: bool,
        trials: pd.DataFrame | None = None,
    ) -> None:
        """Keep the work, for another budget."""
        self.budget, self.complete, self.trials = budget, complete, trials
        self._work, self._wanted, self._chosen = work, wanted, choice

    @property
    def masks(self) -> Masks:
        """The masks: of weights, for ``LiveModel.apply``; of units, for ``shrink``."""
        return self._choice.candidate.parts.masks(self._choice.kept)

    @property
    def criterion(self) -> Any:
        """The criterion that ranks the weights or units of a layer."""
        return self._choice.candidate.criterion

    @property
    def left_out(self) -> dict[str, str]:
        """{criterion: why it does not apply to this model}, of the usual ones, which are tried."""
        return dict(self._work.left_out)

    @property
    def start(self) -> str:
        """Where it began: "knapsack", "lamp", "erk", "global", "uniform"; or "search", without refining."""
        return self._choice.start

    @cached_property
    def expected(self) -> Accuracy | float:
        """The accuracy on the fifth of the examples that the search did not use, with its 95 % interval.

        With ``metric=``, its value there.
        """
        return self._work.expected(self._choice)

    @cached_property
    def on_search(self) -> Accuracy | float:
        """The accuracy, or metric, on the examples that the search used.

        The choice was made because it is good there, so it promises too much; compare ``expected``.
        """
        return self._choice.candidate.measure.value(self._choice.kept)

    @cached_property
    def unpruned(self) -> Accuracy | float:
        """The accuracy, or metric, of the unpruned model on the same examples as ``expected``."""
        return self._work.expected(self._choice._replace(kept=self._choice.candidate.parts.sizes))

    @cached_property
    def costs(self) -> dict[str, float]:
        """What is left: weights, bytes (of the file, written once), multiply_adds; ms if it was planned."""
        units = [u for u in _UNITS if u in self._choice.candidate.parts.costs({}) or u == self._wanted.unit]
        return {unit: self._work.actual(self._choice, unit) for unit in units if unit != "accuracy"}

    @cached_property
    def layers(self) -> pd.DataFrame:
        """One row per layer or group: layer, size, kept, sparsity, damage (alone, if it was measured).

        With single weights also weights, bytes (about) and multiply_adds of the layer. The damages do not
        add up to what the whole model loses: layers that are pruned together do each other harm.
        """
        choice = self._choice
        parts = choice.candidate.parts
        frame = pd.DataFrame(
            {
                "layer": list(parts.sizes),
                "size": list(parts.sizes.values()),
                "kept": [choice.kept[name] for name in parts.sizes],
            }
        )
        frame["sparsity"] = 1 - frame["kept"] / frame["size"]
        if self._work.filled:
            damage = choice.candidate.tables.damage
            frame["damage"] = [float(damage(name, choice.kept[name])) for name in parts.sizes]
        if parts.additive:
            nothing = parts.costs(dict.fromkeys(parts.sizes, 0))
            for unit in nothing:
                own = [
                    parts.costs(dict.fromkeys(parts.sizes, 0) | {n: choice.kept[n]})[unit]
                    for n in parts.sizes
                ]
                frame[unit] = np.array(own) - nothing[unit]
        return frame

    @property
    def tables(self) -> pd.DataFrame:
        """What was measured with one layer pruned at a time, for each criterion."""
        rows = [{"criterion": _name(c.criterion)} | row for c in self._work.candidates for row in c.rows]
        return pd.DataFrame(rows)

    @property
    def measurements(self) -> int:
        """How many times the accuracy was measured for the search, tables included."""
        return sum(len(c.rows) + c.measure.count for c in self._work.candidates)

    @cached_property
    def frontier(self) -> pd.DataFrame:
        """The best choice within each of 30 budgets, each measured: what more or less would bring.

        Columns: weights, bytes and multiply_adds (where they can be counted) left, accuracy, low and high
        (95 % interval, on the examples of the search), and one column for each layer with what it keeps.
        A choice is left out if a smaller one is as accurate. ``pw.PlanView(plan)`` shows it.
        """
        self._work.fill()  # after pw.search_plan there are no tables yet
        choice, unit = self._choice, self._frontier_unit
        parts, measure = choice.candidate.parts, choice.candidate.measure
        cost = self._work.cost(choice.candidate, unit)
        whole, least, own = cost(parts.sizes), cost(dict.fromkeys(parts.sizes, 1)), cost(choice.kept)
        lowest = max(1.2 * least / whole, min(_LOWEST, own / whole / 3))
        found = {cost(parts.sizes): parts.sizes, own: choice.kept}
        for share in progress(np.geomspace(1, lowest, _POINTS)[1:], "budget"):
            kept = self._work.first(choice, unit, float(share * whole))
            if kept is not None:
                found[cost(kept)] = kept
        rows: list[dict[str, Any]] = []
        best, judge = -np.inf, self._work.judge
        for amount, kept in sorted(found.items()):
            if measure(kept) <= best and amount < whole:
                continue
            best = measure(kept)
            found_here = as_columns(measure.value(kept))
            value = {judge.name: found_here["accuracy"], "low": found_here["low"], "high": found_here["high"]}
            rows.append({**self._work.about(choice._replace(kept=kept)), unit: amount, **value, **kept})
        frame = pd.DataFrame(rows[::-1])
        frame.attrs |= {} if judge.chosen is None else attrs_of(judge.chosen.measure)
        frame.attrs |= {"unit": unit, "sizes": dict(parts.sizes), "budget": own}
        frame.attrs["structured"] = self._work.structured
        return frame

    @property
    def _frontier_unit(self) -> str:
        """The unit of the budget, where choices of all sizes can be counted in it."""
        if self._wanted.unit in ("weights", "bytes", "multiply_adds"):
            return self._wanted.unit
        counted = self._choice.candidate.parts.costs(self._choice.candidate.parts.sizes)
        return "multiply_adds" if self._work.structured and "multiply_adds" in counted else "weights"

    def apply(self) -> keras.Model:
        """Return the model as planned.

        Single weights are set to zero and held in the model, see ``LiveModel.apply``; units are removed
        in a smaller copy.
        """
        if self._work.structured:
            return shrink(self._work.live.model, self.masks)
        self._work.live.apply(self.masks)
        return self._work.live.model

    def measure(self, x: Structure, y: Any = None, sample_weight: Any = None) -> pd.DataFrame:
        """Measure what came out, on examples that the plan has not seen: arrays x and y, or a data set alone.

        Returns:
            The rows accuracy (or the metric's name), weights, bytes, multiply_adds (and ms) with the columns
            budget (NaN where there is none), expected, measured and unpruned. The model does not change.
        """
        choice, parts, work = self._choice, self._choice.candidate.parts, self._work
        data, live = Batch(x, y, sample_weight), work.live
        if work.structured:
            out = work.judge.value(LiveModel(self.apply(), prunable="all"), x, data, None)
        else:
            out = work.judge.value(live, x, data, self.masks)
        rows: dict[str, dict[str, Any]] = {
            work.judge.name: {
                "expected": self.expected,
                "measured": out,
                "unpruned": work.judge.value(live, x, data, None),
            }
        }
        for unit, counted in self.costs.items():
            whole = work.actual(choice._replace(kept=parts.sizes), unit) if unit != "ms" else np.nan
            rows[unit] = {
                "expected": work.cost(choice.candidate, unit)(choice.kept),
                "measured": counted,
                "unpruned": whole,
            }
            if unit == "ms":  # in turns, at this moment
                rows[unit]["expected"] = counted
                rows[unit]["unpruned"], rows[unit]["measured"] = work.times.together(choice.kept, parts)
        frame = pd.DataFrame.from_dict(rows, orient="index").astype(float)
        limit = {self._wanted.unit: self._wanted.amount}
        if self._wanted.share:
            limit = {self._wanted.unit: self._wanted.amount * rows[self._wanted.unit]["unpruned"]}
        frame.insert(0, "budget", pd.Series(limit, dtype=float).reindex(frame.index))
        return frame

    def again(self, budget: str) -> "Plan":
        """Plan the same model for another budget; the tables are not measured again.

        Also continues a plan that was interrupted. A plan that was searched is planned by its tables then.
        """
        return make(self._work, budget, parsed_budget(budget))

    @property
    def _choice(self) -> Choice:
        if self._chosen is None:
            raise RuntimeError(
                "This plan was interrupted before there was a choice. What was measured is kept: "
                "plan.again(plan.budget) continues."
            )
        return self._chosen

    def __repr__(self) -> str:
        """Return the budget, what is expected, and a line for each layer."""
        if self._chosen is None:
            return (
                f"Plan for {self.budget}: interrupted with {self.measurements:,} measurements; see again()."
            )
        judge, counts = self._work.judge, self._work.about(self._chosen)
        left = ", ".join(shown(amount, unit) for unit, amount in counts.items())
        lines = self.layers.filter(["layer", "size", "kept", "sparsity", "damage"]).to_string(
            index=False,
            formatters={
                "size": "{:,}".format,
                "kept": "{:,}".format,
                "sparsity": "{:.1%}".format,
                "damage": self._work.judge.shown_damage,
            },
        )
        left_out = "".join(f"\n{name} was left out: {why}" for name, why in self.left_out.items())
        ended = "" if self.complete else "\nInterrupted: again() may find a better one."
        return (
            f"Plan for {self.budget}: about {left} left\n"
            f"expected {judge.name} {judge.shown(self.expected)}, unpruned {judge.shown(self.unpruned)}\n"
            f"ranked by {_name(self.criterion)}, begun from {self.start}, "
            f"{self.measurements:,} measurements\n"
            f"{lines}{left_out}{ended}"
        )


def make(work: Work, text: str, budget: Budget) -> Plan:
    """Make a plan; an interrupted one has what was measured so far.

    Raises:
        ValueError: A budget that cannot be counted or met.
    """
    work.check(text, budget)
    choice, complete = None, False
    try:
        work.fill()
        for better in progress(work.search(text, budget), "round"):
            choice = better
        complete = True
    except KeyboardInterrupt:
        pass
    return Plan(work, text, budget, choice, complete)


def _name(criterion: Any) -> str:
    return criterion if isinstance(criterion, str) else getattr(criterion, "__name__", repr(criterion))
