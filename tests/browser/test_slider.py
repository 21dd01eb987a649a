"""The slider on a bare page: drag, keys, typing, undo; the kernel is informed when the drag ends."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.widgets import buffers
from prunewidgets.widgets import slider as slider_module

from ..support.bare import open_page, saved, set_traits, show, trait
from ..support.hands import PAUSE, SPARSITY, THRESHOLD, drag, dragging, pixels, stop_clock, type_into
from ..support.scores import count_below

W = np.abs(pw.example.W).ravel()
NORMAL = np.abs(np.random.default_rng(0).normal(0, 0.05, 5_000)).astype(np.float32)


@pytest.fixture
def slider(bare):
    """The article's matrix at its τ."""
    show(bare, pw.ThresholdSlider(pw.score(pw.example.W), threshold=0.5))
    return bare


def counted(page):
    """The sentence beside the fields."""
    return page.inner_text(".pw-count")


def test_the_slider_shows_threshold_sparsity_and_count(slider):
    assert slider.input_value(THRESHOLD) == "0.5"
    assert slider.input_value(SPARSITY) == "50.00"
    assert counted(slider) == "6 of 12 weights removed"


def test_control_z_undoes_a_typed_value(slider):
    slider.fill(SPARSITY, "75")
    slider.press(SPARSITY, "Enter")
    assert slider.input_value(THRESHOLD) != "0.5"
    slider.press(SPARSITY, "Control+z")
    assert slider.input_value(THRESHOLD) == "0.5"


def test_enter_accepts_a_typed_value_without_a_change_event(slider):
    """Chromium on a busy machine left it out in every tenth run."""
    slider.evaluate("addEventListener('change', (event) => event.stopImmediatePropagation(), true)")
    type_into(slider.locator(SPARSITY), "75")
    assert trait(slider, "sparsity") == 0.75
    type_into(slider.locator(THRESHOLD), "0.55")
    assert trait(slider, "threshold") == 0.55


@pytest.mark.parametrize("field", [THRESHOLD, SPARSITY])
def test_a_value_from_the_kernel_keeps_the_text_selected(slider, field):
    """A click on the field, everything selected; then the kernel answers, and the reader types."""
    slider.locator(field).select_text()
    set_traits(slider, threshold=0.3)
    assert slider.input_value(THRESHOLD) == "0.3"
    slider.keyboard.type("0.7")
    assert slider.input_value(field) == "0.7"


@pytest.mark.parametrize("scores", [W, NORMAL], ids=["article", "normal"])
def test_a_drag_moves_the_page_at_once_and_informs_the_kernel_once_at_its_end(new_page, scores):
    page = new_page()
    page.clock.install()
    open_page(page)
    show(page, pw.ThresholdSlider(scores, threshold=0.01))
    before = pixels(page.locator("canvas"))
    stop_clock(page)
    with dragging(page, page.locator(".pw-range"), 0.05, 0.6):
        threshold = trait(page, "threshold")
        removed = count_below(scores, threshold)
        assert 0 < removed < scores.size
        assert counted(page) == f"{removed:,} of {scores.size:,} weights removed"
        assert trait(page, "sparsity") == removed / scores.size
        page.clock.run_for(200)
        assert not np.array_equal(pixels(page.locator("canvas")), before)
        assert saved(page) == []
    sent = [{"threshold": threshold, "sparsity": removed / scores.size}]
    assert saved(page) == sent
    page.clock.run_for(1000)
    assert saved(page) == sent


def test_a_pause_in_a_drag_informs_the_kernel(new_page):
    page = new_page()
    page.clock.install()
    open_page(page)
    show(page, pw.ThresholdSlider(W))
    stop_clock(page)
    with dragging(page, page.locator(".pw-range"), 0.05, 0.6):
        page.clock.run_for(300)
        assert [sent["threshold"] for sent in saved(page)] == [trait(page, "threshold")]


