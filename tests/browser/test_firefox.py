"""The views in Firefox, where there is one."""

import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import prunewidgets as pw

from ..support.bare import SHOW, TWO_FRAMES, parts
from ..support.firefox import running
from ..support.labs import WEIGHTS, lab
from ..support.ledgers import WEIGHTS as LEDGER_WEIGHTS
from ..support.ledgers import timing, view_at

PAGE = "<!doctype html><meta charset='utf-8'><title>Firefox</title><body></body>"
PICTURES = "() => [...document.querySelectorAll('canvas.pw-canvas')].map((canvas) => canvas.toDataURL())"
BOX = """(css) => {
    const element = document.querySelector(css);
    element.scrollIntoView({ block: "center" });
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y + height / 2, width];
}"""
SAID = """() => [".pw-count", ".pw-number"].map((css) => document.querySelector(css))
    .map((element) => element.value ?? element.textContent)"""
TAB, ESCAPE, ARROW_RIGHT = "\ue004", "\ue00c", "\ue014"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where a bare page is served."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_text(PAGE)
    shutil.copy(Path(__file__).parents[1] / "support" / "host.js", folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    """One Firefox for all tests."""
    with running(tmp_path_factory.mktemp("firefox") / "profile") as started:
        yield started


@pytest.fixture
def page(firefox, address):
    """Firefox on an empty page. A script error fails the test."""
    firefox.errors.clear()
    firefox.open(address)
    yield firefox
    assert firefox.errors == []


def pictures(page):
    """All canvases, once the page has drawn."""
    page.evaluate(TWO_FRAMES)
    return page.evaluate(PICTURES)


def numbers(page):
    """(removed weights, threshold) as the first view says them."""
    count, threshold = page.evaluate(SAID)
    return int(count.split(" ")[0].replace(",", "")), float(threshold)


def removed_by_numpy(weights, threshold):
    return sum(int((np.abs(w) < np.float32(threshold)).sum()) for w in weights.values())


def test_a_drag_moves_all_linked_pictures_and_reaches_the_kernel_at_its_end(page):
    views = [pw.ThresholdSlider(pw.score(WEIGHTS)), pw.WeightHistogram(WEIGHTS), pw.SparsityHeatmap(WEIGHTS)]
    pw.link(*views)
    for number, view in enumerate(views):
        page.evaluate(SHOW, parts(view, f"view-{number}"))
    before = pictures(page)
    left, middle, width = page.evaluate(BOX, "input.pw-range")
    page.press(left + 8, middle)
    page.move(left + width * 0.7, middle)
    removed, threshold = numbers(page)
    assert threshold > 0.1 and removed == removed_by_numpy(WEIGHTS, threshold)
    assert not set(before) & set(pictures(page))
    page.release()
    sent = page.evaluate("() => views['view-0'].model.saved.at(-1)")
    assert sent == {"threshold": threshold, "sparsity": removed / sum(w.size for w in WEIGHTS.values())}
    page.type(ARROW_RIGHT)
    further, beyond = numbers(page)
    assert beyond > threshold and further == removed_by_numpy(WEIGHTS, beyond)


@pytest.mark.parametrize("field", [0, 1], ids=["threshold", "sparsity"])
def test_after_escape_a_field_moved_by_the_kernel_does_not_count_as_typed(page, field):
    page.evaluate(SHOW, parts(pw.ThresholdSlider(pw.score(WEIGHTS), threshold=0.3)))
    page.evaluate("(field) => document.querySelectorAll('.pw-number')[field].focus()", field)
    page.type("9", ESCAPE)
    page.evaluate("() => views.view.model.set('threshold', 0.10001)")
    page.type(TAB)
    assert numbers(page) == (removed_by_numpy(WEIGHTS, 0.10001), 0.10001)
    assert page.evaluate("() => views.view.model.saved") == []


def test_a_drag_in_the_labs_histogram_redraws_all_and_marks_the_accuracy_stale(page):
    made = lab()
    page.evaluate(SHOW, parts(made))
    before = pictures(page)
    left, middle, width = page.evaluate(BOX, ".pw-histogram canvas")
    page.press(left + width * 0.6, middle)
    page.move(left + width * 0.7, middle)
    page.release()
    removed, threshold = numbers(page)
    assert threshold > 0.06 and removed == removed_by_numpy(made.live.weights, threshold)
    assert not set(before) & set(pictures(page))
    assert page.evaluate("() => document.querySelector('.pw-state').dataset.state") == "stale"


def test_the_ledger_counts_during_a_drag_and_marks_old_times_stale(page):
    page.evaluate(SHOW, parts(view_at(slider=True, keras_1=timing(4.0, 8.0))))
    left, middle, width = page.evaluate(BOX, "input.pw-range")
    page.press(left + 8, middle)
    page.move(left + width * 0.9, middle)
    page.evaluate(TWO_FRAMES)
    removed, threshold = numbers(page)
    assert threshold > 0.11 and removed == removed_by_numpy(LEDGER_WEIGHTS, threshold)
    words = "(cost) => document.querySelector(`[data-cost=${cost}]`).textContent"  # folded at first
    left_over = sum(w.size for w in LEDGER_WEIGHTS.values()) - removed
    assert f"{left_over:,} weights" in page.evaluate(words, "nonzeros")
    assert "stale" in page.evaluate(words, "keras_1")
    page.release()


def test_marks_of_the_schedule_can_be_dragged(page):
    page.evaluate(SHOW, parts(pw.ScheduleView(total=1_000, final=0.9, begin=200, end=600)))
    before = pictures(page)
    left, middle, width = page.evaluate(BOX, ".pw-flag[data-mark=begin]")
    page.press(left + width / 2, middle)
    page.move(left + width / 2 + 60, middle)
    page.release()
    page.evaluate(TWO_FRAMES)
    assert 200 < page.evaluate("() => views.view.model.get('begin')") < 600
    assert pictures(page) != before
