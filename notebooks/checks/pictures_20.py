"""The pictures of chapter 20: sizes near a threshold, steps that are lost, bits for each weight."""

import ml_dtypes
import numpy as np

from prunewidgets.plots.sheet import COLOURS

from .pictures import Picture, themed

KINDS = {"float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


@themed
def steps(weights: np.ndarray, sparsity: float, window: float = 0.002) -> Picture:
    """Draw the share of weights below each size, near the threshold of a sparsity, for each kind of numbers.

    Args:
        weights: any shape.
        sparsity: from 0 to 1.
        window: how far to look around the threshold.
    """
    picture = Picture(3.6)
    axes = picture.add_subplot(xlabel="size of the weight", ylabel="share removed below it (%)")
    middle = float(np.quantile(abs(weights), sparsity))
    grid = np.linspace(middle - window, middle + window, 2001)
    said = []
    for place, (name, kind) in enumerate(KINDS.items()):
        sizes = np.sort(abs(weights.ravel().astype(kind)).astype(np.float64))
        shown = sizes[(sizes >= grid[0]) & (sizes <= grid[-1])]
        below = 100 * np.searchsorted(sizes, grid) / sizes.size
        axes.plot(grid, below, color=COLOURS[place], label=name, drawstyle="steps-post")
        said.append(f"{name}: {len(np.unique(shown)):,} different sizes, {len(shown):,} weights")
    axes.legend()
    picture.description = (
        f"Share of weights below each size, within {window} of the threshold {middle:.4f}. "
        f"{'; '.join(said)}. In bfloat16 the curve is a stair."
    )
    return picture


@themed
def moving(weights: np.ndarray) -> Picture:
    """Draw the share of weights that a step moves, against the size of the step.

    Args:
        weights: all above zero.
    """
    picture = Picture(3.6)
    axes = picture.add_subplot(xlabel="step", ylabel="weights that move (%)", xscale="log")
    grid = np.logspace(-9, -2, 120)
    said = []
    for place, (name, kind) in enumerate(KINDS.items()):
        w = weights.astype(kind)
        share = np.array([100 * float((w + kind(step) != w).mean()) for step in grid])
        axes.plot(grid, share, color=COLOURS[place], label=name)
        said.append(f"{name}: half of the weights move from a step of {grid[np.argmax(share >= 50)]:.0e}")
    axes.set_ylim(-2, 102)
    axes.legend()
    picture.description = f"Share of the weights that move, against the step. {'; '.join(said)}."
    return picture


@themed
def bytes_left() -> Picture:
    """Draw the bits that a weight takes on average, as places and values, against the sparsity."""
    picture = Picture(3.6)
    axes = picture.add_subplot(xlabel="sparsity (%)", ylabel="bits for each weight of the network")
    sparsity = np.linspace(0, 1, 101)
    said = []
    for place, bits in enumerate((32, 16, 8, 4)):
        axes.plot(100 * sparsity, 1 + (1 - sparsity) * bits, color=COLOURS[place], label=f"{bits} bits")
        axes.axhline(bits, color=COLOURS[place], linewidth=0.8, linestyle=":")
        said.append(f"{bits} bits: pays from {100 / bits:.3g} %")
    axes.set_ylim(0, 40)  # room for the legend
    axes.legend()
    picture.description = (
        "Bits for each weight: one for its place and those of the weights that are left; dotted without "
        f"leaving out any. {'; '.join(said)}."
    )
    return picture
