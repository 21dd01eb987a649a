"""Pictures off the screen are drawn when they scroll into view; displays share what they computed."""

import numpy as np
import pytest

import prunewidgets as pw

from ..support.bare import encoded, run, set_traits, settle, show
from ..support.hands import pixels
from ..support.labs import WEIGHTS

MAKERS = {
    "histogram": lambda: pw.WeightHistogram(WEIGHTS, threshold=0.1),
    "heatmap": lambda: pw.SparsityHeatmap(WEIGHTS, threshold=0.1),
    "slider": lambda: pw.ThresholdSlider(pw.score(WEIGHTS), threshold=0.1),
}
# How often each view draws from now on.
COUNT = """() => {
    window.drawn = {};
    const { clearRect } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...area) {
        const view = this.canvas.closest(".view").id;
        drawn[view] = (drawn[view] ?? 0) + 1;
        return clearRect.apply(this, area);
    };
}"""


@pytest.fixture(params=MAKERS)
def two(bare, request):
    """A view at the top of the page and the same one far below."""
    for name in ("near", "far"):
        show(bare, MAKERS[request.param](), name, style="" if name == "near" else "margin-top: 3000px")
    bare.wait_for_timeout(100)
    bare.evaluate(COUNT)
    for name in ("near", "far"):
        set_traits(bare, name, threshold=0.2)
    bare.wait_for_timeout(100)
    return bare


def test_a_picture_off_the_screen_is_not_drawn(two):
    assert two.evaluate("drawn.near") >= 1
    assert two.evaluate("drawn.far") is None
    assert not alike(two)


def alike(page):
    """Whether the two pictures are the same; the rim of a line may be smoothed differently."""
    near, far = (pixels(page.locator(f"#{name} canvas.pw-canvas")).astype(int) for name in ("near", "far"))
    return near.shape == far.shape and np.abs(near - far).max() < 40


def test_a_picture_is_drawn_when_it_scrolls_into_view(two):
    two.locator("#far canvas.pw-canvas").scroll_into_view_if_needed()
    two.wait_for_timeout(100)
    settle(two)
    assert alike(two)


def test_a_picture_is_drawn_before_printing(two):
    two.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert alike(two)


def test_displays_of_one_model_share_its_layers_until_the_weights_change(functions):
    weights = np.arange(6, dtype=np.float32)
    same, other = run(
        functions,
        "numbers/layers",
        """async ({ Layers }, weights) => {
            const { decoded } = await import("/host.js");
            const layer = { name: "a", shape: [6], full_shape: [6], steps: [1],
                size: 6, offset: 0, count: 6 };
            const traits = { dtype: "float32", criterion: "magnitude", layers: [layer], stop_lists: [],
                weights: decoded(weights), generation: 1 };
            const display = () => ({ get: (name) => traits[name] }); // each has a model object of its own
            const first = Layers.of(display());
            const second = Layers.of(display());
            const same = first === second && first.ranking("") === second.ranking("a");
            traits.generation = 2;
            return [same, Layers.of(display()) === first];
        }""",
        encoded(weights),
    )
    assert same and not other
