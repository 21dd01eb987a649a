"""The lab's pad on a bare page: what is drawn is sent as bytes, what came back is shown or called stale."""

import functools

import numpy as np
import pytest

import prunewidgets as pw

from ..support.bare import open_page, settle, show, trait
from ..support.bare import set_traits as put
from ..support.hands import PAUSE, THRESHOLD, pixels, stop_clock, type_into
from ..support.handwriting import ONE, PAD, SEVEN, as_digit, draw
from ..support.labs import digits, named_lab

TEXT = ".pw-handwriting-text"
SHARES = [0.0] * 7 + [0.98, 0.02, 0.0]
CLOSE = 1.5 * 255 / 16
"""How far a byte may be from NumPy's; see test_digit.py."""


@functools.cache
def view():
    """One lab for all tests: they change only its page."""
    made = pw.PruningLab(pw.models.pretrained("lenet_300_100"), *digits(100), threshold=0.05)
    assert made.wait(60)
    return made


@pytest.fixture
def opened(bare):
    """A page with the pad unfolded."""
    show(bare, view())
    bare.click("text=Draw a digit")
    return bare


def sent(page):
    """The drawing that the page has set, as (28, 28); None for an empty one."""
    found = page.evaluate("[...new Uint8Array(views.view.model.get('drawn').buffer)]")
    return np.array(found).reshape(28, 28) if found else None


def answer(page, **changes):
    """What the kernel would send for the present drawing: a 7."""
    drawn = bytes(sent(page).ravel().tolist()).hex()
    belongs = {key: view().measured[key] for key in ("generation", "criterion", "counts", "thresholds")}
    reading = {"drawn": drawn, "read": 7, "now": SHARES, "was": 7, "unpruned": [0.0] * 7 + [1.0, 0.0, 0.0]}
    put(page, reading={**belongs, **reading, **changes})


def sentence(page):
    return page.inner_text(".pw-read")


def test_it_is_folded_behind_one_button(bare):
    show(bare, view())
    toggle = bare.locator("text=Draw a digit")
    assert toggle.get_attribute("aria-expanded") == "false" and not bare.is_visible(PAD)
    toggle.press("Enter")
    assert toggle.get_attribute("aria-expanded") == "true" and bare.is_visible(PAD)
    assert sentence(bare) == "Draw one digit, and the network reads it."
    assert bare.is_disabled("text=Prune until it is misread") and bare.is_disabled("text=Clear")
    toggle.click()
    assert not bare.is_visible(PAD)


def test_a_model_that_reads_no_digits_has_no_pad(bare):
    show(bare, named_lab(["a", "b"]))
    assert bare.locator("text=Draw a digit").count() == 0


def test_a_stroke_is_sent_when_it_ends_and_shown_as_the_network_sees_it(opened):
    draw(opened, opened.locator(PAD), SEVEN)
    assert np.abs(sent(opened) - as_digit(SEVEN)).max() < CLOSE
    settle(opened)
    assert np.array_equal(pixels(opened.locator(".pw-seen"))[..., 0], sent(opened))
    assert (pixels(opened.locator(PAD))[..., 0] < 100).any()  # dark ink
    assert opened.inner_text(TEXT).startswith("being read…")


def test_two_strokes_undo_and_clear(opened):
    pad = opened.locator(PAD)
    type_into(opened.locator(THRESHOLD), "0.06")
    draw(opened, pad, ONE)
    draw(opened, pad, [[(0.2, 0.5), (0.8, 0.5)]])
    assert np.abs(sent(opened) - as_digit([*ONE, [(0.2, 0.5), (0.8, 0.5)]])).max() < CLOSE
    opened.click("button:text-is('Undo')")
    assert np.abs(sent(opened) - as_digit(ONE)).max() < CLOSE
    pad.press("Control+z")
    assert sent(opened) is None
    assert trait(opened, "threshold") == 0.06  # the pad's Ctrl+Z is not the threshold's
    draw(opened, pad, SEVEN)
    opened.click("button:text-is('Clear')")
    assert sent(opened) is None and sentence(opened).startswith("Draw one digit")


def test_keys_draw(opened):
    pad = opened.locator(PAD)
    pad.focus()
    for key in [" ", *["Shift+ArrowDown"] * 3, "ArrowDown", " ", "ArrowRight"]:
        pad.press(key)
    expected = as_digit([[(0.5, 0.25), (0.5, 0.25 + 13 / 28)]])
    assert np.abs(sent(opened) - expected).max() < CLOSE
    opened.wait_for_timeout(2 * PAUSE)
    spoken = opened.inner_text(".pw-pad .pw-spoken")
    assert spoken == "Pen up, 54 % from the left, 71 % from the top."
    pad.press("Backspace")
    assert sent(opened) is None
    assert "arrow keys" in pad.get_attribute("aria-label")


