"""The schedule on a bare page: its numbers are Python's, and dragging sends no invalid value."""

import numpy as np
import pytest

from prunewidgets.core.schedules import rounds_to
from prunewidgets.widgets.schedule import SETTINGS, ScheduleView, checked_settings

from ..support.bare import run, saved, set_traits, settle, show, trait
from ..support.hands import PAUSE, pixels, type_into

CANVAS, DETAIL, NOTE = "canvas.pw-canvas", ".pw-reading", ".pw-note"
KINDS = ["constant", "one_shot", "iterative", "polynomial"]


def settings(page, name="view"):
    """The settings that the page has now; an error if Python would refuse them."""
    return checked_settings(**{setting: trait(page, setting, name) for setting in SETTINGS})


def field(page, setting):
    return page.locator(f"[data-setting={setting}] input.pw-entry")


def flag(page, mark):
    return page.locator(f".pw-flag[data-mark={mark}]")


def line(page, mark, total=1000):
    """Where on the page the line of a mark stands, in pixels, and how many pixels a step takes."""
    box = page.locator(CANVAS).bounding_box()
    size = page.locator(CANVAS).evaluate("(canvas) => parseFloat(getComputedStyle(canvas).fontSize)")
    left, right = round(5.4 * size), round(1.8 * size)  # as `margins` of axes.js
    each = (box["width"] - left - right) / total
    return box["x"] + left + trait(page, mark) * each, box["y"] + 0.6 * box["height"], each


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_draws_what_python_computes(bare, kind):
    random = np.random.default_rng(5)
    views = [
        ScheduleView(1, kind, 0.36, 0, 1),
        ScheduleView(10, kind, 0.0),
        ScheduleView(10, kind, 0.5, 4, 4),
    ]
    for _ in range(80):
        total = int(random.integers(1, 10 ** random.integers(1, 7)))
        begin, end = np.sort(random.integers(0, total + 1, 2)).tolist()
        final, power, share = random.uniform(0, 0.9999), random.uniform(0.1, 9), random.uniform(0.01, 0.95)
        views.append(ScheduleView(total, kind, final, begin, end, power, share))
    steps = [[0, v.begin, v.end, v.total, *random.integers(0, v.total + 1, 30).tolist()] for v in views]
    asked = [[{name: getattr(v, name) for name in SETTINGS}, at] for v, at in zip(views, steps, strict=True)]
    body = "({ scheduledSparsity: f }, asked) => asked.map(([s, steps]) => steps.map((n) => f(s, n)))"
    drawn = run(bare, "numbers/schedules", body, asked)
    expected = [[v.schedule(step) for step in at] for v, at in zip(views, steps, strict=True)]
    np.testing.assert_allclose(drawn, expected, rtol=0, atol=1e-12)


def test_the_page_counts_rounds_as_python_does(bare):
    cases = [(1 - (1 - share) ** n, share) for share in (0.1, 0.2, 0.25, 0.5, 0.9) for n in range(12)]
    cases += [(0.9, 0.2), (0.0, 0.2), (0.9999, 0.001)]
    body = "({ roundsTo }, cases) => cases.map(([final, share]) => roundsTo(final, share))"
    assert run(bare, "numbers/schedules", body, cases) == [rounds_to(final, share) for final, share in cases]


def test_the_mouse_and_the_arrow_keys_read_a_step(bare):
    show(bare, ScheduleView(begin=100, end=1000))
    x, y, each = line(bare, "begin")
    bare.mouse.move(x + 450 * each, y)
    assert bare.inner_text(DETAIL) == "step 550: 78.75 % removed, 21.25 % left"
    bare.press(CANVAS, "ArrowLeft")
    assert bare.inner_text(DETAIL).startswith("step 540:")
    bare.press(CANVAS, "Shift+ArrowRight")
    assert bare.inner_text(DETAIL).startswith("step 640:")
    for key, text in (("Home", "step 0: 0.00 %"), ("End", "step 1,000: 90.00 %")):
        bare.press(CANVAS, key)
        assert bare.inner_text(DETAIL).startswith(text)
    bare.press(CANVAS, "ArrowRight")
    assert bare.inner_text(DETAIL).startswith("step 1,000")
    bare.wait_for_timeout(650)
    assert bare.inner_text(DETAIL) in bare.locator(".pw-spoken").all_text_contents()
    assert saved(bare) == []


