"""State that cannot be, as in a damaged notebook: each view keeps its last picture, without an error."""

import base64

import numpy as np
import pytest

import prunewidgets as pw

from ..support.bare import open_page, set_traits, settle, show
from ..support.labs import VIEWS, digits, lab

MAKERS = {
    name: VIEWS[name]
    for name in (
        "ThresholdSlider",
        "SparsityHeatmap",
        "SortingSteps",
        "AccuracyCurve",
        "ExpectedCurve",
        "ShowOfHands",
    )
}
MAKERS |= {
    "WeightHistogram": lambda: sampled(),
    "ScheduleView": lambda: pw.ScheduleView(),
    "LedgerLab": lambda: measured_ledger(),
    "PruningLab": lambda: layered(),
}
OTHERS = ("script", "layout", "tabbable", "tooltip")  # nothing is drawn from these

# What the page shows: texts, what a screen reader gets, the pixels of the canvases.
PICTURES = """
    const canvases = () => [...document.querySelectorAll(".view canvas")];
    const pixels = (some) => some.map((canvas) => canvas.toDataURL()).join();
    const labelled = () => [...document.querySelectorAll(".view [aria-label]")];
    const spoken = () => labelled().map((each) => each.ariaLabel).join();
    const all = () => document.querySelector(".view").innerText + spoken() + pixels(canvases());
    // With other weights a measured accuracy is stale, and its mark on the lab's curve goes.
    const ofWeights = () => pixels(canvases().filter((canvas) => !canvas.closest(".pw-lab .pw-curve")));
    const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const { model } = views.view;
"""
# Names of the traits with which the picture changed. No trait takes any of the junk.
SPOIL = f"""async (names) => {{
    {PICTURES}
    const junk = [NaN, Infinity, [null], [[0.1]], [{{ name: 3 }}], {{ a: [] }}, {{ a: {{ value: "x" }} }}];
    const changed = [];
    for (const name of names) {{
        const [before, weights] = [all(), ofWeights()];
        const [good, generation] = [model.get(name), model.get("generation")];
        for (const value of junk) model.set(name, value);
        await frames();
        if (all() !== before) changed.push(name);
        // All weights are read again with the number of their sending.
        if (name !== "generation") model.set("generation", generation + 1);
        await frames();
        if (ofWeights() !== weights) changed.push(`${{name}} when read again`);
        model.set("generation", generation);
        model.set(name, good);
        await frames();
    }}
    return changed;
}}"""
# The same for traits that have the right form each, and do not belong together.
MIX = f"""async (cases) => {{
    {PICTURES}
    const {{ decoded }} = await import("/host.js");
    const changed = [];
    for (const spoiled of cases) {{
        const good = Object.keys(spoiled).map((name) => [name, model.get(name)]);
        const [weights, generation] = [ofWeights(), model.get("generation")];
        for (const [name, value] of Object.entries(spoiled)) model.set(name, decoded(value));
        model.set("generation", generation + 1);
        await frames();
        if (ofWeights() !== weights) changed.push(spoiled);
        for (const [name, value] of good) model.set(name, value);
        model.set("generation", generation + 2);
        await frames();
    }}
    return changed;
}}"""


def layered():
    """A lab with a τ for each layer and a curve."""
    made = lab()
    made.scope = "layer"
    made.measure_curve()
    assert made.wait(240)
    return made


def sampled():
    """A histogram of more weights than are sent."""
    from prunewidgets.widgets import buffers

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buffers, "MOST_SENT", 2_000)
        weights = np.random.default_rng(0).normal(size=(80, 100)).astype(np.float32)
        return pw.WeightHistogram({"a": weights, "b": weights[:50]}, threshold=0.3)


def measured_ledger():
    made = pw.LedgerLab(pw.models.pretrained("small_cnn"), digits()[0][:40], threshold=0.05)
    made.cancel()
    assert made.wait(240)
    return made


def drawn(page, view):
    """Show a view and wait for what comes later. A canvas is drawn a trace otherwise once it was read."""
    show(page, view)
    page.evaluate(f"() => {{ {PICTURES} all(); document.querySelector('.view').style.width = '1100px'; }}")
    page.wait_for_timeout(600)


@pytest.mark.parametrize("kind", MAKERS)
def test_malformed_state_keeps_the_last_picture(new_page, kind):
    page = new_page()
    open_page(page)
    view = MAKERS[kind]()
    drawn(page, view)
    names = [name for name in view.get_state() if not name.startswith("_") and name not in OTHERS]
    assert page.evaluate(SPOIL, names) == []


def part(**values):
    return {
        name: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for name, value in values.items()
    }


FAR = {"name": "a", "shape": [3], "full_shape": [3], "steps": [1], "size": 3, "offset": 9**9, "count": 3}
MIXED = [
    part(weights=b"\0\0\0"),
    part(weights=b"\0" * 40),
    part(scores=b"\0" * 4),
    part(layers=[]),
    part(layers=[FAR]),
    part(dtype="float64"),
]
OF_SAMPLES = [
    part(stops=b"\0" * 5, stop_lists=[]),
    part(stop_lists=[{"name": "", "length": 10**6, "total": 1}]),
    part(stops_below=b"\0" * 12),
]


@pytest.mark.parametrize("kind", ["WeightHistogram", "SparsityHeatmap", "LedgerLab", "PruningLab"])
def test_parts_that_do_not_fit_together_keep_the_last_picture(new_page, kind):
    page = new_page()
    open_page(page)
    drawn(page, MAKERS[kind]())
    assert page.evaluate(MIX, MIXED + OF_SAMPLES * (kind == "WeightHistogram")) == []


def test_settings_that_do_not_fit_together_keep_the_last_picture(bare):
    drawn(bare, pw.ScheduleView())
    cases = [{"begin": 900, "end": 100}, {"total": 0}, {"power": 0.0}, {"share": 1.0}]
    assert bare.evaluate(MIX, cases) == []


def test_examples_with_too_few_pixels_cause_no_error(bare):
    made = lab(threshold=0.2)
    assert made.flips["total"] > 0
    show(bare, made)
    set_traits(bare, flip_images=b"\0" * 100, flips={**made.flips, "total": 99})
    settle(bare)
    assert "99" in bare.inner_text(".pw-flips")
