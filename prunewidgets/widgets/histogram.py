"""WeightHistogram: the distribution of the weights, and which of them the threshold removes."""

import traitlets as t

from .assets import module
from .weight_view import WeightView


class WeightHistogram(WeightView):
    """A histogram of signed weights in 81 equal bins around zero; the removed part of each bar is hatched.

    Drag inside the picture, or press the arrow keys on it, to move the threshold.
    """

    script = t.Unicode(module("histogram")).tag(sync=True)
