"""The lab's first screen: calm, all of it together, and nothing in it moves while the threshold does."""

import re

import numpy as np
import pytest

import prunewidgets as pw

from ..support.bare import set_traits, settle, show, trait
from ..support.labs import digits, lab

TOPS = """() => Object.fromEntries([...document.querySelectorAll(
    ".pw-track, .pw-field, .pw-formulas, .pw-accuracy-row, .pw-buttons, .pw-panel, .pw-panel canvas, "
    + ".pw-flips")].map((part, i) => [`${i} ${part.classList[0]}`, part.getBoundingClientRect().top]))"""


@pytest.fixture(scope="module")
def pruned():
    """A lab with some digits misread; the tests change only its page."""
    return lab(threshold=0.14)


def test_layer_scope_criterion_and_switches_are_folded_and_one_line_names_them(bare, pruned):
    show(bare, pruned)
    assert not bare.is_visible(".pw-controls")
    layer = trait(bare, "layer")
    assert f"{layer}, one τ for all layers, by magnitude" in bare.inner_text("summary")
    bare.locator("summary").focus()
    bare.keyboard.press("Enter")
    bare.wait_for_function("views.view.model.get('settings_open')")
    switches = ("one τ for each layer", "logarithmic counts", "stretch high sparsities")
    for name in ("Layer", "Criterion", *switches):
        assert bare.locator(f".pw-controls label:has-text('{name}')").first.is_visible(), name
    bare.get_by_label("one τ for each layer").check()
    bare.select_option(".pw-select >> nth=1", "squared")
    assert f"{layer}, one τ for each layer, by squared" in bare.inner_text("summary")


def test_the_settings_stay_open_when_the_lab_is_drawn_again():
    view = lab()
    assert view.settings_open is False
    view.set_state({"settings_open": True})
    assert view.get_state()["settings_open"] is True


def test_a_lab_with_open_settings_is_drawn_so(bare, pruned):
    show(bare, pruned)
    set_traits(bare, settings_open=True)
    assert bare.is_visible(".pw-controls")
    bare.click("summary >> .pw-unfold")
    assert not bare.is_visible(".pw-controls")
    bare.wait_for_function("!views.view.model.get('settings_open')")


@pytest.mark.parametrize("width", [848, 1100])
def test_the_whole_lab_fits_between_the_bars_of_jupyterlab(bare, pruned, width):
    """On 1280 × 720 JupyterLab leaves a notebook 599 pixels; with its file browser, a view is 848 wide."""
    show(bare, pruned, style=f"width: {width}px")
    assert bare.locator("#view").bounding_box()["height"] <= 599
    assert bare.evaluate("document.querySelector('.pw-flip canvas').clientWidth") > 30
    pictures = bare.locator(".pw-lab-panels canvas").all()
    assert all(picture.bounding_box()["height"] > 80 for picture in pictures)


@pytest.mark.parametrize("width", [456, 848, 1860])
def test_nothing_moves_while_the_threshold_is_dragged_over_its_range(bare, pruned, width):
    bare.set_viewport_size({"width": width + 60, "height": 900})
    show(bare, pruned, style=f"width: {width}px")
    box = bare.locator(".pw-range").bounding_box()
    resting, y = bare.evaluate(TOPS), box["y"] + box["height"] / 2
    assert len(resting) >= 12
    bare.mouse.move(box["x"] + 9, y)
    bare.mouse.down()
    states = set()
    flips, measured = pruned.flips, pruned.measured
    for share in np.linspace(0, 1, 7):
        bare.mouse.move(box["x"] + 9 + share * (box["width"] - 18), y)
        answers = [
            {"measuring": True},
            {"measured": {**measured, "accuracy": 1.0, "low": 0.98765, "high": 1.0, "n": 300}},
            {"flips": {**flips, "total": int(300 * share), "shown": flips["shown"][: int(13 * share)]}},
            {"working": "measuring the curve: 11 of 12 points"},
            {"working": "", "measuring": False, "restorable": True, "applied": 56_592},
        ]
        for answer in answers:
            set_traits(bare, **answer)
            states.add(bare.get_attribute(".pw-state", "data-state"))
            assert bare.evaluate(TOPS) == resting, (share, answer)
    assert bare.inner_text(".pw-emptied").startswith("Nothing is left of ")
    assert trait(bare, "sparsity") > 0.999
    bare.mouse.up()
    assert {"stale", "measuring"} <= states
    bare.locator(".pw-state[data-state='no_answer']").wait_for()
    assert bare.evaluate(TOPS) == resting


