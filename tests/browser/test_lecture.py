"""A page as slides, opened from its file: by keys alone, with living views, notes in a second window."""

import re

import pytest

import prunewidgets as pw

from ..support.bare import TWO_FRAMES
from ..support.lectures import CELLS, save_lecture
from ..support.saved_pages import watched


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save_lecture(tmp_path_factory.mktemp("lecture"))


@pytest.fixture
def lecture(new_page, saved):
    """The page, at its first slide; a request, or an error in the console, fails the test."""
    page = new_page()
    asked, errors = watched(page)
    page.goto(saved.as_uri())
    page.wait_for_selector(".lecture-bar")
    page.evaluate(TWO_FRAMES)
    yield page
    assert (set(asked), errors) == ({saved.as_uri()}, [])


def shown(page):
    """The first words of each cell on the slide, and the address."""
    cells = page.locator("main > .cell:visible").all_inner_texts()
    return [cell.strip().partition("\n")[0] for cell in cells], page.url.partition("#")[2]


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    page.evaluate(TWO_FRAMES)


DRAG = ["Drag", "threshold τ"]


def slide_of(page):
    texts, address = shown(page)
    return texts[0], address


def test_each_press_shows_the_next_step_and_the_address_keeps_it(lecture):
    assert shown(lecture) == (["A <lecture>"], "/1")
    expected = [
        ("Drag", "/2", 2),
        ("Drag", "/2/2", 3),
        ("Drag", "/2/3", 4),
        ("2", "/3", 1),
        ("Long", "/4", 1),
    ]
    for first, address, cells in [*expected, ("Last", "/5", 1), ("Last", "/5", 1)]:
        press(lecture, "ArrowRight")
        texts, at = shown(lecture)
        assert (texts[0], at, len(texts)) == (first, address, cells)
    for first, address, cells in [*reversed(expected), ("A <lecture>", "/1", 1), ("A <lecture>", "/1", 1)]:
        press(lecture, "ArrowLeft")
        texts, at = shown(lecture)
        assert (texts[0], at, len(texts)) == (first, address, cells)
    press(lecture, "End")
    assert slide_of(lecture) == ("Last", "/5")
    press(lecture, "Home")
    assert slide_of(lecture) == ("A <lecture>", "/1")


def test_a_reload_returns_to_the_step_and_does_not_set_the_clock_back(lecture):
    press(lecture, "ArrowRight", "ArrowRight")
    started = lecture.evaluate("history.state.lectureStarted")
    lecture.reload()
    lecture.wait_for_selector(".pw-view")
    assert shown(lecture)[1] == "/2/2" and len(shown(lecture)[0]) == 3
    assert lecture.evaluate("history.state.lectureStarted") == started > 0


def test_an_address_of_no_slide_is_the_nearest_one_and_a_link_leads_to_its_slide(lecture):
    lecture.evaluate("location.hash = '#/99/9'")
    lecture.wait_for_url("**#/5")
    lecture.click("main a:visible >> nth=0")
    lecture.wait_for_url("**#/2/3")
    lecture.evaluate("location.hash = '#/5'")
    lecture.click("main a:visible >> nth=1")
    lecture.locator("#needs-python").wait_for()
    assert lecture.locator("html.lecture").count() == 0


def test_a_slide_taller_than_the_screen_scrolls_before_the_next_begins(lecture):
    for down, up in (("PageDown", "PageUp"), (" ", "Shift+ "), ("ArrowDown", "ArrowUp")):
        lecture.evaluate("location.hash = '#/4'")
        lecture.wait_for_url("**#/4")
        pages = 0
        while shown(lecture)[1] == "/4":
            before = lecture.evaluate("scrollY")
            press(lecture, down)
            pages += 1
            assert shown(lecture)[1] == "/5" or lecture.evaluate("scrollY") > before
        assert pages > 2 and lecture.evaluate("scrollY") == 0
        press(lecture, up)
        assert slide_of(lecture) == ("Long", "/4")
        lecture.evaluate("scrollTo(0, 100)")
        press(lecture, up)
        assert (lecture.evaluate("scrollY"), shown(lecture)[1]) == (0, "/4")
        press(lecture, up)
        assert slide_of(lecture) == ("2", "/3")