@pytest.mark.parametrize("hold", ["flag", "line"])
def test_dragged_marks_do_not_cross(bare, hold):
    show(bare, ScheduleView(begin=200, end=600))
    drags = [("begin", 200, (400, 600)), ("begin", 400, (600, 600)), ("end", 300, (600, 900))]
    for mark, by, expected in drags:
        x, y, each = line(bare, mark)
        if hold == "flag":
            box = flag(bare, mark).bounding_box()
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        elif mark == "end":
            x += 2  # both lines stand here: the right side is the last one's
        bare.mouse.move(x, y)
        bare.mouse.down()
        bare.mouse.move(x + by * each, y, steps=6)
        assert (trait(bare, "begin"), trait(bare, "end")) == expected
        sent = len(saved(bare))
        bare.mouse.up()
        settle(bare)
        assert len(saved(bare)) > sent  # the kernel is informed on release
        settings(bare)


def test_a_press_without_a_move_keeps_an_uneven_step(bare):
    show(bare, ScheduleView(total=100_000, begin=33_333, end=77_777))
    flag(bare, "begin").click()
    assert (trait(bare, "begin"), trait(bare, "end")) == (33_333, 77_777)


def test_marks_move_by_keys_within_their_limits(bare):
    show(bare, ScheduleView(begin=200, end=600))
    keys = ["ArrowRight", "Shift+ArrowRight", "End", "ArrowRight", "Home", "ArrowLeft"]
    seen = []
    for key in keys:
        flag(bare, "begin").press(key)
        seen.append(trait(bare, "begin"))
    assert seen == [210, 310, 600, 600, 0, 0]
    assert flag(bare, "begin").get_attribute("aria-valuemax") == "600"
    assert flag(bare, "begin").get_attribute("aria-valuetext") == "step 0: 0.00 % removed, 100.00 % left"
    bare.wait_for_timeout(PAUSE)
    assert len(saved(bare)) >= 1


@pytest.mark.parametrize(
    ("kind", "setting", "text", "value"),
    [
        ("polynomial", "final", "97,5 %", 0.975),
        ("polynomial", "begin", "300", 300),
        ("polynomial", "end", "1000", 1000),
        ("polynomial", "power", "1.5", 1.5),
        ("iterative", "share", "35", 0.35),
        ("constant", "final", "29", 0.29),
    ],
)
def test_a_typed_value_is_used(bare, kind, setting, text, value):
    show(bare, ScheduleView(kind=kind))
    before = pixels(bare.locator(CANVAS))
    type_into(field(bare, setting), text)
    settle(bare)
    assert settings(bare)[setting] == value
    assert len(saved(bare)) == 1
    assert not np.array_equal(before, pixels(bare.locator(CANVAS)))


@pytest.mark.parametrize(
    ("kind", "setting", "text"),
    [
        ("polynomial", "final", "101"),
        ("polynomial", "final", "-1"),
        ("iterative", "final", "100"),
        ("polynomial", "begin", "751"),
        ("polynomial", "begin", "1.5"),
        ("polynomial", "end", "1001"),
        ("polynomial", "end", ""),
        ("polynomial", "power", "0"),
        ("polynomial", "power", "Infinity"),
        ("polynomial", "power", "three"),
        ("iterative", "share", "100"),
        ("iterative", "share", "0"),
    ],
)
def test_a_wrong_value_is_reported_and_never_sent(bare, kind, setting, text):
    view = ScheduleView(kind=kind)
    show(bare, view)
    type_into(field(bare, setting), text)
    assert f"“{text}”" in bare.inner_text(NOTE)
    assert field(bare, setting).get_attribute("aria-invalid") == "true"
    assert settings(bare)[setting] == getattr(view, setting)
    assert saved(bare) == []
    field(bare, setting).press("Tab")
    assert f"“{text}”" in bare.inner_text(NOTE)  # still to be read
    field(bare, setting).press("Escape")
    assert field(bare, setting).get_attribute("aria-invalid") is None
    assert bare.inner_text(NOTE) == ""


def test_each_kind_shows_its_own_settings_and_marks(bare):
    show(bare, ScheduleView())
    used = {
        "constant": ["final"],
        "one_shot": ["final", "begin"],
        "iterative": ["final", "begin", "end", "share"],
        "polynomial": ["final", "begin", "end", "power"],
    }
    for kind, names in used.items():
        bare.click(f"[data-kind={kind}]")
        settle(bare)
        assert settings(bare)["kind"] == kind
        pressed = bare.locator("[data-kind][aria-pressed=true]").evaluate_all(
            "(all) => all.map((b) => b.dataset.kind)"
        )
        assert pressed == [kind]
        assert [
            name for name in SETTINGS if field(bare, name).count() and field(bare, name).is_visible()
        ] == [name for name in SETTINGS if name in names]
        assert [mark for mark in ("begin", "end") if flag(bare, mark).is_visible()] == [
            mark for mark in ("begin", "end") if mark in names
        ]


