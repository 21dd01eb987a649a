"""SortingSteps: a small matrix, sorted, cut at a threshold and pruned; each weight can be followed."""

from typing import Any

import numpy as np
import traitlets as t

from ..core.arrays import SINGLE, as_float
from .assets import module
from .weight_view import WeightView

MOST_CELLS = 64


class SortingSteps(WeightView):
    """The four steps of the article (sections 3.1, 3.2 and 4.3) on one matrix.

    Attributes:
        step: 0 matrix, 1 sorted by ``|w|``, 2 cut at the threshold, 3 pruned.

    Example:
        >>> steps = pw.SortingSteps(pw.example.W)
        >>> steps.step, steps.threshold = 3, pw.example.TAU
        >>> steps.sparsity
        0.5
    """

    view_name = "steps"
    script = t.Unicode(module(view_name)).tag(sync=True)

    step = t.Int(0, min=0, max=3).tag(sync=True, page=True)

    def __init__(self, matrix: Any, threshold: float = 0.0) -> None:
        """Show a matrix.

        Args:
            matrix: 2-D array with at most 64 entries.
            threshold: initial τ.

        Raises:
            ValueError: not 2-D, empty, more than 64 entries, NaN or infinite entries, a negative threshold.
        """
        super().__init__(matrix, threshold=threshold)

    def _check_weights(
        self, weights: Any, criterion: str
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Check that it is a small matrix."""
        array = as_float(weights, SINGLE)
        if array.ndim != 2 or not 0 < array.size <= MOST_CELLS:
            raise ValueError(
                f"SortingSteps shows a matrix (2-D) of 1 to {MOST_CELLS} entries, not one of shape "
                f"{array.shape}; take a part of it, such as W[:4, :6], or use SparsityHeatmap."
            )
        return super()._check_weights(array, criterion)
