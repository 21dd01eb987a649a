"""The pictures of chapter 09: filters with their slices, the sum of a block, the four gates of an LSTM."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from prunewidgets.plots.sheet import COLOURS

from .pictures import INK, Picture, themed

GONE = COLOURS[1]
GATES = ("let in", "forget", "propose", "let out")


@themed
def cut_filters(kernels: Mapping[str, np.ndarray], kept: np.ndarray) -> Picture:
    """Draw |w| of two kernels, a row for each filter of the first; the rows that go are blank and hatched.

    Args:
        kernels: {name: (height, width, inputs, filters)} of a layer and of the one that reads it.
        kept: for each filter of the first whether it stays.
    """
    first, second = kernels.values()
    rows = [np.moveaxis(first, 3, 0), np.moveaxis(second, 2, 0)]  # one entry for each filter of the first
    places, gone = np.arange(first.shape[3]), np.flatnonzero(~np.asarray(kept))
    picture = Picture(4.6)
    panels = picture.subplots(1, 2, sharey=True, width_ratios=[2 + first.shape[2], second.shape[3]])
    said = []
    for axes, row, name in zip(panels, rows, kernels, strict=True):
        high = row.shape[1]
        left = np.where(np.reshape(kept, (-1, 1, 1, 1)), np.abs(row), np.nan)
        tiles = left.transpose(0, 1, 3, 2).reshape(high * len(places), -1)
        axes.imshow(tiles, cmap="cividis", aspect="auto")
        for place in gone:
            corner = (-0.5, high * place - 0.5)
            box = Rectangle(corner, tiles.shape[1], high, fill=False, hatch="///", edgecolor=GONE)
            axes.add_patch(box)
        axes.set_xticks([])
        count = f"{row[gone].size:,} of {row.size:,}"
        axes.set_title(f"{name}\n{count} go")
        said.append(f"{count} weights of {name}")
    panels[0].set_yticks(high * places + (high - 1) / 2, [str(place) for place in places])
    panels[0].set_ylabel(f"filter of {next(iter(kernels))}")
    picture.description = (
        f"Two kernels side by side, a row for each of {len(places)} filters of {next(iter(kernels))}: what "
        f"makes it, and what reads it. Hatched in both: filters {', '.join(map(str, gone))}. "
        f"{' and '.join(said)} go."
    )
    return picture


@themed
def shared_sum(parts: Mapping[str, np.ndarray]) -> Picture:
    """Draw the mean output of each channel, a row for each name; silent channels are hatched.

    Args:
        parts: {name: outputs (examples, height, width, channels)}, the last one the sum of the others.
    """
    means = {name: np.abs(outputs).mean(axis=(0, 1, 2)) for name, outputs in parts.items()}
    picture = Picture(0.8 + 0.75 * len(means))
    axes = picture.add_subplot(xlabel="channel")
    table = np.stack(
        [np.where(np.any(parts[name], axis=(0, 1, 2)), row, np.nan) for name, row in means.items()]
    )
    image = axes.imshow(table, cmap="cividis", vmin=0, aspect="auto")
    picture.colorbar(image, label="mean |output|")
    said = []
    for row, (name, values) in enumerate(means.items()):
        silent = np.flatnonzero(np.isnan(table[row]))
        for channel in silent:
            corner = (channel - 0.5, row - 0.5)
            axes.add_patch(Rectangle(corner, 1, 1, fill=False, hatch="//", edgecolor=GONE, linewidth=2))
        said.append(f"{name}: {'silent ' + ', '.join(map(str, silent)) if silent.size else 'none silent'}")
        for channel in range(len(values) - 1):
            axes.plot([channel + 0.5] * 2, [row - 0.5, row + 0.5], color=INK, linewidth=1)
    signs = ["", *["+ "] * (len(means) - 2), "= "]
    axes.set_yticks(range(len(means)), [sign + name for sign, name in zip(signs, means, strict=True)])
    axes.set_xticks(range(table.shape[1]))
    axes.set_ylim(len(means) - 0.5, -0.5)
    picture.description = (
        f"How strongly each of {table.shape[1]} channels answers, row by row; the last row is the sum of the "
        f"others, channel by channel. Channels that are silent for every picture: {'; '.join(said)}."
    )
    return picture


@themed
def gate_blocks(kernel: np.ndarray, recurrent: np.ndarray, unit: int) -> Picture:
    """Draw |w| of both kernels of an LSTM, one above the other, and frame what belongs to one unit."""
    units = len(recurrent)
    columns = unit + units * np.arange(4)
    picture = Picture(4.6)
    axes = picture.add_subplot()
    axes.imshow(np.abs(np.concatenate([kernel, recurrent])), cmap="cividis", aspect="auto")
    high = len(kernel) + units
    for column in columns:
        _frame(axes, column - 0.5, -0.5, 1, high)
    _frame(axes, -0.5, len(kernel) + unit - 0.5, 4 * units, 1)
    for gate in range(1, 4):
        axes.axvline(units * gate - 0.5, color="white", linewidth=4)
    axes.axhline(len(kernel) - 0.5, color="white", linewidth=4)
    axes.set_yticks([(len(kernel) - 1) / 2, len(kernel) + unit], [f"{len(kernel)} inputs", f"unit {unit}"])
    axes.set_xticks(columns, [str(column) for column in columns])
    axes.set_xlabel("column")
    top = axes.secondary_xaxis("top")
    top.set_xticks(units * (np.arange(4) + 0.5) - 0.5, GATES)
    top.tick_params(length=0)
    picture.description = (
        f"The kernel of an LSTM above its recurrent kernel: {high} rows, {4 * units} columns, in four blocks "
        f"of {units}: {', '.join(GATES)}. Framed is unit {unit}: column {', '.join(map(str, columns))}, one "
        f"in each block, and its own row of the recurrent kernel."
    )
    return picture


def _frame(axes: Any, x: float, y: float, width: float, height: float) -> None:
    """Frame cells without covering them."""
    axes.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=GONE, linewidth=2, zorder=3))