def test_rounds_cannot_be_chosen_if_everything_is_removed(bare):
    show(bare, ScheduleView(final=1))
    bare.click("[data-kind=iterative]")
    assert settings(bare)["kind"] == "polynomial"
    assert "below 100 %" in bare.inner_text(NOTE)
    type_into(field(bare, "final"), "90")
    bare.click("[data-kind=iterative]")
    assert settings(bare)["kind"] == "iterative" and bare.inner_text(NOTE) == ""
    bare.press("[data-setting=final] input.pw-range", "End")
    assert settings(bare)["final"] == 0.9999


def test_one_shot_can_begin_after_the_hidden_end(bare):
    show(bare, ScheduleView(kind="one_shot"))
    type_into(field(bare, "begin"), "900")
    assert (settings(bare)["begin"], settings(bare)["end"]) == (900, 900)


def test_sliders_move_by_keys(bare):
    show(bare, ScheduleView())
    bare.press("[data-setting=final] input.pw-range", "ArrowRight")
    bare.press("[data-setting=power] input.pw-range", "ArrowLeft")
    assert (settings(bare)["final"], settings(bare)["power"]) == (0.91, 2.5)
    assert field(bare, "final").input_value() == "91"
    bare.wait_for_timeout(PAUSE)
    assert len(saved(bare)) == 1


def test_python_moves_one_of_two_copies(bare):
    for name in ("a", "b"):
        show(bare, ScheduleView(), name)
    before = {name: pixels(bare.locator(f"#{name} {CANVAS}")) for name in ("a", "b")}
    set_traits(bare, "a", kind="iterative", share=0.5, begin=250)
    assert not np.array_equal(before["a"], pixels(bare.locator(f"#a {CANVAS}")))
    assert np.array_equal(before["b"], pixels(bare.locator(f"#b {CANVAS}")))
    assert "4 rounds" in bare.inner_text("#a .pw-explained")
    assert bare.locator("#a [data-setting=begin] input").input_value() == "250"
    assert saved(bare, "a") == []


def test_nothing_overflows_and_marks_never_hide_each_other(bare):
    show(bare, ScheduleView(begin=0, end=0))
    for width, (begin, end) in [(1280, (0, 0)), (1280, (1000, 1000)), (400, (500, 510)), (400, (990, 1000))]:
        bare.set_viewport_size({"width": width, "height": 700})
        set_traits(bare, end=end, begin=begin)
        assert bare.evaluate("document.documentElement.scrollWidth <= innerWidth")
        frame = bare.locator(".pw-rise").bounding_box()
        first, last = flag(bare, "begin").bounding_box(), flag(bare, "end").bounding_box()
        for box in (first, last):
            assert box["x"] >= frame["x"] - 1 and box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
        assert last["y"] + last["height"] <= first["y"]


def test_themes_redraw_the_picture(bare):
    show(bare, ScheduleView())
    light = pixels(bare.locator(CANVAS))
    bare.evaluate("document.body.dataset.jpThemeLight = 'false'")
    bare.wait_for_timeout(100)
    settle(bare)
    assert not np.array_equal(light, pixels(bare.locator(CANVAS)))


def test_steps_of_a_long_training_are_shown_in_full(bare):
    show(bare, ScheduleView(100_000_000, end=100_000_000), style="width: 900px")
    assert field(bare, "end").evaluate("(field) => field.scrollWidth <= field.clientWidth")
    drawn = pixels(bare.locator(CANVAS))
    assert (drawn[:, -2:] == drawn[:1, -2:]).all()  # no number runs into the edge


def test_the_layout_does_not_move_when_a_number_gets_longer(bare):
    show(bare, ScheduleView(2_000_000, begin=100, end=150), style="width: 1170px")
    before = bare.locator(CANVAS).bounding_box()
    set_traits(bare, end=1_500_000)  # one line more, without the room kept for it
    assert bare.locator(CANVAS).bounding_box() == before
    set_traits(bare, kind="constant")
    assert "flags" not in bare.locator(DETAIL).get_attribute("data-hint")
