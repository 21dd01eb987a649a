"""The lab in a real JupyterLab, against NumPy masks on a Keras clone."""

import numpy as np
import pytest

from ..support.hands import drag, state_is, type_into
from ..support.handwriting import ONE, PAD, as_digit, draw

NOTEBOOK = "lab.ipynb"
LAB, OTHER = ".pw-lab >> nth=0", ".pw-lab >> nth=1"


@pytest.fixture(scope="module")
def opened(lab_page, workbook):
    """The page with the notebook run: a lab on small_cnn, another on lenet_300_100."""
    lab_page.set_viewport_size({"width": 1920, "height": 1080})
    elsewhere = workbook.open(lab_page, NOTEBOOK)
    workbook.run_all(lab_page, NOTEBOOK)
    lab_page.wait_for_selector(".pw-lab")
    yield lab_page
    assert elsewhere == []
    assert lab_page.errors == []


@pytest.fixture
def lab(opened, ask):
    """The first lab on the page, at τ = 0.03 for all layers, measured; the model as it was."""
    ask("[lab.cancel(), lab.restore(), lab.set_trait('criterion', 'magnitude')]")
    ask("lab.set_trait('scope', 'global')")
    ask("[setattr(lab, 'threshold', 0.03), lab.wait(60)]")
    shown = opened.locator(LAB)
    shown.scroll_into_view_if_needed()
    state_is(shown, "measured")
    return shown


def said_accuracy(shown):
    """The accuracy that the page shows, as a fraction."""
    return float(shown.locator(".pw-accuracy").inner_text().removesuffix(" %")) / 100


def test_a_drag_is_measured_like_a_direct_evaluation(lab, opened, ask):
    drag(opened, lab.locator(".pw-range"), 0.5, 0.68)
    state_is(lab, "measured")
    threshold, sparsity, removed = ask("[lab.threshold, lab.sparsity, lab.masks.removed]")
    assert threshold > 0.04
    assert removed == ask(f"removed_by_hand({threshold})") == round(sparsity * 56_592)
    assert lab.locator(".pw-count").inner_text() == f"{removed:,} of 56,592 weights removed"
    by_hand = ask(f"by_hand({threshold})")
    assert ask("float(lab.accuracy)") == pytest.approx(by_hand, abs=1e-6)
    assert said_accuracy(lab) == pytest.approx(by_hand, abs=5e-5)
    assert ask("[untouched(), lab.error]") == [True, ""]


def test_slider_accuracy_and_pictures_are_on_one_small_screen_with_the_file_browser(lab, opened):
    opened.set_viewport_size({"width": 1280, "height": 720})
    lab.evaluate("(lab) => lab.scrollIntoView({ block: 'start' })")
    opened.wait_for_timeout(500)
    assert opened.locator(".jp-FileBrowser").is_visible()
    assert lab.bounding_box()["width"] < 900
    notebook = opened.locator(".jp-WindowedPanel-outer").bounding_box()
    parts = [".pw-range", ".pw-accuracy", ".pw-histogram canvas", ".pw-heatmap canvas", ".pw-curve canvas"]
    boxes = {part: lab.locator(part).bounding_box() for part in [*parts, ".pw-flips"]}
    opened.set_viewport_size({"width": 1920, "height": 1080})
    for part, box in boxes.items():
        assert box["y"] >= notebook["y"], part
        assert box["y"] + box["height"] <= notebook["y"] + notebook["height"], part


def test_one_threshold_for_each_layer_reaches_the_masks(lab, opened, ask):
    lab.locator("summary").click()
    lab.locator(".pw-select").nth(0).select_option("conv_2/kernel")
    lab.locator("text=one τ for each layer").check()
    type_into(lab.locator(".pw-number").nth(0), "0.1")
    state_is(lab, "measured")
    scope, thresholds = ask("[lab.scope, lab.thresholds]")
    assert scope == "layer"
    assert thresholds == {name: 0.1 if name == "conv_2/kernel" else 0.03 for name in thresholds}
    kept = ask("{name: int(mask.sum()) for name, mask in lab.masks.items()}")
    by_hand = ask(
        "{name: int((np.abs(lab.live.weights[name]) >= np.float32(tau)).sum())"
        " for name, tau in lab.thresholds.items()}"
    )
    assert kept == by_hand


