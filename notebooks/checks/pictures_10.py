"""The pictures of chapter 10: the values of a codebook on a number line, a digit at a few ranks."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from prunewidgets.core.quantization import Uniform, nearest
from prunewidgets.plots.sheet import COLOURS, MARKERS

from .pictures import INK, Picture, themed

FEW = 20
"""Up to so many weights, each has a tick of its own; more are drawn as a histogram."""


@themed
def number_line(weights: np.ndarray, codebooks: Mapping[str, Any]) -> Picture:
    """Draw weights on a line, and below, for each codebook, its values and the borders between them.

    Args:
        weights: the weights that get a value each, the nearest.
        codebooks: {name: what `pw.quantization` returns, or the values}.
    """
    numbers = np.sort(np.ravel(weights))
    few = numbers.size <= FEW
    step = 1.5 if few else 1.0
    picture = Picture(0.7 + 0.75 * step * len(codebooks) + (0 if few else 1.3))
    axes = picture.add_subplot(xlabel="weight")
    if not few:
        counts, edges = np.histogram(numbers, 80)
        axes.stairs(1.8 * counts / counts.max() - 0.4, edges, baseline=-0.4, fill=True, color=COLOURS[5])
    said = []
    for row, (name, stored) in enumerate(codebooks.items(), 1):
        values = codebook_values(stored)
        group = nearest(numbers, values)
        sizes = np.bincount(group, minlength=values.size)
        y = -step * row
        look = {"color": COLOURS[row - 1], "marker": MARKERS[row - 1], "markersize": 11, "linestyle": ""}
        axes.axhline(y, color=INK, linewidth=1, zorder=0)
        if few:
            for number, times in zip(*np.unique(numbers, return_counts=True), strict=True):
                value = values[nearest(np.array([number]), values)[0]]
                axes.plot([number, value], [y + 0.45, y], color=COLOURS[row - 1], linewidth=1)
                axes.plot(number, y + 0.45, "|", color=INK, markersize=12, markeredgewidth=2)
                more = f" ×{times}" if times > 1 else ""
                axes.text(number, y + 0.6, f"{number:g}{more}", ha="center", va="bottom")
        else:
            for border in (values[1:] + values[:-1]) / 2:
                axes.plot([border, border], [y - 0.25, y + 0.25], color=INK, linewidth=1.5)
        axes.plot(values, np.full(values.size, y), **look)
        for n, (value, size) in enumerate(zip(values, sizes, strict=True)):
            text, below = (f"{value:.3g}", True) if few else (f"{size:,}", n % 2 == 0)  # neighbours apart
            axes.text(value, y + (-0.2 if below else 0.2), text, ha="center", va="top" if below else "bottom")
        said.append(f"{name}: {', '.join(f'{v:.3g} for {n:,}' for v, n in zip(values, sizes, strict=True))}")
    axes.set_yticks(-step * np.arange(1, len(codebooks) + 1), list(codebooks))
    axes.set_ylim(-step * len(codebooks) - 0.7, -0.5 if few else 1.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    picture.description = (
        f"{numbers.size:,} weights from {numbers[0]:.3g} to {numbers[-1]:.3g} on a number line; each goes to "
        f"the nearest value of a codebook. Values, and how many weights each has: {'; '.join(said)}."
    )
    return picture


def codebook_values(stored: Any) -> np.ndarray:
    """Return the values that a weight may take, smallest first."""
    if isinstance(stored, Uniform):
        most = 2 ** (stored.bits - 1) - 1
        return np.arange(-most, most + 1) * float(stored.scale)
    return np.asarray(getattr(stored, "codebook", stored), float)


@themed
def at_ranks(image: np.ndarray, ranks: Sequence[int]) -> Picture:
    """Draw a grey image as its nearest matrices of a few ranks, and whole."""
    u, sizes, v = np.linalg.svd(image, full_matrices=False)
    full = int(np.linalg.matrix_rank(image))
    picture = Picture(2.6)
    said = []
    for axes, rank in zip(picture.subplots(1, len(ranks) + 1), [*ranks, full], strict=True):
        energy = (sizes[:rank] ** 2).sum() / (sizes**2).sum()
        numbers = rank * sum(image.shape) if rank < full else image.size
        axes.imshow((u[:, :rank] * sizes[:rank]) @ v[:rank], cmap="gray", vmin=0, vmax=1)
        axes.set(xticks=[], yticks=[])
        name = f"rank {rank}" if rank < full else f"rank {rank}, whole"
        axes.set_title(f"{name}\n{numbers} numbers\n{100 * energy:.1f} %")
        said.append(f"{name}: {numbers} numbers, {100 * energy:.1f} % of the energy")
    picture.description = (
        f"A picture of {image.shape[0]} × {image.shape[1]} numbers losing rank. {'; '.join(said)}."
    )
    return picture