@pytest.mark.parametrize("width", [456, 848, 1860])
def test_the_misread_digits_stand_in_one_row(bare, pruned, width):
    bare.set_viewport_size({"width": width + 60, "height": 900})
    show(bare, pruned, style=f"width: {width}px")
    shown = bare.evaluate(
        """() => {
            const row = document.querySelector(".pw-flips-row").getBoundingClientRect();
            const flips = [...document.querySelectorAll(".pw-flip")];
            const boxes = flips.map((flip) => flip.getBoundingClientRect());
            const shown = boxes.filter(({ top }) => top < row.bottom);
            return shown.map(({ top, bottom }) => [top, bottom <= row.bottom + 1]);
        }"""
    )
    assert len(shown) >= 6
    assert len({top for top, _ in shown}) == 1 and all(whole for _, whole in shown)


@pytest.mark.parametrize(
    ("criterion", "kept"),
    [
        ("magnitude", "keep w if |w| ≥ {}"),
        ("squared", "keep w if w² ≥ {}"),
        ("random", "keep w if its random score ≥ {}"),
    ],
)
def test_the_formulas_have_the_current_values_in_them(bare, criterion, kept):
    view = lab(threshold=0.02)
    view.criterion = criterion
    view.threshold = 0.0123
    show(bare, view)
    scores = pw.score(view.live.weights, criterion)
    every = np.concatenate([array.ravel() for array in scores.values()])

    def formulas(values, name=""):
        removed = int((values < np.float32(0.0123)).sum())
        share = f"{removed:,} / {values.size:,} = {100 * removed / values.size:.2f} %"
        return [kept.format(0.0123), f"sparsity{name} = removed / prunable = {share}"]

    assert bare.locator(".pw-formula").all_inner_texts() == formulas(every)
    assert "(biases stay)" in bare.inner_text(".pw-formulas")
    set_traits(bare, scope="layer", thresholds=dict.fromkeys(scores, 0.0123), layer="conv_1/kernel")
    expected = formulas(scores["conv_1/kernel"], " of conv_1/kernel")
    assert bare.locator(".pw-formula").all_inner_texts() == expected


def test_lost_and_won_stand_beside_the_misread_digits(bare, pruned):
    show(bare, pruned)
    x, labels = digits()
    before, now = (pruned.live.predict(x, masks).argmax(1) for masks in ({}, pruned.masks))
    difference = pw.paired(before, now, labels)
    text = bare.inner_text(".pw-paired")
    assert text.startswith(f"{difference.lost} lost, {difference.won} won, p ")
    p = re.search("p = (.*)", text)
    assert difference.p_value < 1e-4 if p is None else float(p[1]) == float(f"{difference.p_value:.2g}")
    set_traits(bare, flips={**pruned.flips, "total": 34, "won": 16, "p_value": 0.01546})
    assert bare.inner_text(".pw-paired") == "34 lost, 16 won, p = 0.015"
    set_traits(bare, flips={**pruned.flips, "total": 0, "won": 0, "p_value": 1.0, "shown": []})
    assert bare.inner_text(".pw-paired") == ""


def test_a_message_about_a_typed_value_takes_the_place_of_the_formulas(bare, pruned):
    show(bare, pruned, style="width: 1100px")
    resting = bare.evaluate(TOPS)
    bare.fill(".pw-number >> nth=0", "abc")
    bare.keyboard.press("Enter")
    settle(bare)
    assert "not a valid threshold" in bare.inner_text(".pw-note")
    assert not bare.is_visible(".pw-formulas")
    moved = {part for part, top in bare.evaluate(TOPS).items() if top != resting[part]}
    assert moved == {"2 pw-row"}  # the formulas


def test_the_hint_of_a_layer_that_reads_the_picture_has_room(bare):
    made = pw.PruningLab(pw.models.pretrained("lenet_300_100"), *digits(20), threshold=0.02)
    assert made.wait(60)
    show(bare, made, style="width: 848px")
    hint = bare.locator(".pw-heatmap .pw-detail")
    fits = "(e) => e.scrollHeight <= e.clientHeight + 1"
    assert hint.evaluate(fits) and bare.is_visible(".pw-pixels")
    bare.locator(".pw-pixels canvas").hover()
    settle(bare)
    assert "; " in hint.inner_text() and hint.evaluate(fits)
