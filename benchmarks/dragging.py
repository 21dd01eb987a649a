"""Dragging a lab's slider from end to end, and opening a lab, as recorded by frames.js."""

import statistics

from playwright.sync_api import Page

from .common import percentile_95, row

FRAME = 1000 / 60
STEPS = 100

# The pictures are drawn once each visible canvas has a size and the heatmap has chosen its cells.
FIRST_VIEW = """() => {
    const before = new Set(document.querySelectorAll(".pw-lab"));
    let started = 0;
    addEventListener("keydown", (event) => { started ||= event.timeStamp; }, { capture: true });
    window.firstView = new Promise((done) => {
        const look = () => {
            const lab = [...document.querySelectorAll(".pw-lab")].find((each) => !before.has(each));
            const pictures = [...(lab?.querySelectorAll("canvas.pw-canvas") ?? [])]
                .filter((canvas) => canvas.checkVisibility());
            const drawn = pictures.length && pictures.every((canvas) => canvas.width !== 300)
                && lab.querySelector(".pw-heatmap .pw-title").textContent;
            afterPaint(drawn ? () => done(performance.now() - started) : look);
        };
        look();
    });
}"""


def lab_cells(layers: int, size: int) -> list[str]:
    """Return cells that make a model of square dense layers, and a lab on it in the last cell."""
    return [
        "import keras\nimport numpy as np\nimport prunewidgets as pw",
        f"dense = [keras.layers.Dense({size}, kernel_initializer='random_normal') for _ in range({layers})]\n"
        f"model = keras.Sequential([keras.Input(({size},)), *dense])\nmodel.compile(metrics=['accuracy'])\n"
        f"rng = np.random.default_rng(0)\n"
        f"x, y = rng.random((100, {size}), np.float32), rng.integers(0, {size}, 100)",
        "lab = pw.PruningLab(model, x, y)\nlab",
    ]


def open_lab(page: Page) -> float:
    """Run the selected cell; return the seconds from Ctrl+Enter until the lab in its output is painted."""
    page.evaluate(FIRST_VIEW)
    page.keyboard.press("Control+Enter")
    return page.evaluate("firstView") / 1000


def drag(page: Page) -> dict:
    """Drag the lab's slider from end to end, one move per frame; return the records of frames.js."""
    page.locator(".pw-lab").evaluate("(lab) => lab.scrollIntoView({ block: 'start' })")
    box = page.locator(".pw-lab .pw-range").bounding_box()
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8, height)
    page.mouse.down()
    page.wait_for_timeout(1000)  # until the messages about the press have been sent
    page.evaluate("records.frames.length = records.sent = 0")
    for step in range(1, STEPS + 1):
        page.mouse.move(box["x"] + 8 + step / (STEPS + 1) * (box["width"] - 16), height)
    records = page.evaluate("records")
    page.mouse.up()
    assert len(records["frames"]) > STEPS / 2, "the slider did not follow"
    return records


def drag_rows(bench: str, records: dict, limit: float) -> float:
    """Print the script time of the frames; return the median ms from a move to its painted frame."""
    scripts, painted = [[frame[name] for frame in records["frames"]] for name in ("script", "painted")]
    row(bench, "script p95", percentile_95(scripts), limit=limit, unit="ms", runs=len(scripts))
    row(bench, "kernel messages", records["sent"], unit="messages", runs=len(scripts))
    return statistics.median(painted)


def release(page: Page, run: int, watch: str) -> dict:
    """Drag the slider to a place of this run and let go; return what `watch` hears from then on."""
    box = page.locator(".pw-lab .pw-range").first.bounding_box()
    for x in (200, 210 + 10 * run):  # the first and the last move of a drag
        page.mouse.move(box["x"] + 300 + x, box["y"] + box["height"] / 2)
        page.mouse.down()
    page.evaluate(watch)
    page.mouse.up()
    return page.evaluate("answer")
