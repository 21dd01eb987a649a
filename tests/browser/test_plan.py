"""The view of a plan on a bare page: the same choice as Python, by every way of moving the budget."""

import numpy as np
import pytest

from ..support.bare import WRITTEN, run, saved, set_traits, settle, show, trait
from ..support.hands import PAUSE, across, type_into
from ..support.labs import plan_view
from ..widgets.test_plan import error_plan


def texts(page):
    return page.locator(".pw-plan-kept").all_inner_texts()


def test_the_page_chooses_as_python_does(bare):
    view = plan_view()
    low, high = view.plan_points[0]["cost"], view.plan_points[-1]["cost"]
    budgets = [low, high, 9_000, 8_999.5, *np.geomspace(low, high, 50).clip(low, high).tolist()]
    expected = []
    for budget in budgets:
        view.budget = budget
        expected.append([point["cost"] for point in view.plan_points].index(view._chosen["cost"]))
    body = "({ chosenAt }, [points, budgets]) => budgets.map((budget) => chosenAt(points, budget))"
    assert run(bare, "numbers/plan_budget", body, [view.plan_points, budgets]) == expected


def test_it_shows_what_python_says(bare):
    view = plan_view()
    show(bare, view)
    assert (view.kept, view.accuracy) == ({"conv/kernel": 120, "dense/kernel": 1500}, 0.93)
    assert texts(bare) == ["120 of 144", "1,500 of 10,000"]
    assert bare.locator(".pw-accuracy").inner_text() == "93.00 %"
    takes = bare.locator(".pw-plan-takes").inner_text()
    assert takes == "The best choice within 10 kB takes 9 kB, 22.5 % of the unpruned model."
    widths = bare.locator(".pw-plan-bar").evaluate_all("(bars) => bars.map((bar) => bar.style.width)")
    assert [float(width.removesuffix("%")) for width in widths] == pytest.approx([100 * 120 / 144, 15])


def test_the_slider_its_keys_and_the_field_move_the_budget(bare):
    show(bare, plan_view())
    slider = bare.locator("input.pw-range")
    slider.press("End")
    assert trait(bare, "budget") == 40_000
    assert texts(bare) == ["144 of 144", "10,000 of 10,000"]
    slider.press("Home")
    assert texts(bare) == ["90 of 144", "600 of 10,000"]
    slider.press("ArrowRight")
    assert 4_000 < trait(bare, "budget") < 4_100
    bare.wait_for_timeout(PAUSE)
    assert saved(bare)
    field = bare.locator("input.pw-entry")
    type_into(field, "20")
    assert trait(bare, "budget") == 20_000
    assert texts(bare)[1] == "4,000 of 10,000"
    type_into(field, "50")
    assert bare.locator(".pw-note").inner_text() == "“50” is no budget here; type a number from 4 to 40."
    assert trait(bare, "budget") == 20_000
    bare.wait_for_timeout(600)
    spoken = bare.locator(".pw-spoken").inner_text()
    assert spoken.startswith("“50” is no budget")


def test_a_drag_in_the_picture_moves_the_layers(bare):
    show(bare, plan_view())
    canvas = bare.locator(".pw-plan-curve canvas")
    box = canvas.bounding_box()
    y = box["y"] + box["height"] / 2
    bare.mouse.move(across(canvas, 0.9), y)
    bare.mouse.down()
    assert trait(bare, "budget") == pytest.approx(4_000 * 10**0.9, rel=0.02)
    bare.mouse.move(across(canvas, 0.1), y, steps=4)
    settle(bare)
    assert texts(bare) == ["90 of 144", "600 of 10,000"]
    bare.mouse.up()
    bare.mouse.move(across(canvas, 0.9), y)
    settle(bare)
    assert texts(bare) == ["90 of 144", "600 of 10,000"]
    bare.wait_for_timeout(700)
    spoken = bare.locator(".pw-spoken").inner_text()
    assert "50.00 % expected. conv/kernel keeps 90 of 144" in spoken


def test_a_budget_from_the_kernel_is_shown(bare):
    show(bare, plan_view())
    set_traits(bare, budget=40_000)
    assert texts(bare)[0] == "144 of 144"
    assert bare.locator("input.pw-range").get_attribute("aria-valuetext") == "40 kB"


def test_a_metric_where_lower_is_better(bare):
    bare.evaluate(WRITTEN)
    show(bare, error_plan())
    assert bare.locator(".pw-plan-accuracy").inner_text().split("\n") == [
        "16,527",
        "mae expected",
        "lower is better, unpruned 1,200",
    ]
    assert bare.locator(".pw-plan-curve .pw-title").inner_text() == "mae within each budget · lower is better"
    assert {"mae", "0", "20,000"} <= set(bare.evaluate("written"))
    assert "from 83,741 within" in bare.locator(".pw-plan-curve canvas").get_attribute("aria-label")
