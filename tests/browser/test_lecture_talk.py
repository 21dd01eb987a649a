"""What went wrong when a lecture was given: each of these happened in front of a class."""

import pytest

from ..support.bare import TWO_FRAMES
from ..support.hands import THRESHOLD, type_into
from ..support.lectures import save_lecture

LINES = "\n\n".join(f"Line {number}." for number in range(12))
CELLS = [
    ("slide", "# Begin"),
    ("slide", "## Drag"),
    ("", "VIEW"),
    ("slide", f"## Full\n\n{LINES}"),
    ("fragment", "One cell of a step."),
    ("", f"## Another\n\nof the same step.\n\n{LINES[:40]}"),
    ("slide", "## Last"),
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save_lecture(tmp_path_factory.mktemp("talk"), CELLS)


@pytest.fixture
def lecture(new_page, saved):
    page = new_page(reduced_motion="no-preference")  # as most browsers: scrolling takes a while
    page.goto(saved.as_uri())
    page.wait_for_selector(".pw-view", state="attached")
    page.evaluate(TWO_FRAMES)
    return page


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    page.evaluate(TWO_FRAMES)


def test_escape_after_a_button_that_its_press_has_disabled_does_not_end_the_lecture(lecture):
    press(lecture, "ArrowRight")
    type_into(lecture.locator(THRESHOLD), "0.5")
    lecture.click("button.pw-undo")
    assert lecture.is_disabled("button.pw-undo")
    press(lecture, "Escape")
    assert lecture.locator("html.lecture").count() == 1
    press(lecture, "ArrowRight", "ArrowLeft", "Escape")
    assert lecture.locator("html.lecture").count() == 0


def test_all_cells_of_a_new_step_are_in_sight(lecture):
    press(lecture, "End", "ArrowLeft", "ArrowLeft")
    assert lecture.url.endswith("#/3")
    press(lecture, "ArrowRight")
    cells = lecture.locator("main > .cell:visible")
    assert cells.count() == 3
    bar = lecture.locator(".lecture-bar").bounding_box()["y"]
    for cell in (1, 2):
        box = cells.nth(cell).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= bar


def test_a_margin_below_the_screen_takes_no_press_of_its_own(lecture):
    lecture.evaluate("() => { document.querySelector('main').style.paddingBottom = '1500px' }")
    assert lecture.evaluate("document.documentElement.scrollHeight > innerHeight + 200")
    press(lecture, " ")
    assert lecture.url.endswith("#/2") and lecture.evaluate("scrollY") == 0
