"""A saved page, opened from its file with the network watched: it moves, measures and asks for nothing."""

import keras
import numpy as np
import pytest

import prunewidgets as pw

from ..support.hands import SPARSITY, THRESHOLD, drag, pixels, state_is, type_into
from ..support.labs import VIEWS, lab
from ..support.saved_pages import NOTE, ready


@pytest.fixture(scope="module")
def measured():
    """One lab for all tests: saving it changes nothing."""
    return lab()


def shown(page):
    """The accuracy and its interval, and what flipped, as the lab says them."""
    return page.inner_text(".pw-accuracy"), page.inner_text(".pw-flips-text").split("\n")


def expected(view):
    """The same from Python."""
    accuracy = view.accuracy
    view.wait()
    flips = view.flips
    lost, won, p = flips["total"], flips["won"], flips["p_value"]
    chance = "p < 0.0001" if p < 0.0001 else f"p = {float(f'{p:.2g}'):g}"
    some, none = f"Now misread ({lost} of {flips['n']}):", f"None of {flips['n']} that were read right"
    rest = [f"{lost} lost, {won} won, {chance}"] if lost + won else []
    return f"{accuracy:.2%}".replace("%", " %"), [some if lost else f"{none} is misread now.", *rest]


def test_a_lab_shows_what_was_measured_at_once_and_says_that_it_checked_itself(open_saved, measured):
    page = open_saved(measured)
    assert page.inner_text(".pw-state") == "measured"
    assert shown(page) == expected(measured)
    assert "without pruning, all 300 are read as in Python" in ready(page)
    assert page.locator(".pw-buttons button:visible").all_inner_texts() == ["Measure curve", "Cancel"]


def test_a_lab_far_below_gets_its_worker_when_it_is_near(open_saved, measured):
    page = open_saved([measured] * 4)
    first, last = page.locator(NOTE).first, page.locator(NOTE).last
    first.get_by_text("Checked on opening").wait_for(timeout=60_000)
    assert "Getting ready" in last.inner_text()
    last.scroll_into_view_if_needed()
    last.get_by_text("Checked on opening").wait_for(timeout=60_000)


def test_a_lab_measures_in_the_page_what_python_measures(open_saved, measured):
    page = open_saved(measured)
    ready(page)
    for sparsity in (0.9, 0.95, 0.6):
        type_into(page.locator(SPARSITY), str(100 * sparsity))
        state_is(page.locator(".pw-lab"), "measured")
        page.wait_for_selector(".pw-flips:not(.pw-stale)")
        measured.sparsity = sparsity
        assert page.input_value(THRESHOLD) == f"{measured.threshold:g}"
        assert shown(page) == expected(measured)
    measured.threshold = 0.05


def test_one_threshold_for_each_layer_is_measured_too(open_saved, measured):
    page = open_saved(measured)
    ready(page)
    page.click(".pw-unfold")
    assert page.locator(".pw-controls select:visible").count() == 1  # of the layer; there is one criterion
    page.select_option(".pw-select >> nth=0", "conv_2/kernel")
    page.check("text=one τ for each layer")
    type_into(page.locator(THRESHOLD), "0.12")
    state_is(page.locator(".pw-lab"), "measured")
    page.wait_for_selector(".pw-flips:not(.pw-stale)")
    measured.scope = "layer"
    measured.thresholds = {"conv_2/kernel": 0.12}
    assert shown(page) == expected(measured)
    measured.scope, measured.threshold = "global", 0.05


def test_a_curve_is_measured_and_can_be_cancelled(open_saved, measured):
    page = open_saved(measured)
    ready(page)
    page.click("text=Measure curve")
    page.locator(".pw-status", has_text="of 12 points").wait_for()
    page.wait_for_selector(".pw-progress", state="hidden", timeout=60_000)
    found = page.evaluate("document.querySelector('.pw-curve canvas').ariaLabel")
    measured.measure_curve()
    measured.wait()
    first, last = (f"{row:.2%}".replace("%", " %") for row in measured.curve.accuracy.iloc[[0, -1]])
    assert first in found and last in found
    before = pixels(page.locator(".pw-curve canvas"))
    page.click("text=Measure curve")
    page.click("text=Cancel")
    page.wait_for_selector(".pw-progress", state="hidden")
    assert page.is_enabled("text=Measure curve") and page.is_disabled("text=Cancel")
    assert pixels(page.locator(".pw-curve canvas")).shape == before.shape


