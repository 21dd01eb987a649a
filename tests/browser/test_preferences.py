"""What a reader has asked of the system: high contrast, less motion; and a machine without 3D graphics."""

import io

import numpy as np
import pytest
from PIL import Image

import prunewidgets as pw

from ..support.bare import open_page, set_traits, settle, show
from ..support.labs import VIEWS, guessed

JUPYTERLAB = {
    "light": {"--jp-layout-color0": "white", "--jp-layout-color1": "white", "--jp-ui-font-color1": "#212121"},
    "dark": {"--jp-layout-color0": "#111", "--jp-layout-color1": "#212121", "--jp-ui-font-color1": "#fff"},
}
ONLY_2D = """() => {
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (kind, ...options) {
        if (kind !== "2d") throw new Error(`no ${kind} here`);
        return getContext.call(this, kind, ...options);
    };
    for (const kind of ["WebGLRenderingContext", "WebGL2RenderingContext"]) delete window[kind];
    delete Navigator.prototype.gpu;
}"""


def seen(target) -> np.ndarray:
    """What stands on the screen, (height, width, 3), 0 to 255."""
    return np.asarray(Image.open(io.BytesIO(target.screenshot())).convert("RGB")).astype(int)


def contrast(colours: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """WCAG 2's ratio of each colour to the ground."""

    def light(colour):
        part = colour / 255
        linear = np.where(part <= 0.03928, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722] + 0.05

    ratio = light(colours) / light(ground)
    return np.maximum(ratio, 1 / ratio)


@pytest.fixture(params=["light", "dark"])
def high_contrast(new_page, request):
    """A page whose high contrast has a light or a dark `ground`, in a JupyterLab theme of the other kind."""
    dark = request.param == "dark"
    page = new_page()
    open_page(page, dark)
    theme = JUPYTERLAB["light" if dark else "dark"]
    page.evaluate(
        """([theme, light]) => {
            document.body.dataset.jpThemeLight = light;
            for (const [name, value] of Object.entries(theme)) document.body.style.setProperty(name, value);
        }""",
        [theme, str(dark).lower()],
    )
    page.ground = np.array([0, 0, 0] if dark else [255, 255, 255])
    return page


def turn_on(page):
    """The reader turns high contrast on while the page is open."""
    page.emulate_media(forced_colors="active")
    page.wait_for_timeout(100)
    settle(page)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("ThresholdSlider", slice(0, 30)),
        ("WeightHistogram", slice(-20, None)),
        ("AccuracyCurve", slice(-20, None)),
    ],
)
def test_high_contrast_shows_the_stairs_and_the_names_of_axes(high_contrast, name, rows):
    show(high_contrast, VIEWS[name]())
    turn_on(high_contrast)
    picture = seen(high_contrast.locator("canvas.pw-canvas"))[rows].reshape(-1, 3)
    grey = picture[np.ptp(picture, axis=1) < 8]  # not the coloured marks
    assert contrast(grey, high_contrast.ground).max() >= 4.5


def test_high_contrast_shows_pruned_cells_and_the_current_position(high_contrast):
    steps = VIEWS["SortingSteps"]()
    steps.step = 2
    show(high_contrast, steps)
    turn_on(high_contrast)
    high_contrast.wait_for_timeout(800)  # until the colours have changed over
    cells = high_contrast.locator(".pw-cell")
    removed, kept = [cells.filter(has_text=text).first for text in ("0.1", "0.9")]
    assert not np.array_equal(seen(removed)[3:12, 3:12], seen(kept)[3:12, 3:12])
    pressed, other = [high_contrast.locator(".pw-step").nth(i) for i in (2, 1)]
    assert (contrast(seen(pressed)[4, 8:20], seen(other)[4, 8:20]) >= 3).all()
    track, cut = [high_contrast.locator(css) for css in (".pw-range", ".pw-cut")]
    for middle in (seen(track)[11, 20:80], seen(cut)[10:-2, 1]):
        assert (contrast(middle, high_contrast.ground) >= 3).all()


def test_high_contrast_gives_pruned_weights_the_ground_of_the_page(high_contrast):
    wide = np.random.default_rng(0).normal(size=(120, 400)).astype(np.float32)
    show(high_contrast, pw.SparsityHeatmap({"wide": wide}, threshold=99))
    turn_on(high_contrast)
    box = high_contrast.locator(".pw-heatmap canvas").bounding_box()
    screen = seen(high_contrast)
    picture = screen[int(box["y"]) + 4 : int(box["y"] + box["height"]) - 4, int(box["x"]) + 4 : -60]
    assert (picture == high_contrast.ground).all()


def test_high_contrast_shows_which_points_are_drawn(high_contrast):
    show(high_contrast, guessed("drawing"))
    turn_on(high_contrast)
    point = seen(high_contrast.locator(".pw-handle.pw-set").first)
    assert (contrast(point[15:17, 14:18], high_contrast.ground) >= 3).all()


def test_reduced_motion_moves_things_at_once(bare):
    def places():
        return [cell.bounding_box()["x"] for cell in bare.locator(".pw-cell").all()]

    bare.emulate_media(reduced_motion="reduce")
    show(bare, VIEWS["SortingSteps"]())
    before = places()
    set_traits(bare, step=1)
    at_once = places()
    bare.wait_for_timeout(800)
    assert before != at_once == places()


@pytest.mark.parametrize("name", VIEWS)
def test_reduced_motion_animates_nothing(bare, name):
    bare.emulate_media(reduced_motion="reduce")
    show(bare, VIEWS[name]())
    set_traits(bare, threshold=0.2)
    assert bare.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("name", VIEWS)
def test_nothing_needs_more_than_plain_canvases(bare, name):
    bare.evaluate(ONLY_2D)
    show(bare, VIEWS[name]())
    for canvas in bare.locator("canvas.pw-canvas").all():
        colours = seen(canvas).reshape(-1, 3)
        assert (colours != colours[0]).any()
