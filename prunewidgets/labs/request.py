"""Request: the weights and thresholds that an accuracy is measured for."""

from typing import Any, NamedTuple

from ..models.live.snapshot import Snapshot
from ..widgets.view import Ranked


class Request(NamedTuple):
    """The state that an accuracy is measured for: weights, and the thresholds applied to them.

    Attributes:
        snapshot: the model's variables.
        ranked: their scores.
        thresholds: τ of each layer.
        belongs: the same state for the page: generation, criterion, weights removed per layer, thresholds.
    """

    snapshot: Snapshot
    ranked: Ranked
    thresholds: tuple[float, ...]
    belongs: dict[str, Any]

    def same(self, other: "Request | None") -> bool:
        """Return whether both requests are for the same state."""
        return (
            other is not None
            and self.snapshot is other.snapshot
            and self.ranked is other.ranked
            and self.thresholds == other.thresholds
        )
