"""The accuracy curve on a bare page: a click and the arrow keys choose measured points."""

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

from ..support.bare import WRITTEN, open_page, saved, set_traits, settle, show, trait
from ..support.hands import across, pixels
from ..support.labs import lab

CANVAS, DETAIL = ".pw-curve canvas", ".pw-curve .pw-detail"
SPARSITIES = [0.0, 0.5, 0.8, 0.9, 0.95]
FRAME = pd.DataFrame(
    {
        "sparsity": SPARSITIES,
        "accuracy": [0.99, 0.98, 0.95, 0.8, 0.3],
        "low": [0.98, 0.97, 0.94, 0.78, 0.28],
        "high": [0.995, 0.985, 0.96, 0.82, 0.32],
        "threshold": [0.0, 0.02, 0.05, 0.08, 0.11],
    }
)
BARE = FRAME[["sparsity", "accuracy"]]
LINES = pd.concat([FRAME.assign(criterion="magnitude"), BARE.assign(criterion="random", accuracy=0.5)])


def click(page, sparsity):
    """Click the picture at a sparsity."""
    canvas = page.locator(CANVAS)
    page.mouse.click(across(canvas, sparsity), canvas.bounding_box()["y"] + 80)


@pytest.mark.parametrize("at", [0.0, 0.2, 0.3, 0.64, 0.66, 0.86, 0.93, 1.0])
def test_a_click_chooses_the_nearest_measured_point(bare, at):
    show(bare, pw.AccuracyCurve(FRAME))
    click(bare, at)
    nearest = FRAME.iloc[int(np.argmin(np.abs(FRAME["sparsity"] - at)))]
    assert trait(bare, "sparsity") == nearest["sparsity"]
    assert trait(bare, "threshold") == nearest["threshold"]
    bare.wait_for_timeout(250)
    sent = {"threshold": nearest["threshold"], "sparsity": nearest["sparsity"]}
    assert saved(bare) == [sent]


def test_arrow_keys_go_from_point_to_point(bare):
    show(bare, pw.AccuracyCurve(FRAME))
    seen = []
    for key in ["ArrowRight"] * 5 + ["ArrowLeft"] * 5:
        bare.press(CANVAS, key)
        seen.append(trait(bare, "sparsity"))
    assert seen == [0.5, 0.8, 0.9, 0.95, 0.95, 0.9, 0.8, 0.5, 0.0, 0.0]
    assert bare.inner_text(DETAIL) == "sparsity 0.00 %: accuracy 99.00 % (98.00 % to 99.50 %)"
    bare.wait_for_timeout(650)
    assert bare.text_content(".pw-curve .pw-spoken") == bare.inner_text(DETAIL)


@pytest.mark.parametrize("frame", [FRAME, BARE, LINES], ids=["interval", "no interval", "two lines"])
def test_the_mouse_reads_the_nearest_point(bare, frame):
    show(bare, pw.AccuracyCurve(frame))
    canvas = bare.locator(CANVAS)
    bare.mouse.move(across(canvas, 0.79), canvas.bounding_box()["y"] + 50)
    assert "sparsity 80.00 %: accuracy 95.00 %" in bare.inner_text(DETAIL)
    several = "random: sparsity 80.00 %: accuracy 50.00 %"
    assert (several in bare.inner_text(DETAIL)) == (len(frame) > len(FRAME))
    assert ("94.00 %" in bare.inner_text(DETAIL)) == ("low" in frame)


def test_lines_are_named_and_differ_by_more_than_colour(bare):
    show(bare, pw.AccuracyCurve(LINES))
    names = bare.locator(".pw-curve .pw-legend > span").all_inner_texts()
    assert names == ["●magnitude", "■random"]


SEEDS = pd.concat([LINES.assign(seed=0), LINES.assign(seed=1, accuracy=LINES.accuracy - 0.04)])


def test_the_seeds_of_a_method_share_its_colour_and_its_entry(bare):
    show(bare, pw.AccuracyCurve(SEEDS))
    names = bare.locator(".pw-curve .pw-legend > span").all_inner_texts()
    assert names == ["●magnitude", "■random"]
    colours = bare.locator(".pw-curve .pw-swatch").evaluate_all("(all) => all.map((e) => e.style.color)")
    assert colours == ["var(--pw-line-1)", "var(--pw-line-2)"]
    drawn = pixels(bare.locator(CANVAS)).reshape(-1, 4)[:, :3]
    third = [0x00, 0x7A, 0x59]  # of the first colours of style.css, which a third method would have
    assert (drawn == [0x00, 0x72, 0xB2]).all(axis=1).any() and not (drawn == third).all(axis=1).any()
    bare.press(CANVAS, "ArrowRight")
    assert "magnitude, seed 1: sparsity 50.00 %: accuracy 94.00 %" in bare.inner_text(DETAIL)


