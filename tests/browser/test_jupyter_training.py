"""Training beside looking, and storms of events, in a real JupyterLab."""

import time

import pytest

from ..support.hands import dragging, pixels, state_is

NOTEBOOK = "training.ipynb"


@pytest.fixture(scope="module")
def opened(lab_page, workbook):
    """The page with the notebook run: a lab on an untrained network."""
    lab_page.set_viewport_size({"width": 1600, "height": 1000})
    workbook.open(lab_page, NOTEBOOK)
    workbook.run_all(lab_page, NOTEBOOK)
    lab_page.wait_for_selector(".pw-lab")
    yield lab_page
    assert lab_page.errors == []


@pytest.fixture
def lab(opened, ask):
    """The lab, at τ = 0.01, measured, nothing training."""
    ask("[lab.cancel(), lab.wait(60), lab.restore(), setattr(lab, 'threshold', 0.01), lab.wait(60)]")
    shown = opened.locator(".pw-lab")
    shown.scroll_into_view_if_needed()
    state_is(shown, "measured")
    return shown


def pictures(shown):
    """What the histogram and the heatmap show now, as bytes."""
    return [
        pixels(shown.locator(f".pw-{part} canvas[role=img]").first).tobytes()
        for part in ("histogram", "heatmap")
    ]


def moved(opened, shown, before, timeout=10):
    """Wait until both pictures have changed without a drag."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if all(now != then for now, then in zip(pictures(shown), before, strict=True)):
            return True
        opened.wait_for_timeout(50)
    return False


def typed(shown):
    return float(shown.locator(".pw-number").nth(0).input_value())


def drag_slowly(opened, shown):
    """Move the slider's thumb to and fro for two seconds; return every τ that the page said meanwhile."""
    said = []
    with dragging(opened, shown.locator(".pw-range"), 0.4, 0.45):
        box = shown.locator(".pw-range").bounding_box()
        for share in range(46, 86, 2):
            opened.mouse.move(box["x"] + share / 100 * box["width"], box["y"] + box["height"] / 2)
            opened.wait_for_timeout(100)
            said.append(typed(shown))
    return said


def test_while_a_cell_trains_the_pictures_follow_the_weights_and_the_slider(lab, opened, workbook, ask):
    ask("again()")
    run = "model.fit(x, y, verbose=0, callbacks=[pw.FollowTraining(lab, every=10)], **options)"
    workbook.run_cell(opened, 4, run)
    opened.wait_for_timeout(1_000)
    lab.scroll_into_view_if_needed()
    assert moved(opened, lab, pictures(lab))  # the weights train, without a drag
    said = drag_slowly(opened, lab)
    assert said == sorted(set(said))  # never back, whatever the weights did meanwhile
    assert lab.locator(".pw-state").get_attribute("data-state") in ("stale", "measuring", "no_answer")
    workbook.wait_idle(opened, NOTEBOOK, 120)
    state_is(lab, "measured")
    assert ask("lab.threshold") == typed(lab) == said[-1]
    assert ask("bits() == alone")
    assert ask("lab.error") == ""


def test_while_the_lab_trains_slider_moves_reach_the_kernel(lab, opened, ask):
    ask("again() or lab.fit(x, y, **options)")
    lab.locator("text=training: epoch 1 of 2").wait_for()
    assert moved(opened, lab, pictures(lab))
    said = drag_slowly(opened, lab)
    for _ in range(60):  # on a busy machine the page is behind
        received, training = ask("[lab.threshold, lab.working]")
        if received == typed(lab):
            break
        opened.wait_for_timeout(300)
    assert received == typed(lab) == said[-1]
    assert training.startswith("training")
    assert ask("lab.wait(120)")
    state_is(lab, "measured")
    assert typed(lab) == said[-1]
    assert ask("bits() == alone")


def test_cancel_ends_the_training_and_keeps_what_was_learnt(lab, opened, ask):
    ask("again() or lab.fit(x, y, **options)")
    lab.locator("text=training: epoch 1 of 2").wait_for()
    lab.locator("button:text-is('Cancel')").click()
    lab.locator("button:text-is('Measure curve'):enabled").wait_for(timeout=30_000)
    assert ask("lab.wait(60)")
    assert ask("[lab.error, bits() == alone, list(lab.history)]") == ["", False, ["accuracy", "loss"]]
    state_is(lab, "measured")


def test_apply_during_training_holds(lab, opened, ask):
    ask("again() or lab.fit(x[:20_000], y[:20_000], **options)")
    lab.locator("text=training: epoch 1 of 2").wait_for()
    lab.locator("button:text-is('Apply')").click()
    lab.locator("button:text-is('Restore'):enabled").wait_for()
    assert ask("lab.wait(120)")
    zeros = ask("sum(int((array == 0).sum()) for array in lab.live.weights.values())")
    assert zeros == ask("lab.applied") > 0


def test_after_an_interrupted_cell_the_model_is_valid_and_the_lab_shows_it(lab, opened, workbook, ask):
    ask("again()")
    run = "model.fit(x, y, verbose=0, callbacks=[pw.FollowTraining(lab, every=10)], **options)"
    before = pictures(lab)
    workbook.run_cell(opened, 4, run)
    lab.scroll_into_view_if_needed()
    assert moved(opened, lab, before, timeout=60)  # it trains: an idle kernel ignores an interrupt
    workbook.interrupt(opened)
    workbook.wait_idle(opened, NOTEBOOK, 60)
    assert "KeyboardInterrupt" in opened.locator(".jp-Notebook").inner_text()
    state_is(lab, "measured")
    assert ask("all(np.isfinite(weights).all() for weights in model.get_weights())")
    shown = "b''.join(array.tobytes() for array in lab.live.weights.values())"
    assert ask(f"[bytes(lab.weights) == {shown}, bits() == alone]") == [True, False]
    workbook.run_cell(opened, 4, "None")
    workbook.wait_idle(opened, NOTEBOOK)


def test_a_thousand_events_in_two_seconds_and_the_last_one_wins(lab, opened, ask):
    sent = opened.evaluate(
        """async () => {
            const range = document.querySelector(".pw-lab .pw-range");
            let sent = 0;
            const send = WebSocket.prototype.send;
            WebSocket.prototype.send = function (...data) { sent += 1; return send.apply(this, data); };
            range.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
            for (let i = 0; i < 1000; i += 1) {
                range.value = String(100 + (i * 7) % 600);
                range.dispatchEvent(new Event("input", { bubbles: true }));
                if (i % 5 === 0) await new Promise((done) => setTimeout(done, 10));
            }
            range.value = "640";
            range.dispatchEvent(new Event("input", { bubbles: true }));
            range.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
            range.dispatchEvent(new Event("change", { bubbles: true }));
            WebSocket.prototype.send = send;
            return sent;
        }"""
    )
    assert sent < 50
    state_is(lab, "measured")
    assert lab.locator(".pw-range").input_value() == "640"
    assert ask("lab.threshold") == typed(lab)
    assert ask("lab.measured['thresholds'][0]") == typed(lab)


def test_a_lab_can_be_closed_while_it_measures_and_trains(lab, opened, ask):
    """The last test: the lab is gone."""
    ask("again() or lab.fit(x, y, **options)")
    lab.locator("text=training: epoch 1 of 2").wait_for()
    ask("[setattr(lab, 'threshold', 0.02), lab.close()]")
    lab.wait_for(state="detached")
    assert ask("lab.wait(60)")
    assert ask("not lab._training.is_running and not lab._background.is_running('measuring')")
