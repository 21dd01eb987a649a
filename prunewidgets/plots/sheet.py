"""Shared base of the plots: a matplotlib figure that notebooks display, colours and markers."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import Formatter

from ..core.measures import digits_apart, number_text
from .on_pages import INK, either, for_dark_pages

# Okabe and Ito's colours, safe for colour-blind readers; yellow last, because it is faint on white.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
SYMBOLS = ["circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "x"]
"""Plotly's names for the same markers."""
DOTS_PER_INCH = 100
CLEAR, FAINT = "rgba(0, 0, 0, 0)", "rgba(120, 120, 120, 0.3)"
AXIS = {"gridcolor": FAINT, "zerolinecolor": FAINT, "linecolor": INK}
PLOTLY = {
    "template": "plotly_white",
    "paper_bgcolor": CLEAR,
    "plot_bgcolor": CLEAR,
    "font_color": INK,
    "xaxis": AXIS,
    "yaxis": AXIS | {"separatethousands": True, "exponentformat": "power", "minexponent": 7},
}
"""The layout of plotly's figures, which read on light and dark pages."""


class NotebookFigure(Figure):
    """A figure without pyplot: no global state, safe in threads, and still displayed at the end of a cell."""

    def __init__(self) -> None:
        """Make an empty figure, 8 × 4.5 inches."""
        super().__init__(figsize=(8, 4.5), dpi=DOTS_PER_INCH, layout="constrained")

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Render at twice the displayed size, so that it is sharp on high-resolution screens."""
        width, height = (int(side * DOTS_PER_INCH) for side in self.get_size_inches())
        return _png(self), {"width": width, "height": height}

    def _repr_html_(self) -> str:
        """Show it on white, or on the ground of a dark page."""
        light, size = self._repr_png_()
        return self._html(light, size["width"])

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return both of the above, with the picture rendered once for both; IPython asks for this first."""
        light, size = self._repr_png_()
        return {"text/html": self._html(light, size["width"]), "image/png": light}, {"image/png": size}

    def _html(self, light: bytes, width: int) -> str:
        dark = _png(for_dark_pages(self), transparent=True)
        return either(light, dark, width, described(self))


def _png(figure: Figure, transparent: bool = False) -> bytes:
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=2 * DOTS_PER_INCH, transparent=transparent)
    return picture.getvalue()


def described(figure: Figure) -> str:
    """Return what a figure shows, for readers who cannot see it: its title, its axes and its legend."""
    parts = []
    for axes in figure.axes:
        across, up = axes.get_xlabel(), axes.get_ylabel()
        parts += [axes.get_title(), f"{up} against {across}" if across and up else across or up]
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes)]
    parts += ["; ".join(text.get_text() for text in legend.get_texts()) for legend in legends if legend]
    return ". ".join(part for part in parts if part).replace("\n", ": ")


def colour(number: int) -> str:
    """Return the colour of the line with this number, counted from 0."""
    return COLOURS[number % len(COLOURS)]


def plotly_colour(number: int) -> str:
    """Return the same for plotly, where one picture is on light and dark pages: grey for black."""
    return INK if colour(number) == "#000000" else colour(number)


class Values(Formatter):
    """Writes the numbers beside an axis as the views do: 250,000; 4 × 10⁸ instead of 4 and 1e8 above."""

    def __call__(self, value: float, place: int | None = None) -> str:
        """Return one number as text."""
        return number_text(value)

    def format_ticks(self, values: Iterable[float]) -> list[str]:
        """Return all numbers of an axis as text."""
        digits = digits_apart(ticks := list(values))
        return [number_text(tick, digits) for tick in ticks]


def plain_text(figure: Figure) -> None:
    """Show all text in the figure verbatim: a `$` in the name of a layer does not start a formula."""
    texts: list[Any] = figure.findobj(lambda artist: hasattr(artist, "set_parse_math"))
    for text in texts:
        text.set_parse_math(False)
