"""Chapter 17's view for pruning by hand: a budget, a slider for each layer, and a button that measures."""

from typing import Any

import ipywidgets
import pandas as pd

import prunewidgets as pw
from prunewidgets.models.data.batch import Batch
from prunewidgets.models.planning.parts import WeightParts
from prunewidgets.models.planning.search import fitted
from prunewidgets.pages.writing import writing

from .pictures_17 import NAMES, Rows

UNITS = {"multiply-adds": "multiply_adds", "weights": "weights", "bytes": "bytes"}
SHARES = (100, 50, 30, 20, 10, 5, 3)
WIDTH = {
    "layout": ipywidgets.Layout(width="560px", max_width="100%"),
    "style": {"description_width": f"{NAMES - 10}px"},
}


class ByHand(ipywidgets.VBox):
    """A slider for each layer, beside each other's: whatever one gets, the others pay.

    The shares are scaled to the budget just as ``pw.search_plan`` scales what a study proposes. Nothing is
    measured before the button is pressed, so that tries can be counted.

    Args:
        model: a built Keras model, which is not changed.
        x: inputs to measure with.
        y: their labels.

    Attributes:
        tries: one row for each press: unit, budget (per cent), accuracy, and what each layer keeps.
    """

    def __init__(self, model: Any, x: Any, y: Any) -> None:
        """Begin with the same share of every layer and 20 % of the multiply-adds."""
        self._live = pw.LiveModel(model)
        self._parts = WeightParts(self._live, "magnitude", Batch(x, y))
        self._x, self._y = self._live.prepare(x), y
        self._tried: list[dict[str, Any]] = []
        self.unit = ipywidgets.Dropdown(options=list(UNITS), description="budget in", **WIDTH)
        stops = [f"{share} %" for share in SHARES]
        self.budget = ipywidgets.SelectionSlider(options=stops, value="20 %", description="budget", **WIDTH)
        self.shares = {
            name: ipywidgets.FloatLogSlider(1.0, base=10, min=-2, max=0, step=0.05, description=name, **WIDTH)
            for name in self._parts.sizes
        }
        self.measure = ipywidgets.Button(description="Measure", button_style="primary")
        self.picture, self.found = ipywidgets.HTML(), ipywidgets.HTML()
        controls = [self.unit, self.budget, *self.shares.values()]
        for control in controls:
            control.observe(self._draw, "value")
        self.measure.on_click(self._measure)
        self._draw()
        # A saved page has no Python to answer the sliders.
        shown = [self.picture] if writing() else [*controls, self.picture, self.measure, self.found]
        super().__init__(shown)

    @property
    def kept(self) -> dict[str, int]:
        """How many weights each layer keeps now."""
        sizes, unit = self._parts.sizes, UNITS[self.unit.value]
        limit = self._percent / 100 * self._cost(sizes, unit)
        kept = {name: max(1, round(slider.value * sizes[name])) for name, slider in self.shares.items()}
        found = fitted(kept, sizes, lambda kept: self._cost(kept, unit), limit)
        assert found is not None  # 3 % of everything is more than one weight in each layer
        return found

    @property
    def tries(self) -> pd.DataFrame:
        """Every press of the button, in order."""
        return pd.DataFrame(self._tried, columns=["unit", "budget", "accuracy", *self._parts.sizes])

    def tries_at(self, unit: str = "multiply-adds", percent: int = 20) -> pd.DataFrame:
        """Return the tries at one budget."""
        return self.tries[(self.tries["unit"] == unit) & (self.tries["budget"] == percent)]

    def best(self, unit: str = "multiply-adds", percent: int = 20) -> pw.Masks:
        """Return the masks of the best of one or more tries at this budget."""
        tries = self.tries_at(unit, percent)
        return self._parts.masks(tries.loc[tries["accuracy"].idxmax(), list(self._parts.sizes)].to_dict())

    @property
    def _percent(self) -> int:
        return int(self.budget.value.removesuffix(" %"))

    def _cost(self, kept: dict[str, int], unit: str) -> float:
        return float(self._parts.costs(kept)[unit])

    def _draw(self, _: Any = None) -> None:
        kept, sizes = self.kept, self._parts.sizes
        costs = self._parts.costs(kept)
        title = (
            f"{costs['multiply_adds']:,.0f} multiply-adds · {costs['weights']:,.0f} weights · "
            f"about {costs['bytes'] / 1000:,.1f} kB"
        )
        rows = [(n, k / sizes[n], f"{k:,} of {sizes[n]:,}", None) for n, k in kept.items()]
        self.picture.value = Rows(title, rows)._repr_html_()

    def _measure(self, _: Any = None) -> None:
        kept = self.kept
        accuracy = self._live.evaluate(self._x, self._y, self._parts.masks(kept))
        row = {"unit": self.unit.value, "budget": self._percent, "accuracy": float(accuracy)}
        self._tried.append(row | kept)
        own = self.tries_at(self.unit.value, self._percent)
        self.found.value = (
            f"<p role='status'>{accuracy} right. Best of {len(own)} at this budget: "
            f"{100 * own['accuracy'].max():.2f} %.</p>"
        )
