"""Release of the slider → first accuracy on the screen (1,000 digits, with interval), and the refined one.

A lab on LeNet-5 in a real JupyterLab. The limit, a compiled forward pass over all 10,000 digits, is measured
in the same kernel after each release.
"""

import statistics

from .common import percentile_95, row
from .dragging import release
from .pages import laboratory

RUNS = 20
NOTEBOOK = "release.ipynb"
CELLS = [
    "import prunewidgets as pw\n"
    "from benchmarks.common import seconds\nfrom benchmarks.passes import data, forward_pass",
    "x, y = data()\nmodel = pw.models.pretrained('lenet_5')\nonce = forward_pass(model, x)\nonce()",
    "lab = pw.PruningLab(model, x, y, data_name='test digits')\nlab",
]
# Milliseconds from the pointer's release until the state beside the accuracy has changed and is painted.
WATCH = """() => {
    const state = document.querySelector(".pw-lab .pw-state");
    const accuracy = document.querySelector(".pw-lab .pw-accuracy-row");
    window.answer = new Promise((done) => {
        addEventListener("pointerup", (released) => {
            const heard = {};
            const look = () => {
                const key = { refining: "first", measured: "refined" }[state.dataset.state];
                if (key && !heard[key]) afterPaint(() => {
                    heard[key] ??= performance.now() - released.timeStamp;
                    heard.text ??= accuracy.textContent;
                    if (key === "refined") { observer.disconnect(); done(heard); }
                });
            };
            const observer = new MutationObserver(look);
            observer.observe(state, { attributes: true });
        }, { once: true, capture: true });
    });
}"""

if __name__ == "__main__":
    with laboratory(release=CELLS) as (workbook, page):
        workbook.open(page, NOTEBOOK)
        workbook.run_all(page, NOTEBOOK)
        page.locator(".pw-lab .pw-state[data-state='measured']").wait_for()
        page.locator(".pw-lab").evaluate("(lab) => lab.scrollIntoView({ block: 'start' })")
        heard, limit = [], []
        for run in range(-2, RUNS):  # the first two warm up
            heard.append(release(page, run, WATCH))
            limit.append(workbook.ask(NOTEBOOK, "[lab.wait(), seconds(once)][1]"))
    heard, limit = heard[2:], limit[2:]
    assert all("1,000 test digits" in each["text"] and "95 % interval" in each["text"] for each in heard)
    first, refined = [[each[name] / 1000 for each in heard] for name in ("first", "refined")]
    row("release", "first p95", percentile_95(first), limit=0.25, runs=RUNS)
    row("release", "first median", statistics.median(first), runs=RUNS)
    row("release", "refined", statistics.median(refined), limit=statistics.median(limit), runs=RUNS)
