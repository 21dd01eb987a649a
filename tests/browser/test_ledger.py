"""The ledger on a bare page: it counts under a hand, compares, and says which numbers are stale."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.core.ledger import counted
from prunewidgets.labs import ledger_view
from prunewidgets.widgets import buffers

from ..support.bare import open_page, saved, set_traits, trait
from ..support.hands import drag, dragging, type_into
from ..support.ledgers import POSITIONS, WEIGHTS, agrees, compared, exact, row, state, timing, view_at
from ..support.ledgers import show_all as show


def test_it_counts_during_a_drag_and_informs_the_kernel_at_its_end(bare):
    show(bare, view_at(slider=True))
    assert agrees(bare, 0.1) and state(bare, "nonzeros") == "counted exactly"
    assert state(bare, "gzip_bytes") == "measured"
    gzip = exact(bare, "gzip_bytes")
    with dragging(bare, bare.locator(".pw-range"), 0.5, 0.8):
        threshold = trait(bare, "threshold")
        assert threshold > 0.1 and agrees(bare, threshold)
        # gzip cannot be counted here: the old number stays, and says that it is old
        assert exact(bare, "gzip_bytes") == gzip
        assert state(bare, "gzip_bytes").startswith("stale") and compared(bare, "gzip_bytes") == "stale"
        assert "pw-old" in row(bare, "gzip_bytes").get_attribute("class")
    assert [each["threshold"] for each in saved(bare)][-1:] == [trait(bare, "threshold")]


def test_bars_and_words_compare_with_the_dense_model(bare):
    weights = np.concatenate([np.zeros(300, np.float32), np.full(100, 0.5, np.float32)])
    view = ledger_view.LedgerView(weights, {"weights": 10}, threshold=0.1)
    view.wait(30)
    show(bare, view)
    expected = {  # 400 weights, 100 of them left at the end, so one gap of 300: two bytes, or a bridge
        "parameters": (1, "no fewer"),
        "nonzeros": (0.25, "4.0× fewer"),
        "dense_bytes": (1, "no smaller"),
        "bitmask_bytes": (450 / 1600, "3.6× smaller"),
        "index_coded_bytes": (505 / 1600, "3.2× smaller"),
        "multiply_adds": (1, "no fewer"),
        "nonzero_multiply_adds": (0.25, "4.0× fewer"),
    }
    for cost, (ratio, words) in expected.items():
        assert compared(bare, cost) == words
        left, saved_part = row(bare, cost).locator(".pw-bar").evaluate(
            """(bar) => [".pw-left-part", ".pw-saved-part"].map((part) =>
                bar.querySelector(part).getBoundingClientRect().width / bar.getBoundingClientRect().width)"""
        )  # fmt: skip
        assert left == pytest.approx(ratio / 1.3, abs=0.01)
        assert saved_part == pytest.approx((1 - ratio) / 1.3, abs=0.01)
    assert row(bare, "bitmask_bytes").locator(".pw-amount > :first-child").text_content() == "450 B"


def test_index_coding_is_larger_than_dense_while_few_weights_are_removed(bare):
    show(bare, view_at(0.0))
    assert compared(bare, "index_coded_bytes") == "1.3× larger"
    over = row(bare, "index_coded_bytes").locator(".pw-over-part").bounding_box()
    assert over["width"] > 5
    show(bare, view_at(9.0), "empty")
    assert compared(bare, "index_coded_bytes", "empty") == "nothing left"
    assert exact(bare, "index_coded_bytes", "empty") == "0 bytes"


def test_timings_differ_only_if_their_quartiles_do_not_overlap(bare):
    numbers = {
        "keras_1": timing(4.1, 4.0),
        "keras_32": timing(6.0, 5.0, spread=0.2),
        "tflite_1": timing(0.02, 0.05),
        "csr_1": timing(9.0, 3.0),
        "peak_bytes": {"value": 3_280_000, "base": 3_280_000},
    }
    show(bare, view_at(**numbers))
    said = {cost: compared(bare, cost) for cost in numbers}
    assert said == {
        "keras_1": "no faster",
        "keras_32": "within spread",
        "tflite_1": "2.5× faster",
        "csr_1": "3.0× slower",
        "peak_bytes": "no smaller",
    }
    assert exact(bare, "tflite_1") == "median 20.0 µs middle half 19.8 µs to 20.2 µs"
    assert row(bare, "keras_32").locator(".pw-whisker").bounding_box()["width"] > 10
    assert row(bare, "peak_bytes").locator(".pw-whisker").is_hidden()
    assert "Scattered zeros do not speed a dense kernel up" in bare.inner_text(".pw-scattered")


def test_a_number_is_measured_measuring_or_stale(bare):
    view = view_at(slider=True, keras_1=timing(4.0, 4.0))
    show(bare, view)
    measured = view.measured
    assert (state(bare, "keras_1"), state(bare, "gzip_bytes")) == ("measured", "measured")
    set_traits(bare, threshold=0.2, measuring=True)
    assert (state(bare, "keras_1"), compared(bare, "keras_1")) == ("measuring…", "measuring…")
    # gzip has arrived, the latency has not
    removed = int(sum((np.abs(w) < np.float32(0.2)).sum() for w in WEIGHTS.values()))
    now = {**measured["gzip_bytes"], "removed": removed, "threshold": 0.2}
    set_traits(bare, measured={**measured, "gzip_bytes": now})
    assert (state(bare, "gzip_bytes"), state(bare, "keras_1")) == ("measured", "measuring…")
    set_traits(bare, measuring=False)
    assert state(bare, "keras_1").startswith("stale")
    set_traits(bare, cancelled=True)
    assert state(bare, "keras_1").startswith("cancelled")
    set_traits(bare, threshold=0.1, cancelled=False)  # back where it was measured: no need to measure again
    assert (state(bare, "keras_1"), compared(bare, "keras_1")) == ("measured", "no faster")
    assert state(bare, "gzip_bytes").startswith("stale")
    set_traits(bare, measured={**measured, "keras_1": {**measured["keras_1"], "generation": 7}})
    assert state(bare, "keras_1").startswith("stale")  # other weights


@pytest.mark.parametrize("width", [480, 940, 1190])
def test_the_layout_does_not_move_when_numbers_become_stale(bare, width):
    """Else each drag would push the rows about twice: when it begins, and when they are measured."""
    view = view_at(**{key: timing(4.0, 4.0) for key in ("keras_1", "csr_1", "units_keras_1")})
    show(bare, view, style=f"width: {width}px")
    places = "() => [...document.querySelectorAll('.pw-ledger-row')].map((row) => row.offsetTop)"
    before = bare.evaluate(places)
    for traits in ({"threshold": 0.2}, {"measuring": True}, {"measuring": False, "cancelled": True}):
        set_traits(bare, **traits)
        assert state(bare, "csr_1") != "measured" and bare.evaluate(places) == before
    assert "not measured at this setting" in bare.locator(".pw-state[title]").last.get_attribute("title")


def test_a_kernel_that_does_not_answer_is_reported(new_page):
    page = new_page()
    page.clock.install()
    open_page(page)
    show(page, view_at(slider=True))
    page.press(".pw-range", "PageUp")
    page.clock.run_for(1_000)
    assert state(page, "gzip_bytes") == "stale" and page.inner_text(".pw-silence") == ""
    page.clock.run_for(6_000)
    assert state(page, "gzip_bytes") == "no answer"
    assert "no answer from the kernel" in page.inner_text(".pw-silence")
    assert agrees(page, trait(page, "threshold"))


def test_without_a_kernel_measuring_can_be_requested_again(new_page):
    page = new_page()
    page.clock.install()
    open_page(page)
    view = view_at(slider=True, keras_1=timing(4.0, 4.0))
    view.measuring = True  # as it was when the kernel went
    show(page, view)
    again, cancel = (page.locator(".pw-button", has_text=text) for text in ("Measure again", "Cancel"))
    assert again.is_disabled()
    cancel.click()
    page.clock.run_for(6_000)
    assert again.is_enabled() and cancel.is_disabled()


def test_the_structured_model_is_shown_beside_scattered_zeros(bare):
    counts = {"units_parameters": {"value": 900, "base": 9_000}}
    times = {"units_tflite_32": timing(0.1, 0.6), "tflite_32": timing(0.6, 0.6), "csr_1": timing(0.6, 0.2)}
    view = view_at(**counts, **times)
    view.wins = {"inputs": 784, "units": 300, "from": {"1": 0.95, "32": None}}
    show(bare, view)
    assert compared(bare, "units_parameters") == "10× fewer"
    assert (compared(bare, "tflite_32"), compared(bare, "units_tflite_32")) == ("no faster", "6.0× faster")
    assert exact(bare, "units_parameters") == "900 weights"
    assert row(bare, "units_keras_1").is_hidden()
    said = bare.inner_text(".pw-wins")
    assert (
        "layer of 784 × 300: with batch 1 it wins from 95 % zeros on, with batch 32 it wins nowhere." in said
    )
    set_traits(bare, offered=["gzip_bytes", "tflite_32"])
    assert bare.locator(".pw-ledger-units").is_hidden() and row(bare, "tflite_32").is_visible()


def test_the_explanation_of_a_row_follows_its_numbers(bare):
    view = view_at(keras_1=timing(4.0, 8.0))
    show(bare, view)
    row(bare, "keras_1").hover()
    assert "(2.0× faster)" in bare.inner_text(".pw-ledger-detail")
    set_traits(bare, threshold=0.2)
    assert "(stale)" in bare.inner_text(".pw-ledger-detail")
    bare.mouse.move(0, 0)
    assert bare.inner_text(".pw-ledger-detail") == ""


def test_keys_walk_through_the_rows_and_read_them(bare):
    show(bare, view_at())
    assert bare.locator(".pw-ledger-row[tabindex='0']").count() == 1
    row(bare, "parameters").press("ArrowDown")
    detail = bare.inner_text(".pw-ledger-detail")
    nonzeros = counted(WEIGHTS, pw.Masks.from_threshold(pw.score(WEIGHTS), 0.1))["nonzeros"]
    assert detail.startswith(f"nonzeros: {nonzeros:,} weights (") and "The weights that are left" in detail
    bare.keyboard.press("End")
    assert bare.inner_text(".pw-ledger-detail").startswith("gzip:")
    bare.keyboard.press("ArrowDown")
    bare.keyboard.press("Home")
    assert bare.inner_text(".pw-ledger-detail").startswith("parameters:")
    row(bare, "dense_bytes").hover()
    assert bare.inner_text(".pw-ledger-detail").startswith("dense: 34,304 bytes")
    assert saved(bare) == []


def test_the_slider_moves_by_keys_and_a_screen_reader_gets_the_costs(bare):
    show(bare, view_at(slider=True))
    bare.press(".pw-range", "PageUp")
    threshold = trait(bare, "threshold")
    assert threshold > 0.1 and agrees(bare, threshold)
    nonzeros = row(bare, "nonzeros").locator(".pw-spoken").text_content()
    spoken = bare.locator(".pw-ledger > [aria-live=polite]")
    spoken.filter(has_text=f"nonzeros: {nonzeros}, ").wait_for(state="attached", timeout=10_000)
    assert "index-coded: " in spoken.text_content() and "zeros skipped: " in spoken.text_content()
    assert [each["threshold"] for each in saved(bare)] == [threshold]
    type_into(bare.locator("input.pw-number >> nth=1"), "50")
    assert trait(bare, "sparsity") == 0.5 and agrees(bare, trait(bare, "threshold"))


def test_linked_to_a_slider_it_follows_in_the_page(bare):
    slider, view = pw.ThresholdSlider(pw.score(WEIGHTS), threshold=0.1), view_at()
    pw.link(slider, view)
    alone = view_at()
    for name, each in {"slider": slider, "ledger": view, "alone": alone}.items():
        show(bare, each, name)
    drag(bare, bare.locator("#slider .pw-range"), 0.5, 0.75)
    threshold = trait(bare, "threshold", "slider")
    assert threshold != 0.1 and trait(bare, "threshold", "ledger") == threshold
    assert agrees(bare, threshold, "ledger") and agrees(bare, 0.1, "alone")
    assert saved(bare, "ledger") == saved(bare, "alone") == []


def test_the_kernels_counts_are_shown_only_for_their_threshold(bare, monkeypatch):
    for module_ in (ledger_view, buffers):
        monkeypatch.setattr(module_, "MOST_SENT", 2_000)
    view = view_at(0.1)
    show(bare, view)
    assert agrees(bare, 0.1) and state(bare, "nonzeros") == "counted exactly"
    set_traits(bare, threshold=0.2)
    assert state(bare, "nonzeros") == "counting…" and compared(bare, "nonzeros") == "counting…"
    assert "pw-old" not in row(bare, "parameters").get_attribute("class")
    set_traits(bare, counted={**view.counted, "threshold": 0.2})
    assert state(bare, "nonzeros") == "counted exactly"


def test_other_weights_are_counted_again(bare):
    view = view_at()
    show(bare, view)
    view.show_weights({name: 0 * array for name, array in WEIGHTS.items()})
    set_traits(bare, **{name: getattr(view, name) for name in ("weights", "layers", "generation")})
    assert exact(bare, "nonzeros") == "0 weights"


@pytest.mark.parametrize("width", [1180, 905, 820, 560, 330])
def test_nothing_overflows_and_texts_do_not_overlap(bare, width):
    runtimes = ("keras", "tflite", "csr", "units_keras", "units_tflite")
    timed = [f"{runtime}_{batch}" for runtime in runtimes for batch in (1, 32)]
    numbers = {name: timing(123, 122) for name in timed}
    show(bare, view_at(slider=True, **numbers), style=f"width: {width}px")
    problems = bare.evaluate(
        """() => [...document.querySelectorAll(".pw-ledger-row")].flatMap((row) => {
            const frame = row.closest(".pw-panel").getBoundingClientRect();
            const boxes = [".pw-cost", ".pw-amount", ".pw-compared"].map((part) => {
                const range = document.createRange();
                const cell = row.querySelector(part);
                range.selectNodeContents(cell.firstElementChild ?? cell);
                return range.getBoundingClientRect();
            });
            const meet = (a, b) => a.right > b.left + 1 && b.right > a.left + 1 &&
                a.bottom > b.top + 3 && b.bottom > a.top + 3;
            const apart = boxes.every((a, i) => boxes.slice(i + 1).every((b) => !meet(a, b)));
            return apart && boxes.every((box) => box.right <= frame.right) ? [] : [row.dataset.cost];
        })"""
    )
    assert problems == []
    assert bare.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_positions_there_are_no_multiply_adds(bare):
    view = ledger_view.LedgerView(WEIGHTS)
    view.wait(30)
    view.title = "<i>tiny"
    show(bare, view)
    assert row(bare, "multiply_adds").count() == 0 and row(bare, "nonzeros").count() == 1
    assert bare.inner_text(".pw-lab-title").startswith("<i>tiny: ")


def test_a_smaller_model_is_compared_with_its_original(bare):
    small = {"dense": WEIGHTS["dense"][:, :20]}
    view = ledger_view.LedgerView(small, {"dense": 1}, dense_costs=counted(WEIGHTS, None, POSITIONS))
    view.wait(30)
    show(bare, view)
    assert compared(bare, "parameters") == f"{8576 / 4000:.1f}× fewer"
    assert compared(bare, "dense_bytes") == f"{8576 / 4000:.1f}× smaller"
    assert compared(bare, "multiply_adds") == f"{(576 * 100 + 8000) / 4000:.0f}× fewer"
    assert view.measured["gzip_bytes"]["base"] == 4 * 8576
