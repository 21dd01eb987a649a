"""One font in three sizes, which grow with the page's text; controls large enough for a finger."""

import pytest

from ..support.bare import open_page, settle, show
from ..support.labs import VIEWS

SIZES = """() => [...document.querySelectorAll(".pw-view, .pw-view *")]
    .filter((element) => element.closest(".pw-cell, .pw-product") === null)
    .filter((element) => [...element.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
    .map((element) => parseFloat(getComputedStyle(element).fontSize))"""
NOTE_FONTS = """() => {
    window.drawn = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (...text) {
        if (!this.canvas.closest(".pw-heatmap")) drawn.push(this.font); // a value in a cell fills the cell
        return fillText.apply(this, text);
    };
}"""
SMALL = """() => [...document.querySelectorAll("button, select, input, [role=slider]")]
    .map((element) => (element.matches("[type=checkbox], [type=radio]") ? element.closest("label") : element))
    .map((element) => ({ name: element.className, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24))
    .map(({ name, box }) => `${name}: ${box.width} × ${box.height}`)"""
CUT_OFF = """() => [...document.querySelectorAll(".pw-view :not(.pw-spoken, option, .pw-cell)")]
    .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth)
    .filter((element) => !["visible", "clip"].includes(getComputedStyle(element).overflowX))
    .map((element) => element.outerHTML.slice(0, 80))"""


def enlarge(page, size):
    """As JupyterLab does in its presentation mode."""
    page.evaluate("(size) => document.body.style.setProperty('--jp-content-font-size1', size)", size)
    page.wait_for_timeout(100)
    settle(page)


@pytest.mark.parametrize("name", VIEWS)
def test_text_has_three_sizes_and_grows_with_the_pages(bare, name):
    bare.evaluate(NOTE_FONTS)
    enlarge(bare, "14px")
    show(bare, VIEWS[name]())
    before = {canvas: canvas.bounding_box()["height"] for canvas in bare.locator("canvas.pw-canvas").all()}
    sizes = {14, 14 * 1.15, 14 * 1.9}
    assert {size for size in bare.evaluate(SIZES) if all(abs(size - one) > 0.01 for one in sizes)} == set()
    bare.evaluate("drawn.length = 0")
    enlarge(bare, "17px")
    assert min(bare.evaluate(SIZES)) == 17
    for canvas, height in before.items():
        assert canvas.bounding_box()["height"] > height
    written = bare.evaluate("[...new Set(drawn)]")
    assert all("17px Prunewidgets" in font for font in written), written
    assert written or name != "WeightHistogram"


def test_figures_are_in_the_views_font_and_of_one_width(page):
    elsewhere = open_page(page)
    show(page, VIEWS["WeightHistogram"]())
    faces = page.evaluate("[...document.fonts].map(({ family, weight, status }) => [family, weight, status])")
    assert sorted(faces) == [["Prunewidgets", weight, "loaded"] for weight in ("400", "600")]
    widths = page.evaluate(
        """() => {
            const pen = document.createElement("canvas").getContext("2d");
            return ["Prunewidgets", "monospace"].map((family) => [..."0123456789"].map((figure) => {
                pen.font = `100px ${family}`;
                return pen.measureText(figure).width;
            }));
        }"""
    )
    assert [len(set(each)) for each in widths] == [1, 1] and widths[0] != widths[1]
    assert elsewhere == []


@pytest.mark.parametrize("name", VIEWS)
def test_a_finger_finds_every_control_and_nothing_is_cut_off_on_a_phone(bare, name):
    bare.set_viewport_size({"width": 390, "height": 800})
    show(bare, VIEWS[name]())
    assert bare.evaluate(SMALL) == []
    assert bare.evaluate(CUT_OFF) == []
    assert bare.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("name", ["WeightHistogram", "SparsityHeatmap", "ExpectedCurve", "PruningLab"])
def test_on_a_phone_pictures_have_the_width_of_their_view(bare, name):
    """The output of a cell in JupyterLab, on a phone, is 274 pixels wide."""
    show(bare, VIEWS[name](), style="width: 274px")
    widths = bare.locator(".pw-panel .pw-canvas >> visible=true").evaluate_all(
        "(pictures) => pictures.map((picture) => picture.clientWidth)"
    )
    padding = 2 * 13  # with the view's frame
    assert min(widths) >= 274 - padding


def test_views_under_each_other_have_a_gap_of_their_own(bare):
    for name in ("first", "second"):
        show(bare, VIEWS["ThresholdSlider"](), name)
    bare.evaluate("document.querySelectorAll('.view').forEach((view) => view.classList.remove('view'))")
    first, second = (bare.locator(f"#{name}").bounding_box() for name in ("first", "second"))
    assert second["y"] - first["y"] - first["height"] >= 8
