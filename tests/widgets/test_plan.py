import pandas as pd
import pytest

import prunewidgets as pw
from prunewidgets.widgets.still import still_of

from ..support.labs import plan_view


def test_a_budget_chooses_the_best_within_it():
    view = plan_view()
    assert view.asked == "10,000 bytes"
    view.budget = 9_000
    assert view.kept == {"conv/kernel": 120, "dense/kernel": 1_500}
    view.budget = 8_999
    assert (view.kept["dense/kernel"], view.accuracy) == (600, 0.5)
    assert repr(view) == "PlanView(budget='8,999 bytes', accuracy=50.00 %)"
    view.close()


def test_a_budget_outside_is_refused():
    view = plan_view()
    for budget in (3_999, 40_001, float("nan")):
        with pytest.raises(ValueError, match=r"this plan has choices from 4,000 to 40,000|budget is nan"):
            view.budget = budget
    view.set_state({"budget": 1.0})
    assert view.budget == 10_000
    assert "choices from 4,000 to 40,000" in view.error
    view.close()


@pytest.mark.parametrize(
    "plan", [5, None, pd.DataFrame({"accuracy": [1.0]})], ids=["number", "none", "frame"]
)
def test_only_a_plan_can_be_shown(plan):
    with pytest.raises(TypeError, match="shows a plan from pw.plan, or its frontier"):
        pw.PlanView(plan)


def error_plan(errors=(1_200.0, 16_527.48, 83_741.0)):
    """The view of a plan by a metric where lower is better."""
    frontier = pd.DataFrame({"weights": [100, 30, 10], "mae": errors, "a": [60, 20, 5], "b": [40, 10, 5]})
    frontier["low"] = frontier["high"] = float("nan")
    frontier.attrs |= {"unit": "weights", "sizes": {"a": 60, "b": 40}, "budget": 35.0}
    frontier.attrs |= {"measure": "mae", "direction": "min", "share": False}
    return pw.PlanView(frontier)


def test_a_metric_where_lower_is_better():
    view = error_plan()
    assert (view.kept, view.accuracy) == ({"a": 20, "b": 10}, 16_527.48)
    assert view.measure == {"name": "mae", "direction": "min", "share": False}
    assert repr(view) == "PlanView(budget='35 weights', mae=16,527)"
    assert still_of(view).text == (
        "Within 35 weights, mae 16,527 is expected; a keeps 20 of 60; b keeps 10 of 40."
    )
    view.close()


def test_a_choice_without_a_value_is_left_out():
    view = error_plan((1_200.0, 16_527.48, float("nan")))
    assert [point["cost"] for point in view.plan_points] == [30, 100]
    view.close()
