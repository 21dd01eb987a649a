"""Request: what a measured accuracy belongs to."""

from typing import Any, NamedTuple

from ..models.live.snapshot import Snapshot
from ..widgets.view import Ranked


class Request(NamedTuple):
    """What an accuracy belongs to: these weights under these thresholds.

    Attributes:
        snapshot: the model's variables.
        ranked: their scores.
        thresholds: τ of each layer.
        belongs: the same for the page: generation, criterion, weights removed per layer, thresholds.
    """

    snapshot: Snapshot
    ranked: Ranked
    thresholds: tuple[float, ...]
    belongs: dict[str, Any]

    def same(self, other: "Request | None") -> bool:
        """Whether both ask for the same."""
        return (
            other is not None
            and self.snapshot is other.snapshot
            and self.ranked is other.ranked
            and self.thresholds == other.thresholds
        )