def test_a_digit_is_drawn_and_read_in_the_page(open_saved, measured):
    page = open_saved(measured)
    ready(page)
    page.click("text=Draw a digit")
    box = page.locator(".pw-pad canvas").bounding_box()
    for number, (x, y) in enumerate([(0.25, 0.2), (0.75, 0.2), (0.4, 0.85)]):  # a seven
        page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=8)
        if number == 0:
            page.mouse.down()
    page.mouse.up()
    page.locator(".pw-read", has_text="Read as").wait_for()
    said = page.inner_text(".pw-read")
    drawn = [int(v) for v in page.evaluate("""() => {
        const { data } = document.querySelector(".pw-seen").getContext("2d").getImageData(0, 0, 28, 28);
        return [...data].filter((_, i) => i % 4 === 0);
    }""")]  # fmt: skip
    picture = np.array(drawn, np.float32).reshape(1, 28, 28, 1) / np.float32(255)
    now = measured.live.predict(picture, measured.masks)[0]
    whole = measured.live.predict(picture)[0]
    assert said.startswith(f"Read as {now.argmax()} (") and f"Without pruning: {whole.argmax()} (" in said
    page.click("text=Prune until it is misread")
    page.locator(".pw-found", has_text="First misread at").wait_for(timeout=60_000)
    found = page.inner_text(".pw-found")
    sparsity = float(page.input_value(SPARSITY)) / 100
    masks = pw.Masks.from_threshold(pw.score(measured.live.weights), float(page.input_value(THRESHOLD)))
    assert measured.live.predict(picture, masks)[0].argmax() != whole.argmax()
    assert masks.sparsity == pytest.approx(sparsity, abs=1e-4) and f"instead of {whole.argmax()}" in found


def test_views_move_and_a_linked_lab_measures_with_them(open_saved, measured):
    slider = pw.ThresholdSlider(pw.score(measured.live.weights))
    mine = lab()
    pw.link(slider, mine)
    page = open_saved([slider, mine])
    page.locator(NOTE, has_text="Checked on opening").wait_for(timeout=60_000)
    before = pixels(page.locator(".pw-histogram canvas"))
    drag(page, page.locator(".page-part >> nth=0").locator(".pw-range"), 0.1, 0.6)
    state_is(page.locator(".pw-lab"), "measured")
    page.wait_for_selector(".pw-flips:not(.pw-stale)")
    mine.threshold = float(page.input_value(THRESHOLD))
    assert mine.sparsity > 0.3 and shown(page) == expected(mine)
    assert not np.array_equal(before, pixels(page.locator(".pw-histogram canvas")))


def test_every_view_is_shown_without_a_kernel(open_saved):
    made = [make() for name, make in VIEWS.items() if name != "PruningLab"]
    page = open_saved([*made, pw.ScheduleView()], title="All views")
    assert page.locator(".pw-view").count() == len(made) + 1
    assert page.locator(".pw-error:visible").count() == 0 and "kernel" not in page.inner_text("main")
    canvases = page.locator("canvas.pw-canvas:visible")
    assert canvases.count() > 6


def test_names_stay_text(open_saved):
    name = "<img src=x onerror='window.hacked=1'></script><script>window.hacked=1</script>"
    page = open_saved(pw.WeightHistogram({name: np.eye(3, dtype=np.float32)}), title=name)
    assert page.inner_text("h1") == name and name in page.inner_text(".pw-title")
    assert page.evaluate("window.hacked ?? null") is None
    assert page.locator("img").count() == 0 and page.locator("script").count() == 1


