"""Several views on one page: copies leave each other alone, linked views follow without a kernel."""

import numpy as np
import pytest

import prunewidgets as pw

from ..support.bare import saved, set_traits, settle, show, trait
from ..support.hands import blank_cells, drag, pixels, type_into
from ..support.labs import VIEWS, WEIGHTS, lab

W = pw.example.W


@pytest.mark.parametrize("name", VIEWS)
def test_two_copies_do_not_disturb_each_other(bare, name):
    for copy in ("first", "second"):
        show(bare, VIEWS[name](), copy)
    resting = [pixels(canvas) for canvas in bare.locator("#second canvas.pw-canvas").all()]
    before = trait(bare, "threshold", "second")
    set_traits(bare, "first", threshold=0.11, sparsity=0.5)
    if bare.locator("#first .pw-range").count():
        bare.press("#first .pw-range", "PageUp")
    settle(bare)
    assert trait(bare, "threshold", "first") != before
    assert trait(bare, "threshold", "second") == before and saved(bare, "second") == []
    after = [pixels(canvas) for canvas in bare.locator("#second canvas.pw-canvas").all()]
    assert all(np.array_equal(old, new) for old, new in zip(resting, after, strict=True))


def test_two_labs_keep_their_choices_apart(bare):
    for copy in ("first", "second"):
        show(bare, lab(), copy)
        set_traits(bare, copy, settings_open=True)
    bare.check("#first label >> text=one τ for each layer")
    assert bare.is_checked("#second label >> text=one τ for all layers")
    bare.check("#second label >> text=one τ for each layer")
    assert bare.is_checked("#first label >> text=one τ for each layer")


def test_linked_views_follow_in_the_page_and_count_their_own_weights(bare):
    """A slider and a histogram of other weights, a heatmap and steps of the article's."""
    views = {
        "slider": pw.ThresholdSlider(pw.score(WEIGHTS), threshold=0.1),
        "histogram": pw.WeightHistogram(WEIGHTS),
        "heatmap": pw.SparsityHeatmap(W),
        "steps": pw.SortingSteps(W),
    }
    pw.link(*views.values())
    alone = pw.SparsityHeatmap(W, threshold=0.2)
    for name, view in (views | {"alone": alone}).items():
        show(bare, view, name)
    drag(bare, bare.locator("#slider .pw-range"), 0.3, 0.8)
    threshold = trait(bare, "threshold", "slider")
    settle(bare)
    assert [trait(bare, "threshold", name) for name in views] == [threshold] * 4
    everything = np.abs(np.concatenate([w.ravel() for w in WEIGHTS.values()]))
    counts = [int((everything < np.float32(threshold)).sum())] * 2 + [int((np.abs(W) < threshold).sum())] * 2
    totals = [everything.size] * 2 + [12] * 2
    for name, removed, total in zip(views, counts, totals, strict=True):
        assert bare.inner_text(f"#{name} .pw-count") == f"{removed:,} of {total:,} weights removed"
        assert trait(bare, "sparsity", name) == removed / total
    assert np.array_equal(blank_cells(bare.locator("#heatmap canvas"), 3, 4), np.abs(W) < threshold)
    assert [len(saved(bare, name)) for name in views] == [1, 0, 0, 0]  # one view informs the kernel, once
    assert trait(bare, "threshold", "alone") == 0.2


def test_any_linked_view_leads(bare):
    views = {"slider": pw.ThresholdSlider(pw.score(W)), "histogram": pw.WeightHistogram(W)}
    pw.link(*views.values())
    for name, view in views.items():
        show(bare, view, name)
    bare.press("#histogram canvas", "ArrowRight")
    assert trait(bare, "threshold", "slider") == 0.01
    bare.press("#slider .pw-range", "Home")
    assert trait(bare, "threshold", "histogram") == 0


def test_linked_views_of_the_same_weights_show_their_numbers_once(bare):
    views = {"histogram": pw.WeightHistogram(W), "slider": pw.ThresholdSlider(pw.score(W))}
    others = {
        "heatmap": pw.SparsityHeatmap(W),
        "elsewhere": pw.SparsityHeatmap(W[:2]),
        "alone": pw.WeightHistogram(W),
    }
    pw.link(*views.values(), others["heatmap"], others["elsewhere"])
    for name, view in (views | others).items():
        show(bare, view, name)
    numbers = {name: bare.is_visible(f"#{name} .pw-number >> nth=0") for name in views | others}
    assert numbers == {"histogram": False, "slider": True, "heatmap": False, "elsewhere": True, "alone": True}
    assert {name: bare.is_visible(f"#{name} .pw-undo") for name in numbers} == numbers
    bare.press("#heatmap canvas", "ArrowRight")  # what hides its numbers still has its keys
    bare.press("#histogram canvas", "ArrowRight")
    bare.wait_for_timeout(650)
    spoken = [name for name in numbers if bare.text_content(f"#{name} .pw-field .pw-spoken")]
    assert spoken == ["slider", "elsewhere", "alone"]
    bare.press("#histogram canvas", "Control+z")
    assert trait(bare, "threshold", "slider") == 0


def test_a_linked_curve_goes_to_its_nearest_point_and_leads_with_its_threshold(bare):
    curve, slider = VIEWS["AccuracyCurve"](), VIEWS["ThresholdSlider"]()
    pw.link(slider, curve)
    show(bare, slider, "slider")
    show(bare, curve, "curve")
    type_into(bare.locator("#slider .pw-number >> nth=0"), "0.19")
    assert trait(bare, "sparsity", "curve") == 0.5
    bare.press("#curve canvas", "ArrowRight")
    assert trait(bare, "threshold", "slider") == 0.3
