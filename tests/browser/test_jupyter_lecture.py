"""A notebook as slides in a real JupyterLab: by keys, with living views, and afterwards as it was."""

import pytest

from ..support.bare import TWO_FRAMES
from ..support.hands import drag

NOTEBOOK = "lecture.ipynb"
SCROLLER = "document.querySelector('.jp-WindowedPanel-outer')"
START = "button:text-is('Start the lecture')"
SHOWN = ".jp-Notebook .jp-Cell:visible"


@pytest.fixture(scope="module")
def opened(lab_page, workbook):
    """The page with the notebook run; nothing may be asked of other machines."""
    elsewhere = workbook.open(lab_page, NOTEBOOK)
    workbook.run_all(lab_page, NOTEBOOK)
    lab_page.set_default_timeout(10_000)
    yield lab_page
    assert elsewhere == []
    assert lab_page.errors == []


STATE = """() => {
    const scroller = document.querySelector(".jp-WindowedPanel-outer");
    const classes = (each) => [...each.classList].filter((name) => /lecture|popover/.test(name));
    return {
        scroll: Math.round(scroller.scrollTop),
        selected: [...document.querySelectorAll(".jp-Cell")].map((cell) => cell.matches(".jp-mod-selected")),
        active: document.querySelector(".jp-mod-active").dataset.windowedListIndex,
        mode: document.querySelector(".jp-Notebook").classList.contains("jp-mod-editMode"),
        cells: document.querySelectorAll(".jp-Cell").length,
        classes: [document.documentElement, ...document.querySelectorAll("*")].flatMap(classes),
        added: document.querySelectorAll("[popover], dialog, [data-slide-number]").length,
        tabindex: scroller.getAttribute("tabindex"),
        font: getComputedStyle(document.documentElement).fontSize,
    };
}"""


@pytest.fixture
def slides(opened):
    """The page at the first slide; afterwards the notebook is as it was before."""
    opened.set_viewport_size({"width": 1280, "height": 720})
    opened.evaluate(f"{SCROLLER}.scrollTop = 0")
    opened.locator(".jp-Cell >> nth=1").click()
    opened.evaluate(f"{SCROLLER}.scrollTop = 20")
    before = opened.evaluate(STATE)
    opened.locator(START).evaluate("(button) => button.click()")  # a press of the mouse would select its cell
    opened.wait_for_selector("html.lecture", state="attached")
    yield opened
    leave(opened)
    assert opened.evaluate(STATE) == before


def leave(page):
    """Press Esc until the slides are gone; the first one may leave full screen or a field."""
    for _ in range(4):
        if not page.locator("html.lecture").count():
            break
        page.keyboard.press("Escape")
        page.evaluate(TWO_FRAMES)
    assert page.locator("html.lecture").count() == 0
    page.wait_for_function("!document.fullscreenElement")
    page.evaluate(TWO_FRAMES)
    page.evaluate(TWO_FRAMES)


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
    page.evaluate(TWO_FRAMES)


def numbers(page):
    """The numbers of the cells on the slide."""
    return page.locator(SHOWN).evaluate_all(
        "(all) => all.map((cell) => Number(cell.dataset.windowedListIndex))"
    )


def test_each_press_shows_the_next_step_and_the_notebook_hears_no_key(slides):
    steps = [[1], [3], [3, 4], [6, 7], [8]]
    assert numbers(slides) == steps[0]
    for expected in [*steps[1:], steps[-1]]:
        press(slides, "ArrowRight")
        assert numbers(slides) == expected
    for expected in [*reversed(steps[:-1]), steps[0]]:
        press(slides, "ArrowLeft")
        assert numbers(slides) == expected
    press(
        slides, "d", "d", "a", "x", "m", "Enter", "Control+m", "j", "k"
    )  # JupyterLab's, and none of the slides'
    assert numbers(slides) == steps[0] and slides.locator(".jp-Cell").count() == 9


