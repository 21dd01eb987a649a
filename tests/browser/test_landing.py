"""The site's first page: it plays until it is touched, measures as Python does, and asks for nothing."""

import contextlib
import io
from pathlib import Path

import pytest

import prunewidgets as pw
from tools.site.chapters import Chapter
from tools.site.landing import write_landing
from tools.site.landing_words import SAMPLE

from ..support.bare import TWO_FRAMES
from ..support.saved_pages import watched

HOSTILE = Chapter(
    "07", "<b>bold</b> & title", 'Is <img src=x> "text"?', 5, 1, Path("07.ipynb"), "07_a&b.html"
)


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return write_landing(tmp_path_factory.mktemp("site"), [HOSTILE])


@pytest.fixture
def opened(new_page, path):
    """Opens the page. A request for anything else, or a line in the console, fails the test."""
    seen = []

    def open_page(**options):
        page = new_page(**options)
        seen.append(watched(page))
        page.goto(path.as_uri())
        return page

    yield open_page
    for asked, errors in seen:
        assert {url for url in asked if not url.startswith(("blob:", "data:font"))} == {path.as_uri()}
        assert errors == []


def measured(page) -> str:
    """Wait until all digits are measured; return the accuracy."""
    page.locator("#how", has_text="on all 10,000").wait_for(timeout=60_000)
    return page.text_content("#accuracy")


def move(page, per_mille: int) -> str:
    """Move the handle; return the accuracy measured there on all digits."""
    page.locator("#handle").fill(str(per_mille))
    page.evaluate(TWO_FRAMES)
    return measured(page)


def test_it_plays_by_itself_until_somebody_does_something(opened):
    page = opened(reduced_motion="no-preference")
    page.locator("body.playing").wait_for(timeout=60_000)
    page.locator("#how", has_text="1,000 digits so far").wait_for(timeout=60_000)  # it measures on the way
    assert page.text_content(".spoken") == ""
    page.keyboard.press("Shift")
    assert page.locator("body.playing").count() == 0
    there = page.text_content("#share")
    page.wait_for_timeout(300)
    assert page.text_content("#share") == there
    assert 0 < float(there.removesuffix(" %")) < 60


def test_where_no_motion_is_wanted_it_stands_at_a_telling_place(opened):
    page = opened()
    page.locator("#step", has_text="1 of 5").wait_for()
    page.evaluate(TWO_FRAMES)
    assert page.text_content("#share") == "60.0 %"
    before = page.text_content("#accuracy")  # measured in Python
    assert measured(page) == before
    assert page.locator("body.playing").count() == 0 and page.text_content("#share") == "60.0 %"


def test_the_steps_are_answered_by_what_is_measured(opened):
    page = opened()
    measured(page)
    move(page, 760)
    assert "76.0 % are gone, and it still reads 98." in page.text_content(".answer")
    page.click("#next")
    page.click("text=70 %")
    assert page.locator(".guess").is_visible()
    page.click("#next")
    low, high = move(page, 900), move(page, 800)
    lab = pw.PruningLab(pw.models.pretrained("small_cnn"), *pw.datasets.mnist()[1])
    lab.threshold = float(page.text_content("#below").split("threshold ")[1].split()[0])
    assert high == f"{lab.accuracy:.2%}".replace("%", " %")
    said = page.text_content(".answer")
    assert said.startswith(high) and f"{low} at" in said and said.endswith("You said 70 %.")
    page.click("text=0.1 % more")
    assert page.text_content("#share") == "80.1 %"
    page.click("#next")
    move(page, 1000)
    page.click("#next")
    assert "to every picture" in page.text_content(".answer")
    assert page.get_attribute(".digits", "aria-label").startswith("40 test digits; ")


def test_what_a_chapter_says_is_text(opened):
    page = opened()
    assert page.inner_text(".chapters li strong") == HOSTILE.question
    assert page.inner_text(".chapter-title") == HOSTILE.title
    assert page.get_attribute(".chapters li a", "href") == "chapters/07_a&b.html"


def test_the_code_prints_what_the_page_says(opened):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(SAMPLE, {})
    assert opened().inner_text(".prints code") == said.getvalue().strip()