@pytest.mark.parametrize("first", [0.9, 0.85])
def test_the_axis_stretches_by_itself_from_90_per_cent_on(bare, first):
    box = bare.locator(".pw-curve input[type=checkbox]")
    frame = pd.DataFrame({"sparsity": [0.0, first, 0.99], "accuracy": [0.99, 0.95, 0.9]})
    curve = pw.AccuracyCurve(frame)
    show(bare, curve)
    assert box.is_checked() == (first == 0.9)
    automatic = pixels(bare.locator(CANVAS))
    box.set_checked(first != 0.9)
    settle(bare)
    assert not np.array_equal(automatic, pixels(bare.locator(CANVAS)))
    curve.show_frame(frame[:2])
    set_traits(bare, series=curve.series)
    assert box.is_checked() == (first != 0.9)  # the reader has decided


def test_the_current_sparsity_does_not_look_like_a_measured_point(bare):
    """Solid shapes of the mark's colour are measured accuracies; the guide and its handle are thin lines."""
    show(bare, pw.AccuracyCurve(FRAME.iloc[:0]))
    for sparsity in (0.3, 0.5):
        set_traits(bare, sparsity=sparsity)
        drawn = (pixels(bare.locator(CANVAS))[..., :3] == [0x00, 0x9E, 0x73]).all(axis=-1)
        assert drawn.any()
        five = [drawn[:, shift : drawn.shape[1] - 4 + shift] for shift in range(5)]
        assert np.all(five, axis=0).sum(axis=0).max() <= 2  # the handle's upper edge alone is wide


def test_the_picture_follows_sparsity_and_new_points(bare):
    curve = pw.AccuracyCurve(FRAME.iloc[:2])
    show(bare, curve)
    pictures = [pixels(bare.locator(CANVAS))]
    set_traits(bare, sparsity=0.5, threshold=0.02)
    pictures.append(pixels(bare.locator(CANVAS)))
    curve.show_frame(FRAME)
    set_traits(bare, series=curve.series)
    pictures.append(pixels(bare.locator(CANVAS)))
    bare.check(".pw-curve input[type=checkbox]")
    settle(bare)
    pictures.append(pixels(bare.locator(CANVAS)))
    for before, after in zip(pictures, pictures[1:], strict=False):
        assert not np.array_equal(before, after)
    assert "sparsity 95.00 %: accuracy 30.00 %" in bare.get_attribute(CANVAS, "aria-label")


def test_without_points_a_message_is_shown_and_a_click_does_nothing(bare):
    show(bare, pw.AccuracyCurve(FRAME.iloc[:0]))
    click(bare, 0.5)
    bare.press(CANVAS, "ArrowRight")
    assert trait(bare, "sparsity") == 0 and saved(bare) == []


def test_nothing_measured_is_said_only_where_no_point_is(new_page):
    page = new_page()
    open_page(page)
    page.evaluate(WRITTEN)
    show(page, lab())  # measured at its threshold, and no curve yet
    assert "sparsity: weights removed" in page.evaluate("written")
    set_traits(page, threshold=0.14)  # stale, as during every drag, but something is measured
    assert "nothing measured yet" not in page.evaluate("written")
    set_traits(page, measured={})
    assert "nothing measured yet" in page.evaluate("written")


def test_axes_that_are_not_as_usual_say_so(new_page):
    page = new_page()
    open_page(page)
    page.evaluate(WRITTEN)
    show(page, pw.AccuracyCurve(FRAME))
    assert not any("stretched" in text or "starts at" in text for text in page.evaluate("written"))
    high = pd.DataFrame({"sparsity": [0.9, 0.99], "accuracy": [0.98, 0.93]})
    show(page, pw.AccuracyCurve(high), "high")
    assert "accuracy (starts at 90 %)" in page.evaluate("written")
    assert any("stretched: 90 to 99 %" in text for text in page.evaluate("written"))
