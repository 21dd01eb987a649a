"""Pictures that a chapter draws once, with a sentence for readers who cannot see them.

Their ground is transparent and their text a grey that has a contrast of more than 4 to 1 with white and with
JupyterLab's dark page, so that one picture reads on both. Text is 16 px high in an 800 px wide picture.
"""

from base64 import b64encode
from collections.abc import Callable
from functools import wraps
from html import escape
from typing import Any

from matplotlib import rc_context

from prunewidgets.plots.sheet import NotebookFigure

INK = "#787878"
STYLE = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "legend.facecolor": "none",
    "legend.framealpha": 0,
    "legend.edgecolor": "none",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 12,
    "axes.titlesize": 12,
    "axes.labelsize": 12,
    "legend.fontsize": 12,
    "xtick.labelsize": 12,
    "ytick.labelsize": 12,
}


class Picture(NotebookFigure):
    """A figure for light and dark pages, drawn in a function that is `themed`.

    Its description is the alternative text of its image.
    """

    def __init__(self, height: float = 3.0) -> None:
        """Make an empty figure, 8 inches wide."""
        super().__init__()
        self.set_size_inches(8, height)
        self.description = ""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        with rc_context(STYLE):  # ticks are made when they are drawn
            return super()._repr_png_()

    def _repr_html_(self) -> str:
        data, size = self._repr_png_()
        return (
            f'<img width="{size["width"]}" alt="{escape(self.description)}" '
            f'src="data:image/png;base64,{b64encode(data).decode()}">'
        )


def themed(draw: Callable[..., Picture]) -> Callable[..., Picture]:
    """Let a function draw on a transparent ground, in text that reads on light and dark pages."""

    @wraps(draw)
    def drawn(*args: Any, **kwargs: Any) -> Picture:
        with rc_context(STYLE):
            return draw(*args, **kwargs)

    return drawn
