"""WeightHistogram: how many weights of which size, and which of them the threshold removes."""

from .assets import module, stylesheet
from .weight_view import WeightView


class WeightHistogram(WeightView):
    """Signed weights in 81 equal bars around zero; the removed part of each bar is hatched.

    Drag inside the picture, or press the arrow keys on it, to move the cut.
    """

    _esm = module("histogram")
    _css = stylesheet()