def test_a_focused_slider_or_field_keeps_its_keys_until_escape(lecture):
    press(lecture, "ArrowRight")
    for field, keys in (
        ("input[type=range]", ["ArrowRight", "PageDown", "Home", "End"]),
        ("[data-guess]", [*"bcg", " "]),
    ):
        place = lecture.locator(field)
        place.focus()
        for key in keys:
            before = place.input_value()
            press(lecture, key)
            assert place.input_value() != before, key
        assert (
            shown(lecture)[1] == "/2" and not lecture.locator("dialog[open], .lecture-black:visible").count()
        )
        press(lecture, "Escape")
        assert lecture.evaluate("document.activeElement.tagName") == "MAIN"
    press(lecture, "ArrowRight")
    assert shown(lecture)[1] == "/2/2"
    press(lecture, "Escape")
    assert lecture.locator("html.lecture").count() == 0 and "#" not in lecture.url


def test_code_is_hidden_until_c(lecture):
    lecture.evaluate("location.hash = '#/3'")
    code = lecture.locator("main > .cell:visible .cell-source:visible")
    assert code.count() == 0
    press(lecture, "c")
    assert code.inner_text().strip() == "1 + 1"
    press(lecture, "c")
    assert code.count() == 0


@pytest.mark.parametrize("key", ["b", "."])
def test_the_screen_is_black_until_any_key(lecture, key):
    black = lecture.locator(".lecture-black")
    press(lecture, key)
    assert black.bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 720}
    assert "black" in lecture.locator("[role=status]").inner_text()
    press(lecture, "ArrowRight")
    assert not black.is_visible() and shown(lecture)[1] == "/1"
    press(lecture, "ArrowRight")
    assert shown(lecture)[1] == "/2"


def test_the_pointer_is_a_dot_while_l_is_on(lecture):
    dot = lecture.locator(".lecture-dot")
    press(lecture, "l")
    lecture.mouse.move(300, 200)
    box = dot.bounding_box()
    assert (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) == pytest.approx((300, 200), abs=1)
    press(lecture, "l")
    assert not dot.is_visible()


def test_the_list_jumps_by_a_number_or_a_word_and_the_keys_are_listed(lecture):
    for key, asked, address in (("g", "lon", "/4"), ("/", "3", "/3"), ("g", "lec", "/1")):
        press(lecture, key)
        lecture.keyboard.type(asked)
        press(lecture, "Enter")
        assert shown(lecture)[1] == address and not lecture.locator("dialog[open]").count()
    press(lecture, "g")
    rows = lecture.locator("dialog[open] li").all_inner_texts()
    assert rows == ["1 · A <lecture>", "2 · Drag", "3 · Drag", "4 · Long", "5 · Last"]
    press(lecture, "Escape", "?")
    assert "Page Down" in lecture.inner_text("dialog[open]")
    press(lecture, "ArrowRight", "Escape")
    assert shown(lecture)[1] == "/1" and lecture.locator("html.lecture").count() == 1


def test_the_speaker_has_notes_what_is_next_and_the_time_in_a_window_of_its_own(lecture):
    with lecture.expect_popup() as opened:
        press(lecture, "s")
    speaker = opened.value
    text = lambda: speaker.inner_text("body")  # noqa: E731
    assert (
        "Slide 1 of 5: A <lecture>" in text() and "2 minutes. Ask why." in text() and "the slider." in text()
    )
    assert (
        speaker.locator("em", has_text="why").count() == 1
        and ":" in speaker.locator("header b").first.inner_text()
    )
    assert re.fullmatch(r"\d:\d\d", speaker.locator("header b").nth(1).inner_text())
    assert speaker.locator("[id]").count() == 0
    press(speaker, "ArrowRight")
    assert shown(lecture)[1] == "/2" and "This slide has no notes." in text() and "Then this." in text()
    assert speaker.inner_text("main > section >> nth=1").endswith("Notes for it\n\nSay that.")  # read in time
    speaker.click("text=Next >> nth=0")
    assert shown(lecture)[1] == "/2/2" and "Say that." in text() and "And this." in text()
    lecture.evaluate("location.hash = '#/5'")
    speaker.locator("text=This is the end of the lecture.").wait_for()
    with speaker.expect_event("close"):
        press(lecture, "Escape")


