"""Still pictures: beside each live view there is a picture of its state, for pages where it cannot run."""

import base64
import copy
import io
import re

import anywidget
import nbformat
import numpy as np
import pytest
from nbconvert import HTMLExporter
from PIL import Image

import prunewidgets as pw
from prunewidgets.widgets.lab_view import LabView
from prunewidgets.widgets.still import cut, heatmap, histogram, slider, still_of
from prunewidgets.widgets.still.png import to_png
from prunewidgets.widgets.still.texts import say

from ..support import labs
from ..support.networks import two_dense_layers

LIVE = "application/vnd.jupyter.widget-view+json"
PUBLIC = {
    name
    for name in pw.__all__
    if isinstance(value := getattr(pw, name), type) and issubclass(value, anywidget.AnyWidget)
} - {"Lecture"}  # a button: there is nothing to draw


def ledger_lab() -> pw.LedgerLab:
    made = pw.LedgerLab(two_dense_layers(), threshold=0.3)
    made.cancel()
    return made


MAKERS = labs.VIEWS | {
    "ScheduleView": lambda: pw.ScheduleView(1000, begin=100, end=900),
    "LedgerLab": ledger_lab,
    "PruningLab": lambda: labs.named_lab(["first", "second"]),
}


def shown(view) -> tuple[dict, dict]:
    data, metadata = view._repr_mimebundle_()
    return data, metadata


def picture(data: dict) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data["image/png"], validate=True)))


def random_weights(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, shape).astype(np.float32)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_view_has_one(name):
    view = MAKERS[name]()
    data, metadata = shown(view)
    about = metadata["image/png"]
    drawn = picture(data)
    drawn.load()
    assert data[LIVE]["model_id"] == view.model_id, "the live view is still there"
    assert drawn.size == (round(about["width"] * 1.5), round(about["height"] * 1.5))
    assert len(drawn.getcolors()) > 5
    assert drawn.text["Description"] == about["alt"]
    assert data["text/plain"].split("\n")[1] == about["alt"]
    assert about["alt"].endswith(".")
    assert len(data["image/png"]) < (32_000 if name == "PruningLab" else 16_000), (
        "it is saved with a notebook"
    )


@pytest.mark.parametrize("make", [pw.WeightHistogram, pw.SparsityHeatmap, pw.LedgerView])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_its_counts_are_those_of_numpy(make, dtype):
    weights = {
        "a": random_weights(40, 30).astype(dtype),
        "b": random_weights(3, 3, 4, 5, seed=1).astype(dtype),
    }
    weights["a"][0] = 0.07  # in float32 this is not what Python's 0.07 is
    removed = sum(int((np.abs(array) < array.dtype.type(0.07)).sum()) for array in weights.values())
    text = still_of(make(weights, threshold=0.07)).text
    assert f"{removed:,} of 1,380 weights are removed ({100 * removed / 1380:.2f} %)" in text


def test_it_says_what_is_removed_of_the_layer_shown():
    weights = {"a": random_weights(40, 30), "b": random_weights(20, 10)}
    text = still_of(pw.WeightHistogram(weights, layer="b", threshold=0.1)).text
    assert f"In b, {int((np.abs(weights['b']) < np.float32(0.1)).sum())} of 200 are removed" in text


@pytest.mark.parametrize("criterion", ["magnitude", "squared", "distribution"])
def test_its_bars_count_every_weight_once(criterion):
    weights = random_weights(50, 40)
    view = pw.WeightHistogram(weights, criterion, threshold=0.01)
    bars = histogram.bars_of(cut.parts(view))
    edges = np.linspace(-bars.reach, bars.reach, histogram.BINS + 1)
    assert bars.totals.tolist() == np.histogram(weights.astype(float), edges)[0].tolist()
    gone = pw.score(weights, criterion)["weights"] < np.float32(0.01)
    assert bars.removed.tolist() == np.histogram(weights[gone].astype(float), edges)[0].tolist()


@pytest.mark.parametrize(
    "shape", [(784, 300), (3, 3, 16, 32), (3, 3, 1, 16), (12, 7), (5000,), (3, 3, 300, 200)]
)
def test_its_cells_hold_every_weight_once(shape):
    weights = random_weights(*shape)
    (part,) = cut.parts(pw.SparsityHeatmap(weights, threshold=0.05))
    grid = heatmap.cells_of(part, 76, 217)
    filled = ~np.isnan(grid.kept)
    if grid.each == 1:
        assert filled.sum() == weights.size
        assert grid.kept[filled].sum() == part.kept.sum()
    assert grid.kept.shape[0] <= 76 and grid.kept.shape[1] <= 217
    assert np.nanmin(grid.kept) >= 0 and np.nanmax(grid.kept) <= 1


def test_a_removed_cell_is_blank_and_a_kept_one_is_not():
    (part,) = cut.parts(pw.SparsityHeatmap(pw.example.W, threshold=pw.example.TAU))
    grid = heatmap.cells_of(part, 50, 50)
    assert (grid.kept == (np.abs(pw.example.W) >= pw.example.TAU)).all()


def test_filters_lie_side_by_side():
    kernel = random_weights(3, 3, 2, 4)
    (part,) = cut.parts(pw.SparsityHeatmap(kernel))
    grid = heatmap.cells_of(part, 50, 50)
    assert grid.mean[4:7, 8:11] == pytest.approx(np.abs(kernel[:, :, 1, 2]))
    assert np.isnan(grid.mean[3]).all() and np.isnan(grid.mean[:, 3]).all()