def test_another_criterion_is_measured_again(lab, ask):
    ask("lab.set_trait('settings_open', True)")
    lab.locator(".pw-select").nth(1).select_option("squared")
    type_into(lab.locator(".pw-number").nth(0), "0.0016")
    state_is(lab, "measured")
    assert ask("[lab.criterion, lab.masks.removed]") == ["squared", ask("removed_by_hand(0.04)")]


def test_the_curve_is_measured_point_by_point(lab, ask):
    lab.locator("text=Measure curve").click()
    lab.locator(".pw-progress").wait_for()
    lab.locator("text=Measure curve >> nth=0").wait_for()
    ask("lab.wait(120)")
    rows = ask("[[r.sparsity, r.threshold, r.accuracy] for r in lab.curve.itertuples()]")
    assert len(rows) == 12
    sparsity, threshold, accuracy = rows[8]
    assert ask(f"[removed_by_hand({threshold}) / 56592, by_hand({threshold})]") == pytest.approx(
        [sparsity, accuracy], abs=1e-6
    )
    assert len(lab.locator(".pw-curve canvas").get_attribute("aria-label").split(";")) == 12
    canvas = lab.locator(".pw-curve canvas")
    canvas.scroll_into_view_if_needed()
    canvas.focus()
    canvas.press("ArrowRight")
    state_is(lab, "measured")
    assert ask("lab.sparsity") > ask("removed_by_hand(0.03)") / 56_592


def test_cancel_keeps_what_is_finished(lab, opened, ask):
    lab.locator("text=Measure curve").click()
    opened.wait_for_function(
        "document.querySelector('.pw-lab .pw-buttons .pw-soft').textContent.match(/[1-9] of 12/)"
    )
    lab.locator("button:text-is('Cancel')").click()
    lab.locator("button:text-is('Measure curve'):enabled").wait_for()
    assert 0 < ask("len(lab.curve)") <= 12
    assert ask("[lab.error, lab.working]") == ["", ""]


def test_apply_prunes_the_model_and_restore_brings_every_bit_back(lab, ask):
    type_into(lab.locator(".pw-number").nth(0), "0.05")
    state_is(lab, "measured")
    lab.locator("button:text-is('Apply')").click()
    lab.locator("button:text-is('Restore'):enabled").wait_for()
    removed = ask("removed_by_hand(0.05)")
    assert f"{removed:,} weights are held at zero" in lab.locator(".pw-buttons").inner_text()
    assert ask("[zeros_now(), untouched()]") == [removed, False]
    # Held through training, without the lab's help.
    assert ask("[model.fit(x[:256], y[:256], verbose=0) and None, zeros_now() >= lab.applied]")[1]
    lab.locator("button:text-is('Restore')").press("Enter")
    lab.locator("button:text-is('Restore'):disabled").wait_for()
    assert ask("untouched()")
    state_is(lab, "measured")


def test_digits_read_wrong_are_those_that_flipped(lab, ask):
    type_into(lab.locator(".pw-number").nth(0), "0.12")
    state_is(lab, "measured")
    ask("lab.wait(60)")
    flips = ask("lab.flips")
    assert flips["total"] > 12
    clone = (
        "[(c := keras.models.clone_model(model)).set_weights("
        "[w if t is None else np.where(np.abs(w) >= np.float32(t), w, 0) for w, t in zip(before, ts)]), "
        "np.argmax(c.predict(x, verbose=0), 1).tolist()][1]"
    )
    unpruned = np.array(ask(f"(lambda ts: {clone})([None] * len(before))"))
    pruned = np.array(ask(f"(lambda ts: {clone})([0.12 if w.ndim > 1 else None for w in before])"))
    labels = np.array(ask("y.tolist()"))
    wrong = np.flatnonzero((unpruned == labels) & (pruned != labels))
    assert flips["total"] == len(wrong)
    assert [flip["index"] for flip in flips["shown"]] == wrong[: len(flips["shown"])].tolist()
    assert lab.locator(".pw-flip").count() == len(flips["shown"])
    first = lab.locator(".pw-flip >> nth=0").inner_text()
    assert first == f"{labels[wrong[0]]} → {pruned[wrong[0]]}"


