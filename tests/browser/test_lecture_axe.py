"""The lecture view of a saved page has nothing that axe knows to shut readers out, light and dark."""

import pytest

from tools import javascript
from tools.site.opened import AXE, RUN_AXE

from ..support.bare import TWO_FRAMES
from ..support.lectures import save_lecture


@pytest.fixture(scope="module")
def axe():
    """Axe's script, which is fetched with Node as the other checks of the JavaScript are."""
    if missing := javascript.install():
        pytest.skip(missing)
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save_lecture(tmp_path_factory.mktemp("lecture"))


def violations(page):
    page.evaluate(TWO_FRAMES)
    return page.evaluate(RUN_AXE)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_slides_and_panels_shut_no_reader_out(new_page, saved, axe, colours):
    page = new_page(color_scheme=colours, bypass_csp=True)
    page.goto(saved.as_uri())
    page.wait_for_selector(".lecture-bar")
    page.evaluate(axe)
    page.keyboard.press("c")
    for slide in (1, 2, 3):
        page.evaluate(f"location.hash = '#/{slide}/9'")
        page.wait_for_selector(f"main[data-slide-number='{slide}']")
        assert violations(page) == [], f"slide {slide}"
    for key in ("g", "?"):
        page.keyboard.press(key)
        assert page.locator("dialog[open]").count() == 1
        assert violations(page) == [], f"after {key}"
        page.keyboard.press("Escape")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    speaker = opened.value
    speaker.evaluate(axe)
    assert violations(speaker) == [], "the speaker's window"


def test_axe_finds_what_is_planted(new_page, saved, axe):
    """The test above could not fail if it saw nothing of the slide."""
    page = new_page(bypass_csp=True)
    page.goto(saved.as_uri())
    page.evaluate(axe)
    page.evaluate("document.querySelector('.lecture-bar button').textContent = ''")
    assert any("button-name" in each for each in violations(page))
