"""The pictures of chapter 16: scenes with the boxes found, and how much is found against frames a second."""

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd
from PIL import Image

from prunewidgets.core.detection import Boxes, match
from prunewidgets.pages.writing import writing
from prunewidgets.plots.sheet import COLOURS, MARKERS

from .pictures import Picture, themed

SCALE = 3.4
"""Side of a pixel of a scene on the page."""
RIGHT, WRONG, MISSED = "#56b4e9", "#e69f00", "#ffffff"  # on black, whatever the page


class Scenes:
    """Pictures side by side: a box is drawn through where it is right, dashed where it is wrong, dotted where
    a digit was missed. `description` says the same in words; it is the alternative text.
    """

    def __init__(
        self, x: np.ndarray, found: Sequence[Boxes], truth: Sequence[Boxes], title: str = ""
    ) -> None:
        self.x, self.title = x, title
        self.found, self.truth = [b.checked() for b in found], [b.checked() for b in truth]
        self.hits = [match(*pair) for pair in zip(self.found, self.truth, strict=True)]
        said = [
            f"scene {n}: {hit.truth.sum()} of {len(hit.truth)} digits found, {(~hit.found).sum()} wrong"
            for n, hit in enumerate(self.hits)
        ]
        self.description = f"{title + ': ' if title else ''}{'; '.join(said)}."

    def _repr_html_(self) -> str:
        scenes = "".join(map(self._scene, range(len(self.x))))
        caption = f'<div style="font-weight: 600">{html.escape(self.title)}</div>' if self.title else ""
        return (
            f'<div style="color: var(--jp-content-font-color1, inherit)">{caption}'
            f'<div role="img" aria-label="{html.escape(self.description)}" '
            f'style="display: flex; flex-wrap: wrap; gap: 8px">{scenes}</div>'
            f"<div>{_key(RIGHT, 'solid')} found {_key(WRONG, 'dashed')} wrong {_key(MISSED, 'dotted')} missed"
            "</div></div>"
        )

    def _scene(self, number: int) -> str:
        side = self.x.shape[1] * SCALE
        found, truth, hit = self.found[number], self.truth[number], self.hits[number]
        parts = [f'<image href="{_png(self.x[number])}" width="{side}" height="{side}" {CRISP}/>']
        for corners in truth.corners[~hit.truth]:
            parts += _box(corners, "", MISSED, "2 5")
        rows = zip(found.corners, found.classes, found.scores, hit.found, strict=True)
        for corners, kind, score, right in rows:
            parts += _box(corners, f"{kind} {100 * score:.0f}", *((RIGHT, "") if right else (WRONG, "8 4")))
        return (
            f'<figure style="margin: 0"><svg viewBox="0 0 {side} {side}" width="{side}" '
            f'style="max-width: 100%">{"".join(parts)}</svg></figure>'
        )

    def __repr__(self) -> str:
        return self.description


CRISP = 'style="image-rendering: pixelated"'


def scenes(x: np.ndarray, found: Sequence[Boxes], truth: Sequence[Boxes], title: str = "") -> Scenes:
    """Draw the first three scenes with what was found in them."""
    return Scenes(x[:3], found[:3], truth[:3], title)


def watch(x: np.ndarray, found: Mapping[float, Sequence[Boxes]], truth: Sequence[Boxes]) -> Any:
    """Draw what is found in three scenes while sliders for the filters removed and the least score move.

    Args:
        x: Scenes; the first three are shown.
        found: {share of filters removed: the boxes found in each scene, also those with small scores}.
        truth: The true boxes.
    """
    shares = sorted(found)

    def drawn(place: int, least: int) -> Scenes:
        left = [_above(boxes, least / 100) for boxes in found[shares[place]][:3]]
        title = f"{100 * shares[place]:.0f} % of the filters removed, score of at least {least} %"
        return Scenes(x[:3], left, truth[:3], title)

    if writing():  # a page has no Python to move boxes: some steps below each other
        steps = dict.fromkeys(np.linspace(0, len(shares) - 1, 5).astype(int).tolist())
        return ipywidgets.HTML("".join(drawn(place, 50)._repr_html_() for place in steps))
    width = {
        "layout": ipywidgets.Layout(width="620px", max_width="100%"),
        "style": {"description_width": "170px"},
    }
    removed = ipywidgets.SelectionSlider(
        options=[(f"{100 * share:.0f} %", place) for place, share in enumerate(shares)],
        description="filters removed",
        **width,
    )
    least = ipywidgets.IntSlider(50, 5, 95, 5, description="least score, %", **width)
    picture = ipywidgets.HTML(drawn(0, 50)._repr_html_())

    def draw(change: Any) -> None:
        picture.value = drawn(removed.value, least.value)._repr_html_()

    for slider in (removed, least):
        slider.observe(draw, "value")
    return ipywidgets.VBox([removed, least, picture])


