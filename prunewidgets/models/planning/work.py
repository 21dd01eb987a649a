"""The work behind a plan, kept so that another budget needs no new tables."""

from collections.abc import Callable, Iterator
from functools import cached_property
from operator import itemgetter
from typing import Any

from ...utils.progress_bar import progress
from ..data.batch import Batch
from ..data.source import is_stream
from ..live.live_model import LiveModel
from ..measuring.accuracy import Accuracy
from ..plain_error import plain_error
from ..pruning.applicable import DoesNotApplyError
from ..shrinking.shrink import shrink
from .budgets import Budget, shown
from .candidates import Candidate, Choice
from .examples import Judge
from .files import empty_bytes, file_bytes
from .knapsack import Kept
from .parts import Parts, UnitParts, WeightParts
from .search import Measurements, best_start, fitted, refined, starts
from .times import Times

Cost = Callable[[Kept], float]
_NEAR = 0.97  # of a budget in bytes or milliseconds: close enough
_PROBES = 9
_LEAST = 0.003  # of the model: where looking for the smallest one begins


class Work:
    """Everything that was measured for one model.

    Args:
        live: The model.
        search: Examples to search with.
        held: Examples for the accuracy that a plan expects.
        judge: What is measured.
        structured: Units instead of weights.
        criterion: One criterion; None for the usual ones.
        chosen: Layers and exclude, for units.
        rounds: The most rounds of refining.
        timing: Runner and batch.

    Attributes:
        candidates: The criteria that are tried.
        left_out: {criterion: why it does not apply to this model}, of the usual ones.
    """

    def __init__(
        self,
        live: LiveModel,
        search: Batch,
        held: Batch,
        judge: Judge,
        structured: bool,
        criterion: Any,
        chosen: tuple[Any, Any],
        rounds: int,
        timing: tuple[str, int],
    ) -> None:
        """Rank the weights or units by each criterion."""
        self.live, self.structured, self.judge = live, structured, judge
        self.search_data, self.held = search, held
        self._rounds, self._timing = rounds, timing
        self.candidates: list[Candidate] = []
        self.left_out: dict[str, str] = {}
        usual = ["magnitude", "wanda"]
        if structured:
            usual = ["l2", "taylor"] if getattr(live.model, "compiled", False) else ["l2"]
        for name in usual if criterion is None else [criterion]:
            try:
                parts: Parts = (
                    UnitParts(live, name, search, *chosen) if structured else WeightParts(live, name, search)
                )
            except DoesNotApplyError as error:
                if criterion is not None:
                    raise
                self.left_out[name] = plain_error(error)
                continue
            self.candidates.append(Candidate(name, parts, Measurements(parts, judge, search)))
        self._coded = 0.0  # bytes of a file, from those that are counted and an empty one
        self._slow = 1.0  # measured time ÷ fitted time

    @cached_property
    def times(self) -> Times:
        """The times of smaller models."""
        parts = self.candidates[0].parts
        assert isinstance(parts, UnitParts)  # for others, milliseconds are refused
        x = self.search_data.x[0][0] if is_stream(self.search_data.x) else self.search_data.x
        return Times(parts, x, *self._timing)

    @cached_property
    def _empty(self) -> int:
        """Bytes of the file of a model without a weight left: names, architecture."""
        return empty_bytes(self.live)

    def check(self, text: str, budget: Budget) -> None:
        """Raise ValueError, before anything is measured, for a budget that cannot be counted."""
        parts = self.candidates[0].parts
        if budget.unit == "multiply_adds" and parts.uncounted:
            raise ValueError(
                f"budget {text!r} cannot be counted: how often {', '.join(parts.uncounted)} are used for one "
                f"example cannot be read from {self.live.model.name!r}, as where its Input leaves a length "
                "open. Give the budget in weights, bytes or sparsity; or make the model with the length that "
                "it is used with, keras.Input((100,)), and new.set_weights(old.get_weights())."
            )

    @property
    def filled(self) -> bool:
        """Whether the tables are complete."""
        return all(len(c.rows) == c.planned for c in self.candidates)

    def fill(self) -> None:
        """Measure the tables, or what is missing of them after an interrupt."""
        todo = [c for c in self.candidates if len(c.rows) < c.planned]
        rows = ((c, row) for c in todo for row in c.measure.rows(len(c.rows)))
        for candidate, row in progress(rows, "measurement", sum(c.planned - len(c.rows) for c in todo)):
            candidate.rows.append(row)

    def search(self, text: str, budget: Budget) -> Iterator[Choice]:
        """Yield better and better choices; the last one is the plan's.

        Raises:
            ValueError: If nothing that is left of the model meets the budget.
        """
        if budget.unit == "accuracy":
            yield from self._to_accuracy(text, budget.amount)
            return
        whole, limit = self.whole, self.limit(text, budget)
        if self.cost(whole.candidate, budget.unit)(whole.kept) <= limit:
            yield whole
            return
        choice = self._best(budget.unit, limit)
        assert choice is not None  # one left in each layer is within the limit
        yield choice
        if budget.unit in ("bytes", "ms"):
            choice = self.landed(choice, budget.unit, limit)
            yield choice
        refined_one = choice
        for refined_one in self._refined(choice, budget.unit, limit):
            yield refined_one
        choice = refined_one
        if budget.unit in ("bytes", "ms"):
            yield self.landed(choice, budget.unit, limit)

    @property
    def whole(self) -> Choice:
        """The model without anything removed."""
        return Choice(self.candidates[0], "unpruned", self.candidates[0].parts.sizes)

    def limit(self, text: str, budget: Budget) -> float:
        """Return how much is allowed, and compare what is counted with what the unpruned model takes.

        Raises:
            ValueError: If the model is above it with one left in each layer.
        """
        whole, unit = self.whole, budget.unit
        limit = budget.amount * (self.actual(whole, unit) if budget.share else 1)
        self._calibrate(whole, unit)
        least = self.cost(whole.candidate, unit)(dict.fromkeys(whole.kept, 1))
        if least > limit:
            raise ValueError(
                f"budget {text!r} cannot be met: with one left in each layer the model still takes "
                f"{shown(least, unit)}."
            )
        return limit

    def cost(self, candidate: Candidate, unit: str) -> Cost:
        """Return the function that counts a choice's cost in this unit.

        Bytes are those of the file: what is counted, and names and architecture.
        """
        if unit == "ms":
            return lambda kept: self._slow * self.times(kept)
        extra = self._empty + self._coded if unit == "bytes" else 0.0
        return lambda kept: candidate.parts.costs(kept)[unit] + extra

    def actual(self, choice: Choice, unit: str) -> float:
        """Return the cost as it is: a file that was written, a smaller model that was timed."""
        if unit == "bytes":
            return float(file_bytes(self.live, choice.candidate.parts, choice.kept, self.structured))
        if unit == "ms":
            return self.times.measured(choice.kept, choice.candidate.parts)
        return self.cost(choice.candidate, unit)(choice.kept)

    def about(self, choice: Choice) -> dict[str, float]:
        """Count what is left of the model, bytes of the file included."""
        counted = choice.candidate.parts.costs(choice.kept)
        return {unit: self.cost(choice.candidate, unit)(choice.kept) for unit in counted}

    def expected(self, choice: Choice) -> Accuracy | float:
        """Measure a choice on the examples that the search does not use."""
        parts = choice.candidate.parts
        if self.structured:  # layer normalisation counts fewer channels in the smaller model
            small = LiveModel(shrink(self.live.model, parts.masks(choice.kept)), prunable="all")
            return self.judge.value(small, self.held.x, self.held, None)
        return self.judge.value(self.live, self.held.x, self.held, parts.weight_masks(choice.kept))

    def first(self, choice: Choice, unit: str, limit: float) -> Kept | None:
        """Return the best choice within another limit before any refining, or this one scaled to it."""
        candidate, cost = choice.candidate, self.cost(choice.candidate, unit)
        choices = starts(candidate.parts, candidate.tables, cost, limit)
        if (scaled := fitted(choice.kept, candidate.parts.sizes, cost, limit)) is not None:
            choices["scaled"] = scaled
        return best_start(candidate.measure, choices)[1] if choices else None

    def _calibrate(self, choice: Choice, unit: str) -> float:
        """Compare what is counted with the actual cost, for the next choices; return the latter."""
        actual = self.actual(choice, unit)
        counted = self.cost(choice.candidate, unit)(choice.kept)
        if unit == "bytes":
            self._coded += actual - counted
        elif unit == "ms":
            self._slow *= actual / counted
        return actual

    def _best(self, unit: str, limit: float) -> Choice | None:
        """Return the best first choice of all criteria."""
        found = []
        for candidate in self.candidates:
            choices = starts(candidate.parts, candidate.tables, self.cost(candidate, unit), limit)
            if choices:
                found.append(Choice(candidate, *best_start(candidate.measure, choices)))
        return max(found, key=lambda choice: choice.candidate.measure(choice.kept), default=None)

    def _refined(self, choice: Choice, unit: str, limit: float) -> Iterator[Choice]:
        candidate, cost = choice.candidate, self.cost(choice.candidate, unit)
        for kept in refined(candidate.measure, choice.kept, cost, limit, self._rounds):
            yield choice._replace(kept=kept)

    def landed(self, choice: Choice, unit: str, limit: float) -> Choice:
        """Scale a choice until its file or its time, as measured, just meets the limit."""
        tried: list[tuple[float, Choice]] = []
        for _ in range(4):
            actual = self._calibrate(choice, unit)
            tried.append((actual, choice))
            kept = fitted(choice.kept, choice.candidate.parts.sizes, self.cost(choice.candidate, unit), limit)
            if _NEAR * limit <= actual <= limit or kept is None or kept == choice.kept:
                break
            choice = choice._replace(kept=kept)
        within = [one for one in tried if one[0] <= limit]
        return max(within, key=itemgetter(0))[1] if within else min(tried, key=itemgetter(0))[1]

    def _to_accuracy(self, text: str, target: float) -> Iterator[Choice]:
        """Look for the smallest budget whose best choice reaches the accuracy."""
        first = self.candidates[0]
        counted = first.parts.costs(first.parts.sizes)
        unit = "multiply_adds" if self.structured and "multiply_adds" in counted else "weights"
        choice = Choice(first, "unpruned", first.parts.sizes)
        whole = first.measure.value(choice.kept)
        if float(whole) < target:
            raise ValueError(
                f"budget {text!r} cannot be met: the unpruned model itself reads {whole} right on the "
                "examples given."
            )
        yield choice
        low, high = _LEAST * counted[unit], counted[unit]
        for _ in range(_PROBES):
            middle = (low * high) ** 0.5
            found = self._best(unit, middle)
            if found is not None and found.candidate.measure(found.kept) >= target:
                high, choice = middle, found
            else:
                low = middle
            yield choice
        refined_one = choice
        for refined_one in self._refined(choice, unit, high):
            yield refined_one
        low, choice, cost = high / 2, refined_one, self.cost(refined_one.candidate, unit)
        for _ in range(_PROBES):
            middle = (low * high) ** 0.5
            kept = fitted(refined_one.kept, choice.candidate.parts.sizes, cost, middle)
            if kept is not None and choice.candidate.measure(kept) >= target:
                high, choice = middle, choice._replace(kept=kept)
            else:
                low = middle
            yield choice
