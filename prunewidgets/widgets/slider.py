"""ThresholdSlider: one threshold over scores, and exactly how many weights it removes."""

from typing import Any

import numpy as np
import traitlets as t

from ..core.thresholds import sorted_scores
from .assets import module
from .buffers import MOST_SENT, stops_of, to_bytes
from .view import Ranked, View


class ThresholdSlider(View):
    """A slider for one threshold; the number of weights removed is exact.

    Drag it, use the arrow keys, or type τ or a sparsity. Equal scores are removed together: they are the tall
    steps above the slider. Where most scores are close to zero, the scale is logarithmic. Ctrl+Z undoes.

    Example:
        >>> slider = pw.ThresholdSlider(pw.score(pw.example.W))
        >>> slider.threshold = pw.example.TAU
        >>> slider.sparsity
        0.5
        >>> slider  # the last line of a cell shows it
        ThresholdSlider(threshold=0.5, sparsity=50.00 %)
    """

    view_name = "slider"
    script = t.Unicode(module(view_name)).tag(sync=True)

    dtype = t.Unicode("float32").tag(sync=True)
    total = t.Int(0).tag(sync=True)
    ordered = t.Bytes(b"").tag(sync=True)
    below = t.Bytes(b"").tag(sync=True)

    def __init__(self, scores: Any, threshold: float = 0.0) -> None:
        """Make a slider.

        Args:
            scores: {name: array} from `pw.score`, or one array of any shape; all layers share the threshold.
            threshold: initial τ.

        Raises:
            ValueError: NaN or infinite scores, none at all, or a negative threshold.
        """
        ordered = sorted_scores(scores)
        if ordered.size == 0:
            raise ValueError("there are no scores; give {name: array} with at least one number.")
        super().__init__()
        self._ranked = Ranked(ordered=ordered)
        self.dtype = self._ordered.dtype.name
        self.total = self._ordered.size
        if self.total <= MOST_SENT:
            self.ordered = to_bytes([self._ordered], self._ordered.dtype)
        else:
            values, below, _ = stops_of(self._ordered)
            self.ordered = to_bytes([values], self._ordered.dtype)
            self.below = to_bytes([below], np.dtype(np.float64))
        self.threshold = threshold