@pytest.mark.parametrize("scores", [W, NORMAL], ids=["article", "normal"])
@pytest.mark.parametrize(
    ("key", "direction"),
    [
        ("ArrowRight", 1),
        ("ArrowUp", 1),
        ("ArrowLeft", -1),
        ("ArrowDown", -1),
        ("PageUp", 1),
        ("PageDown", -1),
    ],
)
def test_keys_move_the_slider(bare, scores, key, direction):
    start = float(np.median(scores)) * 1.001
    show(bare, pw.ThresholdSlider(scores, threshold=start))
    bare.press(".pw-range", key)
    moved = trait(bare, "threshold") - start
    assert moved * direction > 0
    bare.press(".pw-range", "ArrowLeft" if direction > 0 else "ArrowRight")
    assert abs(trait(bare, "threshold") - start) < abs(moved) or abs(moved) < 0.02
    assert saved(bare) == []
    bare.wait_for_timeout(PAUSE)
    assert [sent["threshold"] for sent in saved(bare)] == [trait(bare, "threshold")]


@pytest.mark.parametrize("start", [0.0, 1e-6, 0.003, 0.5, 0.8999, 0.9, 0.9001])
def test_home_removes_nothing_and_end_removes_everything(bare, start):
    """Also from a threshold so near to the end of the way that the thumb stands there already."""
    show(bare, pw.ThresholdSlider(W, threshold=start))
    bare.press(".pw-range", "End")
    assert counted(bare) == "12 of 12 weights removed"
    set_traits(bare, threshold=start)
    bare.press(".pw-range", "Home")
    assert counted(bare) == "0 of 12 weights removed"
    assert trait(bare, "threshold") == 0


def test_the_last_weight_can_be_removed_by_arrow_keys_on_a_logarithmic_slider(bare):
    show(bare, pw.ThresholdSlider(NORMAL, threshold=float(NORMAL.max())))
    assert counted(bare) == "4,999 of 5,000 weights removed"
    bare.press(".pw-range", "ArrowRight")
    assert counted(bare) == "5,000 of 5,000 weights removed"
    bare.press(".pw-range", "ArrowLeft")
    assert count_below(NORMAL, trait(bare, "threshold")) < 5_000


def test_arrow_keys_do_not_get_stuck_where_stops_are_far_apart(bare, monkeypatch):
    monkeypatch.setattr(slider_module, "MOST_SENT", 1_000)
    monkeypatch.setattr(buffers, "STOPS", 12)
    show(bare, pw.ThresholdSlider(NORMAL))
    bare.press(".pw-range", "End")
    counts = []
    for _ in range(6):
        counts.append(count_below(NORMAL, trait(bare, "threshold")))
        assert counted(bare) == f"{counts[-1]:,} of 5,000 weights removed"
        bare.press(".pw-range", "ArrowLeft")
    assert counts == sorted(set(counts), reverse=True)


@pytest.mark.parametrize(
    ("typed", "threshold"),
    [("0.3", 0.3), ("0,3", 0.3), (" 3e-1 ", 0.3), ("0", 0), ("7", 7), ("1e300", 1e300)],
)
def test_a_typed_threshold_is_used_exactly(slider, typed, threshold):
    type_into(slider.locator(THRESHOLD), typed)
    assert trait(slider, "threshold") == threshold
    assert counted(slider) == f"{count_below(W, threshold)} of 12 weights removed"
    assert saved(slider) == [{"threshold": threshold, "sparsity": count_below(W, threshold) / 12}]


@pytest.mark.parametrize("field", [THRESHOLD, SPARSITY])
@pytest.mark.parametrize("wrong", ["-0.1", "abc", "", "Infinity", "NaN", "1.2.3", "<b>1</b>"])
def test_a_wrong_value_is_reported_and_changes_nothing(slider, field, wrong):
    type_into(slider.locator(field), wrong)
    assert trait(slider, "threshold") == 0.5 and saved(slider) == []
    assert f"“{wrong}” is no" in slider.inner_text(".pw-note")
    assert slider.get_attribute(field, "aria-invalid") == "true"
    assert slider.input_value(field) == wrong
    slider.press(field, "Escape")
    assert slider.input_value(field) in ("0.5", "50.00")
    assert slider.inner_text(".pw-note") == ""


def test_a_valid_value_clears_the_error_even_if_nothing_moves(slider):
    type_into(slider.locator(THRESHOLD), "abc")
    type_into(slider.locator(THRESHOLD), "0.50")
    assert slider.inner_text(".pw-note") == ""
    assert slider.get_attribute(THRESHOLD, "aria-invalid") is None
    assert slider.input_value(THRESHOLD) == "0.5"