@themed
def found_and_fast(table: pd.DataFrame, apart: str = "zeros") -> Picture:
    """Draw the mean average precision of networks against their frames per second, one panel for each batch.

    Args:
        table: columns "network", "runner", "batch", "frames" (per second) and "mean_average_precision".
        apart: a network that stands beside the line of the others, with a hollow mark.
    """
    picture = Picture(4.2)
    batches = sorted(table["batch"].unique())
    panels = picture.subplots(1, len(batches), sharey=True, squeeze=False)[0]
    said = []
    for axes, batch in zip(panels, batches, strict=True):
        axes.set_title("one frame at a time" if batch == 1 else f"{batch} at once")
        axes.set(xscale="log", ylim=(0, 1), xlabel="frames per second")
        runners = table[table["batch"] == batch].groupby("runner", sort=False)
        for (runner, part), colour, marker in zip(runners, COLOURS, MARKERS, strict=False):
            line, other = part[part["network"] != apart], part[part["network"] == apart]
            places = {"color": colour, "marker": marker}
            axes.plot(line["frames"], line["mean_average_precision"], label=runner, **places)
            hollow = {"markerfacecolor": "none", "markersize": 12, "linestyle": ""}
            label = f"{apart}, {runner}"
            axes.plot(other["frames"], other["mean_average_precision"], label=label, **places, **hollow)
            values = (
                f"{r.network} {r.mean_average_precision:.2f} at {r.frames:,.0f}" for r in part.itertuples()
            )
            said.append(f"{runner}, batch {batch}: {', '.join(values)}")
        for n, row in enumerate(line.itertuples()):  # of the last runner: the others are as high
            look = {"xytext": (8, -2) if n else (0, 9), "ha": "left" if n else "center"}
            place = (row.frames, row.mean_average_precision)
            axes.annotate(row.network, place, textcoords="offset points", **look)
        axes.margins(x=0.15)
    panels[0].set_ylabel("mean average precision")
    picture.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    picture.description = f"Mean average precision against frames per second. {'; '.join(said)}."
    return picture


def _above(boxes: Boxes, least: float) -> Boxes:
    boxes = boxes.checked()
    return Boxes(*(part[boxes.scores >= least] for part in boxes))


def _png(picture: np.ndarray) -> str:
    grey = Image.fromarray((np.clip(picture[..., 0], 0, 1) * 255).astype(np.uint8))
    grey.save(content := io.BytesIO(), "png")
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"


def _box(corners: np.ndarray, label: str, colour: str, dashes: str) -> list[str]:
    top, left, bottom, right = SCALE * corners
    line = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
    parts = [
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}" {line}/>'
    ]
    if label:
        above = top > 16 and not dashes  # what is wrong has its label below: it may lie on what is right
        y = top - 4 if above else bottom + 14
        halo = "paint-order: stroke; stroke: #000; stroke-width: 3px; font: 600 13px sans-serif"
        parts.append(f'<text x="{left:.1f}" y="{y:.1f}" fill="{colour}" style="{halo}">{label}</text>')
    return parts


def _key(colour: str, line: str) -> str:
    return (
        '<span aria-hidden="true" style="display: inline-block; width: 22px; height: 14px; background: #000; '
        'padding: 2px; margin-left: 12px"><span style="display: block; height: 8px; '
        f'border: 2px {line} {colour}"></span></span>'
    )
