"""WeightHistogram: the distribution of the weights, and which of them the threshold removes."""

import traitlets as t

from .assets import module
from .weight_view import WeightView


class WeightHistogram(WeightView):
    """A histogram of signed weights in 81 equal bins around zero; the removed part of each bar is hatched.

    Drag inside the picture, or press the left and right arrow keys on it, to move the threshold. Point at a
    bar, or press the up and down arrow keys, to mark its weights in a linked heatmap.

    Example:
        >>> histogram = pw.WeightHistogram(pw.LiveModel(pw.models.lenet_300_100(seed=0)).weights)
        >>> histogram.layer = "dense_1/kernel"
        >>> histogram.sparsity = 0.9
        >>> round(histogram.sparsity, 3)
        0.9
    """

    view_name = "histogram"
    script = t.Unicode(module(view_name)).tag(sync=True)
