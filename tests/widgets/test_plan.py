import pandas as pd
import pytest

import prunewidgets as pw

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
