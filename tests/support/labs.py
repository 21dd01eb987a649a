"""Functions that make each view, including the lab, for tests that run on all views."""

import functools

import keras
import numpy as np
import pandas as pd

import prunewidgets as pw


@functools.cache
def digits(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Return some test digits and their labels."""
    _, (x, y) = pw.datasets.mnist()
    return x[:n], y[:n]


def lab(threshold: float = 0.05, **options) -> "pw.PruningLab":
    """Return a lab on the shipped network, measured on a few digits."""
    x, y = digits()
    made = pw.PruningLab(
        pw.models.pretrained("small_cnn"), x, y, data_name="test digits", threshold=threshold, **options
    )
    assert made.wait(120)
    return made


def named_lab(names: list[str]) -> "pw.PruningLab":
    """Return a lab on an untrained network whose layers have these names."""
    layers = [keras.layers.Dense(6, name=name) for name in names]
    model = keras.Sequential([keras.Input((6,)), *layers])
    made = pw.PruningLab(model, np.eye(6, dtype=np.float32), np.arange(6))
    assert made.wait(120)
    return made


WEIGHTS = {
    "conv": np.random.default_rng(1).normal(0, 0.1, (3, 3, 2, 8)).astype(np.float32),
    "dense": np.random.default_rng(2).normal(0, 0.2, (30, 20)).astype(np.float32),
}
FRAME = pd.DataFrame(
    {"sparsity": [0.0, 0.5, 0.9], "accuracy": [0.99, 0.97, 0.5], "threshold": [0.0, 0.1, 0.3]}
)


def guessed(stage: str = "locked") -> "pw.ExpectedCurve":
    """Return a drawn curve over measured points."""
    made = pw.ExpectedCurve([0.5, 0.9], unpruned=0.99)
    made.guess = {0.5: 0.9, 0.9: 0.8}
    made.stage = stage
    made.show_frame(FRAME)
    return made


def plan_view() -> "pw.PlanView":
    """Return the view of a plan with four choices."""
    frontier = pd.DataFrame(
        {
            "bytes": [40_000.0, 20_000.0, 9_000.0, 4_000.0],
            "accuracy": [0.99, 0.98, 0.93, 0.5],
            "low": [0.98, 0.97, 0.91, 0.47],
            "high": [0.995, 0.99, 0.95, 0.53],
            "conv/kernel": [144, 144, 120, 90],
            "dense/kernel": [10_000, 4_000, 1_500, 600],
        }
    )
    sizes = {"conv/kernel": 144, "dense/kernel": 10_000}
    frontier.attrs |= {"unit": "bytes", "sizes": sizes, "budget": 10_000.0}
    return pw.PlanView(frontier)


def hands() -> "pw.ShowOfHands":
    """Return a class's guesses in two rounds, with what was found."""
    made = pw.ShowOfHands("Accuracy at 90 % sparsity?", [0, 0.5, 0.8, 0.9, 1], found=0.8731)
    made.before, made.after, made.revealed = [2, 8, 15, 5], [0, 3, 22, 5], True
    return made


VIEWS = {
    "ThresholdSlider": lambda: pw.ThresholdSlider(pw.score(WEIGHTS), threshold=0.1),
    "WeightHistogram": lambda: pw.WeightHistogram(WEIGHTS, threshold=0.1),
    "SparsityHeatmap": lambda: pw.SparsityHeatmap(WEIGHTS, threshold=0.1),
    "SortingSteps": lambda: pw.SortingSteps(pw.example.W, threshold=0.5),
    "ConvolutionSteps": lambda: pw.ConvolutionSteps(np.eye(6), np.linspace(-1, 1, 18).reshape(3, 3, 1, 2)),
    "AccuracyCurve": lambda: pw.AccuracyCurve(FRAME),
    "ExpectedCurve": lambda: guessed(),
    "ShowOfHands": lambda: hands(),
    "LedgerView": lambda: pw.LedgerView(WEIGHTS, {"conv": 9, "dense": 1}, threshold=0.1),
    "PlanView": lambda: plan_view(),
    "PruningLab": lab,
}