def test_the_slide_is_in_front_of_everything_and_scrolls_down_only(slides):
    for width, height in ((1920, 1080), (1280, 720)):
        slides.set_viewport_size({"width": width, "height": height})
        for key in ("Home", "End"):
            press(slides, key)
            corners = [[2, 2], [width - 2, 2], [2, height / 2], [width - 2, height - 2]]
            assert slides.evaluate(
                """(places) => places.every(([x, y]) =>
                    document.elementFromPoint(x, y).closest(".lecture-panel"))""",
                corners,
            )
            assert slides.evaluate(f"{SCROLLER}.scrollWidth === {SCROLLER}.clientWidth")
        assert numbers(slides) == [8]
        press(slides, "PageDown")
        assert numbers(slides) == [8] and slides.evaluate(f"{SCROLLER}.scrollTop") > 0


def test_a_slider_on_a_slide_moves_its_linked_view_and_the_kernel(slides, ask):
    press(slides, "ArrowRight", "ArrowRight")
    ask("setattr(slider, 'threshold', 0.3)")
    slides.wait_for_function("document.querySelector('.pw-number').value === '0.3'")
    drag(slides, slides.locator(".pw-range:visible"), 0.35, 0.8)
    slides.keyboard.press("ArrowRight")  # the slider's, for it has the focus
    assert numbers(slides) == [3, 4]
    threshold, linked = ask("[slider.threshold, heat.threshold]")
    assert threshold == linked == float(slides.input_value(".pw-number >> nth=0")) > 0.6
    press(slides, "Escape", "ArrowRight")
    assert numbers(slides) == [6, 7]


def test_code_is_hidden_until_c_and_a_cell_runs_where_it_is(slides, workbook, ask):
    press(slides, "End", "ArrowLeft")
    code = slides.locator(f"{SHOWN} >> .cm-content:visible")
    assert code.count() == 0
    before = ask("ran")
    press(slides, "c")
    code.click()
    press(slides, "End", "Shift+Enter")
    workbook.wait_idle(slides, NOTEBOOK)
    slides.locator(f"{SHOWN} >> text=ran {before + 1}").wait_for()
    assert numbers(slides) == [6, 7] and ask("ran") == before + 1
    press(slides, "c")
    assert code.count() == 0
    press(slides, "ArrowRight")
    assert numbers(slides) == [8]


def test_notes_that_the_notebook_folds_are_in_the_speakers_window(slides):
    with slides.expect_popup() as popup:
        press(slides, "s")
    speaker = popup.value
    speaker.locator("em", has_text="why").wait_for()
    assert "Slide 1 of 4: A lecture" in speaker.inner_text("h1")
    press(speaker, "ArrowRight")
    assert numbers(slides) == [3] and "This slide has no notes." in speaker.inner_text("body")
    with speaker.expect_event("close"):
        slides.bring_to_front()
        leave(slides)


def test_black_screen_jump_list_and_pointer_work_as_on_a_page(slides):
    press(slides, "b")
    assert slides.locator(".lecture-black").bounding_box()["width"] == slides.viewport_size["width"]
    press(slides, "ArrowRight")
    assert numbers(slides) == [1]
    press(slides, "g")
    slides.keyboard.type("long")
    size = "(all) => all.map((each) => parseFloat(getComputedStyle(each).fontSize))"
    assert min(slides.locator("dialog[open] :is(label, input, button)").evaluate_all(size)) >= 16  # at 720 px
    press(slides, "Enter")
    assert numbers(slides) == [8]
    press(slides, "l")
    assert slides.locator(".lecture-dot").is_visible()


def test_a_dialog_of_jupyterlab_is_not_hidden_by_the_slides(slides):
    slides.evaluate(
        "document.body.append(Object.assign(document.createElement('div'), { className: 'jp-Dialog' }))"
    )
    slides.wait_for_selector("html:not(.lecture)", state="attached")
    slides.evaluate("document.querySelector('.jp-Dialog').remove()")


def test_where_not_all_cells_are_in_the_page_the_way_out_is_said(opened):
    opened.evaluate(
        """() => { const last = [...document.querySelectorAll(".jp-Cell")].at(-1);
            window.kept = [last.parentElement, last]; last.remove(); }"""
    )
    opened.locator(START).evaluate("(button) => button.click()")
    assert "Windowing mode" in opened.locator(".pw-note", has_text="screen").text_content()
    assert opened.locator("html.lecture").count() == 0
    opened.evaluate("kept[0].append(kept[1])")