def test_a_large_layer_is_drawn_from_a_sample_and_counted_in_full():
    weights = random_weights(2000, 1000)
    view = pw.SparsityHeatmap(weights, threshold=0.1)
    (part,) = cut.parts(view)
    assert part.weights.size <= cut.MOST_DRAWN < part.size
    assert f"{int((np.abs(weights) < np.float32(0.1)).sum()):,} of 2,000,000" in still_of(view).text


@pytest.mark.parametrize("scores", [random_weights(100, 90), pw.example.W, -np.arange(5.0), np.zeros(300)])
def test_the_slider_reaches_from_none_to_all(scores):
    ordered = pw.ThresholdSlider(np.abs(scores) if (scores > 0).any() else scores)._ordered
    thresholds = slider.travel(ordered, 100)
    below = np.searchsorted(ordered, thresholds.astype(ordered.dtype))
    assert below[0] == 0 and (np.diff(below) >= 0).all()
    assert below[-1] == ordered.size or ordered[-1] <= 0


def test_a_name_is_text():
    name = "<img src=x onerror=alert(1)>\x1b[31m\n{removed}\ud800"
    view = pw.WeightHistogram({name: random_weights(4, 4), "b": random_weights(3, 3)}, layer=name)
    still = still_of(view)
    assert "In <img src=x onerror=alert(1)> {removed}?, 0 of 16 are removed" in still.text
    page, _ = HTMLExporter().from_notebook_node(notebook(view, copy_of_state=False))
    assert "<img src=x" not in page


def test_what_fails_to_draw_never_hides_the_view(monkeypatch):
    monkeypatch.setattr(slider, "draw_slider", lambda *_: 1 / 0)
    view = MAKERS["ThresholdSlider"]()
    data, metadata = shown(view)
    assert LIVE in data and "image/png" not in data and "image/png" not in metadata
    assert data["text/plain"].startswith(repr(view))


def test_nothing_measured_shows_before_the_guess_is_locked():
    view = pw.ExpectedCurve([0.5, 0.9], unpruned=0.99)
    view.guess = {0.5: 0.9, 0.9: 0.8}
    before = still_of(view)
    view.show_frame(labs.FRAME)
    assert still_of(view) == before
    view.stage = "locked"
    assert still_of(view).png != before.png and "off by" in still_of(view).text


def lab_view(**measured) -> LabView:
    view = LabView(title="net", data="test digits", examples=1000)
    view.show_weights({"a": random_weights(20, 10), "b": random_weights(30, 30)})
    view.threshold = 0.1
    here = {"generation": view.generation, "criterion": "magnitude", "counts": view.removed_per_layer()}
    if measured:
        view.measured = {**here, "low": 0.93, "high": 0.96, "n": 1000, **measured}
    return view


def test_a_lab_says_what_was_measured_and_on_what():
    text = still_of(lab_view(accuracy=0.95)).text
    assert text.endswith("Accuracy 95.00 % (93.00–96.00 %, 95 % interval, 1,000 test digits): measured.")


def test_a_lab_does_not_pass_off_an_old_number_as_the_present_one():
    assert still_of(lab_view()).text.endswith("Accuracy: not measured yet.")
    view = lab_view(accuracy=0.95)
    view.threshold = 0.2
    assert still_of(view).text.endswith(": stale: measured at another setting.")
    view.measuring = True
    assert still_of(view).text.endswith(": measuring….")


def test_a_lab_with_a_threshold_for_each_layer_says_so():
    view = lab_view()
    view.scope = "layer"
    view.thresholds = {"a": 0.05, "b": 0.2}
    still = still_of(view)
    assert still.text.startswith("With one τ for each layer, ")
    assert f"{sum(view.removed_per_layer()):,} of 1,100 weights" in still.text
    assert "In b, " in still.text and "(τ = 0.2)" in still.text


def notebook(view, copy_of_state: bool) -> nbformat.NotebookNode:
    """Return a notebook that shows a view, saved with its widget state or without."""
    data, metadata = shown(view)
    output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("view", outputs=[output])])
    if copy_of_state:
        state = {"state": {view.model_id: {}}, "version_major": 2, "version_minor": 0}
        made.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    return copy.deepcopy(made)


def test_a_page_shows_the_picture_only_where_there_is_no_live_view():
    view = MAKERS["ThresholdSlider"]()
    still, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook(view, copy_of_state=False))
    assert f'alt="{still_of(view).text}"' in still
    image = re.compile(r'<img [^>]*src="data:image/png;base64,')
    assert image.search(still) and view.model_id not in still
    live, _ = HTMLExporter().from_notebook_node(notebook(view, copy_of_state=True))
    assert view.model_id in live and not image.search(live)


def test_the_file_holds_the_pixels_that_were_drawn():
    pixels = np.random.default_rng(0).integers(0, 3, (20, 31)).astype(np.uint8)
    pixels[5:9] = pixels[4]
    file = to_png(pixels, [(255, 255, 255), (0, 114, 178), (213, 94, 0)], "τ and ≥")
    opened = Image.open(io.BytesIO(file))
    assert (np.asarray(opened) == pixels).all()
    assert (
        opened.convert("RGB").getpixel((0, 0)) == [(255, 255, 255), (0, 114, 178), (213, 94, 0)][pixels[0, 0]]
    )
    assert opened.text["Description"] == "τ and ≥"


def test_a_value_that_looks_like_a_gap_is_not_filled():
    view = MAKERS["ThresholdSlider"]()
    assert say(view, "layer_shape", layer="{shape}", shape="3 × 4") == "{shape}, 3 × 4"