def test_a_blocked_speaker_window_is_said(lecture):
    lecture.evaluate("window.open = () => null")
    press(lecture, "s")
    assert "Allow pop-up windows for this page" in lecture.locator(".lecture-said").inner_text()


def test_reading_has_all_cells_but_the_lecturers_and_the_button_leads_to_the_slides(lecture):
    press(lecture, "Escape")
    cells = [source for _, source, *more in CELLS if not more]
    texts, _ = shown(lecture)
    assert len(texts) == len(cells) + 2  # what works in the page, and how to get Python
    assert (
        not lecture.locator("[data-lecturer]").is_visible()
        and lecture.locator(".lecture-bar:visible").count() == 0
    )
    press(lecture, "ArrowRight", "b", "?")
    assert lecture.locator("html.lecture").count() == 0 and not lecture.locator("dialog[open]").count()
    lecture.click("text=Lecture >> nth=0")
    lecture.wait_for_url("**#/1")
    assert slide_of(lecture) == ("A <lecture>", "/1")


def test_on_paper_the_page_is_the_one_to_read(lecture):
    lecture.emulate_media(media="print")
    assert len(shown(lecture)[0]) == len(CELLS) + 1


SMALL = """() => {
    const small = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const { parentElement: within, textContent: text } = texts.currentNode;
        const seen = text.trim() && within.checkVisibility() && !within.closest(".pw-spoken");
        if (seen && parseFloat(getComputedStyle(within).fontSize) < 24) small.push(text);
    }
    return small;
}"""


def test_type_is_large_on_a_projector_and_nothing_scrolls_sideways(lecture):
    for width, height in ((1920, 1080), (1280, 720)):
        lecture.set_viewport_size({"width": width, "height": height})
        for slide in range(1, 6):
            lecture.evaluate(f"location.hash = '#/{slide}/9'")
            press(lecture, "c")
            assert lecture.evaluate("document.documentElement.scrollWidth") == width
            assert height < 1080 or lecture.evaluate(SMALL) == []


def test_views_alone_are_a_slide_each(open_saved):
    views = [pw.ThresholdSlider(pw.score(pw.example.W)), pw.SparsityHeatmap(pw.example.W)]
    page = open_saved(views, lecture=True)
    parts = page.locator(".page-part")
    assert [part.is_visible() for part in parts.all()] == [True, False]
    press(page, "PageDown")
    assert [part.is_visible() for part in parts.all()] == [False, True]


TWO_VIEWS = """() => {
    const cell = document.querySelector("main > .cell:not(.lecture-off)");
    const views = ["histogram", "heatmap"].map((name) => {
        const view = document.createElement("section");
        Object.assign(view, { className: "page-part", textContent: name });
        view.dataset.view = name;
        return view;
    });
    cell.append(...views);
    return views.map((view) => view.getBoundingClientRect()).map(({ left, top }) => [left, top]);
}"""


def test_two_views_of_a_cell_to_compare_are_side_by_side(lecture):
    (left, top), (right, same) = lecture.evaluate(TWO_VIEWS)
    assert right > left and same == top


ANSWERS = """() => {
    const cell = document.querySelector("main > .cell:not(.lecture-off)");
    const answer = (found) => `<div class="cell-html"><details open>${found}</details></div>`;
    const found = ["<pre>1</pre>", "<pre>2</pre>", "<table><tr><td>3</td></tr></table>"];
    cell.innerHTML = found.map(answer).join("");
    return [...cell.children].map((each) => each.getBoundingClientRect()).map(({ left, top }) => [left, top]);
}"""


def test_a_table_after_two_answers_is_beside_them(lecture):
    (left, top), (below, next_top), (right, beside) = lecture.evaluate(ANSWERS)
    assert right > left == below and beside == top < next_top
