"""Pictures that a chapter draws once, with a sentence for readers who cannot see them."""

from base64 import b64encode
from html import escape

from prunewidgets.plots.sheet import NotebookFigure


class Picture(NotebookFigure):
    """A figure whose description is the alternative text of its image."""

    def __init__(self, height: float = 3.0) -> None:
        """Make an empty figure, 8 inches wide."""
        super().__init__()
        self.set_size_inches(8, height)
        self.description = ""

    def _repr_html_(self) -> str:
        data, size = self._repr_png_()
        return (
            f'<img width="{size["width"]}" alt="{escape(self.description)}" '
            f'src="data:image/png;base64,{b64encode(data).decode()}">'
        )
