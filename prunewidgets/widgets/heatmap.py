"""SparsityHeatmap: the weights of a layer in their places, pruned ones blank."""

import traitlets as t

from .assets import module
from .weight_view import WeightView


class SparsityHeatmap(WeightView):
    """A matrix as it is (rows are inputs, columns outputs), convolution kernels as a grid of filters.

    Kept weights are coloured by ``|w|``, pruned ones blank. Where a matrix has more weights than the picture
    has room for, a cell stands for several and its filled part is the share that is kept. Point at a cell, or
    press the arrow keys, to read it.
    """

    script = t.Unicode(module("heatmap")).tag(sync=True)
