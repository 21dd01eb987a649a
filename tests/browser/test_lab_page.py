"""The lab on a bare page: what it shows is what was measured, or it says that it is not."""

import numpy as np
import pytest

from prunewidgets.widgets import buffers

from ..support.bare import open_page, saved, set_traits, settle, show, trait
from ..support.hands import THRESHOLD, across, drag, pixels, stop_clock, type_into
from ..support.labs import digits, lab

STATE = ".pw-state"


@pytest.fixture(scope="module")
def measured():
    """One lab for all tests: they change only its page."""
    return lab()


def magnitudes(view):
    """{layer: |w|}."""
    return {name: np.abs(weights) for name, weights in view.live.weights.items()}


def state(page):
    """measured, stale, …"""
    return page.get_attribute(STATE, "data-state")


def answer(view, **thresholds):
    """What the kernel would send for these thresholds (NumPy's counts), accuracy 0.5."""
    counts = [
        int((scores < np.float32(thresholds.get(name, thresholds[""]))).sum())
        for name, scores in magnitudes(view).items()
    ]
    return {**view.measured, "counts": counts, "accuracy": 0.5, "low": 0.4, "high": 0.6}


def test_the_accuracy_is_shown_with_its_data_and_interval(bare, measured):
    show(bare, measured)
    accuracy, (low, high) = float(measured.accuracy), measured.accuracy.interval
    assert bare.inner_text(".pw-accuracy") == f"{accuracy:.2%}".replace("%", " %")
    row = bare.inner_text(".pw-accuracy-row")
    assert f"({100 * low:.2f}–{100 * high:.2f} %, 95 % interval, 300 test digits)" in row
    assert f"unpruned: {100 * measured.unpruned:.2f} %" in row
    assert state(bare) == "measured"
    assert bare.inner_text(".pw-lab-title").startswith("small_cnn — 56,592 prunable weights")


def test_a_move_makes_the_accuracy_stale_until_the_answer_for_these_masks(new_page, measured):
    page = new_page()
    page.clock.install()
    open_page(page)
    show(page, measured)
    stop_clock(page)
    type_into(page.locator(THRESHOLD), "0.07")
    assert state(page) == "stale"
    page.clock.run_for(4100)
    assert "no answer from the kernel" in page.inner_text(STATE)
    set_traits_without_frames(page, measuring=True)
    assert state(page) == "measuring"
    set_traits_without_frames(page, measured=answer(measured, **{"": 0.06}))
    assert state(page) == "measuring"
    set_traits_without_frames(page, measured=answer(measured, **{"": 0.07}) | {"n": 100})
    assert state(page) == "refining"
    set_traits_without_frames(page, measured=answer(measured, **{"": 0.07}), measuring=False)
    assert state(page) == "measured"
    page.clock.run_for(5000)
    assert state(page) == "measured"


def set_traits_without_frames(page, **values):
    """As `set_traits`, on a page whose clock stands still."""
    page.evaluate(
        "(values) => Object.entries(values).forEach(([k, v]) => views.view.model.set(k, v))", values
    )


def test_a_layer_without_weights_left_is_named_during_a_move(bare, measured):
    show(bare, measured)
    line = bare.locator(".pw-emptied")
    assert line.inner_text() == ""
    smallest = min(magnitudes(measured).values(), key=np.max)
    set_traits(bare, threshold=float(np.nextafter(smallest.max(), np.float32(np.inf))))
    names = [name for name, scores in magnitudes(measured).items() if scores.max() <= smallest.max()]
    assert line.inner_text() == f"Nothing is left of {names[0]}: no input gets through there."
    set_traits(bare, threshold=0.0)
    assert line.inner_text() == ""


def test_another_criterion_makes_the_accuracy_stale(bare, measured):
    show(bare, measured)
    set_traits(bare, settings_open=True)
    bare.select_option(".pw-select >> nth=1", "random")
    assert state(bare) == "stale"
    assert trait(bare, "criterion") == "random" and len(saved(bare)) == 1


def test_other_weights_make_the_accuracy_stale_with_a_reason(bare, measured):
    show(bare, measured)
    assert state(bare) == "measured"
    set_traits(bare, weights=bytes(len(measured.weights)), generation=measured.generation + 1)
    assert state(bare) == "stale"
    assert "the weights have changed" in bare.inner_text(STATE)
    set_traits(bare, measured={**measured.measured, "generation": measured.generation + 1}, threshold=0.0)
    assert "another setting" in bare.inner_text(STATE)


def test_one_threshold_for_each_layer(bare, measured):
    show(bare, measured)
    set_traits(bare, settings_open=True)
    scores = magnitudes(measured)
    bare.select_option(".pw-select >> nth=0", "conv_2/kernel")
    bare.check("text=one τ for each layer")
    assert state(bare) == "measured"  # the masks are the same
    type_into(bare.locator(THRESHOLD), "0.1")
    expected = {name: 0.1 if name == "conv_2/kernel" else 0.05 for name in scores}
    assert trait(bare, "thresholds") == expected
    removed = {name: int((s < np.float32(expected[name])).sum()) for name, s in scores.items()}
    n, gone = scores["conv_2/kernel"].size, sum(removed.values())
    assert bare.inner_text(".pw-count") == (
        f"{removed['conv_2/kernel']:,} of {n:,} weights removed in conv_2/kernel; "
        f"in all {gone:,} of 56,592, {56_592 - gone:,} kept"
    )
    assert trait(bare, "sparsity") == pytest.approx(sum(removed.values()) / 56_592)
    bare.select_option(".pw-select >> nth=0", "dense_1/kernel")
    assert trait(bare, "threshold") == 0.05
    assert state(bare) == "stale"
    set_traits(bare, measured=answer(measured, **{"": 0.05, "conv_2/kernel": 0.1}))
    assert state(bare) == "measured"


