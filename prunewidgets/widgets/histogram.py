"""WeightHistogram: how many weights of which size, and which of them the threshold removes."""

import traitlets as t

from .assets import module
from .weight_view import WeightView


class WeightHistogram(WeightView):
    """Signed weights in 81 equal bars around zero; the removed part of each bar is hatched.

    Drag inside the picture, or press the arrow keys on it, to move the cut.
    """

    script = t.Unicode(module("histogram")).tag(sync=True)
