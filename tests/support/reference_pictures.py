"""Take the pictures of the reference on a bare page: python tests/support/reference_pictures.py [name …]."""

import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from bare import open_page, settle, show
from PIL import Image
from playwright.sync_api import sync_playwright

import prunewidgets as pw
from prunewidgets.doctor import find_browser

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "reference" / "pictures"
LEVELS = [0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98]


def weights() -> dict[str, np.ndarray]:
    """Return the weights of a network that ships with the package."""
    return pw.LiveModel(pw.models.pretrained("small_cnn")).weights


def slider() -> Any:
    return pw.ThresholdSlider(pw.score(weights()), threshold=0.11)


def histogram() -> Any:
    return pw.WeightHistogram(weights(), layer="conv_2/kernel", threshold=0.11)


def heatmap() -> Any:
    return pw.SparsityHeatmap(weights(), layer="conv_1/kernel", threshold=0.11)


def curve() -> Any:
    """Return a curve measured for magnitude and for random pruning."""
    import pandas as pd

    _, (x, y) = pw.datasets.mnist()
    model = pw.models.pretrained("lenet_300_100")
    frames = [pw.accuracy_curve(model, x, y, LEVELS, criterion) for criterion in ("magnitude", "random")]
    return pw.AccuracyCurve(pd.concat(frames))


def expected() -> Any:
    """Return a guess of a curve, locked, over what was measured."""
    _, (x, y) = pw.datasets.mnist()
    frame = pw.accuracy_curve(pw.models.pretrained("small_cnn"), x, y, LEVELS)
    view = pw.ExpectedCurve([0.5, 0.8, 0.9, 0.95, 0.98], unpruned=frame.accuracy[0])
    view.guess = {0.5: 0.98, 0.8: 0.95, 0.9: 0.84, 0.95: 0.66, 0.98: 0.5}
    view.stage = "locked"
    view.show_frame(frame)
    return view


def hands() -> Any:
    """Return the guesses of a class in two rounds, and the accuracy that was measured."""
    _, (x, y) = pw.datasets.mnist()
    model = pw.models.pretrained("small_cnn")
    frame = pw.accuracy_curve(model, x, y, [0.9])
    view = pw.ShowOfHands("Accuracy of small_cnn at 90 % sparsity?", [0, 0.25, 0.5, 0.75, 0.9, 1])
    view.before, view.after = [2, 5, 9, 11, 3], [0, 3, 14, 12, 1]
    view.show(frame.accuracy.iloc[-1])
    return view


def convolution() -> Any:
    _, (x, _) = pw.datasets.mnist()
    kernel = pw.LiveModel(pw.models.pretrained("small_cnn")).weights["conv_1/kernel"]
    view = pw.ConvolutionSteps(x[0], kernel, threshold=0.3)
    view.filter, view.row, view.column = 5, 7, 9
    return view


def steps() -> Any:
    view = pw.SortingSteps(pw.example.W, threshold=pw.example.TAU)
    view.step = 2
    return view


def schedule() -> Any:
    return pw.ScheduleView(total=2_000, final=0.95, begin=100)


def plan() -> Any:
    (x, y), _ = pw.datasets.mnist()
    return pw.PlanView(pw.plan(pw.models.pretrained("small_cnn"), x[-2_500:], y[-2_500:], "20 kB"))


def ledger() -> Any:
    live = pw.LiveModel(pw.models.pretrained("small_cnn"))
    view = pw.LedgerView(live.weights, live.positions(), threshold=0.11)
    view.wait()
    return view


def pruning_lab() -> Any:
    _, (x, y) = pw.datasets.mnist()
    lab = pw.PruningLab(pw.models.pretrained("small_cnn"), x, y, data_name="test digits", threshold=0.11)
    lab.layer = "conv_2/kernel"
    lab.measure_curve()
    lab.wait()
    return lab


def ledger_lab() -> Any:
    _, (x, _) = pw.datasets.mnist()
    lab = pw.LedgerLab(pw.models.pretrained("lenet_300_100"), x[:32])
    lab.sparsity = 0.95
    lab.wait()
    return lab


VIEWS: dict[str, tuple[Callable[[], Any], int]] = {
    "ThresholdSlider": (slider, 620),
    "WeightHistogram": (histogram, 620),
    "SparsityHeatmap": (heatmap, 620),
    "AccuracyCurve": (curve, 620),
    "ExpectedCurve": (expected, 620),
    "ShowOfHands": (hands, 620),
    "Lecture": (pw.Lecture, 620),
    "SortingSteps": (steps, 900),
    "ConvolutionSteps": (convolution, 1000),
    "ScheduleView": (schedule, 620),
    "PlanView": (plan, 1000),
    "LedgerView": (ledger, 900),
    "PruningLab": (pruning_lab, 1200),
    "LedgerLab": (ledger_lab, 1000),
}
"""Name -> function that makes the view, and width of its picture in CSS pixels."""


def main() -> None:
    """Take a picture of each view in the light theme."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for name in sys.argv[1:] or VIEWS:
            make, width = VIEWS[name]
            page = browser.new_page(viewport={"width": width, "height": 1000}, device_scale_factor=1.25)
            open_page(page)
            show(page, make())
            page.wait_for_timeout(1_000)
            settle(page)
            picture = Image.open(BytesIO(page.locator("#view").screenshot())).convert("RGB")
            # A third of the size, and no colour changes by more than 10 of 255.
            picture = picture.quantize(method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
            picture.save(PICTURES / f"{name}.png", optimize=True)
            print(PICTURES / f"{name}.png", file=sys.stderr)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
