"""When the threshold jumps, all pictures move there together; under the hand, or unwanted, at once."""

import numpy as np
import pytest

import prunewidgets as pw

from ..support.bare import open_page, saved, set_traits, settle, show, trait
from ..support.hands import THRESHOLD, dragging, pixels, type_into
from ..support.labs import FRAME, WEIGHTS, lab

# The clock that drawings see: it stands still until the test moves it.
STOP = """() => Object.defineProperty(document.timeline, "currentTime", { get: () => window.now })"""
START, STEP, MOTION = 1000, 1000 / 60, 150
HALFWAY = (1 - 0.5 ** (1 / 3)) * MOTION
NEXT_FRAME = "() => new Promise(requestAnimationFrame)"
HEATMAP = ".pw-heatmap canvas"


@pytest.fixture
def moving(new_page):
    """A page whose reader has nothing against motion, with a stopped clock."""
    page = new_page()
    open_page(page)
    page.emulate_media(reduced_motion="no-preference")
    page.evaluate(f"window.now = {START}")
    page.evaluate(STOP)
    return page


def linked(threshold=0.0):
    """A histogram, a heatmap and a curve that follow each other, at a threshold of the curve's points."""
    views = {
        "histogram": pw.WeightHistogram(WEIGHTS, threshold=threshold),
        "heatmap": pw.SparsityHeatmap(WEIGHTS, threshold=threshold),
        "curve": pw.AccuracyCurve(FRAME),
    }
    views["curve"].sparsity = {0.0: 0.0, 0.3: 0.9}.get(threshold, 0.0)
    pw.link(*views.values())
    return views


def show_all(page, views):
    for name, view in views.items():
        show(page, view, name)


def after(page, milliseconds, jump=START):
    """Set the clock to a time after a jump; in its first frame a motion is one frame old already."""
    page.evaluate("(now) => { window.now = now; }", jump - STEP + milliseconds)
    settle(page)


def pictures(page):
    """The canvases of all views, in their order."""
    return [pixels(canvas) for canvas in page.locator("canvas.pw-canvas").all()]


def same(one, other):
    """Whether each picture is the same."""
    return [bool((a == b).all()) for a, b in zip(one, other, strict=True)]


def test_three_linked_pictures_are_halfway_together_and_end_where_they_would_without_motion(moving, bare):
    show_all(bare, linked())
    begin = pictures(bare)
    set_traits(bare, "histogram", threshold=0.15)
    set_traits(bare, "heatmap", threshold=0.15)
    set_traits(bare, "curve", sparsity=0.45)
    half = pictures(bare)
    type_into(bare.locator(f"#histogram {THRESHOLD}"), "0.3")
    settle(bare)
    end = pictures(bare)

    show_all(moving, linked())
    assert same(pictures(moving), begin) == [True] * 3  # nothing moves in the first picture
    type_into(moving.locator(f"#histogram {THRESHOLD}"), "0.3")
    for name in ("histogram", "heatmap", "curve"):  # numbers and text change at once
        assert trait(moving, "threshold", name) == 0.3
    assert moving.inner_text("#heatmap .pw-count") == bare.inner_text("#heatmap .pw-count")
    assert saved(moving, "histogram") == saved(bare, "histogram")
    settle(moving)
    after(moving, HALFWAY)
    middle = pictures(moving)
    assert same(middle, half) == [True] * 3
    assert same(middle, begin) == same(middle, end) == [False] * 3
    after(moving, MOTION)
    assert same(pictures(moving), end) == [True] * 3


def test_a_jump_during_a_motion_goes_on_from_where_the_drawing_is(moving, bare):
    reference = pw.SparsityHeatmap(WEIGHTS)
    show(bare, reference)
    show(moving, pw.SparsityHeatmap(WEIGHTS))
    set_traits(moving, threshold=0.3)
    after(moving, HALFWAY)
    before = pixels(moving.locator(HEATMAP))
    second = moving.evaluate("window.now")
    set_traits(moving, threshold=0.05)
    after(moving, 0, second)
    assert np.array_equal(pixels(moving.locator(HEATMAP)), before)
    for time, expected in [(HALFWAY, 0.1), (MOTION, 0.05)]:
        after(moving, time, second)
        set_traits(bare, threshold=expected)
        assert np.array_equal(pixels(moving.locator(HEATMAP)), pixels(bare.locator(HEATMAP)))