def test_a_finger_draws_and_does_not_scroll(new_page):
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    open_page(page)
    show(page, view())
    page.tap("text=Draw a digit")
    pad = page.locator(PAD)
    pad.scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, -200)")
    before, box = page.evaluate("scrollY"), pad.bounding_box()
    touch = page.context.new_cdp_session(page)
    places = [(0.5, 0.15 + 0.07 * step) for step in range(11)]
    for kind, (x, y) in zip(["touchStart", *["touchMove"] * 10], places, strict=True):
        point = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert np.abs(sent(page) - as_digit([[places[0], places[-1]]])).max() < CLOSE
    assert page.evaluate("scrollY") == before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_reading_is_a_sentence_and_ten_bars_with_marks(opened):
    draw(opened, opened.locator(PAD), SEVEN)
    answer(opened)
    assert sentence(opened) == "Read as 7 (98 %). Without pruning: 7 (100 %)."
    rows = opened.locator(".pw-digit-row")
    assert rows.all_inner_texts()[7:9] == ["7\n98 %", "8\n2 %"]
    opened.wait_for_timeout(300)  # bars grow
    bar, mark, track = (
        rows.nth(7).locator(f".pw-digit-{part}").bounding_box() for part in ("bar", "mark", "track")
    )
    assert bar["width"] == pytest.approx(0.98 * track["width"], abs=1)
    assert mark["x"] - track["x"] == pytest.approx(track["width"], abs=2)
    label = opened.get_attribute(".pw-digit-rows", "aria-label")
    assert "7: 98 %, without pruning 100 %; 8: 2 %, without pruning 0 %" in label


def test_a_reading_at_another_setting_or_of_another_drawing_is_stale(opened):
    draw(opened, opened.locator(PAD), SEVEN)
    answer(opened)
    assert opened.locator(".pw-old-reading").count() == 0
    type_into(opened.locator(THRESHOLD), "0.09")
    assert opened.locator(".pw-old-reading").count() == 1
    assert opened.inner_text(TEXT).startswith("Read as 7 (98 %). Without pruning: 7 (100 %). stale")
    type_into(opened.locator(THRESHOLD), "0.05")
    assert opened.locator(".pw-old-reading").count() == 0
    draw(opened, opened.locator(PAD), ONE)
    assert opened.locator(".pw-old-reading").count() == 1
    assert "being read…" in opened.inner_text(TEXT)


def test_it_is_pruned_until_it_is_misread_and_undo_goes_back(opened):
    draw(opened, opened.locator(PAD), SEVEN)
    answer(opened)
    opened.click("text=Prune until it is misread")
    assert opened.evaluate("views.view.model.sent") == [{"do": "find_misread"}]
    put(opened, working="looking for it")
    assert opened.is_disabled("text=Prune until it is misread")
    of = {"generation": view().generation, "criterion": "magnitude", "scope": "global"}
    put(opened, working="", misread={**of, "sparsity": 0.934, "read": 2, "was": 7})
    put(opened, threshold=0.17)
    assert "First misread at 93.4 % removed: as 2 instead of 7." in opened.inner_text(TEXT)
    opened.click(".pw-undo")
    assert trait(opened, "threshold") == 0.05
    assert "First misread" in opened.inner_text(TEXT)  # as true as before
    put(opened, misread={**of, "sparsity": None, "read": None, "was": 7})
    assert "Read as 7 at every sparsity tried, in steps of 2 % up to 100 %." in opened.inner_text(TEXT)
    put(opened, settings_open=True)
    opened.select_option(".pw-select >> nth=1", "random")
    assert "Read as 7 at every" not in opened.inner_text(TEXT)


def test_a_drawing_that_was_saved_is_shown_and_can_be_cleared(bare):
    other = pw.PruningLab(view().live, *digits(100), threshold=0.05)
    other.set_state({"drawn": memoryview(np.rint(as_digit(SEVEN)).astype(np.uint8).tobytes())})
    assert other.wait(60)
    show(bare, other)
    assert sentence(bare).startswith("Read as 7")
    assert np.array_equal(pixels(bare.locator(".pw-seen"))[..., 0], sent(bare))
    assert (pixels(bare.locator(PAD))[..., 0] < 100).any()
    bare.click("button:text-is('Clear')")
    assert sent(bare) is None
    settle(bare)
    assert not (pixels(bare.locator(PAD))[..., 0] < 100).any()


def test_without_a_kernel_it_says_so(new_page):
    page = new_page()
    page.clock.install()
    open_page(page)
    show(page, view())
    page.click("text=Draw a digit")
    draw(page, page.locator(PAD), SEVEN)
    stop_clock(page)
    page.clock.run_for(4100)
    assert "If a cell is running, the answer comes after it; if the kernel was restarted, run" in (
        page.inner_text(TEXT)
    )
    assert page.inner_text(".pw-state") == "measured"  # the accuracy is of these masks


@pytest.mark.parametrize("look", ["dark", "forced"])
def test_what_is_drawn_can_be_seen(new_page, look):
    page = new_page(viewport={"width": 390, "height": 844})
    open_page(page, dark=look == "dark")
    if look == "forced":
        page.emulate_media(forced_colors="active", color_scheme="dark")
    show(page, view())
    page.click("text=Draw a digit")
    draw(page, page.locator(PAD), SEVEN)
    answer(page)
    ink = pixels(page.locator(PAD))[..., :3].astype(int).sum(-1)
    assert np.ptp(ink) > 500
    bar = page.locator(".pw-digit-row >> nth=7").locator(".pw-digit-bar")
    colours = bar.evaluate(
        "(bar) => [bar, bar.parentElement].map((el) => getComputedStyle(el).backgroundColor)"
    )
    assert colours[0] != colours[1]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
