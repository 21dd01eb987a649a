"""Pictures that a chapter draws once, with a sentence for readers who cannot see them.

Their ground is transparent and their text a grey that has a contrast of more than 4 to 1 with white and with
JupyterLab's dark page, so that one picture reads on both. Text is 16 px high in an 800 px wide picture.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from matplotlib import rc_context

from prunewidgets.plots.on_pages import INK, STYLE, image
from prunewidgets.plots.sheet import NotebookFigure

__all__ = ["INK", "Picture", "themed"]


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

    def _html(self, light: bytes, width: int) -> str:
        return image(light, width, self.description)


def themed(draw: Callable[..., Picture]) -> Callable[..., Picture]:
    """Let a function draw on a transparent ground, in text that reads on light and dark pages."""

    @wraps(draw)
    def drawn(*args: Any, **kwargs: Any) -> Picture:
        with rc_context(STYLE):
            return draw(*args, **kwargs)

    return drawn
