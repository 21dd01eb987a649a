"""The expected curve on a bare page: drawn by mouse, touch and keys; nothing measured before the lock."""

import re

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw
from prunewidgets.widgets.expected import gap_between

from ..support.bare import open_page, run, saved, set_traits, settle, show, trait
from ..support.hands import PAUSE, across, pixels

CANVAS, RESULT, LOCK = ".pw-expected canvas", ".pw-result", "button[data-do=lock]"
AT = [0.2, 0.4, 0.6, 0.8]
GUESS = {0.2: 0.95, 0.4: 0.9, 0.6: 0.5, 0.8: 0.4}
FRAME = pd.DataFrame({"sparsity": [0, 0.2, 0.4, 0.6, 0.8], "accuracy": [0.993, 0.977, 0.913, 0.837, 0.151]})


def view(guess=None, frame=FRAME, stage="drawing", at=AT):
    """An expected curve with a known start."""
    made = pw.ExpectedCurve(at, unpruned=0.99)
    made.guess = guess or {}
    made.show_frame(frame)
    made.stage = stage
    return made


def handle(page, sparsity):
    return page.locator(f".pw-handle[data-sparsity='{sparsity}']")


def up(page, accuracy):
    """The y on the page of an accuracy, on an axis from 0 to 100 %."""
    box = page.locator(CANVAS).bounding_box()
    size = page.locator(CANVAS).evaluate("(canvas) => parseFloat(getComputedStyle(canvas).fontSize)")
    top, bottom = round(1.4 * size), round(2.9 * size)  # as `margins` of axes.js
    return box["y"] + box["height"] - bottom - accuracy * (box["height"] - top - bottom)


def middle(page, sparsity):
    box = handle(page, sparsity).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def guess(page):
    return dict(trait(page, "guess"))


def seen(page):
    """All that a reader sees or hears in the view, without the numbers on the axes."""
    labels = page.locator(".pw-expected [aria-label], .pw-expected [aria-valuetext]").evaluate_all(
        "(all) => all.map((e) => [e.ariaLabel, e.ariaValueText, e.title].join(' ')).join(' ')"
    )
    return page.inner_text(".pw-expected") + labels


def test_a_handle_follows_the_mouse_and_only_what_was_touched_counts(bare):
    show(bare, view())
    assert guess(bare) == {}
    x, y = middle(bare, 0.6)
    bare.mouse.move(x, y)
    bare.mouse.down()
    bare.mouse.move(x + 6, up(bare, 0.5), steps=5)
    assert guess(bare) == {0.6: pytest.approx(0.5, abs=0.011)}
    before = len(saved(bare))
    bare.mouse.up()
    assert len(saved(bare)) == before + 1
    assert bare.locator(LOCK).is_disabled()
    assert bare.inner_text(RESULT).startswith("1 of 4 points drawn.")
    bare.mouse.click(*middle(bare, 0.8))  # a press takes it where it rests
    assert guess(bare)[0.8] == guess(bare)[0.6]


@pytest.mark.parametrize("start", [(0.1, 0.97), (0.95, 0.3)], ids=["rightwards", "leftwards"])
def test_one_stroke_sets_all_points_that_it_passes(bare, start):
    show(bare, view())
    canvas = bare.locator(CANVAS)
    corners = sorted([(0.1, 0.97), (0.5, 0.9), (0.95, 0.3)], reverse=start[0] > 0.5)
    bare.mouse.move(across(canvas, corners[0][0]), up(bare, corners[0][1]))
    bare.mouse.down()
    for sparsity, accuracy in corners[1:]:
        bare.mouse.move(across(canvas, sparsity), up(bare, accuracy), steps=3)
    bare.mouse.up()
    line = np.interp(AT, *np.transpose(sorted(corners)))
    assert list(guess(bare)) == AT
    assert list(guess(bare).values()) == pytest.approx(line, abs=0.012)
    assert bare.locator(LOCK).is_enabled()


def test_a_stroke_may_begin_on_a_handle_and_a_click_sets_the_column_below_it(bare):
    show(bare, view())
    bare.mouse.click(across(bare.locator(CANVAS), 0.8) + 5, up(bare, 0.2))
    assert guess(bare) == {0.8: pytest.approx(0.2, abs=0.011)}
    bare.mouse.click(across(bare.locator(CANVAS), 0.7), up(bare, 0.2))
    assert list(guess(bare)) == [0.8]
    x, y = middle(bare, 0.2)
    bare.mouse.move(x, y)
    bare.mouse.down()
    bare.mouse.move(across(bare.locator(CANVAS), 0.5), y, steps=4)
    bare.mouse.up()
    assert guess(bare)[0.2] == guess(bare)[0.4] == pytest.approx(0.79)  # where it rested


