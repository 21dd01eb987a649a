"""Shared base of the plots: a matplotlib figure that notebooks display, colours and markers."""

from io import BytesIO
from typing import Any

from matplotlib.figure import Figure

# Okabe and Ito's colours, safe for colour-blind readers; yellow last, because it is faint on white.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
SYMBOLS = ["circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "x"]
"""Plotly's names for the same markers."""
DOTS_PER_INCH = 100


class NotebookFigure(Figure):
    """A figure without pyplot: no global state, safe in threads, and still displayed at the end of a cell."""

    def __init__(self) -> None:
        """Make an empty figure, 8 × 4.5 inches."""
        super().__init__(figsize=(8, 4.5), dpi=DOTS_PER_INCH, layout="constrained")

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Render at twice the displayed size, so that it is sharp on high-resolution screens."""
        picture = BytesIO()
        self.savefig(picture, format="png", dpi=2 * DOTS_PER_INCH)
        width, height = (int(side * DOTS_PER_INCH) for side in self.get_size_inches())
        return picture.getvalue(), {"width": width, "height": height}


def colour(number: int) -> str:
    """Return the colour of the line with this number, counted from 0."""
    return COLOURS[number % len(COLOURS)]


def plain_text(figure: Figure) -> None:
    """Show all text in the figure verbatim: a `$` in the name of a layer does not start a formula."""
    texts: list[Any] = figure.findobj(lambda artist: hasattr(artist, "set_parse_math"))
    for text in texts:
        text.set_parse_math(False)
