"""The histogram on a bare page: bars count as NumPy does, the cut is dragged, keys move it."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.widgets import buffers

from ..support.bare import open_page, saved, set_traits, settle, show, trait
from ..support.hands import PAUSE, across, drag, dragging, pixels, stop_clock

RNG = np.random.default_rng(8)
LAYERS = {
    "conv/kernel": RNG.normal(0.05, 0.1, (3, 3, 4, 8)).astype(np.float32),
    "dense/kernel": RNG.normal(0, 0.3, (60, 40)).astype(np.float32),
}
NOTE_TEXTS = """() => {
    window.drawn = {};
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        const { a, b, c, d, e } = this.getTransform();
        const { width } = this.measureText(text);
        const size = parseFloat(this.font);
        const left = this.textAlign === "right" ? x - width : x - width / 2;
        const scale = Math.hypot(a, b); // device pixels in one of the page
        const upright = [e / scale - size / 2, e / scale + size / 2];
        drawn[`${this.textAlign} ${text}`] = b ? upright : [left, left + width];
        return fillText.call(this, text, x, y);
    };
}"""
CANVAS, DETAIL = ".pw-histogram canvas", ".pw-histogram .pw-detail"


def read_bars(page):
    """{bar: (total, removed)} as the view says under the mouse."""
    canvas = page.locator(CANVAS)
    y = canvas.bounding_box()["y"] + 60
    left, right = across(canvas, 0), across(canvas, 1)
    bars = {}
    for bar in range(81):
        page.mouse.move(left + (bar + 0.5) * (right - left) / 81, y)
        counts = page.inner_text(DETAIL).split(": ")[1]
        total, removed = counts.replace(",", "").split(" weights ")
        bars[bar] = (int(total), int(removed.split()[0]))
    return bars


def weight_at(page, share, reach):
    """The weight at a share of the picture's width; the axis goes from -reach to reach."""
    canvas = page.locator(CANVAS)
    box, left, right = canvas.bounding_box(), across(canvas, 0), across(canvas, 1)
    return (box["x"] + share * box["width"] - left) / (right - left) * 2 * reach - reach


@pytest.mark.parametrize("layer", ["", "conv/kernel", "dense/kernel"])
def test_each_bar_has_numpys_count(bare, layer):
    threshold = 0.123
    show(bare, pw.WeightHistogram(LAYERS, layer=layer, threshold=threshold))
    parts = [LAYERS[layer]] if layer else list(LAYERS.values())
    weights = np.concatenate([part.ravel() for part in parts]).astype(float)
    reach = np.abs(weights).max()
    bins = np.minimum(80, np.floor((weights + reach) / (2 * reach / 81)).astype(int))
    gone = np.abs(weights) < np.float32(threshold)
    expected = {b: (int((bins == b).sum()), int(gone[bins == b].sum())) for b in range(81)}
    assert read_bars(bare) == expected


@pytest.mark.parametrize("side", [0.7, 0.35], ids=["right of zero", "left of zero"])
def test_dragging_the_cut_informs_the_kernel_once(new_page, side):
    page = new_page()
    page.clock.install()
    open_page(page)
    show(page, pw.WeightHistogram(LAYERS, threshold=0.02))
    before = pixels(page.locator(CANVAS))
    stop_clock(page)
    with dragging(page, page.locator(CANVAS), 0.6, side):
        reach = max(float(np.abs(w).max()) for w in LAYERS.values())
        assert trait(page, "threshold") == pytest.approx(abs(weight_at(page, side, reach)), abs=0.01)
        page.clock.run_for(200)
        assert not np.array_equal(pixels(page.locator(CANVAS)), before)
        assert saved(page) == []
    assert [sent["threshold"] for sent in saved(page)] == [trait(page, "threshold")]
    page.mouse.move(600, 300)
    page.clock.run_for(1000)
    assert len(saved(page)) == 1


@pytest.mark.parametrize("criterion", ["magnitude", "squared", "distribution", "random"])
def test_arrow_keys_move_the_threshold_under_every_criterion(bare, criterion):
    view = pw.WeightHistogram(LAYERS, criterion=criterion, layer="conv/kernel", threshold=0.05)
    show(bare, view)
    before = trait(bare, "sparsity")
    for _ in range(12):
        bare.press(CANVAS, "ArrowRight")
    moved = trait(bare, "threshold")
    assert moved > 0.05 and trait(bare, "sparsity") > before
    ordered = np.sort(np.concatenate([s.ravel() for s in pw.score(LAYERS, criterion).values()]))
    assert trait(bare, "sparsity") == np.mean(ordered < np.float32(moved))
    bare.press(CANVAS, "Control+z")
    assert trait(bare, "threshold") < moved