def test_a_model_of_two_inputs_and_one_output_is_measured_too(open_saved):
    """A sentence of words, of any length, and three numbers, handed in by name; the answer is yes or no."""
    rng = np.random.default_rng(0)
    x = {"words": rng.integers(0, 300, (120, 6)), "numbers": rng.normal(size=(120, 3)).astype(np.float32)}
    keras.utils.set_random_seed(1)
    inputs = {
        "words": keras.Input((None,), dtype="int32", name="words"),
        "numbers": keras.Input((3,), name="numbers"),
    }
    meanings = keras.layers.Embedding(300, 8)(inputs["words"])
    joined = keras.layers.Concatenate()([keras.layers.GlobalAveragePooling1D()(meanings), inputs["numbers"]])
    hidden = keras.layers.Dense(16, activation="tanh")(joined)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden), name="opinions")
    model.compile(loss="binary_crossentropy")
    mine = pw.PruningLab(model, x, rng.integers(0, 2, 120))
    page = open_saved(mine)
    assert "all 120 are read as in Python" in ready(page)
    for sparsity in (0.3, 0.7):
        type_into(page.locator(SPARSITY), str(100 * sparsity))
        state_is(page.locator(".pw-lab"), "measured")
        page.wait_for_selector(".pw-flips:not(.pw-stale)")
        mine.sparsity = sparsity
        assert shown(page) == expected(mine)


def test_a_model_that_the_page_cannot_run_goes_from_stop_to_stop(open_saved):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(90, 5, 3)).astype(np.float32), rng.integers(0, 3, 90)
    keras.utils.set_random_seed(0)
    layers = [keras.layers.LSTM(8, name="memory"), keras.layers.Dense(3, name="out")]
    model = keras.Sequential([keras.Input((5, 3)), *layers], name="recurrent")
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    mine = pw.PruningLab(model, x, y)
    page = open_saved(mine)
    assert "memory (LSTM)" in page.inner_text(NOTE) and "measured in Python" in page.inner_text(NOTE)
    assert page.locator(".pw-buttons button:visible").count() == 0
    for typed in ("81", "97.5", "50"):
        type_into(page.locator(SPARSITY), typed)
        assert page.inner_text(".pw-state") == "measured in Python, when this page was saved"
        mine.threshold = float(page.input_value(THRESHOLD))
        assert abs(mine.sparsity - float(typed) / 100) < 0.04
        assert page.inner_text(".pw-accuracy") == f"{mine.accuracy:.2%}".replace("%", " %")
    before = float(page.input_value(SPARSITY))
    page.press(".pw-range", "ArrowLeft")
    page.wait_for_timeout(500)  # the pause after which a key press is answered
    assert float(page.input_value(SPARSITY)) < before - 1  # the next stop, not the same one again
    assert page.get_attribute(".pw-state", "data-state") == "measured"


def test_a_digit_read_otherwise_than_in_python_is_shown_with_its_margin(open_saved, measured, monkeypatch):
    from prunewidgets.pages import lab_data

    read = lab_data._read
    monkeypatch.setattr(lab_data, "_read", lambda *given: np.where(np.arange(300) == 7, 3, read(*given)))
    page = open_saved(measured)
    said = ready(page)
    label = int(read(measured, measured.live.snapshot())[7])
    assert "1 of 300 test digits are read differently than in Python" in said
    assert f"number 7 as {label} instead of 3 (" in said and "apart" in said


def test_a_flipped_picture_may_have_any_size(open_saved):
    """More values than a call takes arguments."""
    x = np.zeros((9, 300, 200, 3), np.uint8)
    x[np.arange(9), :, :, np.arange(9) % 3] = 255
    layers = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3, use_bias=False)]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers], name="colours")
    model.layers[-1].kernel.assign(np.eye(3))
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    page = open_saved(pw.PruningLab(model, x, np.arange(9) % 3))
    ready(page)
    type_into(page.locator(SPARSITY), "100")
    page.locator(".pw-flips-text", has_text="Now misread (6 of 9)").wait_for(timeout=30_000)
    assert page.inner_text(".pw-state") == "measured"
