"""Lecture: a notebook that is open in JupyterLab as slides, its views alive."""

import traitlets as t

from .assets import lecture_style, module, stylesheet
from .drawn import Drawn
from .words import ENGLISH
from .words_lecture import LECTURE


class Lecture(Drawn):
    """A button that shows the notebook around it as slides, full-screen, with the kernel behind them.

    The slides are the notebook's own cells, where they stand: sliders and labs work in them, and a cell that
    runs shows its output there. Slide types decide which cell begins a slide, in JupyterLab under *Property
    Inspector › Slide Type*; without any, each heading of the second level does. The keys are those of a saved
    page's slides; Esc leaves, and the notebook is as it was. It works in JupyterLab and Notebook 7; elsewhere
    it says so.

    Example:
        >>> pw.Lecture()  # in any cell of the notebook: press "Start the lecture"
        Lecture()
    """

    _css = stylesheet() + lecture_style(notebook=True)

    view_name = "lecture"
    script = t.Unicode(module(view_name)).tag(sync=True)
    words = t.Dict(ENGLISH | LECTURE).tag(sync=True)

    def __repr__(self) -> str:
        """Return its name; a page without widgets shows this text."""
        return "Lecture()"
