"""The pictures of a lab, drawn with other tools that notebooks use, and the slider that is dragged for them.

Bars of the kept and the removed weights, the kept weights at their positions, the count. One np.histogram
call counts each set of bars, and the slider pauses at every step.
"""

import statistics

from playwright.sync_api import Page

_START = """import numpy as np
from ipywidgets import FloatSlider, VBox, interact
W = np.random.default_rng(0).normal(0, 0.05, (1000, 1000)).astype(np.float32)
edges = np.linspace(W.min(), W.max(), 82)
middles = (edges[1:] + edges[:-1]) / 2
slider = FloatSlider(min=0, max=0.2, step=0.001)

def look(threshold):
    keep = np.abs(W) >= threshold
    bars = [np.histogram(W[part], edges)[0] for part in (keep, ~keep)]
    return bars, np.where(keep, np.abs(W), 0), f"{(~keep).sum():,} of {W.size:,} weights removed"
"""
_MATPLOTLIB = """import matplotlib.pyplot as plt

def draw(threshold):
    (kept, removed), cells, text = look(threshold)
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    left.bar(middles, removed, edges[1] - edges[0])
    left.bar(middles, kept, edges[1] - edges[0], removed)
    right.imshow(cells)
    figure.suptitle(text)
    plt.show()

interact(draw, threshold=slider);"""
_PLOTLY = """import plotly.graph_objects as go
from plotly.subplots import make_subplots

figure = go.FigureWidget(make_subplots(1, 2))
figure.add_bar(x=middles).add_bar(x=middles).add_heatmap(row=1, col=2)
figure.layout.barmode = "stack"

def draw(change):
    (kept, removed), cells, text = look(slider.value)
    with figure.batch_update():
        figure.data[0].y, figure.data[1].y, figure.data[2].z = removed, kept, cells
        figure.layout.title.text = text

draw(None)
slider.observe(draw, "value")
VBox([slider, figure])"""

# Each calls `changed` when the new picture is ready to be painted.
_NEW_IMAGE = """(changed) => {
    const pictures = () => [...document.querySelectorAll(".jp-OutputArea-output img")];
    const seen = new Set(pictures());
    const observer = new MutationObserver(() => {
        const image = pictures().find((picture) => !seen.has(picture));
        if (!image) return;
        observer.disconnect();
        image.decode().then(changed);
    });
    observer.observe(document.body, { childList: true, subtree: true });
}"""
_NEW_PLOT = """(changed) => {
    const plot = document.querySelector(".js-plotly-plot");
    plot.removeAllListeners("plotly_afterplot");
    plot.on("plotly_afterplot", changed);
}"""
_ANSWER = """([watch]) => {
    let moved = 0;
    addEventListener("pointermove", (event) => { moved ||= event.timeStamp; }, { capture: true });
    window.answer = new Promise((done) => {
        eval(watch)(() => afterPaint(() => done(performance.now() - moved)));
    });
}"""

PEERS = {
    "matplotlib + interact": ([_START, _MATPLOTLIB], _NEW_IMAGE),
    "plotly FigureWidget": ([_START, _PLOTLY], _NEW_PLOT),
}
"""For each peer the cells of its notebook, and the JavaScript that notices its new picture."""


def drag_slider(page: Page, watch: str, steps: int = 15) -> float:
    """Drag the ipywidgets slider step by step; return the median ms from a move to its painted picture."""
    handle = page.locator(".noUi-handle").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    times = []
    for step in range(steps + 1):
        page.evaluate(_ANSWER, [watch])
        page.mouse.move(x + 4 * (step + 1), y)
        times.append(page.evaluate("answer"))
        page.wait_for_timeout(150)
    page.mouse.up()
    return statistics.median(times[1:])
