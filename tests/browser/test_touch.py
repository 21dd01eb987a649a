"""On a phone: swipes up and down scroll the page, swipes sideways and taps move what they touch."""

import pytest

import prunewidgets as pw

from ..support.bare import open_page, saved, settle, show
from ..support.hands import swipe
from ..support.labs import VIEWS

PHONE = {"viewport": {"width": 390, "height": 700}, "has_touch": True}
VIEWS = VIEWS | {"ScheduleView": lambda: pw.ScheduleView(1000, begin=100, end=900)}
TARGETS = "canvas.pw-canvas, .pw-range, .pw-flag, .pw-stage, .pw-ledger-row, .pw-hands-rows"
TRAITS = """() => ["threshold", "sparsity", "begin", "end", "guess", "before", "after"]
    .map((name) => views.view.model.get(name))"""


@pytest.fixture
def phone(new_page):
    """A phone's page with room above and below the views."""
    page = new_page(**PHONE)
    open_page(page)
    page.add_style_tag(content="body { padding: 600px 0; }")
    return page


def middle(target):
    """Brings it to the middle of the screen, and returns where it is."""
    for _ in range(2):  # what was off the screen gets its height when it is on it
        target.evaluate("(target) => target.scrollIntoView({ block: 'center' })")
        settle(target.page)
    box = target.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("name", VIEWS)
def test_a_swipe_up_scrolls_the_page_and_moves_nothing_else(phone, name):
    show(phone, VIEWS[name]())
    phone.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    targets = phone.locator(f"{TARGETS} >> visible=true").all()
    before = phone.evaluate(TRAITS)
    for target in targets:
        x, y = middle(target)
        at = phone.evaluate("scrollY")
        swipe(phone, (x + 20, y), (x + 28, y - 200))
        assert phone.evaluate("scrollY") > at + 50, target
        assert phone.evaluate(TRAITS) == before, target
    assert targets


@pytest.mark.parametrize(
    ("name", "target"),
    [("ThresholdSlider", ".pw-range"), ("WeightHistogram", "canvas"), ("PruningLab", ".pw-histogram canvas")],
)
def test_a_swipe_sideways_and_a_tap_move_the_cut(phone, name, target):
    show(phone, VIEWS[name]())
    x, y = middle(phone.locator(target))
    moved = [phone.evaluate("views.view.model.get('threshold')")]
    swipe(phone, (x + 20, y), (x + 90, y - 12))
    moved.append(phone.evaluate("views.view.model.get('threshold')"))
    phone.touchscreen.tap(x + 30, y)
    moved.append(phone.evaluate("views.view.model.get('threshold')"))
    assert len(set(moved)) == 3
    assert len(saved(phone)) >= 2  # the kernel knows both


def test_a_tap_reads_a_cell(phone):
    show(phone, VIEWS["SparsityHeatmap"]())
    middle(phone.locator(".pw-heatmap canvas"))
    box = phone.locator(".pw-heatmap canvas").bounding_box()
    phone.touchscreen.tap(box["x"] + 8, box["y"] + 8)
    assert "filter 0" in phone.inner_text(".pw-heatmap .pw-detail")


def test_a_flag_is_dragged_sideways(phone):
    show(phone, VIEWS["ScheduleView"]())
    x, y = middle(phone.locator(".pw-flag[data-mark='begin']"))
    swipe(phone, (x, y), (x + 80, y + 10))
    assert phone.evaluate("views.view.model.get('begin')") > 150
