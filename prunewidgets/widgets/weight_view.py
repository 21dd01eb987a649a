"""WeightView: a view that shows the weights themselves, layer by layer."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets as t

from ..core.arrays import float_arrays
from ..core.criteria import score
from ..core.layouts import like
from ..core.thresholds import sorted_scores
from .packed import Packed
from .view import Ranked, Refused, checked_layer


class WeightView(Packed):
    """A view over named weights.

    Attributes:
        layer: the layer shown; "" for all layers, in views that can show all.
        criterion: name of the criterion whose score is compared with the threshold.
    """

    layer = t.Unicode("").tag(sync=True, page=True)

    def __init__(
        self, weights: Any, criterion: str = "magnitude", layer: str = "", threshold: float = 0.0
    ) -> None:
        """Show weights.

        Args:
            weights: {name: array} or one array, of any shape; kernels in Keras order (spatial axes,
                inputs, outputs).
            criterion: name of a criterion. (For scores of your own use ThresholdSlider.)
            layer: initial layer.
            threshold: initial τ.

        Raises:
            ValueError: NaN or infinite weights, an unknown layer or criterion, a negative threshold.
        """
        if not isinstance(criterion, str):
            raise TypeError(
                f"criterion must be a name such as 'magnitude', not {criterion!r:.60}; for a function use "
                "pw.ThresholdSlider(pw.score(weights, function))."
            )
        checked = self._check_weights(weights, criterion)  # first, so that an error leaves no widget behind
        super().__init__()
        self._show(*checked, criterion)
        self.layer = layer
        self.threshold = threshold

    def show_weights(self, weights: Any) -> None:
        """Show other weights under the same criterion, at the same threshold."""
        self._show(*self._check_weights(weights, self.criterion), self.criterion)

    def follow(self, weights: Mapping[str, np.ndarray], settled: bool) -> None:
        """Show the same weights of a model while it trains; see `pw.FollowTraining`."""
        try:
            self.show_weights(like(weights, {name: weights[name] for name in self._arrays}))
        except KeyError as missing:
            self._report(
                "training", f"the model that trains has no weights {missing}; it has {list(weights)}."
            )
        except ValueError as error:  # such as NaN weights: training itself continues
            self._report("training", str(error))
        else:
            self._report("training", "")

    def _check_weights(
        self, weights: Any, criterion: str
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Return the weights as float arrays, and their scores."""
        arrays = like(weights, float_arrays(weights, "weights"))
        if not any(array.size for array in arrays.values()):
            raise ValueError("there are no weights to show; give {name: array} with at least one number.")
        return arrays, score(arrays, criterion)

    def _show(
        self, arrays: Mapping[str, np.ndarray], scores: Mapping[str, np.ndarray], criterion: str
    ) -> None:
        self._ranked = Ranked(arrays, scores, sorted_scores(scores), criterion)
        if self.layer not in arrays:
            self.layer = ""
        self._send_weights(arrays, scores, criterion)

    @t.validate("layer")
    def _check_layer(self, proposal: dict[str, Any]) -> str:
        return checked_layer(proposal["value"], self._arrays) if proposal["value"] else ""

    @t.observe("criterion")
    def _criterion_chosen(self, change: dict[str, Any]) -> None:
        if not self._arrays or self.criterion == self._ranked.criterion:
            return
        try:
            self._show(self._arrays, score(self._arrays, self.criterion), self.criterion)
        except ValueError as error:  # such as infinite squares
            self.criterion = change["old"]
            raise Refused(str(error)) from None

    def _interrupted(self) -> None:
        if self.criterion != self._ranked.criterion:  # the scores are still those of the previous one
            self._trait_values["criterion"] = self._ranked.criterion
        if self._sent is not self._ranked:
            self._show(self._arrays, self._scores, self.criterion)
        super()._interrupted()
