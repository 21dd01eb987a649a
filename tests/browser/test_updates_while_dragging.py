"""The kernel sends updates during a drag, as when the model trains: the page follows the pointer."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.widgets import buffers

from ..support.bare import encoded, open_page, saved, set_traits, settle, show, trait
from ..support.hands import dragging, pixels, stop_clock
from ..support.labs import WEIGHTS, lab
from ..support.scores import count_below

SLIDER, HISTOGRAM = ".pw-range", ".pw-histogram canvas"
VIEWS = {
    "lab, slider": (lambda: lab(threshold=0.02), SLIDER),
    "lab, histogram": (lambda: lab(threshold=0.02), HISTOGRAM),
    "histogram": (lambda: pw.WeightHistogram(WEIGHTS, threshold=0.02), HISTOGRAM),
    "slider": (lambda: pw.ThresholdSlider(pw.score(WEIGHTS), threshold=0.02), SLIDER),
}
PACKED = (
    *("layers", "dtype", "weights", "scores", "stop_lists", "stops", "stops_below"),
    *("sparsity", "generation"),
)
ORDERED = ("ordered", "below", "total", "sparsity")


@pytest.fixture
def still(new_page):
    """A page with a stopped clock, so that no pause ends before the test says so."""
    page = new_page()
    page.clock.install()
    open_page(page)
    return page


def trained(view, page):
    """Send what a step of training makes of the weights, as the kernel would; return their scores."""
    rng = np.random.default_rng(11)
    if isinstance(view, pw.ThresholdSlider):
        scores = np.abs(rng.normal(0, 0.3, view.total)).astype(np.float32)
        view, names = pw.ThresholdSlider(scores, threshold=view.threshold), ORDERED
    else:
        arrays = view.live.weights if isinstance(view, pw.PruningLab) else WEIGHTS
        other = {name: rng.normal(0, 0.3, w.shape).astype(np.float32) for name, w in arrays.items()}
        scores = np.concatenate([np.abs(w).ravel() for w in other.values()])
        view.show_weights(other)
        names = PACKED
    set_traits_without_frames(page, {name: getattr(view, name) for name in names})
    return scores


def set_traits_without_frames(page, values):
    """As `set_traits`, on a page whose time stands still."""
    page.evaluate(
        """async (values) => {
            const { decoded } = await import("/host.js");
            for (const [name, value] of Object.entries(values)) views.view.model.set(name, decoded(value));
        }""",
        {name: encoded(value) for name, value in values.items()},
    )


def thumb(page):
    """Where the slider's thumb stands, 0 to 1."""
    return page.evaluate("() => { const r = document.querySelector('.pw-range'); return r.value / r.max; }")


@pytest.mark.parametrize("name", VIEWS)
def test_new_weights_do_not_move_a_dragged_threshold(still, name):
    make, handle = VIEWS[name]
    view = make()
    show(still, view)
    stop_clock(still)
    with dragging(still, still.locator(handle), 0.58, 0.65):
        threshold = trait(still, "threshold")
        assert threshold > 0.02
        before, at = still.locator(".pw-view").screenshot(), thumb(still) if handle == SLIDER else None
        scores = trained(view, still)
        removed = count_below(scores, threshold)
        assert trait(still, "threshold") == threshold
        assert trait(still, "sparsity") == removed / scores.size
        assert still.inner_text(".pw-count").startswith(f"{removed:,} of {scores.size:,} weights removed")
        still.clock.run_for(100)
        assert still.locator(".pw-view").screenshot() != before
        if handle == SLIDER:  # the thumb stays under the pointer, and the next move goes on from there
            assert thumb(still) == at
            box = still.locator(handle).bounding_box()
            still.mouse.move(box["x"] + 0.652 * box["width"], box["y"] + box["height"] / 2)
            assert threshold < trait(still, "threshold") < 1.1 * threshold
        assert saved(still) == []
    last = trait(still, "threshold")
    assert saved(still) == [{"threshold": last, "sparsity": count_below(scores, last) / scores.size}]
    still.keyboard.press("Control+z") if handle == HISTOGRAM else still.click(".pw-undo")
    assert trait(still, "threshold") == 0.02


@pytest.mark.parametrize("name", VIEWS)
def test_an_answer_to_an_earlier_threshold_does_not_move_a_dragged_one(still, name):
    make, handle = VIEWS[name]
    show(still, make())
    stop_clock(still)
    with dragging(still, still.locator(handle), 0.58, 0.65):
        threshold, sparsity = trait(still, "threshold"), trait(still, "sparsity")
        set_traits_without_frames(still, {"threshold": 0.01, "sparsity": 0.001})
        assert (trait(still, "threshold"), trait(still, "sparsity")) == (threshold, sparsity)
        still.clock.run_for(300)
        assert [sent["threshold"] for sent in saved(still)] == [threshold]
        set_traits_without_frames(still, {"threshold": 0.01, "sparsity": 0.001})
        assert trait(still, "threshold") == threshold
    assert saved(still)[-1] == {"threshold": threshold, "sparsity": sparsity}
    set_traits_without_frames(still, {"threshold": 0.01})  # now the hand is gone
    assert trait(still, "threshold") == 0.01


def test_an_answer_to_an_earlier_threshold_does_not_undo_later_keys(still):
    show(still, pw.ThresholdSlider(pw.score(WEIGHTS), threshold=0.02))
    stop_clock(still)
    still.press(SLIDER, "PageUp")
    threshold = trait(still, "threshold")
    set_traits_without_frames(still, {"threshold": 0.01, "sparsity": 0.001})
    assert trait(still, "threshold") == threshold
    still.clock.run_for(300)
    assert [sent["threshold"] for sent in saved(still)] == [threshold]


def test_a_press_without_a_move_holds_nothing(still):
    show(still, pw.ThresholdSlider(pw.score(WEIGHTS), threshold=0.02))
    stop_clock(still)
    box = still.locator(SLIDER).bounding_box()
    still.mouse.move(box["x"] + 8 + thumb(still) * (box["width"] - 16), box["y"] + box["height"] / 2)
    still.mouse.down()
    still.mouse.up()
    set_traits_without_frames(still, {"threshold": 0.01})
    assert trait(still, "threshold") == 0.01


def test_with_a_sample_a_drag_stops_at_exact_counts(still, monkeypatch):
    monkeypatch.setattr(buffers, "MOST_SENT", 500)
    monkeypatch.setattr(buffers, "STOPS", 64)
    view = pw.WeightHistogram(WEIGHTS, threshold=0.02)
    show(still, view)
    stop_clock(still)
    with dragging(still, still.locator(HISTOGRAM), 0.58, 0.65):
        threshold = trait(still, "threshold")
        scores = trained(view, still)
        held = trait(still, "threshold")
        assert threshold <= held < 1.3 * threshold
        assert trait(still, "sparsity") == count_below(scores, held) / scores.size


def test_after_a_drag_the_slider_position_fits_the_new_weights(bare):
    view = pw.ThresholdSlider(pw.score(WEIGHTS), threshold=0.02)
    show(bare, view)
    with dragging(bare, bare.locator(SLIDER), 0.3, 0.5):
        trained(view, bare)
    settle(bare)
    threshold, at, picture = trait(bare, "threshold"), thumb(bare), pixels(bare.locator("canvas.pw-canvas"))
    set_traits(bare, threshold=0.0)
    set_traits(bare, threshold=threshold)
    assert thumb(bare) == at
    assert np.array_equal(pixels(bare.locator("canvas.pw-canvas")), picture)
