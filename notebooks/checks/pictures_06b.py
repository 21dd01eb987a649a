"""The pictures of chapter 06b: two penalties with their slopes, and weights over the epochs of a training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import prunewidgets as pw
import prunewidgets.models  # noqa: F401  keeps TensorFlow's greeting off the page
from prunewidgets.plots.sheet import COLOURS

# isort: split
import keras

from .pictures import INK, Picture, themed

NEAR = 0.001
"""A weight nearer to zero than this counts as near."""


class EveryEpoch(keras.callbacks.Callback):
    """Keeps all prunable weights of a network from before the training and from after each epoch."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        super().__init__()
        self.weights: list[np.ndarray] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Keep the weights as they are now."""
        arrays = pw.LiveModel(self.model).weights.values()
        self.weights.append(np.concatenate([array.ravel() for array in arrays]))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the weights as they are now."""
        self.on_train_begin()


@themed
def two_penalties() -> Picture:
    """Draw |w| and w², and short tangents at the same four weights on both."""
    picture = Picture(3.2)
    weights = np.linspace(-1.2, 1.2, 241)
    at = np.array([-0.9, -0.2, 0.2, 0.9])
    curves = {"L1: |w|": (np.abs, np.sign), "L2: w²": (np.square, lambda w: 2 * w)}
    panels = picture.subplots(1, 2, sharey=True)
    for axes, colour, (name, (penalty, slope)) in zip(panels, COLOURS, curves.items(), strict=False):
        axes.plot(weights, penalty(weights), color=colour, linewidth=2)
        for w in at:
            ends = w + np.array([-0.18, 0.18])
            axes.plot(ends, penalty(w) + slope(w) * (ends - w), color=COLOURS[2], linewidth=5, alpha=0.7)
            axes.plot(w, penalty(w), "o", color=COLOURS[2], markersize=8)
        axes.axvline(0, color=INK, linestyle=":", linewidth=1)
        axes.set(title=name, xlabel="weight w", ylim=(-0.15, 1.35))
    panels[0].set_ylabel("penalty")
    picture.description = (
        "Two penalties against the weight, with short tangents at −0.9, −0.2, 0.2 and 0.9. The first, the "
        "size of the weight, is a V: its tangents on one side are all equally steep. The second, the square "
        "of the weight, is a bowl: its tangents are steep far from zero and nearly level close to it."
    )
    return picture


@themed
def over_epochs(trainings: Mapping[str, EveryEpoch | Sequence[np.ndarray]]) -> Picture:
    """Draw a histogram of the weights after each epoch, one below the other, a column for each network.

    Args:
        trainings: {name: what was kept of its training, or the weights themselves, the earliest first}.
    """
    picture = Picture(5.2)
    edges = np.linspace(-0.1, 0.1, 81)
    shots_of = {name: getattr(kept, "weights", kept) for name, kept in trainings.items()}
    most = max(np.histogram(shot, edges)[0].max() for shots in shots_of.values() for shot in shots)
    said = []
    panels = picture.subplots(1, len(trainings), sharey=True)
    for axes, colour, (name, shots) in zip(np.atleast_1d(panels), COLOURS, shots_of.items(), strict=False):
        # Square roots: else the spike dwarfs the rest.
        heights = np.sqrt([np.histogram(shot, edges)[0] / most for shot in shots])
        for epoch, height in enumerate(heights):
            top = epoch - 3 * height
            axes.fill_between(
                (edges[1:] + edges[:-1]) / 2, epoch, top, color=colour, alpha=0.35, linewidth=0, zorder=epoch
            )
            axes.plot((edges[1:] + edges[:-1]) / 2, top, color=colour, linewidth=1.2, zorder=epoch)
        near = [float(np.mean(np.abs(shot) < NEAR)) for shot in shots]
        axes.set(title=f"{name}\n{100 * near[-1]:.0f} % near zero", xlabel="weight")
        axes.set_xticks([-0.1, 0, 0.1])
        said.append(
            f"{name}: {100 * near[0]:.0f} % near zero before the training, {100 * near[-1]:.0f} % after it"
        )
    first = np.atleast_1d(panels)[0]
    first.set_ylabel("after epoch")
    first.set_yticks(range(0, len(shots), 2))
    first.invert_yaxis()
    picture.description = (
        f"Histograms of the weights from −0.1 to 0.1, one below the other for each epoch (heights are square "
        f"roots of counts); near zero means |w| below {NEAR}. {'; '.join(said)}."
    )
    return picture