def test_keys_draw_a_curve(bare):
    show(bare, view(frame=FRAME[:0]))
    handle(bare, 0.2).focus()
    keys = ["ArrowDown", "PageDown", "ArrowUp", "Home", "End", "ArrowUp", "Shift+Tab", "Tab", "Tab", "Space"]
    found = []
    for key in keys:
        bare.keyboard.press(key)
        found.append(guess(bare).get(0.2))
    assert found == pytest.approx([0.98, 0.88, 0.89, 0, 1, 1, 1, 1, 1, 1])
    assert guess(bare) == {0.2: 1, 0.4: 1}  # the space bar takes it where it rests
    assert handle(bare, 0.4).get_attribute("aria-valuetext") == "at 40 % removed I expect 100 %"
    assert "not said" in handle(bare, 0.6).get_attribute("aria-valuetext")
    bare.wait_for_timeout(PAUSE)
    assert len(saved(bare)) >= 1
    bare.keyboard.press("Control+z")
    assert guess(bare) == {0.2: 1}
    bare.click(".pw-undo")
    assert guess(bare)[0.2] == 0
    bare.click("button[data-do=start_over]")
    assert guess(bare) == {}
    bare.click(".pw-undo")
    assert guess(bare)[0.2] == 0


def test_nothing_measured_shows_before_the_lock(bare):
    show(bare, view(GUESS), "measured", style="width: 900px")
    show(bare, view(GUESS, frame=FRAME[:0]), "empty", style="width: 900px")
    assert np.array_equal(*(pixels(bare.locator(f"#{name} canvas")) for name in ("measured", "empty")))
    assert "stays hidden until you lock" in bare.inner_text(f"#measured {RESULT}")
    assert not re.search(r"97[.,]7|91[.,]3|83[.,]7|15[.,]1|8[.,]\d points", seen(bare))
    assert bare.get_attribute("#measured canvas", "tabindex") == "-1"


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_after_the_lock_the_points_grow_and_the_gap_is_said(bare, motion):
    bare.emulate_media(reduced_motion=motion)
    shown = view(GUESS)
    show(bare, shown)
    bare.click(LOCK)
    assert trait(bare, "stage") == "locked" and len(saved(bare)) == 1
    settle(bare)
    assert (bare.inner_text(RESULT) == "") == (motion == "no-preference")  # it says how the points lie
    bare.wait_for_timeout(1800)
    shown.stage = "locked"
    mean = f"{shown.gap.mean:.1f}"
    said = f"off by {mean} points on average, most at 60 % removed: you expected 50 %, measured 83.7 %."
    assert bare.inner_text(RESULT) == f"Your curve was {said}"
    assert bare.text_content(".pw-expected .pw-spoken") == bare.inner_text(RESULT)
    assert bare.locator(".pw-handle:visible, .pw-expected button:visible").count() == 0
    described = bare.get_attribute(CANVAS, "aria-label")
    assert "sparsity 60.00 %: expected 50.00 %, measured 83.70 %" in described


def test_rows_that_come_after_the_lock_appear_one_by_one(bare):
    show(bare, view(GUESS, frame=FRAME[:0], stage="locked"))
    assert "Nothing is measured yet" in bare.inner_text(RESULT)
    pictures = [pixels(bare.locator(CANVAS))]
    for rows in range(2, 6):
        set_traits(bare, series=view(GUESS, frame=FRAME[:rows]).series)
        pictures.append(pixels(bare.locator(CANVAS)))
        wanted = gap_between(GUESS, 0.99, FRAME[:rows].to_dict("records"))
        assert f"off by {round(wanted.mean, 1):g} points" in bare.inner_text(RESULT)
    for before, after in zip(pictures, pictures[1:], strict=False):
        assert not np.array_equal(before, after)


