"""Light and dark, large and small: every view can be read."""

import numpy as np
import pytest

from ..support.bare import HOST_THEMES, open_page, set_traits, settle, show
from ..support.hands import pixels
from ..support.labs import VIEWS

LUMINANCE = """(view) => {
    const light = (colour) => {
        const pen = document.createElement("canvas").getContext("2d");
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
            .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const style = getComputedStyle(view);
    const of = (name) => light(style.getPropertyValue(`--pw-${name}`).trim());
    const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const lines = [1, 2, 3, 4, 5, 6].map((i) => `line-${i}`);
    const names = ["ink", "soft", "kept", "pruned", "mark", ...lines];
    return Object.fromEntries(names.map((name) => [name, contrast(of(name), of("panel"))]));
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_and_marks_have_enough_contrast(page, dark):
    """WCAG 2: text 4.5 to 1, marks 3 to 1."""
    open_page(page, dark)
    show(page, VIEWS["ThresholdSlider"]())
    contrast = page.locator(".pw-view").evaluate(LUMINANCE)
    assert contrast["ink"] >= 7 and contrast["soft"] >= 4.5 and contrast["pruned"] >= 3.5
    assert {name: ratio for name, ratio in contrast.items() if ratio < 3} == {}


@pytest.mark.parametrize("name", VIEWS)
def test_a_change_of_theme_redraws_every_picture(bare, name):
    bare.emulate_media(color_scheme="light")
    show(bare, VIEWS[name]())
    canvases = bare.locator("canvas.pw-canvas").all()
    light = [pixels(canvas) for canvas in canvases]
    bare.evaluate("document.body.dataset.jpThemeLight = 'false'")
    bare.wait_for_timeout(100)
    settle(bare)
    assert bare.locator(".pw-view.pw-dark").count() == 1
    for before, canvas in zip(light, canvases, strict=True):
        assert not np.array_equal(before, pixels(canvas))


@pytest.mark.parametrize(("mark", "dark"), HOST_THEMES)
@pytest.mark.parametrize("system", ["light", "dark"])
def test_a_view_follows_its_hosts_theme_before_the_systems(bare, mark, dark, system):
    bare.emulate_media(color_scheme=system)
    show(bare, VIEWS["ThresholdSlider"]())
    bare.evaluate(f"document.{mark}")
    bare.wait_for_timeout(100)
    expected = system == "dark" if dark is None else dark
    assert bare.locator(".pw-view.pw-dark").count() == expected


@pytest.mark.parametrize(("ground", "dark"), [("#222", True), ("#ffe", False), ("none", None)])
@pytest.mark.parametrize("system", ["light", "dark"])
def test_a_view_is_as_dark_as_a_page_that_only_paints_itself(bare, ground, dark, system):
    """Shiny's page says nothing and is light, whatever the system's theme is."""
    bare.emulate_media(color_scheme=system)
    bare.evaluate(f"document.body.style.background = '{ground}'")
    show(bare, VIEWS["ThresholdSlider"]())
    expected = system == "dark" if dark is None else dark
    assert bare.locator(".pw-view.pw-dark").count() == expected


def test_a_view_on_shinys_dark_page_is_dark(bare):
    """That page has the variables of JupyterLab's light theme."""
    bare.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    bare.evaluate("document.documentElement.style.setProperty('--jp-layout-color1', 'white')")
    bare.evaluate("document.documentElement.style.setProperty('--jp-ui-font-color1', 'black')")
    show(bare, VIEWS["ThresholdSlider"]())
    style = "(view) => [getComputedStyle(view).backgroundColor, getComputedStyle(view).color]"
    assert bare.locator(".pw-view").evaluate(style) == ["rgb(28, 28, 28)", "rgb(236, 236, 236)"]


def test_a_view_in_nbclassic_is_light_and_its_text_can_be_read(bare):
    """That page is always light, whatever the system's theme, and makes a rem 10 pixels."""
    bare.emulate_media(color_scheme="dark")
    bare.evaluate("document.body.dataset.notebookPath = 'lesson.ipynb'")
    bare.evaluate("document.documentElement.style.fontSize = '10px'")
    show(bare, VIEWS["ThresholdSlider"]())
    view = bare.locator(".pw-view")
    assert "pw-dark" not in view.get_attribute("class")
    assert view.evaluate("(view) => getComputedStyle(view).fontSize") == "14px"


@pytest.mark.parametrize("name", VIEWS)
def test_no_room_is_no_error_and_more_room_shows_everything(bare, name):
    for number, style in enumerate(["width: 0", "display: none", "width: 40px", "width: 320px"]):
        copy = f"copy-{number}"
        show(bare, VIEWS[name](), copy, style=f"{style}; overflow: hidden")
        set_traits(bare, copy, threshold=0.2)
        bare.evaluate("(copy) => { document.getElementById(copy).style = ''; }", copy)
        for canvas in bare.locator(f"#{copy} canvas.pw-canvas").all():
            canvas.scroll_into_view_if_needed()
            bare.wait_for_timeout(50)
            settle(bare)
            wide, width = canvas.evaluate("(canvas) => [canvas.clientWidth, canvas.width]")
            assert width == wide > 250  # three beside each other at the least
            colours = pixels(canvas).reshape(-1, 4)
            assert (colours != colours[0]).any()


@pytest.mark.parametrize("name", VIEWS)
def test_nothing_overflows(bare, name):
    show(bare, VIEWS[name]())
    for width, height in [(1920, 1080), (1280, 720), (390, 800)]:
        bare.set_viewport_size({"width": width, "height": height})
        settle(bare)
        assert bare.evaluate("document.documentElement.scrollWidth <= innerWidth")
        outside = bare.evaluate(
            """() => {
                const outer = document.querySelector(".pw-view").getBoundingClientRect();
                return [...document.querySelectorAll(".pw-view :not(.pw-spoken)")].filter((el) => {
                    const box = el.getBoundingClientRect();
                    return box.width > 1 && (box.left < outer.left - 1 || box.right > outer.right + 1);
                }).map((el) => `${el.tagName}.${el.className}`);
            }"""
        )
        assert outside == []


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)], ids=str)
def test_a_lab_fits_the_screen_from_its_title_to_its_pictures(bare, size):
    bare.set_viewport_size({"width": size[0], "height": size[1]})
    show(bare, VIEWS["PruningLab"]())
    for part in (".pw-lab-title", ".pw-range", ".pw-accuracy", ".pw-buttons", ".pw-lab-panels"):
        box = bare.locator(part).bounding_box()
        assert box["y"] + box["height"] <= size[1] + 20, part