def test_a_negative_threshold_is_valid_for_negative_scores(bare):
    scores = np.array([-1.5, -0.5, 0.5])
    show(bare, pw.ThresholdSlider(scores))
    type_into(bare.locator(THRESHOLD), "−0.5")
    assert trait(bare, "threshold") == -0.5
    assert counted(bare) == "1 of 3 weights removed"


@pytest.mark.parametrize("n", [20, 8])
@pytest.mark.parametrize("typed", ["2.5", "7.5", "12.5", "37.5", "62.5", "0", "100", "33.3"])
def test_a_typed_sparsity_is_rounded_as_in_python(bare, n, typed):
    scores = np.arange(1.0, n + 1)
    show(bare, pw.ThresholdSlider(scores))
    type_into(bare.locator(SPARSITY), typed)
    removed = round(float(typed) / 100 * n)
    assert trait(bare, "sparsity") == removed / n
    assert count_below(scores, trait(bare, "threshold")) == removed


@pytest.mark.parametrize(
    ("typed", "wanted", "reached"), [("16.67", 2, (1, 3)), ("33.33", 4, (3, 5)), ("66.7", 8, (7, 9))]
)
def test_ties_are_reported_and_the_reached_sparsity_is_shown(slider, typed, wanted, reached):
    for _ in range(2):  # the second time nothing moves
        type_into(slider.locator(SPARSITY), typed)
        note = slider.inner_text(".pw-note")
        assert f"No threshold removes exactly {wanted}" in note
        assert f"{reached[0]} (" in note and f"{reached[1]} (" in note
        assert counted(slider) == f"{reached[0]} of 12 weights removed"
        assert slider.input_value(SPARSITY) == f"{100 * reached[0] / 12:.2f}"


@pytest.mark.parametrize("way", ["button", "key"])
def test_undo_reverts_a_whole_drag(slider, way):
    thumb = slider.locator(".pw-range")
    assert slider.is_disabled(".pw-undo")
    drag(slider, thumb, 0.55, 0.2)
    drag(slider, thumb, 0.2, 0.9)
    slider.mouse.move(5, 700)
    slider.press(".pw-range", "ArrowLeft")
    thresholds = []
    for _ in range(3):
        slider.click(".pw-undo") if way == "button" else slider.press(".pw-range", "Control+z")
        thresholds.append(trait(slider, "threshold"))
    assert thresholds[-1] == 0.5
    assert len(set(thresholds)) == 3
    assert saved(slider)[-1]["threshold"] == 0.5
    assert slider.is_disabled(".pw-undo")


def test_a_click_without_a_move_adds_no_step_to_undo(slider):
    slider.locator(".pw-range").evaluate("(range) => range.dispatchEvent(new PointerEvent('pointerdown'))")
    slider.press(".pw-range", "ArrowRight")
    slider.press(".pw-range", "ArrowRight")
    slider.click(".pw-undo")
    assert trait(slider, "threshold") == pytest.approx(0.51)


def test_python_moves_the_slider(slider):
    at = float(slider.input_value(".pw-range"))
    set_traits(slider, threshold=0.7, sparsity=9 / 12)
    assert float(slider.input_value(".pw-range")) > at
    assert slider.input_value(THRESHOLD) == "0.7"
    assert counted(slider) == "9 of 12 weights removed"


@pytest.mark.parametrize("field", [THRESHOLD, SPARSITY])
def test_a_value_from_the_kernel_does_not_overwrite_typed_text(slider, field):
    slider.fill(field, "30")
    set_traits(slider, threshold=0.7, sparsity=9 / 12)
    assert slider.input_value(field) == "30"
    assert counted(slider) == "9 of 12 weights removed"
    slider.press(field, "Enter")
    assert counted(slider) == ("12 of 12" if field == THRESHOLD else "3 of 12") + " weights removed"
    slider.fill(field, "0.5")
    slider.press(field, "Escape")
    assert slider.input_value(field) == ("30" if field == THRESHOLD else "25.00")


def test_a_screen_reader_gets_the_sliders_value(slider):
    slider.press(".pw-range", "ArrowRight")
    said = "threshold τ 0.51: 7 of 12 weights removed, 58.33 %"
    assert slider.get_attribute(".pw-range", "aria-valuetext") == said
    assert slider.get_attribute(".pw-field .pw-spoken", "aria-live") == "polite"
    slider.wait_for_timeout(650)
    assert slider.text_content(".pw-field .pw-spoken") == said
