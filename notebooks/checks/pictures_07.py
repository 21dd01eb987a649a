"""The picture of chapter 07: a ticket and its controls, from their values and masks to what they read."""

import math
from collections.abc import Mapping
from typing import Any

from matplotlib.patches import FancyBboxPatch

from prunewidgets.plots.sheet import COLOURS

from .pictures import INK, Picture, themed

LANES = {
    "ticket": ("mask found", "own values"),
    "control": ("mask found", "shuffled values"),
    "other places": ("other places", "own values"),
    "other places, shuffled": ("other places", "shuffled values"),
}
HATCHES = {"mask found": "", "own values": "", "other places": "///", "shuffled values": "///"}
MASK, VALUES = COLOURS[1], COLOURS[0]


@themed
def flow(found: Mapping[str, Any], longer: Mapping[str, Any] | None = None) -> Picture:
    """Draw where each small network comes from, and what it reads as soon as that is known.

    Args:
        found: {"dense" or the name of a lane: accuracy}; what is missing has a "?".
        longer: the accuracies of some lanes after more training. Defaults to none.
    """
    longer = longer or {}
    picture = Picture(4.6)
    picture.set_layout_engine("none")
    axes = picture.add_axes((0, 0, 1, 1), xlim=(0, 10), ylim=(-0.8, 5.2))
    axes.axis("off")
    _box(axes, 0.1, 4.6, "initial values", VALUES, "")
    _arrow(axes, 2.3, 3.0, 4.6, "train")
    _box(axes, 3.1, 4.6, f"dense {_percent(found.get('dense'))}", INK, "")
    _arrow(axes, 5.3, 6.9, 4.6, "keep the largest")
    _box(axes, 7.0, 4.6, "mask found", MASK, "")
    said = [f"The dense network, trained from its initial values, reads {_percent(found.get('dense'))}"]
    every = [100 * float(value) for value in [*found.values(), *longer.values()]]
    low, high = (math.floor(min(every)), math.floor(max(every)) + 1) if every else (0, 100)

    def place(accuracy: Any) -> float:
        return 8.2 + 1.4 * (100 * float(accuracy) - low) / (high - low)

    for end in (low, high):
        axes.text(place(end / 100), -0.65, f"{end} %", ha="center")
    if "dense" in found:
        axes.plot([place(found["dense"])] * 2, [-0.3, 3.7], color=INK, linestyle=":")
        axes.text(place(found["dense"]), 3.8, "dense", ha="center")
    for row, (name, parts) in enumerate(LANES.items()):
        y = 3.3 - row
        for x, part, colour in zip((0.1, 2.4), parts, (MASK, VALUES), strict=True):
            _box(axes, x, y, part, colour, HATCHES[part])
        _arrow(axes, 4.6, 5.2, y, "train")
        value, more = found.get(name), longer.get(name)
        axes.text(5.3, y + 0.17, name, va="center", fontweight="bold")
        result = _percent(value) + (f", ○ {_percent(more)}" if more is not None else "")
        axes.text(5.3, y - 0.17, result, va="center")
        axes.plot([8.2, 9.6], [y, y], color=INK, linewidth=1)
        look = {"color": COLOURS[2], "markersize": 11, "markeredgewidth": 2.5}
        if value is not None:
            axes.plot(place(value), y, "o", **look)
        if more is not None:
            axes.plot(place(more), y, "o", fillstyle="none", **look)
        said.append(f"{name}: {parts[0]}, {parts[1]}: {result}")
    picture.description = (
        f"{'; '.join(said)}. A question mark: not trained yet; after a circle: after more training."
    )
    return picture


def _percent(accuracy: Any) -> str:
    return "?" if accuracy is None else f"{100 * float(accuracy):.2f} %"


def _box(axes: Any, x: float, y: float, label: str, colour: str, hatch: str) -> None:
    """Draw a rounded box with a label; hatched, its frame alone has the pattern."""
    axes.add_patch(
        FancyBboxPatch(
            (x, y - 0.3), 2.1, 0.6, "round,pad=0,rounding_size=0.12", fill=False, edgecolor=colour, lw=2.5
        )
    )
    if hatch:
        axes.add_patch(
            FancyBboxPatch(
                (x, y - 0.3),
                0.3,
                0.6,
                "round,pad=0,rounding_size=0.12",
                fill=False,
                edgecolor=colour,
                hatch=hatch,
            )
        )
    axes.text(x + (1.2 if hatch else 1.05), y, label, ha="center", va="center")


def _arrow(axes: Any, start: float, end: float, y: float, label: str) -> None:
    axes.annotate("", (end, y), (start, y), arrowprops={"arrowstyle": "->", "color": INK, "lw": 1.5})
    axes.text((start + end) / 2, y + 0.18, label, ha="center", va="bottom")
