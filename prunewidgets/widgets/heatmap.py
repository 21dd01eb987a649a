"""SparsityHeatmap: the weights of a layer at their positions, pruned ones blank."""

from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
import traitlets as t

from ..core.arrays import float_arrays, refuse_unknown
from .assets import module
from .weight_view import WeightView


class SparsityHeatmap(WeightView):
    """A heatmap of a matrix (rows are inputs, columns outputs) or of convolution kernels (a grid of filters).

    Kept weights are coloured by ``|w|``, pruned ones blank. Where a matrix has more weights than fit in the
    picture, each cell represents several weights, and its filled part is the share that is kept. Point at a
    cell, or press the arrow keys, to read its value; a linked histogram marks its bar. For two patterns
    side by side, show ``ipywidgets.HBox([first, second])``.

    Attributes:
        groups: {layer: (inputs, outputs) of a group}; lines stand between the groups, where cells are large
            enough.

    Example:
        >>> heatmap = pw.SparsityHeatmap(pw.example.W, threshold=pw.example.TAU)
        >>> heatmap.sparsity
        0.5
        >>> heatmap.threshold = 0.3
        >>> heatmap.sparsity
        0.25
    """

    view_name = "heatmap"
    script = t.Unicode(module(view_name)).tag(sync=True)

    groups = t.Dict().tag(sync=True)

    def __init__(
        self,
        weights: Any,
        criterion: str = "magnitude",
        layer: str = "",
        threshold: float = 0.0,
        groups: Any = None,
    ) -> None:
        """Show weights.

        Args:
            weights: {name: array} or one array, of any shape; kernels in Keras order (spatial axes,
                inputs, outputs).
            criterion: name of a criterion. (For scores of your own use ThresholdSlider.)
            layer: initial layer.
            threshold: initial τ.
            groups: (inputs, outputs) of the groups of a pattern, to draw lines between them: (4, 1) for 2 of
                4, (4, 4) for blocks; or {layer: (inputs, outputs)}. For matrices. Defaults to no lines.

        Raises:
            TypeError: groups are not two whole numbers.
            ValueError: NaN or infinite weights, an unknown layer or criterion, a negative threshold, or an
                empty group.
        """
        # Checked first, so that an error leaves no widget behind.
        found = {} if groups is None else _checked_groups(groups, list(float_arrays(weights, "weights")))
        super().__init__(weights, criterion, layer, threshold)
        self.groups = found


def _checked_groups(groups: Any, names: list[str]) -> dict[str, list[int]]:
    """Return {layer: [inputs, outputs]} as plain numbers; one pair is for all layers."""
    by_layer = groups if isinstance(groups, Mapping) else dict.fromkeys(names, groups)
    refuse_unknown("groups", by_layer, names, "weight")
    for sides in by_layer.values():
        if np.shape(sides) != (2,) or not all(isinstance(side, Integral) for side in sides):
            raise TypeError(
                f"a group is {sides!r:.60}; give two whole numbers, such as (4, 1) for 2 of 4 inputs."
            )
        if min(sides) < 1:
            raise ValueError(f"a group is {tuple(sides)}; it has at least one input and one output.")
    return {name: [int(side) for side in sides] for name, sides in by_layer.items()}
