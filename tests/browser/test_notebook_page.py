"""A chapter as a page, opened from its file: views move, answers are checked, and nothing is fetched."""

import shutil
from pathlib import Path

import nbformat
import pytest

import prunewidgets as pw

from ..support.bare import TWO_FRAMES
from ..support.hands import THRESHOLD, type_into
from ..support.saved_pages import watched

CHAPTER = Path(__file__).parents[2] / "notebooks" / "01_the_3x4_matrix.ipynb"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Chapter 01 as a page."""
    folder = tmp_path_factory.mktemp("chapter")
    shutil.copytree(CHAPTER.parent / "checks", folder / "checks")
    notebook = nbformat.read(CHAPTER, as_version=4)
    # Their ids are also those of what the page carries.
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell("## page\n\n## data\n\n| a |\n|---|\n| 1 |"))
    nbformat.write(notebook, folder / CHAPTER.name)
    return pw.save_page(folder / CHAPTER.name, folder / "lesson.html")


@pytest.fixture
def chapter(new_page, saved):
    """The page; a request, or an error in the console, fails the test."""
    page = new_page()
    asked, errors = watched(page)
    page.goto(saved.as_uri())
    page.wait_for_selector(".pw-view")
    page.evaluate(TWO_FRAMES)
    yield page
    assert (asked, errors) == ([saved.as_uri()], [])


def test_a_picture_follows_the_slider_above_it(chapter):
    picture = chapter.locator("[data-follows] > div:visible")
    for threshold, removed in (("0.3", 3), ("0.5", 6), ("0.51", 7), ("0", 0), ("2", 12)):
        type_into(chapter.locator(THRESHOLD).first, threshold)
        picture.locator(f"text={removed} of 12 wires removed").wait_for()
        assert picture.count() == 1


def test_a_guess_opens_what_waits_for_it_and_nothing_else(chapter):
    folded = chapter.locator("details")
    assert folded.count() > 4 and chapter.locator("details[open]").count() == 0
    first = chapter.locator("input[data-guess]").first
    first.fill("7 <b>")
    first.press("Enter")
    assert chapter.locator("details[open]").count() == 2
    opened = chapter.locator("details[open]").first.inner_text()
    assert "Your guess: 7 <b>" in opened and "weights removed at τ = 0.5: 6" in opened
    assert chapter.locator(".page-guess").count() == 1  # both are of one cell
    assert "opened below (2)" in chapter.locator(".page-ask output").first.inner_text()


def test_a_guess_leaves_what_waits_for_an_exercise_closed(chapter):
    last = chapter.locator("input[data-guess]").last  # behind it is exercise 5, and what waits for that
    last.fill("no, yes, no")
    last.press("Enter")
    assert chapter.locator("details[open]").count() == 1
    assert "2: False, 3: True, 4: False" in chapter.inner_text("details[open]")
    assert chapter.locator("details:not([open])", has_text="exercise 5").count() == 1


@pytest.mark.parametrize(
    ("exercise", "answer", "said"),
    [
        (0, "0.4, 6", "✓ six entries"),
        (0, "(.4,4)", "✗ not (.4,4). That is how many different values are below τ."),
        (0, "0.4", "cannot check 0.4"),
        (1, "3", "✓ 3 of twelve."),
        (1, "9", "✗ not 9. That is in how many places it is wrong."),
        (1, "all", "cannot check all"),
    ],
)
def test_an_answer_is_checked_as_python_checks_it(chapter, exercise, answer, said):
    asked = chapter.locator(".page-ask:has([data-answer])").nth(exercise)
    asked.locator("input").fill(answer)
    asked.locator("input").press("Enter")
    assert said in asked.locator("output").inner_text()


def test_what_cannot_be_checked_leads_to_how_to_get_python(chapter):
    links = chapter.locator(".page-ask a[href='#needs-python']")
    assert links.count() == 3  # two lists, a function, intervals
    links.first.click()
    assert chapter.locator("#needs-python").is_visible()


def test_maths_is_drawn_and_the_page_fits_a_phone(chapter):
    chapter.set_viewport_size({"width": 390, "height": 800})
    chapter.evaluate(TWO_FRAMES)
    assert chapter.evaluate("document.documentElement.scrollWidth") == 390
    box = chapter.locator("math").bounding_box()
    assert box["height"] > 15


def test_the_keyboard_reaches_what_scrolls_on_a_phone_and_nothing_else_of_the_text(chapter):
    of_text = """(elements) => elements
        .filter((each) => each.checkVisibility() && !each.closest("[data-part]"))
        .map((each) => [each.scrollWidth > each.clientWidth, each.tabIndex === 0])"""
    found = {}
    for width in (390, 1280):
        chapter.set_viewport_size({"width": width, "height": 800})
        chapter.evaluate(TWO_FRAMES)
        found[width] = chapter.locator("main :is(.cell-html, pre)").evaluate_all(of_text)
        assert all(scrolls == reached for scrolls, reached in found[width])
    assert len({tuple(each) for each in found[390]}) == 2 and found[390] != found[1280]


def test_a_table_in_the_text_reads_from_the_left(chapter):
    cell = chapter.locator(".cell-prose td", has_text="1").first
    assert cell.evaluate("(cell) => getComputedStyle(cell).textAlign") == "left"
