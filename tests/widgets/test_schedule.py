"""ScheduleView: the function that is shown, and settings that are refused together."""

import numpy as np
import pytest

from prunewidgets.widgets import lifetimes
from prunewidgets.widgets.schedule import ScheduleView


def test_the_function_is_the_shown_schedule():
    view = ScheduleView(total=1000, begin=100, end=1000)
    assert view.schedule(550) == pytest.approx(0.9 - 0.9 / 8)
    view.power = 1
    assert view.schedule(550) == pytest.approx(0.45)
    view.kind = "one_shot"
    assert [view.schedule(step) for step in (0, 99, 100, 999)] == [0, 0, 0.9, 0.9]
    view.kind = "constant"
    assert view.schedule(0) == 0.9
    view.kind, view.share = "iterative", 0.5  # 0.5, 0.75, 0.875, then what is missing
    assert [view.schedule(step) for step in (99, 100, 400, 700, 1000)] == [0, 0.5, 0.75, 0.875, 0.9]


def test_an_earlier_function_does_not_change():
    view = ScheduleView(final=0.5)
    taken = view.schedule
    view.final = 0.9
    assert (taken(1000), view.schedule(1000)) == (0.5, 0.9)


def test_the_last_quarter_is_kept_for_recovery():
    assert ScheduleView(total=np.int64(400)).end == 300
    assert ScheduleView(total=400, begin=350).end == 350


REFUSED = [
    ({"kind": "cubic"}, "'cubic' is not known; choose one of constant"),
    ({"final": 90}, "write 75 % as 0.75"),
    ({"final": "much"}, "final must be a number"),
    ({"begin": 800}, "begin is 800 and end is 750"),
    ({"begin": -1}, "0 <= begin"),
    ({"begin": 1.5}, "begin counts steps"),
    ({"end": True}, "end counts steps"),
    ({"end": 1001}, "end is 1,001 and total 1,000"),
    ({"total": 700}, "end is 750 and total 700"),
    ({"power": 0}, "power is 0"),
    ({"power": float("inf")}, "power is inf"),
    ({"power": float("nan")}, "power is nan"),
    ({"share": 1}, "share is 1"),
    ({"share": 1e-17}, "share is 1e-17"),
]


@pytest.mark.parametrize(("setting", "said"), REFUSED, ids=lambda value: str(value)[:30])
def test_a_setting_that_is_refused_changes_nothing(setting, said):
    view = ScheduleView(total=1000)
    before = view.get_state()
    (name, value), widgets = next(iter(setting.items())), len(lifetimes._instances)
    with pytest.raises(ValueError, match=said):
        setattr(view, name, value)
    assert view.get_state() == before
    with pytest.raises((TypeError, ValueError), match=said):
        ScheduleView(**{"total": 1000, "end": 750} | setting)
    assert len(lifetimes._instances) == widgets


def test_rounds_never_remove_everything():
    view = ScheduleView(final=1)
    with pytest.raises(ValueError, match="Give less than 1"):
        view.kind = "iterative"
    assert view.kind == "polynomial"


def test_settings_that_fit_only_together_are_set_together():
    view = ScheduleView()
    with view.hold_trait_notifications():
        view.begin, view.end = 900, 950
    assert (view.begin, view.end) == (900, 950)
    with pytest.raises(ValueError, match="begin is 990"), view.hold_trait_notifications():
        view.final, view.begin = 0.3, 990
    assert (view.final, view.begin) == (0.9, 900)


def test_wrong_values_from_the_page_are_reported_and_reverted():
    view = ScheduleView()
    view.set_state({"begin": 900, "end": 800})
    assert (view.begin, view.end) == (0, 750)
    assert "begin is 900 and end is 800" in view.error
    view.set_state({"begin": 700, "end": 800, "final": 1})
    assert (view.begin, view.end, view.final, view.error) == (700, 800, 1.0, "")