def test_a_layers_threshold_set_from_python_is_counted(bare, measured):
    show(bare, measured)
    set_traits(bare, settings_open=True)
    bare.check("text=one τ for each layer")
    layer = trait(bare, "layer")
    set_traits(bare, threshold=0.12)
    scores = magnitudes(measured)
    removed = [int((s < np.float32(0.12 if name == layer else 0.05)).sum()) for name, s in scores.items()]
    assert f"in all {sum(removed):,} of 56,592" in bare.inner_text(".pw-count")


def test_the_histogram_moves_the_labs_threshold(bare, measured):
    show(bare, measured)
    before = [pixels(canvas) for canvas in bare.locator(".pw-lab canvas.pw-canvas").all()]
    drag(bare, bare.locator(".pw-histogram canvas"), 0.55, 0.7)
    threshold = trait(bare, "threshold")
    removed = sum(int((s < np.float32(threshold)).sum()) for s in magnitudes(measured).values())
    assert bare.inner_text(".pw-count") == f"{removed:,} of 56,592 weights removed"
    settle(bare)
    after = [pixels(canvas) for canvas in bare.locator(".pw-lab canvas.pw-canvas").all()]
    assert len(after) == 4
    for old, new in zip(before, after, strict=True):
        assert not np.array_equal(old, new)
    bare.press(".pw-histogram canvas", "Control+z")
    assert trait(bare, "threshold") == 0.05


def test_a_click_in_the_curve_sets_the_sparsity(bare, measured):
    show(bare, measured)
    canvas = bare.locator(".pw-curve canvas")
    canvas.scroll_into_view_if_needed()
    bare.mouse.click(across(canvas, 0.5), canvas.bounding_box()["y"] + 50)
    everything = np.concatenate([s.ravel() for s in magnitudes(measured).values()])
    removed = int((everything < np.float32(trait(bare, "threshold"))).sum())
    assert removed / everything.size == pytest.approx(0.5, abs=0.01)
    assert trait(bare, "sparsity") == removed / everything.size


def test_the_buttons_ask_the_kernel_by_mouse_and_keyboard(bare, measured):
    show(bare, measured)
    bare.click("text=Measure curve")
    bare.press("button:text-is('Apply')", "Enter")
    assert bare.is_disabled("button:text-is('Restore')") and bare.is_disabled("button:text-is('Cancel')")
    set_traits(
        bare, applied=1234, restorable=True, working="measuring the curve: 3 of 12 points", progress=0.25
    )
    assert "3 of 12" in bare.inner_text(".pw-buttons")
    assert bare.is_disabled("text=Measure curve")
    bare.press("button:text-is('Restore')", " ")
    bare.click("button:text-is('Cancel')")
    asked = [message["do"] for message in bare.evaluate("views.view.model.sent")]
    assert asked == ["measure_curve", "apply", "restore", "cancel"]
    set_traits(bare, working="")
    assert "1,234 weights are held at zero" in bare.inner_text(".pw-buttons")


def test_digits_now_read_wrong_are_shown_as_images(bare):
    view = lab(threshold=0.14)
    show(bare, view)
    shown = view.flips["shown"]
    assert len(shown) > 3
    assert (
        bare.inner_text(".pw-flips .pw-label") == f"Now misread ({view.flips['total']} of {view.flips['n']}):"
    )
    assert bare.locator(".pw-flip").count() == len(shown)
    x, y = digits()
    for number, flip in enumerate(shown):
        figure = bare.locator(f".pw-flip >> nth={number}")
        assert figure.inner_text() == f"{y[flip['index']]} → {flip['read']}"
        grey = pixels(figure.locator("canvas"))[..., 0]
        assert np.array_equal(grey, np.round(255 * x[flip["index"], ..., 0]).astype(np.uint8))


def test_an_error_is_shown_as_a_line_of_text(bare, measured):
    show(bare, measured)
    set_traits(bare, error="ValueError: <b>'x'</b> is broken")
    assert bare.inner_text(".pw-error") == "ValueError: <b>'x'</b> is broken"


@pytest.mark.parametrize("scope", ["global", "layer"])
def test_a_model_too_large_to_send_is_measured_too(bare, monkeypatch, scope):
    monkeypatch.setattr(buffers, "MOST_SENT", 5_000)
    monkeypatch.setattr(buffers, "STOPS", 64)
    view = lab()
    view.scope = scope
    view.threshold = 0.0712
    assert view.wait(60)
    show(bare, view)
    assert state(bare) == "measured"
    type_into(bare.locator(THRESHOLD), "0.09")
    assert state(bare) == "stale"
