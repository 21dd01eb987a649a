"""PlanView: a budget to drag, and what it leaves of each layer."""

import math
from typing import Any

import pandas as pd
import traitlets as t

from ..core.measures import Measure, measure_of, value_text
from .assets import module
from .curve import shown_measure, value_column
from .drawn import Drawn
from .view import Number, Refused

UNITS = ("weights", "bytes", "multiply_adds")


class PlanView(Drawn):
    """The budget of a plan, dragged: layers answer, and the accuracy, or another metric, to expect.

    Each choice was measured before, see ``Plan.frontier``; the page moves between them by itself. ``asked``
    goes to ``plan.again(view.asked)`` for a plan of that budget with all its rounds.

    Attributes:
        budget: what may be left, in the unit of the plan: weights, bytes or multiply-adds.

    Example:
        >>> import pandas as pd
        >>> frontier = pd.DataFrame(
        ...     {"weights": [100, 30, 10], "accuracy": [0.9, 0.88, 0.6], "a": [60, 20, 5], "b": [40, 10, 5]}
        ... )
        >>> frontier.attrs |= {"unit": "weights", "sizes": {"a": 60, "b": 40}}
        >>> view = pw.PlanView(frontier)  # or pw.PlanView(plan)
        >>> view.budget = 35
        >>> view.kept, view.asked
        ({'a': 20, 'b': 10}, '35 weights')
    """

    view_name = "plan"
    script = t.Unicode(module(view_name)).tag(sync=True)

    plan_points: "t.List[Any]" = t.List().tag(sync=True)
    plan_layers: "t.List[Any]" = t.List().tag(sync=True)
    plan_unit = t.Unicode("weights").tag(sync=True)
    plan_structured = t.Bool(False).tag(sync=True)
    # Name, direction and range of what was measured, {} for the accuracy: see core/measures.py.
    measure: "t.Dict[str, Any]" = t.Dict().tag(sync=True)
    budget = Number(0.0).tag(sync=True, page=True)

    def __init__(self, plan: Any) -> None:
        """Show a plan.

        Args:
            plan: from `pw.plan`, or its `frontier`.

        Raises:
            TypeError: neither of them.
        """
        frame = getattr(plan, "frontier", plan)
        attrs = getattr(frame, "attrs", {})
        if not isinstance(frame, pd.DataFrame) or not {"unit", "sizes"} <= attrs.keys():
            raise TypeError(
                f"PlanView shows a plan from pw.plan, or its frontier, not {type(plan).__name__}."
            )
        unit, sizes, value = attrs["unit"], attrs["sizes"], value_column(frame, measure_of(frame))
        rows = [row for row in frame.to_dict("records") if math.isfinite(row[value])]
        points = sorted((_point(row, unit, sizes, value) for row in rows), key=_cost)
        super().__init__(
            measure=shown_measure(frame),
            plan_points=points,
            plan_layers=[{"name": name, "size": int(size)} for name, size in sizes.items()],
            plan_unit=unit,
            plan_structured=bool(attrs.get("structured", False)),
        )
        self.budget = min(max(attrs.get("budget", points[-1]["cost"]), points[0]["cost"]), points[-1]["cost"])

    @property
    def kept(self) -> dict[str, int]:
        """{layer: how many of its weights, or units, stay} within the budget."""
        names = [layer["name"] for layer in self.plan_layers]
        return dict(zip(names, self._chosen["kept"], strict=True))

    @property
    def accuracy(self) -> float:
        """The measured accuracy of that choice, 0 to 1; or what its metric was."""
        return float(self._chosen["accuracy"])

    @property
    def asked(self) -> str:
        """The budget as text, for `Plan.again`."""
        return f"{math.floor(self.budget):,} {self.plan_unit.replace('_', '-')}"

    @property
    def _chosen(self) -> dict[str, Any]:
        """The best choice within the budget; from point to point both the cost and the quality rise."""
        within = [point for point in self.plan_points if point["cost"] <= self.budget]
        return within[-1] if within else self.plan_points[0]

    @t.validate("budget")
    def _check_budget(self, proposal: dict[str, Any]) -> float:
        value = float(proposal["value"])
        if self.plan_points and not self.plan_points[0]["cost"] <= value <= self.plan_points[-1]["cost"]:
            low, high = (self.plan_points[end]["cost"] for end in (0, -1))
            raise Refused(f"budget is {value:g}; this plan has choices from {low:,.0f} to {high:,.0f}.")
        return value

    def __repr__(self) -> str:
        """Return budget and accuracy; a page without widgets shows this text."""
        measure = Measure(**self.measure)
        return f"PlanView(budget={self.asked!r}, {measure.name}={value_text(self.accuracy, measure)})"


def _point(row: dict[str, Any], unit: str, sizes: dict[str, int], value: str) -> dict[str, Any]:
    ends = [row.get(end) for end in ("low", "high")]
    low, high = (None if end is None or math.isnan(end) else float(end) for end in ends)
    return {
        "cost": float(row[unit]),
        "accuracy": float(row[value]),
        "low": low,
        "high": high,
        "kept": [int(row[name]) for name in sizes],
    }


def _cost(point: dict[str, Any]) -> float:
    return float(point["cost"])