def test_the_points_show_without_a_guess_when_asked_for(bare):
    show(bare, view({0.2: 0.9}))
    bare.click("button[data-do=show_anyway]")
    assert trait(bare, "stage") == "shown"
    bare.wait_for_timeout(1800)
    assert bare.inner_text(RESULT) == "Measured, without a guess."
    bare.press(CANVAS, "Home")
    bare.press(CANVAS, "ArrowRight")
    assert bare.inner_text(".pw-detail") == "sparsity 20.00 %: accuracy 97.70 %"


def test_a_locked_guess_comes_back_as_it_was(bare):
    """As after the page was loaded again: nothing grows, and nothing can be moved."""
    show(bare, view(GUESS, stage="locked"))
    first = pixels(bare.locator(CANVAS))
    assert bare.inner_text(RESULT).startswith("Your curve was off by")
    bare.mouse.click(across(bare.locator(CANVAS), 0.4), up(bare, 0.2))
    bare.keyboard.press("Control+z")
    bare.mouse.move(0, 0)
    settle(bare)
    assert guess(bare) == GUESS
    assert np.array_equal(first, pixels(bare.locator(CANVAS)))


def test_the_page_measures_the_gap_as_numpy_does(bare):
    random = np.random.default_rng(3)
    cases = []
    for i in range(60):
        at = np.sort(random.choice(np.arange(1, 100), random.integers(1, 7), replace=False)) / 100
        points = random.uniform(0, 1, (random.integers(0, 9), 2)).round(3)
        points[:1] = [[at[-1] + 0.004, 0.5]]  # one that belongs to the end
        rows = [{"sparsity": s, "accuracy": a} for s, a in points.tolist()]
        drawn = list(zip(at.tolist(), random.uniform(0, 1, at.size).tolist(), strict=True))
        cases.append([drawn, None if i % 2 else 0.97, rows])
    body = "({ gapBetween }, cases) => cases.map((each) => gapBetween(...each))"
    found = run(bare, "numbers/expectation", body, cases)
    assert None in found
    for (drawn, unpruned, rows), gap in zip(cases, found, strict=True):
        wanted = gap_between(dict(drawn), unpruned, rows)
        assert (gap is None) == (wanted is None)
        assert gap is None or gap == pytest.approx(wanted._asdict(), abs=1e-9)


def test_high_sparsities_are_stretched_where_they_crowd(bare):
    crowded = [0.5, 0.8, 0.9, 0.95, 0.98]
    for width in (1200, 390):
        bare.set_viewport_size({"width": width, "height": 720})
        show(bare, view(at=crowded), f"view-{width}")
        boxes = [box.bounding_box() for box in bare.locator(f"#view-{width} .pw-handle").all()]
        centres = [box["x"] + box["width"] / 2 for box in boxes]
        assert min(np.diff(centres)) >= 24 and min(box["height"] for box in boxes) >= 24
        bare.evaluate("(name) => document.getElementById(name).remove()", f"view-{width}")


def test_a_finger_on_a_handle_draws_and_one_on_the_picture_scrolls(new_page):
    page = new_page(viewport={"width": 390, "height": 500}, has_touch=True)
    open_page(page)
    show(page, view(), style="margin: 60px 0 900px")
    session = page.context.new_cdp_session(page)

    def swipe(x, y, by):
        for kind, step in [
            ("touchStart", 0),
            *(("touchMove", step) for step in range(1, 9)),
            ("touchEnd", 0),
        ]:
            points = [] if kind == "touchEnd" else [{"x": x, "y": y + by * step / 8}]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            page.wait_for_timeout(20)
        page.wait_for_timeout(300)

    swipe(*middle(page, 0.4), 120)
    drawn = guess(page)
    assert list(drawn) == [0.4] and 0.2 < drawn[0.4] < 0.6
    assert page.evaluate("scrollY") == 0
    swipe(across(page.locator(CANVAS), 0.6), up(page, 0.3), -160)
    assert page.evaluate("scrollY") > 50
    assert guess(page) == drawn


def test_after_start_over_nothing_measured_is_there_and_it_can_be_drawn_again(bare):
    made = view(GUESS, stage="locked")
    show(bare, made)
    assert "off by" in bare.inner_text(".pw-result")
    made.start_over()
    set_traits(bare, stage=made.stage, guess=[])
    assert "hidden until you lock" in bare.inner_text(".pw-result")
    assert bare.locator(".pw-legend").is_hidden()
    bare.press(".pw-handle >> nth=0", "ArrowUp")
    assert len(trait(bare, "guess")) == 1