def test_one_threshold_for_each_layer_moves_in_all_pictures_of_a_lab(moving, bare):
    view = lab(threshold=0.02)
    for page in (bare, moving):
        show(page, view)
        set_traits(page, scope="layer", layer="conv_2/kernel", sparsity=0.2, measured={})
    after(moving, MOTION)  # the sparsity has arrived where it was set to
    jump = moving.evaluate("window.now")
    set_traits(bare, threshold=0.08, sparsity=0.4)
    half = pictures(bare)[1:]  # without the slider's, which is where the thumb is
    set_traits(moving, threshold=0.14, sparsity=0.6)
    after(moving, HALFWAY, jump)
    assert same(pictures(moving)[1:], half) == [True] * 3
    set_traits(bare, threshold=0.14, sparsity=0.6)
    after(moving, MOTION, jump)
    assert same(pictures(moving), pictures(bare)) == [True] * 4
    for page in (bare, moving):
        set_traits(page, layer="dense_1/kernel")  # another layer, whose threshold is the same as before
    for picture in (".pw-histogram canvas", HEATMAP):
        assert np.array_equal(pixels(moving.locator(picture)), pixels(bare.locator(picture)))


@pytest.mark.parametrize("why", ["reduced motion", "hidden page", "print"])
def test_where_no_motion_is_wanted_or_seen_the_next_frame_is_final(moving, bare, why):
    show_all(bare, linked())
    type_into(bare.locator(f"#histogram {THRESHOLD}"), "0.3")
    settle(bare)
    if why == "reduced motion":
        moving.emulate_media(reduced_motion="reduce")
    show_all(moving, linked())
    if why == "hidden page":
        moving.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    type_into(moving.locator(f"#histogram {THRESHOLD}"), "0.3")
    if why == "print":
        moving.evaluate("dispatchEvent(new Event('beforeprint'))")
    else:
        moving.evaluate(NEXT_FRAME)
    assert same(pictures(moving), pictures(bare)) == [True] * 3


@pytest.mark.parametrize("handle", ["#histogram canvas", "#slider .pw-range"])
def test_a_drag_is_drawn_in_the_next_frame_in_linked_views_too(moving, bare, handle):
    views = {"slider": pw.ThresholdSlider(pw.score(WEIGHTS))} | linked()
    pw.link(*views.values())
    show_all(moving, views)
    show_all(bare, views)
    with dragging(moving, moving.locator(handle), 0.58, 0.75):
        moving.evaluate(NEXT_FRAME)
        values = {name: trait(moving, name, "curve") for name in ("threshold", "sparsity")}
        assert values["threshold"] > 0
        for name in views:
            set_traits(bare, name, **(values if name == "curve" else {"threshold": values["threshold"]}))
        assert same(pictures(moving), pictures(bare)) == [True] * 4


def test_nothing_moves_from_one_criterions_threshold_to_anothers(moving, bare):
    view = pw.SparsityHeatmap(WEIGHTS, threshold=0.3)
    show(moving, view)
    view.criterion, view.threshold = "squared", 0.01
    names = ("criterion", "layers", "weights", "scores", "threshold", "sparsity", "generation")
    set_traits(moving, **{name: getattr(view, name) for name in names})
    show(bare, view)
    assert np.array_equal(pixels(moving.locator(HEATMAP)), pixels(bare.locator(HEATMAP)))


def test_a_motion_ends_by_itself_on_a_real_clock(new_page):
    page = new_page()
    open_page(page)
    page.emulate_media(reduced_motion="no-preference")
    show(page, pw.SparsityHeatmap(WEIGHTS), "moved")
    show(page, pw.SparsityHeatmap(WEIGHTS, threshold=0.3), "there")
    page.evaluate("views.moved.model.set('threshold', 0.3)")
    canvases = [page.locator(f"#{name} {HEATMAP}") for name in ("moved", "there")]
    page.wait_for_timeout(4 * MOTION)
    assert np.array_equal(*map(pixels, canvases))
