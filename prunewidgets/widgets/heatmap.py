"""SparsityHeatmap: the weights of a layer at their positions, pruned ones blank."""

import traitlets as t

from .assets import module
from .weight_view import WeightView


class SparsityHeatmap(WeightView):
    """A heatmap of a matrix (rows are inputs, columns outputs) or of convolution kernels (a grid of filters).

    Kept weights are coloured by ``|w|``, pruned ones blank. Where a matrix has more weights than fit in the
    picture, each cell represents several weights, and its filled part is the share that is kept. Point at a
    cell, or press the arrow keys, to read its value; a linked histogram marks its bar.

    Example:
        >>> heatmap = pw.SparsityHeatmap(pw.example.W, threshold=pw.example.TAU)
        >>> heatmap.sparsity
        0.5
        >>> heatmap.threshold = 0.3
        >>> heatmap.sparsity
        0.25
    """

    script = t.Unicode(module("heatmap")).tag(sync=True)
