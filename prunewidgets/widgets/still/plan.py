"""A plan: the accuracy of each measured choice against what it takes, and the budget."""

import math
from typing import Any

from .axes import Scale, draw_axes
from .curve import value_scale
from .png import Still
from .sheet import KEPT, MARK, PRUNED, page
from .texts import grouped, say, say_of, value_of

SHOWN = {"weights": 1, "bytes": 1000, "multiply_adds": 1000}


def draw(view: Any) -> Still:
    """Draw a `PlanView`."""
    points, unit, chosen = view.plan_points, view.plan_unit, view._chosen
    layers = [
        say(view, "plan_layer_spoken", layer=layer["name"], kept=grouped(kept), size=grouped(layer["size"]))
        for layer, kept in zip(view.plan_layers, chosen["kept"], strict=True)
    ]
    sentence = say_of(
        view,
        "still_plan",
        "still_plan_of",
        budget=say(view, f"plan_amount_{unit}", n=in_unit(view.budget, unit)),
        accuracy=value_of(view, chosen["accuracy"]),
        layers="; ".join(layers),
    )
    sheet, box = page(say_of(view, "plan_curve", "plan_curve_of"), sentence, 250, say(view, "still_mark"))
    least, most = points[0]["cost"], points[-1]["cost"]

    def along(cost: float) -> float:
        return math.log(cost / least) / math.log(most / least) if most > least else 1.0

    decades = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    ticks = [digit * 10.0**decade for decade in decades for digit in (1, 2, 5)]
    ticks = [tick for tick in ticks if least <= tick <= most]
    across = Scale(least, most, say(view, f"plan_axis_{unit}"), ticks, lambda v: in_unit(v, unit), along)
    values = [p["accuracy"] if p["low"] is None else p["low"] for p in points]
    plot = draw_axes(sheet, box, across, value_scale(view, values, box.tall))
    spots = [(plot.x(point["cost"]), plot.y(point["accuracy"])) for point in points]
    for point, (x, _) in zip(points, spots, strict=True):
        if point["low"] is not None:
            sheet.line([(x, plot.y(point["low"])), (x, plot.y(point["high"]))], KEPT, 1)
    if len(spots) > 1:
        sheet.line(spots, KEPT, 2)
    for x, y in spots:
        sheet.dot(x, y, 3, KEPT)
    x = plot.x(view.budget)
    sheet.line([(x, plot.box.top), (x, plot.box.bottom)], PRUNED, 1.5, (5, 4))
    sheet.dot(plot.x(chosen["cost"]), plot.y(chosen["accuracy"]), 6, MARK)
    return sheet.still(sentence)


def in_unit(value: float, unit: str) -> str:
    """Return an amount as the view writes it."""
    if unit == "weights":
        return grouped(math.floor(value))
    shown = value / SHOWN[unit]
    return grouped(round(shown)) if shown >= 100 else grouped(float(f"{shown:.3g}"))
