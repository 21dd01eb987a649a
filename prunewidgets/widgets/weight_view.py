"""WeightView: a view that shows the weights themselves, layer by layer."""

from typing import Any

import traitlets as t

from ..arrays import float_arrays
from ..criteria import score
from ..thresholds import sorted_scores
from .buffers import pack
from .view import View


class WeightView(View):
    """A view over named weights.

    Attributes:
        layer: the layer shown; "" for all of them, where a view can show all.
    """

    layer = t.Unicode("").tag(sync=True)
    layers = t.List().tag(sync=True)
    dtype = t.Unicode("float32").tag(sync=True)
    criterion = t.Unicode("magnitude").tag(sync=True)
    weights = t.Bytes(b"").tag(sync=True)
    scores = t.Bytes(b"").tag(sync=True)
    stop_lists = t.List().tag(sync=True)
    stops = t.Bytes(b"").tag(sync=True)
    stops_below = t.Bytes(b"").tag(sync=True)

    def __init__(
        self, weights: Any, criterion: str = "magnitude", layer: str = "", threshold: float = 0.0
    ) -> None:
        """Show weights.

        Args:
            weights: {name: array} or one array, of any shape; kernels in Keras order (space, inputs,
                outputs).
            criterion: name of a criterion; its score is compared with the threshold.
            layer: the layer to show first.
            threshold: τ to start with.

        Raises:
            ValueError: NaN or infinite weights, an unknown layer or criterion, a negative threshold.
        """
        super().__init__()
        self.show_weights(weights, criterion)
        if layer and layer not in [shown["name"] for shown in self.layers]:
            raise ValueError(f"layer {layer!r} is not among {[shown['name'] for shown in self.layers]}.")
        self.layer = layer
        self.threshold = threshold

    def show_weights(self, weights: Any, criterion: str = "magnitude") -> None:
        """Show other weights, or the same under another criterion, at the same threshold."""
        arrays = float_arrays(weights, "weights")
        if not any(array.size for array in arrays.values()):
            raise ValueError("there are no weights to show; give {name: array} with at least one number.")
        scores = score(arrays, criterion)
        self._ordered = sorted_scores(scores)
        with self.hold_sync():
            for name, value in pack(arrays, scores, criterion).items():
                setattr(self, name, value)
            self.sparsity = self._sparsity_now()