def test_two_labs_are_independent(lab, opened, ask):
    other = opened.locator(OTHER)
    other.scroll_into_view_if_needed()
    type_into(other.locator(".pw-number").nth(0), "0.02")
    state_is(other, "measured")
    assert ask("[lab.threshold, other.threshold]") == [0.03, 0.02]
    assert ask("[len(lab.layers), len(other.layers)]") == [4, 3]


def test_a_digit_drawn_with_the_mouse_is_read_by_the_model(lab, opened, ask):
    other = opened.locator(OTHER)
    other.locator("text=Draw a digit").click()
    draw(opened, other.locator(PAD), ONE)
    other.locator(".pw-read:text-matches('^Read as')").wait_for(timeout=30_000)
    drawn = np.array(ask("other.drawing.tolist()"))
    assert np.abs(255 * drawn - as_digit(ONE)).max() < 1.5 * 255 / 16
    network = "pw.models.pretrained('lenet_300_100')"
    predicted = ask(f"{network}.predict(other.drawing[None], verbose=0)[0].tolist()")
    assert ask("other.reading['unpruned']") == pytest.approx(predicted, abs=1e-6)
    assert (
        other.locator(".pw-read").inner_text().endswith(f"Without pruning: {np.argmax(predicted)} (>99 %).")
    )
    assert np.argmax(predicted) == 1
    before = ask("other.threshold")
    other.locator("text=Prune until it is misread").click()
    other.locator("text=First misread at").wait_for(timeout=60_000)
    ask("other.wait(60)")
    misread, sparsity, reading = ask("[other.misread, other.sparsity, other.reading['read']]")
    assert misread["sparsity"] == sparsity > 0.5
    assert misread["read"] == reading != 1
    other.locator(".pw-undo").click()
    other.locator(".pw-read:text-matches('^Read as 1')").wait_for(timeout=30_000)
    assert ask("other.threshold") == before
    assert ask("np.array_equal(other.live.model.get_weights()[0], " + network + ".get_weights()[0])")


def test_while_a_cell_runs_the_number_is_marked_stale_and_measured_afterwards(lab, opened, workbook, ask):
    workbook.run_cell(opened, 5, "import time; time.sleep(7)")
    opened.wait_for_timeout(500)
    lab.scroll_into_view_if_needed()
    drag(opened, lab.locator(".pw-range"), 0.5, 0.62)
    assert lab.locator(".pw-state").get_attribute("data-state") in ("stale", "measuring")
    state_is(lab, "no_answer", timeout=6_000)
    workbook.wait_idle(opened, NOTEBOOK)
    state_is(lab, "measured")
    threshold = ask("lab.threshold")
    assert float(lab.locator(".pw-number").nth(0).input_value()) == threshold > 0.03
    assert said_accuracy(lab) == pytest.approx(ask(f"by_hand({threshold})"), abs=5e-5)


def test_after_saving_and_reloading_the_lab_is_back_with_its_state(lab, opened, workbook, ask):
    type_into(lab.locator(".pw-number").nth(0), "0.055")
    state_is(lab, "measured")
    accuracy = said_accuracy(lab)
    workbook.reload(opened, NOTEBOOK)
    back = opened.locator(LAB)
    back.wait_for(timeout=30_000)
    back.scroll_into_view_if_needed()
    state_is(back, "measured")
    assert said_accuracy(back) == accuracy
    assert back.locator(".pw-number").nth(0).input_value() == "0.055"
    back.locator(".pw-range").press("PageUp")
    state_is(back, "measured")
    threshold = ask("lab.threshold")
    assert said_accuracy(back) == pytest.approx(ask(f"by_hand({threshold})"), abs=5e-5)


def test_after_a_kernel_restart_the_lab_says_so_until_its_cell_has_run_again(lab, opened, workbook):
    """The last test: Python's side is gone."""
    accuracy = said_accuracy(lab)
    workbook.restart(opened, NOTEBOOK)
    gone = opened.locator(".pw-kernel-gone:visible")
    assert gone.count() == 2  # both labs
    assert said_accuracy(lab) == accuracy and lab.locator("canvas").count() > 2
    lab.scroll_into_view_if_needed()
    lab.locator(".pw-range").press("PageUp")
    state_is(lab, "stale", timeout=2_000)
    workbook.run_all(opened, NOTEBOOK)
    state_is(opened.locator(LAB), "measured", timeout=60_000)
    assert gone.count() == 0