@pytest.mark.parametrize("criterion", ["squared", "distribution"])
def test_a_drag_sets_the_score_of_the_weight_under_the_pointer(bare, criterion):
    show(bare, pw.WeightHistogram({"conv": LAYERS["conv/kernel"]}, criterion=criterion))
    drag(bare, bare.locator(CANVAS), 0.6, 0.8)
    weights = LAYERS["conv/kernel"].astype(float)
    w = weight_at(bare, 0.8, np.abs(weights).max())
    score = w * w if criterion == "squared" else abs(w - weights.mean()) / weights.std()
    assert trait(bare, "threshold") == pytest.approx(score, rel=0.03)


def test_the_cut_of_random_scores_cannot_be_dragged(bare):
    show(bare, pw.WeightHistogram(LAYERS, criterion="random", threshold=0.5))
    drag(bare, bare.locator(CANVAS), 0.6, 0.8)
    assert trait(bare, "threshold") == 0.5 and saved(bare) == []


def test_logarithmic_counts_change_the_picture(bare):
    show(bare, pw.WeightHistogram(LAYERS, threshold=0.1))
    before = pixels(bare.locator(CANVAS))
    bare.check(".pw-histogram input[type=checkbox]")
    settle(bare)
    assert not np.array_equal(pixels(bare.locator(CANVAS)), before)


@pytest.mark.parametrize(("largest", "marked"), [(9, True), (200_000, False)])
def test_a_1_on_the_logarithmic_axis_stands_clear_of_the_0(bare, largest, marked):
    weights = np.zeros(largest + 1, np.float32)
    weights[0] = 1
    show(bare, pw.WeightHistogram(weights))
    bare.evaluate(NOTE_TEXTS)
    bare.check(".pw-histogram input[type=checkbox]")
    settle(bare)
    assert ("right 1" in bare.evaluate("drawn")) == marked


def test_choosing_another_layer_informs_the_kernel(bare):
    show(bare, pw.WeightHistogram(LAYERS, threshold=0.1))
    bare.select_option(".pw-select", "conv/kernel")
    assert bare.inner_text(".pw-histogram .pw-title") == "Weights of conv/kernel, cut by magnitude"
    assert trait(bare, "layer") == "conv/kernel" and len(saved(bare)) == 1


def test_an_array_without_a_name_is_not_called_weights_of_weights(bare):
    show(bare, pw.WeightHistogram(pw.example.W, criterion="squared"))
    assert bare.inner_text(".pw-histogram .pw-title") == "Weights, cut by squared"


def test_a_sample_is_labelled_and_all_weights_are_counted(bare, monkeypatch):
    monkeypatch.setattr(buffers, "MOST_SENT", 500)
    monkeypatch.setattr(buffers, "STOPS", 30)
    view = pw.WeightHistogram(LAYERS, threshold=0.1)
    show(bare, view)
    everything = np.abs(np.concatenate([w.ravel() for w in LAYERS.values()]))
    removed = int((everything < np.float32(0.1)).sum())
    assert "— shows" in bare.inner_text(".pw-histogram .pw-title")
    assert bare.inner_text(".pw-count") == f"{removed:,} of {everything.size:,} weights removed"
    view.threshold = 0.2345  # no stop: only the kernel knows how many
    set_traits(bare, threshold=0.2345, sparsity=view.sparsity)
    removed = int((everything < np.float32(0.2345)).sum())
    assert bare.inner_text(".pw-count") == f"{removed:,} of {everything.size:,} weights removed"


@pytest.mark.parametrize(
    "weights",
    [{"a": np.zeros((3, 3))}, {"a": np.ones(1)}, {"a": np.full(4, 5e-324)},
     {"a": np.ones((2, 2)), "empty": np.ones((0, 5))}],
    ids=["zeros", "one", "subnormal", "empty"],
)  # fmt: skip
def test_unusual_layers_are_drawn_without_an_error(bare, weights):
    show(bare, pw.WeightHistogram(weights))
    for name in weights:
        set_traits(bare, layer=name)
        bare.hover(CANVAS)
        bare.wait_for_timeout(PAUSE)
        spoken = bare.get_attribute(CANVAS, "aria-label")
        assert f"Weights of {name}, cut by magnitude: {weights[name].size}," in spoken
        assert "Infinity" not in spoken and "NaN" not in spoken


@pytest.mark.parametrize("side", [500, 2000], ids=["hundreds of thousands", "millions"])
def test_large_counts_stand_clear_of_the_name_of_their_axis(bare, side):
    weights = np.zeros((side, side), np.float32)
    weights[0, 0] = 1
    bare.evaluate(NOTE_TEXTS)
    show(bare, pw.WeightHistogram(weights))
    drawn = bare.evaluate("drawn")
    counts = [place for text, place in drawn.items() if text.endswith(",000")]
    assert counts
    assert min(left for left, _ in counts) >= drawn["center number of weights"][1] + 2
    # The bars have moved with the axis: the one of zero is still above the zero of the axis.
    box = bare.locator(CANVAS).bounding_box()
    bare.mouse.move(box["x"] + sum(drawn["center 0"]) / 2, box["y"] + 60)
    assert f"{side * side - 1:,} weights" in bare.inner_text(DETAIL)
